#!/usr/bin/env python3
"""The store: whatever happens to the sources, every table answers with it as without it.

    store_test.py build/pipeline_health.so [first-last]

Each seed is a random database and a stream of operations upon it: rows that come, change, go and are replaced, imports,
transactions and savepoints that are taken back, other connections, programs without the extension, other policies, stages
and tables, a file that is copied in the middle of a transaction. After each the tables are asked twice: over the tables, beside
which the store is, and over TEMP views of the same tables, which it does not serve. Both must say the same, row for row or
error for error. Then shadow tables are damaged. Ends with `N passed, N failed`.
"""

import json
import os
import random
import shutil
import sqlite3
import sys
import tempfile

sys.dont_write_bytecode = True  # a build writes below build/ alone
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'oracle'))
import richer_database  # noqa: E402
from random_database import EPOCH, quoted  # noqa: E402
import datetime  # noqa: E402

RELATIONS = ('deal', 'event', 'stage', 'quota', 'rate', 'holiday', 'policy')
SCOPES = ('all', 'team', 'owner', 'pipeline', 'stage')
QUOTA_SCOPES = ('all', 'team', 'owner')
QUERIES = (
    ('real_coverage', ('day', 'quota_scope')), ('deal_stalled', ('day',)), ('pipeline_flow', ('day', 'later', 'scope')),
    ('pipeline_changes', ('day', 'later')), ('stage_velocity', ('day',)), ('win_rate', ('day', 'horizon')),
    ('deal_chance', ('day', 'horizon')), ('pipeline_forecast', ('day', 'quota_scope')),
    ('pipeline_commit', ('day', 'quota_scope')), ('coverage_backtest', ('day', 'quota_scope')),
    ('verdict_backtest', ('day',)), ('pipeline_opening', ('day', 'scope')),
    ('conversation_effectiveness', ('day', 'later', 'scope')), ('pipeline_cohort', ('day', 'later', 'month', 'scope')),
    ('commit_backtest', ('day', 'quota_scope')), ('pipeline_check', ('day',)), ('pipeline_settings', ()))
TABLES = ('pipeline_integrity',) + tuple(table for table, _ in QUERIES)
OWN_TRIGGERS = tuple(  # of the user's, which leave the row and keep all other triggers from firing
    'CREATE %s IF NOT EXISTS own_%s AFTER %s ON pipeline_%s WHEN %s.rowid %% 3 = 0 BEGIN SELECT RAISE(%s); END' % (
        'TEMP TRIGGER' if table == 'deal' else 'TRIGGER', event, event, table, 'OLD' if event == 'DELETE' else 'NEW', end)
    for event in ('INSERT', 'UPDATE', 'DELETE') for table in ('deal', 'event') for end in ('IGNORE', "FAIL, 'own'"))
DEFAULT_SEEDS = '0-199'

passed = failed = 0
used = {'days': 0, 'folded': 0, 'chosen': 0, 'claims': 0, 'deals': 0, 'not used': 0, 'none': 0, 'written back': 0}


def check(good, what):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print('store: failed: %s' % what)


def connect(library, file):
    connection = sqlite3.connect(file, isolation_level=None, timeout=0)
    if library is not None:
        connection.enable_load_extension(True)
        connection.load_extension(library)
        connection.enable_load_extension(False)
    return connection


def schema_of(connection):
    return connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()


class Reference:
    """Instances of the tables over TEMP views of the same sources, which have no store."""

    def __init__(self, connection, schema='main'):
        self.connection = connection
        names = {name for name, in connection.execute('SELECT name FROM %s.sqlite_master' % schema)}
        self.there = [relation for relation in RELATIONS if 'pipeline_' + relation in names]
        for relation in self.there:
            connection.execute('CREATE TEMP VIEW v_%s AS SELECT * FROM %s.pipeline_%s' % (relation, schema, relation))
        given = ', '.join('%s=v_%s' % (relation, relation) for relation in self.there)
        for table in TABLES:
            connection.execute('CREATE VIRTUAL TABLE temp.ref_%s USING %s(schema=temp, %s)' % (table, table, given))


def rows_of(connection, sql, values):
    try:
        rows = connection.execute(sql, values).fetchall()
        return [row for row in rows if row[0] != 'pipeline_store']
    except sqlite3.Error as error:
        return str(error).replace('ref_', '').replace('v_', 'pipeline_')


