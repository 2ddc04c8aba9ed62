"""pandas: a DataFrame from each question."""

import sys

import pandas

import pipeline_health
import protocol

crm = pipeline_health.connect(sys.argv[1], 'salesforce')


def ask(sql, parameters):
    frame = pandas.read_sql(sql, crm, params=tuple(parameters))
    return frame.astype(object).where(frame.notna(), None).values.tolist()


protocol.serve(ask)
crm.close()
