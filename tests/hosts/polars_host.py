"""Polars: a DataFrame from each question. A column's type is that of all its rows, since the first ones may be NULL."""

import sys

import polars

import pipeline_health
import protocol

crm = pipeline_health.connect(sys.argv[1], 'salesforce')


def ask(sql, parameters):
    frame = polars.read_database(sql, crm, infer_schema_length=None, execute_options={'parameters': parameters})
    return frame.rows()


protocol.serve(ask)
crm.close()