class Stream:
    """A random database in a file, its connection, and operations upon it."""

    def __init__(self, library, seed, directory):
        self.library, self.seed = library, seed
        self.random = random.Random('store %d' % seed)
        self.file = os.path.join(directory, 'stream%d.db' % seed)
        example_seed = seed
        while True:  # one with ordinary tables and events
            self.example = richer_database.make(example_seed)
            made = ' '.join(self.example.statements)
            if ' VIEW ' not in made and ' TEMP ' not in made and 'CREATE TABLE pipeline_event' in made:
                break
            example_seed += 100003
        self.log = []
        plain = connect(None, self.file)
        plain.execute('BEGIN')
        for statement in self.example.statements:
            plain.execute(statement)
        self.numbers = [number for number, _, _ in self.example.deals] or [1]
        if self.random.random() < 0.3:  # more than one block
            for number in range(2000, 2000 + self.random.randint(60, 220)):
                self.numbers.append(number)
                self.put(plain, 'pipeline_deal', self.example.deal(number))
        if self.random.random() < 0.3:
            plain.execute('CREATE INDEX by_kind ON pipeline_event(kind, deal_id)')
        if self.random.random() < 0.3:  # rows that a REPLACE puts others in the place of
            plain.execute('DELETE FROM pipeline_event WHERE rowid NOT IN (SELECT min(rowid) FROM pipeline_event GROUP BY at, kind)')
            plain.execute('CREATE UNIQUE INDEX at_and_kind ON pipeline_event(at COLLATE NOCASE, kind)')
        if self.random.random() < 0.7 and plain.execute("SELECT 1 FROM sqlite_master WHERE name = 'pipeline_quota'").fetchone():
            self.give_months(plain)
        plain.execute('COMMIT')
        plain.close()
        self.open()

    @staticmethod
    def give_months(plain):
        """Quotas of whole months, and some wins of deals that were created behind their closing."""
        plain.execute("UPDATE OR IGNORE pipeline_quota SET period_start = coalesce(date(period_start, 'start of month'), period_start), "
                      "period_end = coalesce(date(period_end, 'start of month', '+1 month', '-1 day'), period_end)")
        columns = {name.lower() for _, name, *_ in plain.execute('PRAGMA table_info(pipeline_deal)')}
        if 'closed_at' in columns:
            plain.execute("UPDATE pipeline_deal SET outcome = 'won', closed_at = date(created_at, '-40 days') "
                          "WHERE rowid % 7 = 0 AND created_at GLOB '????-??-??'")

    # -- connections --------------------------------------------------------------------------------------------------

    def open(self):
        self.connection = connect(self.library, self.file)
        self.connection.execute('PRAGMA cache_size = %d' % self.random.choice((-2000, 8)))
        self.reference = Reference(self.connection)
        self.savepoints = []

    def reopen(self):
        self.run('COMMIT' if self.connection.in_transaction else 'SELECT 1')
        self.connection.close()
        self.open()

    def run(self, sql, on=None):
        self.log.append(sql if on is None else '-- elsewhere: ' + sql)
        try:
            (on or self.connection).execute(sql).fetchall()
        except sqlite3.Error as error:
            self.log.append('-- ' + str(error))

    # -- rows ---------------------------------------------------------------------------------------------------------

    def put(self, connection, table, row, verb='INSERT', rowid=None):
        columns = {name.lower() for _, name, *_ in connection.execute('PRAGMA table_info(%s)' % table)}
        row = {name: value for name, value in row.items() if name in columns}
        if rowid is not None:
            row['rowid'] = str(rowid)
        sql = '%s INTO %s(%s) VALUES(%s)' % (verb, table, ', '.join(row), ', '.join(map(str, row.values())))
        self.run(sql, connection if connection is not getattr(self, 'connection', None) else None)

    def any_deal_row(self):
        number = self.random.choice(self.numbers) if self.random.random() < 0.7 else self.random.randint(1, 4000)
        self.numbers.append(number)
        return self.example.deal(number)

    def any_event_row(self):
        number = self.random.choice(self.numbers) if self.random.random() < 0.95 else self.random.randint(1, 4000)
        created = self.example.base + self.random.randint(0, self.example.span)
        return self.example.event(number, created, created + 60, {}, 0.5)

    def rowid(self, connection, table):
        found = connection.execute('SELECT rowid FROM %s ORDER BY random() LIMIT 1' % table).fetchone()
        return found[0] if found else 1

    def write(self, connection):
        """One change of the sources, the most usual ones more often."""
        draw, table = self.random.random(), self.random.choice(('pipeline_deal', 'pipeline_event', 'pipeline_event'))
        make = self.any_deal_row if table == 'pipeline_deal' else self.any_event_row
        rowid = self.rowid(connection, table)
        verb = self.random.choice(('INSERT', 'INSERT', 'INSERT OR IGNORE', 'INSERT OR FAIL', 'INSERT OR ROLLBACK',
                                   'REPLACE'))
        elsewhere = connection if connection is not self.connection else None
        if draw < 0.4:
            self.put(connection, table, make(), verb)
        elif draw < 0.5:
            self.put(connection, table, make(), 'REPLACE', rowid)
        elif draw < 0.7:
            row = {name: value for name, value in make().items() if name != 'day'}
            name = self.random.choice(sorted(row))
            self.run('UPDATE %s SET %s = %s WHERE rowid = %d' % (table, name, row[name], rowid), elsewhere)
        elif draw < 0.76:
            self.run('UPDATE OR REPLACE %s SET rowid = %d WHERE rowid = %d' % (
                table, self.rowid(connection, table), rowid), elsewhere)
        elif draw < 0.88:
            self.run('DELETE FROM %s WHERE rowid = %d' % (table, rowid), elsewhere)
        elif draw < 0.92:
            self.run('DELETE FROM %s WHERE deal_id = %s' % (table, self.example.id(self.random.choice(self.numbers))),
                     elsewhere)
        elif draw < 0.94:  # what may be the only evidence goes
            self.run('DELETE FROM pipeline_event WHERE at = (SELECT %s(at) FROM pipeline_event WHERE at GLOB \'[12]*-*\')' %
                     self.random.choice(('min', 'min', 'max')), elsewhere)
        elif draw < 0.98:
            self.run('INSERT INTO pipeline_event SELECT * FROM pipeline_event ORDER BY rowid DESC LIMIT %d' %
                     self.random.randint(1, 60), elsewhere)
        else:
            self.run('DELETE FROM %s' % table, elsewhere)

    def change_settings(self):
        names = [name for relation, name in (('policy', 'policy'), ('stage', 'stage'), ('holiday', 'holiday'),
                                             ('rate', 'rate'), ('quota', 'quota')) if relation in self.reference.there]
        choices = {
            'policy': ("DELETE FROM pipeline_policy", "INSERT INTO pipeline_policy(name, value) VALUES('idle_days', 20)",
                       "INSERT INTO pipeline_policy(name, value) VALUES('data_until', '%s')" % self.text(self.any_day()),
                       "INSERT INTO pipeline_policy(name, value) VALUES('progress_since', '%s')" % self.text(self.any_day()),
                       "INSERT INTO pipeline_policy(name, value) VALUES('on_bad_row', 'error')",
                       "INSERT INTO pipeline_policy(name, value) VALUES('unproven_is_real', 1)",
                       "INSERT INTO pipeline_policy(name, value) VALUES('utc_offset_minutes', 600)"),
            'stage': ("DELETE FROM pipeline_stage", "INSERT INTO pipeline_stage(stage, rank) VALUES('Trial', 7)"),
            'holiday': ("DELETE FROM pipeline_holiday",
                        "INSERT INTO pipeline_holiday(day) VALUES('%s')" % self.text(self.any_day())),
            'rate': ("DELETE FROM pipeline_rate", "UPDATE pipeline_rate SET rate = 2 WHERE currency = 'EUR'"),
            'quota': ("DELETE FROM pipeline_quota WHERE rowid = 1", "UPDATE pipeline_quota SET amount = 77")}
        if names:
            self.run(self.random.choice(choices[self.random.choice(names)]))

    def change_schema(self):
        self.run(self.random.choice((
            'ALTER TABLE pipeline_event ADD COLUMN note%d' % len(self.log),
            'ALTER TABLE pipeline_deal RENAME COLUMN deal_id TO deal_id2', 'CREATE INDEX one%d ON pipeline_event(at)' % len(self.log),
            'CREATE UNIQUE INDEX two%d ON pipeline_deal(name, owner, stage, amount)' % len(self.log),
            'DROP TRIGGER IF EXISTS pipeline_store_event_insert', 'DROP INDEX IF EXISTS pipeline_store_event_deal',
            'ALTER TABLE pipeline_event RENAME TO pipeline_event', 'REINDEX', 'ANALYZE') + (self.random.choice(OWN_TRIGGERS),) * 4))

    # -- operations ---------------------------------------------------------------------------------------------------

    def operate(self):
        draw = self.random.random()
        if draw < 0.55:
            for _ in range(self.random.choice((1, 1, 1, 2, 5))):
                self.write(self.connection)
        elif draw < 0.63:
            self.elsewhere()
        elif draw < 0.68:
            self.change_settings()
        elif draw < 0.70:
            self.change_schema()
        elif draw < 0.82:
            self.transact()
        elif draw < 0.92:
            action = self.random.choice(('refresh', 'refresh', 'refresh', 'refresh', 'create', 'drop'))
            generation = rows_of(self.connection, 'SELECT generation FROM pipeline_store_head', ())
            self.run("SELECT pipeline_store('%s')" % action)
            if action == 'refresh' and generation == rows_of(self.connection, 'SELECT generation FROM pipeline_store_head', ()):
                used['written back'] += 1
        elif draw < 0.95:
            self.reopen()
        elif draw < 0.97 and not self.connection.in_transaction:
            self.run('VACUUM')
        else:
            self.copy_in_the_middle()

    def elsewhere(self):
        """Another connection, most often of a program without the extension."""
        other = connect(self.library if self.random.random() < 0.2 else None, self.file)
        for _ in range(self.random.randint(1, 3)):
            try:
                self.write(other)
            except sqlite3.OperationalError as error:  # this connection holds a lock
                self.log.append('-- elsewhere: %s' % error)
        other.close()

    def transact(self):
        draw = self.random.random()
        if not self.connection.in_transaction:
            self.savepoints = []
            self.run('BEGIN')
        elif draw < 0.3:
            self.savepoints.append('s%d' % len(self.log))
            self.run('SAVEPOINT ' + self.savepoints[-1])
        elif draw < 0.5 and self.savepoints:
            self.run('ROLLBACK TO ' + self.random.choice(self.savepoints))
        elif draw < 0.6 and self.savepoints:
            self.run('RELEASE ' + self.savepoints[0])
            self.savepoints = []
        else:
            self.run('ROLLBACK' if self.random.random() < 0.5 else 'COMMIT')

    def copy_in_the_middle(self):
        """The file as a crash would leave it: the last state that was committed, after its journal was played back."""
        if not self.connection.in_transaction:
            self.run('BEGIN')
        for _ in range(5):
            self.write(self.connection)
        copy = self.file + '.copy'
        for suffix in ('', '-journal'):
            if os.path.exists(copy + suffix):
                os.remove(copy + suffix)
            if os.path.exists(self.file + suffix):
                shutil.copy(self.file + suffix, copy + suffix)
        crashed = connect(self.library, copy)
        try:
            self.compare(crashed, 'after a crash', Reference(crashed))
        finally:
            crashed.close()

    # -- comparing ----------------------------------------------------------------------------------------------------

    def any_day(self):
        if self.random.random() < 0.5 and self.example.days:
            return self.random.choice(list(self.example.days))
        return self.example.base + self.random.randint(-20, self.example.span + 200)

    @staticmethod
    def text(day):
        return (EPOCH + datetime.timedelta(day)).isoformat() if isinstance(day, int) else str(day)

    def arguments(self, kinds):
        day = self.text(self.any_day())
        later = max(day, self.text(self.any_day()))
        choices = {'day': day, 'later': later, 'month': 'month', 'scope': self.random.choice(SCOPES),
                   'quota_scope': self.random.choice(QUOTA_SCOPES), 'horizon': self.random.choice((30, 90))}
        return [choices[kind] for kind in kinds]

    def compare(self, connection, what, reference=None):
        queries = [('pipeline_integrity', ('day', 'scope')), ('real_coverage', ('day', 'quota_scope'))]
        queries += self.random.sample(QUERIES, 2)
        self.random.shuffle(queries)
        if self.random.random() < 0.5:
            self.compare_chosen(connection, what)
        for table, kinds in queries:
            values = self.arguments(kinds)
            marks = ', '.join('?' * len(values))
            names = [name for name, in connection.execute(
                "SELECT name FROM pragma_table_xinfo('ref_%s', 'temp') WHERE hidden AND name <> 'row_key'" % table)]
            where = ' AND '.join('%s = ?' % name for name, _ in zip(names, values)) or '1'
            mine = rows_of(connection, 'SELECT * FROM %s(%s)' % (table, marks), values)
            self.note_use(connection, table)
            theirs = rows_of(connection, 'SELECT * FROM temp.ref_%s WHERE %s' % (table, where), values)
            check(mine == theirs, 'seed %d, %s: %s%r\n  with    %s\n  without %s\n  %s' % (
                self.seed, what, table, values, str(mine)[:400], str(theirs)[:400], '\n  '.join(self.log[-30:])))

    def compare_chosen(self, connection, what):
        """The open deals of an owner, or one deal, for which fewer deals are read."""
        day, other = self.text(self.any_day()), self.text(self.any_day())
        owners = rows_of(connection, 'SELECT DISTINCT CAST(owner AS TEXT) FROM pipeline_deal', ())
        owners = [owner for owner, in owners if owner] + ['nobody'] if isinstance(owners, list) else ['nobody']
        owner, id = self.random.choice(owners), str(self.example.id(self.random.choice(self.numbers))).strip("'")
        for where, values in (('owner = ?', (day, owner)), ('owner = ?', (other, owner)), ('deal_id = ?', (day, id)),
                              ('owner = ? OR deal_id = ? OR pushes > 1', (day, owner, id)),
                              ('owner IN (?, ?)', (day, owner, self.random.choice(owners)))):
            mine = rows_of(connection, 'SELECT *, row_key FROM deal_stalled(?) WHERE ' + where, values)
            said = json.loads(connection.execute('SELECT pipeline_health_debug()').fetchone()[0])
            theirs = rows_of(connection, 'SELECT *, row_key FROM temp.ref_deal_stalled WHERE as_of = ? AND (%s)' % where, values)
            used['chosen'] += said['store'] == 'used' and bool(said['cached']) and bool(said['cached'][0]['chosen'])
            check(mine == theirs, 'seed %d, %s: deal_stalled %s%r\n  with    %s\n  without %s\n  %s' % (
                self.seed, what, where, values, str(mine)[:400], str(theirs)[:400], '\n  '.join(self.log[-30:])))

    def note_use(self, connection, table):
        said = json.loads(connection.execute('SELECT pipeline_health_debug()').fetchone()[0])
        state = said['store'] or 'none'
        if table in ('pipeline_check', 'pipeline_settings'):
            return
        if state == 'used' and table == 'real_coverage':
            used['claims'] += any(kept['claims'] for kept in said['cached'])
        if state == 'used' and table == 'pipeline_integrity':
            changed = rows_of(connection, 'SELECT count(*) FROM pipeline_store_change', ())
            used['days' if changed == [(0,)] else 'folded'] += 1
        else:
            used['deals' if state == 'used' else state.split(':')[0]] += 1

    def close(self):
        self.connection.close()


