"""apsw, which brings a SQLite of its own."""

import sys

import apsw

import pipeline_health
import protocol

crm = pipeline_health.load(apsw.Connection(sys.argv[1], flags=apsw.SQLITE_OPEN_READONLY))
crm.execute("SELECT pipeline_connect('salesforce')").fetchall()
protocol.serve(lambda sql, parameters: crm.execute(sql, parameters).fetchall())
crm.close()
