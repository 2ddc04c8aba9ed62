"""pysqlite3, which brings a SQLite of its own."""

import sys

import pysqlite3

import pipeline_health
import protocol

crm = pipeline_health.load(pysqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True, isolation_level=None))
crm.execute("SELECT pipeline_connect('salesforce')")
protocol.serve(lambda sql, parameters: crm.execute(sql, parameters).fetchall())
crm.close()
