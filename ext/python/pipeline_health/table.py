"""Rows as people, spreadsheets and programs read them."""

import csv
import json
import sys


def query(connection, sql, parameters=()):
    """Column names and rows; of apsw, too, whose cursors tell their columns only while a row is there."""
    cursor = connection.cursor()
    if hasattr(cursor, 'get_description') or hasattr(cursor, 'getdescription'):
        names = []

        def keep_names(_, row):
            names[:] = [column[0] for column in cursor.get_description()]
            return row
        cursor.row_trace = keep_names
        rows = list(cursor.execute(sql, parameters))
        return names, rows
    rows = cursor.execute(sql, parameters).fetchall()
    return [column[0] for column in cursor.description or ()], rows


def shown(value):
    if value is None:
        return ''
    if isinstance(value, float):
        return f'{value:,.2f}'.removesuffix('.00') if hasattr(str, 'removesuffix') else f'{value:,.2f}'
    return str(value).replace('\n', ' ')


def write_table(names, rows, target):
    cells = [[shown(value) for value in row] for row in rows]
    right = [all(isinstance(row[i], (int, float, type(None))) for row in rows) for i in range(len(names))]
    widths = [max([len(name), *(len(row[i]) for row in cells)]) for i, name in enumerate(names)]

    def line(row):
        return '  '.join(cell.rjust(width) if is_right else cell.ljust(width)
                         for cell, width, is_right in zip(row, widths, right)).rstrip() + '\n'
    target.write(line(names) + line(['-' * width for width in widths]))
    target.writelines(line(row) for row in cells)


def write(names, rows, form, target=None):
    """Writes a result as form says: table, csv or json."""
    target = target or sys.stdout
    if form == 'table':
        write_table(names, rows, target)
    elif form == 'csv':
        writer = csv.writer(target, lineterminator='\n')
        writer.writerow(names)
        writer.writerows(rows)
    else:
        json.dump([dict(zip(names, row)) for row in rows], target, indent=1, ensure_ascii=False)
        target.write('\n')
