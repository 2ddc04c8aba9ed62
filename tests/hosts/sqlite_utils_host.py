"""sqlite-utils, with its plugin: every Database has the extension and is connected."""

import sqlite3
import sys

import sqlite_utils

import protocol

crm = sqlite_utils.Database(sqlite3.connect(f'file:{sys.argv[1]}?mode=ro', uri=True, isolation_level=None))
protocol.serve(lambda sql, parameters: [row.values() for row in crm.query(sql, parameters)])
crm.close()
