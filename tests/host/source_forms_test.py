"""The same events in every form a source may have: tables, views and virtual tables give one answer.

    source_forms_test.py build/pipeline_health.so

Of a table a condition reads most rows. In a view it would read rows that the view leaves out, and once what a join
doubles. The last line of a good run is `N passed, 0 failed`.
"""

import random
import sqlite3
import sys

DEALS, EVENTS = 400, 6_000
COLUMNS = 'deal_id, at, kind, old_value, new_value, recorded_at'
QUESTIONS = {  # a table and its arguments; each has more than one row
    'deal_stalled': "('2022-03-31')",
    'pipeline_integrity': "('2022-03-31', 'owner')",
    'stage_velocity': "('2022-03-31')",
    'conversation_effectiveness': "('2021-03-01', '2022-09-30', 'owner')",
    'pipeline_check': '',
}

# By form, what makes it of the table `plain`. Kept are the rows of `mixed` with keep = 1; `twice` doubles each row.
FORMS = {
    'plain': '',
    'narrow_columns': f'CREATE TABLE narrow_columns({COLUMNS}, more); INSERT INTO narrow_columns SELECT *, 1 FROM plain',
    'indexed': f'''CREATE TABLE indexed({COLUMNS}, long_text); INSERT INTO indexed SELECT *, hex(zeroblob(300)) FROM plain;
        CREATE INDEX covering ON indexed({COLUMNS}); ANALYZE''',
    'without_rowid': f'''CREATE TABLE without_rowid(number INTEGER PRIMARY KEY, {COLUMNS}) WITHOUT ROWID;
        INSERT INTO without_rowid SELECT rowid, * FROM plain''',
    'keyed': f'''CREATE TABLE keyed({COLUMNS}, PRIMARY KEY (kind, deal_id, at)) WITHOUT ROWID;
        INSERT INTO keyed SELECT * FROM plain''',
    'generated': '''CREATE TABLE generated(base, old_value, new_value, recorded_at,
            deal_id AS (base ->> 0), at AS (base ->> 1), kind AS (base ->> 2) STORED);
        INSERT INTO generated SELECT json_array(deal_id, at, kind), old_value, new_value, recorded_at FROM plain''',
    'a_view': f'CREATE VIEW a_view AS SELECT {COLUMNS} FROM plain',
    'filtered': f'CREATE VIEW filtered AS SELECT {COLUMNS} FROM mixed WHERE keep = 1',
    'filtered_behind': f'''CREATE VIEW filtered_behind AS SELECT {COLUMNS} FROM mixed
        WHERE length(kind) > 0 AND abs(random()) >= 0 AND keep = 1''',
    'joined': '''CREATE VIEW joined AS SELECT m.deal_id, m.at, m.kind, m.old_value, m.new_value, m.recorded_at
        FROM mixed m CROSS JOIN wanted w ON w.keep = m.keep''',
    'existing': f'''CREATE VIEW existing AS SELECT {COLUMNS} FROM mixed m
        WHERE EXISTS (SELECT 1 FROM wanted w WHERE w.keep = m.keep)''',
    'outer_joined': '''CREATE VIEW outer_joined AS SELECT m.deal_id, m.at, m.kind, m.old_value, m.new_value, m.recorded_at
        FROM mixed m LEFT JOIN wanted w ON w.keep = m.keep WHERE w.keep IS NOT NULL''',
    'grouped': f'CREATE VIEW grouped AS SELECT {COLUMNS} FROM twice GROUP BY number',
    'distinct_rows': f'CREATE VIEW distinct_rows AS SELECT DISTINCT {COLUMNS} FROM twice',
    'united': f'''CREATE VIEW united AS SELECT {COLUMNS} FROM plain WHERE rowid % 2
        UNION ALL SELECT {COLUMNS} FROM plain WHERE NOT rowid % 2''',
    'windowed': f'CREATE VIEW windowed AS SELECT {COLUMNS} FROM (SELECT *, row_number() OVER (PARTITION BY number) AS n FROM twice) WHERE n = 1',
    'limited': f'CREATE VIEW limited AS SELECT {COLUMNS} FROM plain ORDER BY at LIMIT -1',
    'with_steps': f'CREATE VIEW with_steps AS WITH step AS (SELECT * FROM mixed WHERE keep = 1) SELECT {COLUMNS} FROM step',
    'virtual': f'CREATE VIRTUAL TABLE virtual USING fts5({COLUMNS}); INSERT INTO virtual SELECT * FROM plain',
}


