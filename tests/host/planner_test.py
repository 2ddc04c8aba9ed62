"""Every table in every way that SQL offers to ask for it: one answer.

    planner_test.py build/pipeline_health.so

The arguments are given in parentheses, in WHERE, by OR, IN, joins, outer joins, subqueries; filters on columns alone and
in OR; with and without reverse_unordered_selects.  What a form must give is worked out from the plain call of the table.
The last line of a good run is `N passed, 0 failed`.
"""

import random
import sqlite3
import sys

# table: (argument, one value, another), and columns that SQLite may ask the table to filter by
TABLES = {
    'deal_stalled': ([('as_of', '2022-03-31', '2021-12-15')], ['owner', 'stage', 'verdict', 'stalled', 'team', 'deal_id']),
    'pipeline_integrity': ([('as_of', '2022-03-31', '2021-12-15'), ('scope', 'team', 'owner')], ['name']),
    'real_coverage': ([('as_of', '2022-03-31', '2021-12-15'), ('scope', 'team', 'owner')], ['name']),
    'pipeline_flow': ([('from_day', '2021-06-01', '2021-09-01'), ('to_day', '2022-03-31', '2022-06-30'),
                       ('scope', 'team', 'owner'), ('close_from', '2021-12-01', '2022-01-01'),
                       ('close_to', '2022-03-31', '2022-06-30')], ['name']),
    'pipeline_changes': ([('from_day', '2021-06-01', '2021-09-01'), ('to_day', '2022-03-31', '2022-06-30')],
                         ['owner', 'change', 'verdict']),
    'pipeline_cohort': ([('from_day', '2021-01-01', '2021-02-01'), ('to_day', '2022-03-31', '2022-06-30'),
                         ('step', 'quarter', 'month'), ('scope', 'team', 'owner')], ['name']),
    'stage_velocity': ([('as_of', '2022-03-31', '2021-12-15')], ['stage']),
    'pipeline_calendar': ([('first_day', '2021-06-01', '2021-09-01'), ('last_day', '2022-03-31', '2022-06-30'),
                           ('step', 'month', 'week')], []),
    'win_rate': ([('as_of', '2022-03-31', '2021-12-15'), ('horizon_days', 60, 90)], []),
    'verdict_backtest': ([('as_of', '2022-03-31', '2021-12-15')], []),
    'coverage_backtest': ([('as_of', '2022-03-31', '2021-12-31'), ('scope', 'team', 'owner'), ('lead_days', 21, 30)], ['name']),
    'pipeline_commit': ([('as_of', '2022-03-31', '2021-12-15'), ('scope', 'team', 'owner')], ['name', 'category']),
    'commit_backtest': ([('as_of', '2022-03-31', '2021-12-31'), ('scope', 'team', 'owner'), ('lead_days', 21, 30)],
                        ['name', 'category']),
    'conversation_effectiveness': ([('from_day', '2021-06-01', '2021-09-01'), ('to_day', '2022-03-31', '2022-06-30'),
                                    ('scope', 'team', 'owner')], ['name']),
    'pipeline_opening': ([('as_of', '2022-03-31', '2021-12-15'), ('scope', 'team', 'owner')], ['name']),
    'deal_chance': ([('as_of', '2022-03-31', '2021-12-15'), ('horizon_days', 60, 90)], ['owner', 'stage', 'verdict']),
    'pipeline_forecast': ([('as_of', '2022-03-31', '2021-12-15'), ('scope', 'team', 'owner')], ['name']),
    'pipeline_what_if': ([('as_of', '2022-03-31', '2021-12-15'), ('scope', 'team', 'owner'), ('second_meeting_rate', 0.5, 0.25),
                          ('win_share', 0.25, 0.5), ('average_amount', 100, 50.5), ('cycle_days', 10, 20.5), ('revived_share', 0.25, 0.5)],
                         ['name']),
    'pipeline_check': ([('as_of', '2022-03-31', '2021-12-15')], ['source', 'severity']),
    'pipeline_settings': ([], []),
}
OUTER_JOINS = sqlite3.sqlite_version_info >= (3, 39, 0)  # RIGHT and FULL


def literal(value):
    return 'NULL' if value is None else str(value) if isinstance(value, (int, float)) else "'%s'" % value.replace("'", "''")


