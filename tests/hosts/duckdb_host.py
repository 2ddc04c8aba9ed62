"""DuckDB, which loads no extension of SQLite: each answer is copied into a table of DuckDB and asked there."""

import sys

import duckdb
import pandas

import pipeline_health
import protocol

crm = pipeline_health.connect(sys.argv[1], 'salesforce')
warehouse = duckdb.connect()


def ask(sql, parameters):
    frame = pandas.read_sql(sql, crm, params=tuple(parameters))
    warehouse.execute('CREATE OR REPLACE TABLE answer AS SELECT * FROM frame')
    return warehouse.execute('SELECT * FROM answer').fetchall()


protocol.serve(ask)
warehouse.close()
crm.close()