SHADOWS = ('pipeline_store_head', 'pipeline_store_block', 'pipeline_store_slice', 'pipeline_store_owner',
           'pipeline_store_change')


def damages(draw, connection):
    """Statements, each of which leaves the store of a file not as it was; with what it takes to do so."""
    filled = [table for table in SHADOWS if connection.execute('SELECT count(*) FROM %s' % table).fetchone()[0]]
    table = draw.choice(filled)
    columns = [name for _, name, *_ in connection.execute('PRAGMA table_info(%s)' % table)]
    column = draw.choice(columns)
    rowid, value = connection.execute('SELECT rowid, "%s" FROM %s ORDER BY random() LIMIT 1' % (column, table)).fetchone()
    if isinstance(value, bytes) and value:
        at = draw.randrange(len(value))
        value = value[:at] + bytes([value[at] ^ 1 << draw.randrange(8)]) + value[at + 1:]
    elif isinstance(value, int):
        value ^= 1 << draw.randrange(40)
    else:
        value = '%sx' % value
    yield 'UPDATE %s SET "%s" = ? WHERE rowid = ?' % (table, column), (value, rowid)
    table = draw.choice([table for table in filled if table in SHADOWS[1:4]])
    yield 'DELETE FROM %s WHERE rowid = (SELECT max(rowid) FROM %s)' % (table, table), ()
    yield 'DELETE FROM pipeline_store_head', ()
    yield 'UPDATE pipeline_store_head SET version = version + 1', ()
    yield 'UPDATE pipeline_store_block SET data = substr(data, 1, length(data) / 2)', ()
    trigger = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'pipeline_store_*' "
                                 "ORDER BY random() LIMIT 1").fetchone()[0]
    yield 'DROP TRIGGER %s' % trigger, ()
    yield 'DROP TABLE %s' % draw.choice(SHADOWS), ()
    yield 'INSERT INTO pipeline_store_change(change, deal_id, again) VALUES(1000, 1, 1)', ()