def make_sources(db):
    draw = random.Random(7)
    def day(low, high):
        return db.execute("SELECT date('2021-01-01', ? || ' days')", (draw.randint(low, high),)).fetchone()[0]
    db.executescript('''
        CREATE TABLE pipeline_deal(deal_id, name, owner, team, stage, amount, created_at, close_date, closed_at, outcome, currency,
                                   forecast_category);
        CREATE TABLE pipeline_event(deal_id, at, kind, old_value, new_value);
        CREATE TABLE pipeline_stage(stage, rank);
        INSERT INTO pipeline_stage VALUES ('A', 1), ('B', 2), ('C', 3);
        CREATE TABLE pipeline_quota(period_start, period_end, amount, owner, team, currency);
        CREATE TABLE pipeline_rate(currency, rate, valid_from);
        INSERT INTO pipeline_rate VALUES ('USD', 1, NULL), ('EUR', 0.8, NULL), ('EUR', 0.9, '2021-12-01');
        CREATE TABLE pipeline_holiday(day, team);
        INSERT INTO pipeline_holiday VALUES ('2022-01-03', NULL), ('2022-01-04', 'North');
        CREATE TABLE pipeline_policy(name, value);
        INSERT INTO pipeline_policy VALUES ('weekend', '0000011'), ('rate_date', 'as_of'), ('time_zone', 'CET-1'), ('data_until', '2022-06-30');''')
    for deal in range(120):
        outcome = draw.choice(('open', 'won', 'lost'))
        db.execute('INSERT INTO pipeline_deal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
                   (deal, 'deal', draw.choice(('Ann', 'Bob', None)), draw.choice(('North', 'South', None)),
                    draw.choice('ABC'), draw.randint(1, 50) * 10, day(0, 400), day(300, 600),
                    None if outcome == 'open' else day(200, 500), outcome, draw.choice(('USD', 'EUR', None)),
                    draw.choice(('Commit', 'Pipeline', None))))
        for _ in range(8):
            kind = draw.choice(('meeting', 'meeting', 'email', 'stage', 'stage_state'))
            old, new = draw.sample('ABC', 2) if kind.startswith('stage') else (None, None)
            db.execute('INSERT INTO pipeline_event VALUES (?, ?, ?, ?, ?)', (deal, day(0, 600), kind, old, new))
    db.execute('''INSERT INTO pipeline_event SELECT deal_id, created_at, 'forecast', 'Pipeline',
        CASE deal_id % 3 WHEN 0 THEN 'Commit' WHEN 1 THEN 'Best Case' END FROM pipeline_deal''')
    for start, end in (('2021-07-01', '2021-09-30'), ('2021-10-01', '2021-12-31'), ('2022-01-01', '2022-03-31')):
        for owner, team in (('Ann', 'North'), ('Bob', 'South')):
            db.execute('INSERT INTO pipeline_quota VALUES (?, ?, 500, ?, ?, ?)', (start, end, owner, team, 'EUR'))


def forms_of(table, arguments, columns, ask):
    """(name, SQL, rows that it must give) of each way to ask for all rows."""
    names = [name for name, _, _ in arguments]
    one, other = ([literal(pair[place]) for pair in arguments] for place in (1, 2))
    shown = ', '.join('t.' + column for column in columns)
    select = 'SELECT %s FROM ' % shown

    def call(values):
        return table + ('(%s)' % ', '.join(values) if values else '') + ' AS t'

    def where(values, operator='='):
        return ' AND '.join('t.%s %s %s' % (name, operator, value) for name, value in zip(names, values)) or '1'
    first, second = ask(select + call(one)), ask(select + call(other))
    yield 'WHERE', select + table + ' AS t WHERE ' + where(one), first
    yield 'subquery', 'SELECT * FROM (%s)' % (select + call(one)), first
    yield 'DISTINCT', 'SELECT DISTINCT %s, t.row_key FROM %s' % (shown, call(one)), None
    yield 'GROUP BY', select + call(one) + ' GROUP BY ' + shown, sorted(set(first), key=repr)
    yield 'LIMIT', select + call(one) + ' LIMIT 1000000 OFFSET 0', first
    yield 'UNION ALL', select + call(one) + ' UNION ALL ' + select + call(other), first + second
    yield 'count', 'SELECT count(*) FROM ' + call(one), [(len(first),)]
    yield 'row_key', 'SELECT count(DISTINCT t.row_key) FROM ' + call(one), [(len(first),)]
    yield 'OR of the same', select + '%s AS t WHERE (%s) OR (%s)' % (table, where(one), where(one)), first
    if not arguments:
        return
    given = '(SELECT %s UNION ALL SELECT %s) AS given' % (
        ', '.join('%s AS %s' % pair for pair in zip(one, names)), ', '.join(other))
    joined = ' AND '.join('t.%s = given.%s' % (name, name) for name in names)
    rest = ' AND '.join(['1'] + ['t.%s = %s' % pair for pair in list(zip(names, one))[1:]])
    mixed = ask(select + call([other[0]] + one[1:]))
    yield 'IS', select + table + ' AS t WHERE ' + where(one, 'IS'), first
    yield 'OR', select + '%s AS t WHERE (%s) OR (%s)' % (table, where(one), where(other)), first + second
    yield 'IN', select + '%s AS t WHERE t.%s IN (%s, %s) AND %s' % (table, names[0], one[0], other[0], rest), first + mixed
    yield 'IN (SELECT)', select + '%s AS t WHERE t.%s IN (SELECT %s UNION SELECT %s) AND %s' % (
        table, names[0], one[0], other[0], rest), first + mixed
    yield 'JOIN', select + '%s JOIN %s AS t ON %s' % (given, table, joined), first + second
    yield 'JOIN, the table first', select + '%s AS t, %s WHERE %s' % (table, given, joined), first + second
    yield 'LEFT JOIN', select + '%s LEFT JOIN %s AS t ON %s' % (given, table, joined), first + second
    yield 'lateral', select + '%s, %s(%s) AS t' % (given, table, ', '.join('given.' + name for name in names)), first + second
    yield 'correlated', 'SELECT (SELECT count(*) FROM %s AS t WHERE %s) FROM %s' % (table, joined, given), [
        (len(first),), (len(second),)]
    yield 'itself', 'SELECT count(*) FROM %s JOIN %s AS o ON %s' % (
        call(one), table, ' AND '.join('o.%s = t.%s' % (name, name) for name in names)), [(len(first) ** 2,)]
    yield 'NULL', select + '%s AS t WHERE t.%s = NULL AND %s' % (table, names[0], rest), []
    yield 'NULL, LEFT JOIN', select + '(SELECT NULL AS day) AS given LEFT JOIN %s AS t ON t.%s = given.day AND %s' % (
        table, names[0], rest), [(None,) * len(columns)]
    if OUTER_JOINS:
        yield 'RIGHT JOIN', select + '%s RIGHT JOIN %s AS t ON %s WHERE %s' % (given, table, joined, where(one)), first
        yield 'FULL JOIN', select + '%s FULL JOIN (SELECT 1 AS one) ON one = 1' % call(one), first


