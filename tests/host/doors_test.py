"""What every door promises whatever it finds, asked of tables that are made of its own declarations.

    doors_test.py build/pipeline_health.so

Each mapping below sql/connect is read for the tables and columns that it declares. Tables with all of them, and with some of them left
out, are filled at random and connected. Then:

- the JSON has every key of the specification's section 11, each once, and what it says that can falsify a figure is a row of
  pipeline_check, too;
- long names of columns (PRAGMA full_column_names) change no answer;
- what was read stays for the next question: a view that reads from where nobody sees changes, as json_each, would forbid it;
- a table and a column can be renamed beside the views, and no view needs more than MOST of the 1,000 cursors that SQLite (from 3.54 on)
  allows a statement with a CTE.

Seeds are fixed. The last line of a good run is `N passed, 0 failed`.
"""

import json
import random
import re
import sqlite3
import sys
from pathlib import Path

MAPPINGS = Path(__file__).resolve().parents[2] / 'sql' / 'connect'
SEEDS = range(6)
MOST = 700
KEYS = ('crm', 'tables', 'columns_used', 'columns_ignored', 'missing', 'switched_off', 'decided', 'footer_rows', 'header_rows', 'duplicate_rows',
        'deleted_deals', 'merged_deals', 'currencies', 'time_zone', 'data_until', 'can_judge')
# What the JSON counts, and the problems of which one must stand for it.
COUNTS = {
    'footer_rows': ['rows that are no data'], 'total_rows': ['rows that are no data'], 'header_rows': ['row that repeats the header'],
    'duplicate_rows': ['older versions of a row'], 'deleted_deals': ['deleted deals'], 'merged_deals': ['merged deals'],
    'duplicate_names': ['several deals of one name and owner'], 'activities_of_no_deal': ['activity of no deal'],
    'history_of_no_deal': ['history of no deal'], 'leads': ['lead that is no opportunity yet'], 'removed_deals': ['removed deal'],
    'vanished_deals': ['vanished deal'], 'quotas_of_other_forecasting_types': ['quota of another forecasting type'],
    'quotas_without_amount': ['quota without a readable amount']}


def plain(name):
    return re.sub('[ _-]', '', name).lower()


def parts(text, sign):
    """The text between the signs, those inside of quotes aside."""
    return [part.strip() for part in re.findall(f'(?:"[^"]*"|[^"{sign}])+', text)]


def lines(name, word=''):
    for line in (MAPPINGS / f'{name}.sql').read_text().splitlines():
        if line.startswith('--! include '):
            included, *words = line.split()[2:]
            yield from lines(f'include/{included}', *words)
        else:
            yield line.replace('{1}', word)


def declared(crm):
    """(table, whether it is required, [(column, kind, whether it is needed, its name in a source)])"""
    tables = []
    for line in lines(crm):
        if line.startswith('--! table '):
            tables.append((line.split()[2], ' required' in line, []))
        for column in parts(line[len('--! columns '):], ',') if line.startswith('--! columns ') else []:
            head, _, others = column.partition('=')
            name, *kind = head.split()
            names = [name.rstrip('!?*')] if '*' not in name else [other.strip('"').replace('*', '"Demo (Sales)"') for other in parts(others, '|')
                                                                  if '[' not in other][:2] or ['Q1 2026', 'Q2 2026']
            for one in names if not name.startswith('whole') else []:
                tables[-1][2].append((kind[0] if kind else 'text', '!' in name, one))
    return [table for table in tables if table[0] != 'settings']


def cell(draw, name, kind, row):
    name = plain(name)
    if draw.random() < .1:
        return draw.choice(['', None])
    if kind in ('id', 'raw_id'):
        return draw.choice([str(row), row])
    if kind == 'boolean':
        return draw.choice(['true', 'false', 1, 0])
    if kind in ('day', 'date', 'raw_date') or re.search('time|date|start|at$', name):
        return draw.choice([f'2026-0{row % 9 + 1}-{draw.randrange(10, 29)}', f'2026-0{row % 9 + 1}-11 10:00:00'])
    if kind == 'amount' or name in ('value', 'amount', 'expectedrevenue'):
        return draw.choice([100, '250.5', 1000 * row])
    if name in ('status', 'outcome', 'wonstatus'):
        return draw.choice(['open', 'won', 'lost'])
    if 'stage' in name or name == 'label':
        return draw.choice(['Offer', 'Closed Won', 'Closed Lost'])
    if 'currency' in name or name == 'isocode':
        return draw.choice(['EUR', 'USD'])
    return draw.choice([f'Jo {row}', str(row)])


def add_table(db, draw, table, is_whole, rows):
    name, required, columns = table
    taken, chosen = set(), []
    for kind, needed, column in columns:
        if plain(column) not in taken and (is_whole or needed or draw.random() < .7):
            chosen.append((kind, column))
        taken.add(plain(column))
    for kind, column in [('boolean', 'is_deleted'), ('date', 'updated_at')]:
        if draw.random() < .5 and plain(column) not in taken:
            chosen.append((kind, column))
    quoted = ['"' + column.replace('"', '""') + '"' for _, column in chosen]
    db.execute(f'CREATE TABLE "{name}"({", ".join(quoted)})')
    for row in range(1, rows + 1):
        db.execute(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(chosen))})', [cell(draw, column, kind, row) for kind, column in chosen])
    for again in range(draw.randrange(3) if rows else 0):
        db.execute(f'INSERT INTO "{name}" SELECT * FROM "{name}" WHERE rowid = ?', (again + 1,))
    if rows and draw.random() < .3:
        db.execute(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(chosen))})', [column for _, column in chosen])