def unprotected(connection, sql, values):
    """Runs a statement past the triggers that protect what was noted, and puts them back as they were."""
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE name GLOB 'pipeline_store_keep_*'").fetchall()
    for name, _ in triggers:
        connection.execute('DROP TRIGGER %s' % name)
    connection.execute(sql, values)
    if 'DROP TABLE pipeline_store_change' != sql:
        for name, text in triggers:
            if 'DROP TRIGGER %s' % name != sql:
                connection.execute(text)


def run_damage(library, seed, directory):
    """Whatever is done to the shadow tables, no figure changes, and where the store is not used it says so."""
    stream = Stream(library, seed, directory)
    stream.run("SELECT pipeline_store('create')")
    stream.run("INSERT INTO pipeline_event(deal_id, at, kind) VALUES (1, '2022-01-01', 'call'), ('D4', '2022-01-01', 'call')")
    if not stream.connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'pipeline_store_head'").fetchone() or \
            not stream.connection.execute('SELECT 1 FROM pipeline_store_slice, pipeline_event').fetchone():
        stream.close()
        return
    stream.run('UPDATE pipeline_event SET kind = kind WHERE rowid = 1')
    plain = connect(None, stream.file)
    for number in range(8):
        plain.execute('BEGIN')
        sql, values = list(damages(stream.random, plain))[number]
        try:
            if 'DROP TRIGGER pipeline_store_keep' in sql:
                plain.execute(sql)
            else:
                unprotected(plain, sql, values)
            plain.execute('COMMIT')
        except sqlite3.IntegrityError:  # the damaged value would be one that another row has
            plain.execute('ROLLBACK')
            continue
        stream.log.append('%s %r' % (sql, values))
        damaged = connect(library, stream.file)
        stream.compare(damaged, 'damage', Reference(damaged))
        state = damaged.execute("SELECT pipeline_store('status') ->> '$.why_not'").fetchone()[0]
        # a store without a head, or of other tables, is none; first_deal tells where to look, and the block itself which ids
        # it has
        harmless = sql == 'DROP TABLE pipeline_store_head' or any(
            name in sql for name in ('made_at', 'event_count', 'deal_count', 'first_deal', '"deals"', '"events"'))
        check(state or harmless, 'seed %d: not noticed: %s %r' % (seed, sql, values))
        damaged.execute("SELECT pipeline_store('drop')")
        damaged.execute("SELECT pipeline_store('create')")
        damaged.execute('UPDATE pipeline_event SET kind = kind')
        damaged.close()
    plain.close()
    stream.close()