def filters_of(table, arguments, filtered, columns, ask):
    """The same for a part of the rows."""
    one = [literal(pair[1]) for pair in arguments]
    select = 'SELECT %s FROM %s(%s) AS t WHERE ' % (', '.join('t.' + column for column in columns), table, ', '.join(one))
    rows = ask(select + '1')
    for column in filtered:
        place = columns.index(column)
        values = sorted({row[place] for row in rows}, key=repr)[:3]
        chosen = [row for row in rows if row[place] in values and row[place] is not None]
        yield column + ' OR', select + ' OR '.join('t.%s = %s' % (column, literal(value)) for value in values), chosen
        yield column + ' IN', select + 't.%s IN (%s)' % (column, ', '.join(map(literal, values))), chosen
        for value in values:
            same = [row for row in rows if row[place] == value]
            yield column + ' IS', select + 't.%s IS %s' % (column, literal(value)), same
            yield column + ' =', select + 't.%s = %s' % (column, literal(value)), same if value is not None else []
            if isinstance(value, str):
                yield column + ' NOCASE', select + 't.%s = %s COLLATE NOCASE' % (column, literal(value.upper())), same


def main():
    db = sqlite3.connect(':memory:')
    db.enable_load_extension(True)
    db.load_extension(sys.argv[1])
    make_sources(db)
    passed = failed = 0
    for reverse in ('OFF', 'ON'):
        db.execute('PRAGMA reverse_unordered_selects=' + reverse)
        for table, (arguments, filtered) in TABLES.items():
            columns = [row[1] for row in db.execute('PRAGMA table_info(%s)' % table)]

            def ask(sql):
                return sorted(db.execute(sql).fetchall(), key=repr)
            forms = list(forms_of(table, arguments, columns, ask))
            if filtered:
                forms += filters_of(table, arguments, filtered, columns, ask)
            for name, sql, expected in forms:
                try:
                    rows = ask(sql)
                except sqlite3.Error as error:
                    rows = [str(error)]
                if rows and (expected is None or rows == sorted(expected, key=repr)) or rows == expected == []:
                    passed += 1
                else:
                    failed += 1
                    print('planner: %s, %s, reverse %s: %d rows, expected %d: %s\n  %s' % (
                        table, name, reverse, len(rows), len(expected or []), rows[:1], sql))
    print('planner: SQLite %s\n%d passed, %d failed' % (sqlite3.sqlite_version, passed, failed))
    return failed > 0 or passed < 400


if __name__ == '__main__':
    if not hasattr(sqlite3.Connection, 'enable_load_extension'):
        print('planner: skipped: this Python cannot load extensions')
    else:
        sys.exit(main())
