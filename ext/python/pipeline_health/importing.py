"""Files into a database: whole tables are replaced, all of them or none."""

import sqlite3

from .connection import Error
from .progress import Progress
from .read_file import read


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def replace_table(database, table):
    """Drops the table of that name and makes it anew, with the indexes and triggers that it had; notes what does not fit any more."""
    kept = database.execute("SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = ? COLLATE NOCASE AND type <> 'table' AND sql NOT NULL",
                            [table.name]).fetchall()
    columns = ', '.join(f'{quoted(column)}{"" if table.typed else " TEXT"}' for column in table.columns)
    database.execute(f'DROP TABLE IF EXISTS {quoted(table.name)}')
    database.execute(f'CREATE TABLE {quoted(table.name)}({columns})')
    database.executemany(f'INSERT INTO {quoted(table.name)} VALUES ({", ".join("?" * len(table.columns))})', table.rows)
    for kind, name, sql in kept:
        try:
            database.execute(sql)
        except sqlite3.Error as problem:
            table.notes.append(f'{kind} {name} is gone: {problem}')


def import_files(files, target, name=None):
    """Imports files into the database `target`; returns the tables as they were read.

    A table is called as its file (without the ending), or `name`, which a single table may be given.
    """
    tables = []
    with Progress('reading') as progress:
        for file in files:
            progress.what = f'reading {file}'
            tables += read(file)
    if name is not None:
        if len(tables) != 1:
            raise Error(f'--table names one table, and there are {len(tables)}')
        tables[0].name = name
    names = [table.name.lower() for table in tables]
    for table in tables:
        if names.count(table.name.lower()) > 1:
            raise Error(f'two files or sheets would become the table {table.name}: rename one, or import them one by one with --table')
    database = sqlite3.connect(target, isolation_level=None)
    try:
        with Progress(f'writing {target}') as progress:
            database.execute('BEGIN IMMEDIATE')
            for table in tables:
                progress.what = f'writing {table.name}'
                replace_table(database, table)
            database.execute('COMMIT')
    except sqlite3.Error as problem:
        raise Error(f'{target}: {problem}; nothing was changed')
    finally:
        database.close()
    return tables