def make_sources(db):
    draw = random.Random(5)
    day = lambda number: db.execute("SELECT date('2021-01-01', ? || ' days')", (number,)).fetchone()[0]
    db.executescript(f'''
        CREATE TABLE pipeline_deal(deal_id, owner, stage, amount, created_at, close_date, closed_at, outcome);
        CREATE TABLE pipeline_stage(stage, rank); INSERT INTO pipeline_stage VALUES ('A', 1), ('B', 2), ('C', 3);
        CREATE TABLE plain({COLUMNS}); CREATE TABLE wanted(keep); INSERT INTO wanted VALUES (1);''')
    for deal in range(DEALS):
        created = draw.randint(0, 500)
        outcome = draw.choice(('open', 'open', 'won', 'lost'))
        db.execute('INSERT INTO pipeline_deal VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
                   (f'deal {deal}', draw.choice('XYZ'), draw.choice('ABC'), draw.randint(1, 900), day(created), day(created + 120),
                    None if outcome == 'open' else day(created + draw.randint(1, 200)), outcome))
    for event in range(EVENTS):
        kind = draw.choice(('stage', 'amount', 'close_date', 'owner', 'meeting', 'call', 'reply', 'note', 'gossip', 'forecast',
                            'stage_state', 'amount_state', 'close_date_state', 'owner_state'))
        old, new = {'stage': draw.sample('ABC', 2), 'amount': [str(draw.randint(1, 99)), str(draw.randint(1, 99))],
                    'close_date': [day(400), day(draw.randint(0, 700))], 'owner': ['X', 'Y'], 'forecast': ['Commit', 'Pipeline']}.get(kind.removesuffix('_state'), [None, None])
        # no two at the same instant: the order in which a form gives its rows says nothing
        at = f'{day(draw.randint(0, 700))}T{event // 3600:02}:{event // 60 % 60:02}:{event % 60:02}'
        db.execute('INSERT INTO plain VALUES (?, ?, ?, ?, ?, ?)', (f'deal {draw.randint(0, DEALS)}', at, kind, old, new, at))
    db.executescript('''
        CREATE TABLE mixed AS SELECT *, 1 AS keep FROM plain;
        INSERT INTO mixed SELECT deal_id, date(at, '3 days'), kind, old_value, new_value, recorded_at, 0 FROM plain;
        INSERT INTO mixed SELECT deal_id, at, 'meeting', NULL, NULL, NULL, NULL FROM plain;
        CREATE TABLE twice AS SELECT rowid AS number, * FROM plain; INSERT INTO twice SELECT * FROM twice;''')


def rows_of(db, table, form):
    db.execute(f'CREATE VIRTUAL TABLE subject USING {table}(event={form})')
    try:
        rows = db.execute(f'SELECT * FROM subject{QUESTIONS[table]}').fetchall()
    except sqlite3.Error as error:
        rows = [(str(error),)]
    db.execute('DROP TABLE subject')
    # pipeline_check names its source, and the first row of a problem
    return [row[:1] + row[2:4] for row in rows] if table == 'pipeline_check' else rows


def main():
    passed = failed = 0
    db = sqlite3.connect(':memory:')
    db.enable_load_extension(True)
    db.load_extension(sys.argv[1])
    make_sources(db)
    for form, sql in FORMS.items():
        try:
            db.executescript(sql)
        except sqlite3.OperationalError as error:
            print(f'source_forms_test: {form} is not to be had: {error}')
            continue
        for table in QUESTIONS:
            rows = rows_of(db, table, form)
            good = len(rows) > 1 and rows == rows_of(db, table, 'plain')
            passed, failed = passed + bool(good), failed + (not good)
            if not good:
                print(f'source_forms_test: {table} of {form}: {len(rows)} rows, the first {rows[:1]}')
    print(f'{passed} passed, {failed} failed')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
