"""DuckDB: imports the exported CSV files, or runs one of the SQL files beside this one.

    duckdb_query.py DATABASE import DIRECTORY integer|text
    duckdb_query.py DATABASE one_day DAY
    duckdb_query.py DATABASE weeks FIRST_DAY LAST_DAY

Prints the rows as JSON, and last the seconds and processor seconds from opening the database to the last row, without
starting Python.
"""

import json
import pathlib
import sys
import time

import duckdb

PARAMETERS = {"one_day": ["day"], "weeks": ["first_day", "last_day"]}


def main(database, question, *arguments):
    sql = (pathlib.Path(__file__).parent / f"duckdb_{question}.sql").read_text()
    started, cpu_started = time.perf_counter(), time.process_time()
    connection = duckdb.connect(database)
    rows = []
    if question == "import":
        directory, id_type = arguments
        id_type = {"integer": "BIGINT", "text": "VARCHAR"}[id_type]
        connection.execute(sql.replace(":directory", directory).replace(":id_type", id_type))
        connection.close()
    else:
        rows = connection.execute(sql, dict(zip(PARAMETERS[question], arguments))).fetchall()
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    print(json.dumps(rows, default=int))
    print(seconds, cpu_seconds)


if __name__ == "__main__":
    main(*sys.argv[1:])