def run_stream(library, seed, directory):
    stream = Stream(library, seed, directory)
    stream.run("SELECT pipeline_store('create')")
    for number in range(12):
        stream.operate()
        stream.compare(stream.connection, 'operation %d' % number)
    if not stream.connection.in_transaction:
        other = connect(library, stream.file)
        stream.compare(other, 'a new connection', Reference(other))
        other.close()
    stream.close()


SMALL = """
CREATE TABLE pipeline_deal(deal_id INTEGER PRIMARY KEY, owner, stage, amount, created_at, outcome);
CREATE TABLE pipeline_event(deal_id REFERENCES pipeline_deal ON DELETE CASCADE, at, kind);
INSERT INTO pipeline_deal VALUES (1, 'ann', 'Demo', 5, '2022-01-01', 'open'), (2, 'bob', 'Demo', 7, '2022-01-01', 'open');
INSERT INTO pipeline_event VALUES (1, '2022-01-05', 'meeting'), (2, '2022-01-06', 'call'), (2, '2022-02-01', 'meeting');
"""
ASK = "SELECT name, open_deals, open_amount, real_amount FROM %s('2022-02-20', 'owner')"


def used_for(connection):
    return json.loads(connection.execute('SELECT pipeline_health_debug()').fetchone()[0])['store']