def connection(library, crm, seed, long_names):
    db = sqlite3.connect(':memory:', isolation_level=None)
    db.enable_load_extension(True)
    db.load_extension(library)
    draw = random.Random(f'{crm} {seed}')
    for table in declared(crm) if crm != 'none' else []:
        is_there = draw.random() < .7
        if seed < 2 or table[1] or is_there:
            add_table(db, draw, table, seed < 2, 0 if seed == 0 else 8)
    if long_names:
        db.execute('PRAGMA full_column_names = 1')
        db.execute('PRAGMA short_column_names = 0')
    return db


def views(db):
    return [name for name, in db.execute("SELECT name FROM temp.sqlite_master WHERE type = 'view' ORDER BY name")]


def read(library, crm, seed, long_names=False):
    db = connection(library, crm, seed, long_names)
    try:
        answer = db.execute('SELECT pipeline_connect(?)', (crm,)).fetchone()[0]
    except sqlite3.Error as error:
        return db, str(error), None
    return db, answer, [(view, db.execute(f'SELECT * FROM temp."{view}"').fetchall()) for view in views(db)]


def wrong_words(db, text):
    """What the JSON lacks or says alone."""
    pairs = []
    answer = json.loads(text, object_pairs_hook=lambda found: pairs.append([key for key, _ in found]) or dict(found))
    if any(len(set(keys)) < len(keys) for keys in pairs):
        yield 'a key that stands twice'
    yield from (f'no {key}' for key in KEYS if key not in answer)
    rows = db.execute('SELECT problem, rows, meaning FROM pipeline_check').fetchall()
    said, meant = {problem for problem, _, _ in rows}, {meaning for _, _, meaning in rows}
    yield from (f'"{sentence}" is in the JSON alone' for sentence in answer['decided'] + answer['switched_off'] if sentence not in meant)
    for key, problems in COUNTS.items():
        if answer.get(key) and not said.intersection(problems):
            yield f'{key} {answer[key]} is in the JSON alone'
    used = {(table, found) for table, columns in answer['columns_used'].items() for found in columns.values()}
    yield from (f'{table}.{column} is used and ignored' for table, columns in answer['columns_ignored'].items() for column in columns
                if (table, column) in used)


def wrong_cache(db):
    db.execute("SELECT count(*) FROM stage_velocity('2026-06-30')").fetchone()
    if not json.loads(db.execute('SELECT pipeline_health_debug()').fetchone()[0])['cached']:
        yield 'every question reads everything again'


def wrong_views(db):
    """A statement over each view in a connection that allows less, and renames beside them all."""
    if hasattr(db, 'setlimit'):
        db.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, MOST)
    for view in views(db):
        try:
            db.execute(f'SELECT * FROM temp."{view}" WHERE {MOST}')
        except sqlite3.Error as error:
            yield f'{view}: {error}'
    for table, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' LIMIT 1").fetchall():
        column = db.execute('SELECT name FROM pragma_table_info(?)', (table,)).fetchone()[0].replace('"', '""')
        for change in (f'RENAME TO "{table} of old"', f'RENAME "{column}" TO "another name"'):
            try:
                db.execute('SAVEPOINT change')
                db.execute(f'ALTER TABLE "{table}" {change}')
            except sqlite3.Error as error:
                yield f'{change}: {error}'
            db.execute('ROLLBACK TO change')


def wrong_stages(library, count):
    """An export of HubSpot with so many columns of entered stages: more than an SQL statement may have terms."""
    db = connection(library, 'none', 0, False)
    names = ['Record ID', 'Deal Name', 'Deal Stage', 'Create Date', *(f'Date entered "Stage {number} (Sales)"' for number in range(count))]
    db.execute('CREATE TABLE export(' + ', '.join('"' + name.replace('"', '""') + '"' for name in names) + ')')
    db.execute(f'INSERT INTO export VALUES ({", ".join("?" * len(names))})', [1, 'Pine', 'Closed Won', '2026-01-01', *['2026-01-02 08:00'] * count])
    db.execute("SELECT pipeline_connect('hubspot_export')").fetchone()
    found = db.execute('SELECT count(DISTINCT new_value) FROM temp.pipeline_event').fetchone()[0]
    return [] if found == count else [f'{found} stages of {count}']


def main(library):
    passed, failed, refused = 0, 0, 0
    for problem in wrong_stages(library, 510):
        print(f'hubspot_export: {problem}')
        failed += 1
    for crm in sorted(path.stem for path in MAPPINGS.glob('*.sql')):
        for seed in SEEDS:
            db, text, rows = read(library, crm, seed)
            if rows is None:
                problems = [] if text.startswith('pipeline_connect: ') else [text]
                refused += 1
            else:
                problems = [*wrong_words(db, text), *wrong_cache(db), *wrong_views(db)]
            if (text, rows) != read(library, crm, seed, long_names=True)[1:]:
                problems.append('another answer with long names of columns')
            for problem in problems:
                print(f'{crm}, seed {seed}: {problem}')
            passed, failed = passed + (not problems), failed + bool(problems)
    print(f'doors: {passed} passed, {failed} failed ({refused} were refused)')
    return failed or refused > passed // 2


if __name__ == '__main__':
    sys.exit(1 if main(*sys.argv[1:]) else 0)
