"""Python's sqlite3, by the package of the wheel."""

import sys

import pipeline_health
import protocol

crm = pipeline_health.connect(sys.argv[1], 'salesforce')
protocol.serve(lambda sql, parameters: crm.execute(sql, parameters).fetchall())
crm.close()