def small(library, directory, name):
    """A connection to a small file with a store, and its schema before there was one."""
    file = os.path.join(directory, name)
    connection = connect(library, file)
    connection.executescript(SMALL)
    before = schema_of(connection)
    connection.execute("SELECT pipeline_store('create')")
    check(schema_of(connection) != before, 'a store is made')
    return connection, before


def run_cases(library, directory):
    """What a stream of rows does not do."""
    connection, before = small(library, directory, 'cases.db')
    first = connection.execute(ASK % 'pipeline_integrity').fetchall()
    check(first == [('ann', 1, 5.0, 0.0), ('bob', 1, 7.0, 7.0)] and used_for(connection) == 'used', 'a day: %r' % first)

    # rows that a foreign key deletes
    connection.execute('PRAGMA foreign_keys = ON')
    connection.execute('BEGIN')
    connection.execute('DELETE FROM pipeline_deal WHERE deal_id = 2')
    check(connection.execute(ASK % 'pipeline_integrity').fetchall() == [('ann', 1, 5.0, 0.0)], 'a deleted deal')
    noted = {deal for deal, in connection.execute('SELECT deal_id FROM pipeline_store_change')}
    check(noted == {2} and used_for(connection) == 'used', 'a cascade is noted: %r' % noted)
    connection.execute('ROLLBACK')
    check(connection.execute(ASK % 'pipeline_integrity').fetchall() == first, 'a rollback')

    # under another name: attached to another connection
    other = connect(library, ':memory:')
    other.execute('ATTACH ? AS crm', (os.path.join(directory, 'cases.db'),))
    other.execute('CREATE VIRTUAL TABLE temp.of_crm USING pipeline_integrity(schema=crm)')
    check(other.execute(ASK % 'of_crm').fetchall() == first and used_for(other) == 'used', 'attached')
    other.execute("INSERT INTO crm.pipeline_event VALUES (1, '2022-02-02', 'meeting')")
    check(other.execute(ASK % 'of_crm').fetchall()[0] == ('ann', 1, 5.0, 5.0) and used_for(other) == 'used',
          'attached and changed: %s' % used_for(other))
    other.close()
    check(connection.execute(ASK % 'pipeline_integrity').fetchall()[0] == ('ann', 1, 5.0, 5.0), 'changed elsewhere')

    # a column that the connection may not see
    def hide(action, table, column, *_):
        hidden = action == sqlite3.SQLITE_READ and (table, column) == ('pipeline_deal', 'amount')
        return sqlite3.SQLITE_IGNORE if hidden else sqlite3.SQLITE_OK

    hidden = connect(library, os.path.join(directory, 'cases.db'))
    hidden.set_authorizer(hide)
    check(hidden.execute(ASK % 'pipeline_integrity').fetchall()[0] == ('ann', 1, 0.0, 0.0), 'a hidden column')
    check('may not see' in used_for(hidden), 'a hidden column: %s' % used_for(hidden))
    hidden.close()

    # a copy that nobody may write to
    connection.execute('PRAGMA query_only = ON')
    check(connection.execute(ASK % 'pipeline_integrity').fetchall()[0] == ('ann', 1, 5.0, 5.0), 'a read-only connection')
    check('attempt to write' in rows_of(connection, "SELECT pipeline_store('refresh')", ()), 'a refresh that may not write')
    connection.execute('PRAGMA query_only = OFF')

    # whole or not at all in the user's transaction; and gone without a trace
    connection.execute('BEGIN')
    connection.execute("SELECT pipeline_store('drop')")
    check(schema_of(connection) == before, 'dropped: %r' % schema_of(connection))
    connection.execute('ROLLBACK')
    connection.execute(ASK % 'pipeline_integrity').fetchall()
    check(used_for(connection) == 'used', 'a drop is rolled back: %s' % used_for(connection))
    connection.execute("SELECT pipeline_store('drop')")
    check(schema_of(connection) == before, 'dropped')
    connection.execute("SELECT pipeline_store('refresh')")
    connection.execute(ASK % 'pipeline_integrity').fetchall()
    check(used_for(connection) == 'used', 'a refresh makes one')

    # rows that come in the order of an index
    for number in range(8):  # which is narrower than the table
        connection.execute('ALTER TABLE pipeline_event ADD COLUMN note%d TEXT' % number)
    connection.execute('CREATE INDEX all_columns ON pipeline_event(kind, at DESC, deal_id)')
    said = json.loads(connection.execute("SELECT pipeline_store('refresh')").fetchone()[0])
    check(not said['used'] and 'an index has all columns' in said['why_not'], 'a covering index: %r' % said)
    connection.close()


