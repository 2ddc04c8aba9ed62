"""What every host in Python does with the questions on its standard input; hosts in other languages do the same.

A question is one line: SQL with a ? for each parameter, then the parameters (texts) behind tabs. Its answer is one line of JSON: an
array of rows, each an array of values, or {"error": "the message"}. At the end of the input the host closes its connection and ends with 0.
"""

import json
import sys


def serve(ask):
    """Answers every question with ask(sql, parameters), which returns rows."""
    for line in sys.stdin:
        sql, *parameters = line.rstrip('\n').split('\t')
        try:
            answer = [list(row) for row in ask(sql, parameters)]
        except Exception as problem:
            answer = {'error': str(problem)}
        print(json.dumps(answer), flush=True)