def run_refresh(library, directory, ids, new_ids, written_back):
    """Many deals come, change and go; what is written back answers as the sources do, and so does what is noted after it."""
    file = os.path.join(directory, 'refresh.db')
    connection = connect(library, file)
    connection.execute('CREATE TABLE pipeline_deal(deal_id PRIMARY KEY, owner, team, stage, amount, created_at, outcome, closed_at, '
                       'close_date)')
    connection.execute('CREATE TABLE pipeline_event(deal_id, at, kind, old_value, new_value)')
    insert = ("INSERT INTO pipeline_deal SELECT value, 'owner ' || (key %% 5), 'team ' || (key %% 2), 'Demo', key, "
              "date('2022-01-01', (key %% 200) || ' days'), 'open', NULL, date('2022-07-01', (key %% 90) || ' days') FROM "
              "json_each(?)")
    connection.execute(insert.replace('%%', '%'), (json.dumps(ids),))
    for days, kind in ((3, 'meeting'), (9, 'call'), (40, 'meeting')):
        connection.execute("INSERT INTO pipeline_event SELECT deal_id, date(created_at, ? || ' days'), ?, NULL, NULL "
                           "FROM pipeline_deal", (days, kind))
    connection.execute('CREATE TABLE pipeline_quota(period_start, period_end, owner, amount)')
    connection.execute("INSERT INTO pipeline_quota SELECT '2022-07-01', '2022-09-30', 'owner ' || value, 100 FROM "
                       "json_each('[0, 1, 2, 3, 4]')")
    connection.execute("SELECT pipeline_store('create')")
    generation = connection.execute('SELECT generation FROM pipeline_store_head').fetchone()
    reference = Reference(connection)

    def compare(what):
        for table, arguments in (('pipeline_integrity', "('2022-05-05', 'owner')"), ('pipeline_integrity', "('2022-12-31', 'stage')"),
                                 ('deal_stalled', "('2022-08-01')"), ('pipeline_flow', "('2022-03-01', '2022-08-01', 'team')"),
                                 ('real_coverage', "('2022-08-01', 'owner')")):
            mine = rows_of(connection, 'SELECT * FROM %s%s' % (table, arguments), ())
            theirs = rows_of(connection, 'SELECT * FROM temp.ref_%s%s' % (table, arguments), ())
            check(mine == theirs and mine, '%s: %s%s\n  %r\n  %r' % (what, table, arguments, mine, theirs))
            check(used_for(connection) == 'used', '%s: %s' % (what, used_for(connection)))

    steps = (
        ("new deals", insert.replace('%%', '%'), (json.dumps(new_ids),)),
        ("events of new deals", "INSERT INTO pipeline_event SELECT deal_id, '2022-07-07', 'meeting', NULL, NULL FROM pipeline_deal "
         "WHERE rowid > ?", (len(ids),)),
        ("another owner", "UPDATE pipeline_deal SET owner = 'new ' || (rowid % 3) WHERE rowid % 11 = ?", (0,)),
        ("a change of owner", "INSERT INTO pipeline_event SELECT deal_id, date(created_at, '20 days'), 'owner', 'owner 1', owner "
         "FROM pipeline_deal WHERE rowid % 13 = ?", (0,)),
        ("a block without deals", "DELETE FROM pipeline_deal WHERE rowid BETWEEN ? AND 140", (60,)),
        ("an owner without deals", "UPDATE pipeline_deal SET owner = 'new 1' WHERE owner = 'owner ' || ?", (4,)),
        ("late wins", "UPDATE pipeline_deal SET outcome = 'won', closed_at = '2022-01-01' WHERE rowid % 50 = ?", (7,)),
        ("other late wins", "UPDATE pipeline_deal SET amount = 7, closed_at = '2022-01-02' WHERE outcome = 'won' AND rowid > ?", (99,)),
        ("no late wins", "UPDATE pipeline_deal SET closed_at = '2022-11-11' WHERE outcome = ?", ('won',)),
        ("rows without an id", "INSERT INTO pipeline_deal(deal_id, owner) VALUES (NULL, 'x'), ('', 'y'), (?, 'not a day')", (777777,)),
        ("others without an id", "DELETE FROM pipeline_deal WHERE deal_id IS NULL OR owner = ?", ('not a day',)),
        ("no rows without an id", "DELETE FROM pipeline_deal WHERE deal_id = ?", ('',)),
        ("a later day", "UPDATE pipeline_event SET at = '2022-12-30' WHERE rowid = ?", (5,)))
    for what, sql, values in steps:
        connection.execute(sql, values)
        compare('noted: ' + what)
        said = json.loads(connection.execute("SELECT pipeline_store('refresh')").fetchone()[0])
        check(said['used'] and said['changes'] == 0, '%s: %r' % (what, said))
        check(said['deals'] == connection.execute('SELECT count(*) FROM pipeline_deal WHERE created_at > 0').fetchone()[0],
              '%s: %r' % (what, said))
        check(said['events'] == connection.execute('SELECT count(*) FROM pipeline_event WHERE deal_id IN (SELECT deal_id FROM '
                                                   'pipeline_deal)').fetchone()[0], '%s: %r' % (what, said))
        compare('written back: ' + what)
        connection.execute("UPDATE pipeline_deal SET amount = amount + 1 WHERE rowid % 29 = 3")
        compare('noted again: ' + what)
    same = connection.execute('SELECT generation FROM pipeline_store_head').fetchone() == generation
    check(same == written_back, 'written back: %r' % same)
    connection.close()
    os.remove(file)


def run_refreshes(library, directory):
    run_refresh(library, directory, list(range(1, 401)), list(range(401, 1001)), True)
    run_refresh(library, directory, list(range(1000, 1400)), list(range(1, 150)), True)
    run_refresh(library, directory, ['D%04d' % number for number in range(0, 800, 2)],
                ['D%04d' % number for number in range(1, 800, 2)], True)
    run_refresh(library, directory, list(range(1, 100)) + ['X%03d' % number for number in range(300)],
                ['B%03d' % number for number in range(400)], False)  # in the middle of one block


def main(library, seeds):
    first, last = (int(number) for number in seeds.split('-'))
    with tempfile.TemporaryDirectory() as directory:
        run_cases(library, directory)
        run_refreshes(library, directory)
        for seed in range(first, last + 1):
            for run in (run_stream, run_damage)[:1 + (seed % 5 == 0)]:
                run(library, seed, directory)
                for name in os.listdir(directory):
                    os.remove(os.path.join(directory, name))
    print('store: %s' % ', '.join('%s %d' % pair for pair in used.items()))
    print('%d passed, %d failed' % (passed, failed))
    return failed > 0


if __name__ == '__main__':
    sys.exit(main(os.path.abspath(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else DEFAULT_SEEDS))
