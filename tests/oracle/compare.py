"""Compare the extension with the oracle on random databases.

    compare.py --extension build/pipeline_health.so --seeds 0-1999 [--tables deal_stalled,win_rate] [--verbose]
    compare.py --dump 17          the database of seed 17 as SQL text
    compare.py --extension … --features old     databases without what came with evidence, days, money and forecasts

Each seed makes a database in memory; each table is asked for some days and scopes, once through the extension and
once through the oracle. Rows must be the same in the same order: ints and texts exactly, floats to 1e-12 of their
size (chances to 1e-9, a forecast's quantiles and its chance to reach a quota to 1e-8, quantiles of days exactly), NULL as NULL. The first difference is
printed and ends the run with exit code 1; --all shows the first difference of every seed. The columns of a table are
those of the oracle in the same order; with --columns known, rows are compared in the columns that both have, and
tables that the library lacks are passed over. The last line of a good run is `N passed, 0 failed`, N the comparisons
made.
"""

import argparse
import datetime
import math
import multiprocessing
import os
import random
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import oracle  # noqa: E402
import richer_database  # noqa: E402
import text_functions  # noqa: E402
from values import SourceError, Zone, text_of_day  # noqa: E402

TABLES = tuple(oracle.COLUMNS)
FUNCTIONS = 'functions'     # a name beside the tables: the scalar functions
SCOPED = {'pipeline_integrity': oracle.SCOPES, 'real_coverage': oracle.QUOTA_SCOPES, 'pipeline_flow': oracle.SCOPES,
          'coverage_backtest': oracle.QUOTA_SCOPES, 'conversation_effectiveness': oracle.SCOPES,
          'pipeline_opening': oracle.QUOTA_SCOPES, 'pipeline_forecast': oracle.QUOTA_SCOPES,
          'pipeline_commit': oracle.QUOTA_SCOPES, 'commit_backtest': oracle.QUOTA_SCOPES,
          'pipeline_cohort': oracle.SCOPES, 'pipeline_what_if': oracle.QUOTA_SCOPES}
ARGUMENTS = {'deal_stalled': ('as_of',), 'pipeline_integrity': ('as_of', 'scope'), 'real_coverage': ('as_of', 'scope'),
             'pipeline_flow': ('from_day', 'to_day', 'scope', 'close_from', 'close_to'), 'stage_velocity': ('as_of',),
             'pipeline_calendar': ('first_day', 'last_day', 'step'), 'win_rate': ('as_of', 'horizon_days'),
             'verdict_backtest': ('as_of',), 'coverage_backtest': ('as_of', 'scope', 'lead_days'),
             'conversation_effectiveness': ('from_day', 'to_day', 'scope'), 'pipeline_opening': ('as_of', 'scope'),
             'deal_chance': ('as_of', 'horizon_days'), 'pipeline_forecast': ('as_of', 'scope'),
             'pipeline_changes': ('from_day', 'to_day'), 'pipeline_commit': ('as_of', 'scope'),
             'commit_backtest': ('as_of', 'scope', 'lead_days'),
             'pipeline_cohort': ('from_day', 'to_day', 'step', 'scope'),
             'pipeline_what_if': ('as_of', 'scope', 'second_meeting_rate', 'win_share', 'average_amount', 'cycle_days',
                                  'revived_share')}
DAYS = ('as_of', 'from_day', 'to_day', 'first_day', 'last_day', 'close_from', 'close_to')
UNUSABLE = ('10/23/17', 'tomorrow', '2021-02-29', 'region')
NAMES = ('deal_id', 'name', 'owner', 'team', 'pipeline', 'stage')
CHANCES = ('chance', 'class_chance', 'amount_factor', 'owner_factor', 'activity_factor', 'expected_amount',
           'open_expected', 'new_expected', 'bias_factor', 'shock', 'expected_amount_then')
QUANTILES_OF_DAYS = ('median_days', 'p90_days', 'progress_gap_p90_days', 'median_days_to_second', 'cycle_days')
DISTRIBUTION = ('p10', 'p50', 'p90', 'hit_probability', 'hit_probability_then')
TOLERANCES = {'needed_amount': (1e-12, 1.0001e-4), 'gap_amount': (1e-12, 1.0001e-4)}
TOLERANCES.update({column: (0, 0) for column in QUANTILES_OF_DAYS})
TOLERANCES.update({column: (1e-9, 1e-12) for column in CHANCES})
TOLERANCES.update({column: (1e-8, 1e-8) for column in DISTRIBUTION})


class Difference(Exception):
    pass


def what_if(choose):
    return tuple(choose.choice((None, value)) for value in (
        choose.choice((0.1, 0.5, 1)), choose.choice((0.25, 0.8)), choose.choice((1000, 2500.5)),
        choose.choice((10, 45.5)), choose.choice((0, 0.3, 1))))


def arguments_of(table, choose, days):
    """Two or three tuples of arguments (days as ints) to ask a table for."""
    asked = []
    for day in choose.sample(days, min(2, len(days))):
        if table in ('deal_stalled', 'stage_velocity', 'verdict_backtest'):
            arguments = (day,)
        elif table in ('win_rate', 'deal_chance'):
            arguments = (day, choose.choice((0, 1, 10, 30, 90)))
        elif table == 'pipeline_calendar':
            arguments = (day, day + choose.choice((-1, 0, 1, 6, 30, 100, 400)), choose.choice(oracle.STEPS))
        elif table == 'pipeline_changes':
            arguments = (day - choose.choice((0, 1, 7, 30, 90)), day)
        elif table == 'pipeline_cohort':
            arguments = (day - choose.choice((0, 7, 90, 200)), day, choose.choice(oracle.STEPS[1:]),
                         choose.choice(SCOPED[table]))
        elif table == 'pipeline_what_if':
            arguments = (day, choose.choice(SCOPED[table])) + what_if(choose)
        elif table == 'pipeline_flow' and choose.random() < 0.4:
            close_from = day + choose.randint(-60, 60)
            arguments = (day - choose.choice((0, 7, 30, 90)), day, choose.choice(SCOPED[table]), close_from,
                         close_from + choose.choice((0, 30, 90)))
        elif table in ('pipeline_flow', 'conversation_effectiveness'):
            arguments = (day - choose.choice((0, 1, 7, 30, 90, 200)), day, choose.choice(SCOPED[table]))
        elif table in ('coverage_backtest', 'commit_backtest'):
            arguments = (day, choose.choice(SCOPED[table]), choose.choice((0, 1, 21, 40)))
        else:
            arguments = (day, choose.choice(SCOPED[table]))
        asked.append(arguments)
    if table in SCOPED:
        place = ARGUMENTS[table].index('scope')
        asked.append(tuple('all' if at == place else value for at, value in enumerate(asked[-1])))
    if table in SCOPED and choose.random() < 0.1:
        asked.append(asked[0][:place])
    if choose.random() < 0.03:
        asked.append((None,) * len(asked[0]))
    if choose.random() < 0.03:
        asked.append((choose.choice(UNUSABLE),) + asked[0][1:])
    if choose.random() < 0.03 and table in SCOPED:
        asked.append(tuple('region' if at == place else value for at, value in enumerate(asked[1])))
    return asked


def has_null(table, arguments):
    """Whether an argument is NULL that may not be: there are no rows then."""
    return None in (arguments[:2] if table == 'pipeline_what_if' else arguments)


def ask_oracle(database, table, arguments):
    if has_null(table, arguments):
        return []
    if set(arguments) & set(UNUSABLE):
        raise SourceError('an argument that cannot be used')
    return [list(row.values()) for row in getattr(database, table)(*arguments)]


def day_argument(day, choose, zone):
    """A day as an argument: mostly a date, now and then the Unix seconds or a time at its noon."""
    noon = zone.start(day) // 1000 + 43200
    form = choose.random()
    if form < 0.05:
        return noon
    if form < 0.1:
        return datetime.datetime.fromtimestamp(noon, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    return text_of_day(day)


def written(table, arguments, choose, zone):
    """The query and its parameters: as a call, or with WHERE."""
    values = [day_argument(each, choose, zone) if name in DAYS and isinstance(each, int) else each
              for name, each in zip(ARGUMENTS[table], arguments)]
    if choose.random() < 0.2 and None not in arguments:
        names = ARGUMENTS[table][:len(values)]
        return 'SELECT * FROM %s WHERE %s' % (table, ' AND '.join(name + ' = ?' for name in names)), values
    return 'SELECT * FROM %s(%s)' % (table, ', '.join('?' * len(values))), values


def same(column, mine, theirs):
    if mine is None or theirs is None:
        return mine is None and theirs is None
    if column in NAMES:
        return str(mine) == str(theirs)
    if column in ('old_value', 'new_value') and isinstance(mine, float):
        return math.isclose(mine, float(theirs), rel_tol=1e-12, abs_tol=1e-12)
    if isinstance(mine, float) or (column == 'rank' and isinstance(theirs, (int, float))):
        if not isinstance(theirs, float) and column != 'rank':
            return False
        relative, absolute = TOLERANCES.get(column, (1e-12, 1e-12))
        return math.isclose(mine, theirs, rel_tol=relative, abs_tol=absolute)
    return type(mine) is type(theirs) and mine == theirs


def first_difference(table, mine, theirs, found_columns, only_known):
    """What is different, as text; None when nothing is."""
    columns = oracle.COLUMNS[table]
    if list(found_columns) != columns:
        if not only_known:
            return 'columns: oracle %s, extension %s' % (columns, list(found_columns))
        both = [column for column in columns if column in found_columns]
        mine = [[row[columns.index(column)] for column in both] for row in mine]
        theirs = [[row[found_columns.index(column)] for column in both] for row in theirs]
        columns = both
    for place in range(max(len(mine), len(theirs))):
        if place >= len(mine) or place >= len(theirs):
            return 'rows: oracle %d, extension %d\noracle    %s\nextension %s' % (
                len(mine), len(theirs), mine[place:place + 1], theirs[place:place + 1])
        wrong = [column for column, my, their in zip(columns, mine[place], theirs[place])
                 if not same(column, my, their)]
        if wrong:
            lines = ['row %d, columns %s' % (place, ', '.join(wrong))]
            for column, my, their in zip(columns, mine[place], theirs[place]):
                mark = '  <--' if column in wrong else ''
                lines.append('    %-26s oracle %-24r extension %r%s' % (column, my, their, mark))
            return '\n'.join(lines)
    return None


def compare_query(connection, database, failure, table, arguments, choose, seed, only_known):
    query, values = written(table, arguments, choose, database.zone if database else Zone())
    theirs_failed = None
    try:
        cursor = connection.execute(query, values)
        theirs = [list(row) for row in cursor]
        found_columns = [column[0] for column in cursor.description]
    except sqlite3.Error as error:
        theirs_failed = error
    mine_failed = failure
    try:
        mine = ask_oracle(database, table, arguments) if failure is None else None
    except SourceError as error:
        mine_failed = error
    head = 'seed %s: %s %s' % (seed, query, values)
    if mine_failed is not None or theirs_failed is not None:
        if (mine_failed is None) != (theirs_failed is None) and not unclear(table, mine_failed):
            raise Difference('%s\noracle error: %s\nextension error: %s' % (head, mine_failed, theirs_failed))
        return
    different = first_difference(table, mine, theirs, found_columns, only_known)
    if different is not None:
        raise Difference(head + '\n' + different)


def unclear(table, failure):
    """An error over a relation that the table does not need may or may not be seen."""
    relation = getattr(failure, 'relation', None)
    return relation in ('pipeline_stage', 'pipeline_quota') or (
        table == 'pipeline_calendar' and relation != 'pipeline_policy' and relation is not None)


def connect(statements, extension=None):
    connection = sqlite3.connect(':memory:', isolation_level=None)
    if extension is not None:
        connection.enable_load_extension(True)
        connection.load_extension(extension)
    for statement in statements:
        connection.execute(statement)
    return connection


def compare_database(connection, example, tables, choose, options):
    database, failure = None, None
    only_known = options.columns == 'known'
    try:
        database = oracle.Database(connection)
    except SourceError as error:
        failure = error
    count = 0
    if FUNCTIONS in tables and failure is None:
        count += compare_functions(connection, database, choose, example)
    for table in tables:
        if table == FUNCTIONS:
            continue
        for arguments in arguments_of(table, choose, example.days):
            if options.verbose:
                print('seed', example.seed, table, arguments, flush=True)
            compare_query(connection, database, failure, table, arguments, choose, example.seed, only_known)
            count += 1
    if choose.random() < 0.02 and 'deal_stalled' in tables and failure is None:
        compare_default_day(connection, database, example.seed, only_known)
        count += 1
    return count


def compare_functions(connection, database, choose, example):
    calls = [call for _ in range(4) for call in text_functions.random_calls(choose)]
    first = choose.choice(example.days)
    last = first + choose.randint(-40, 400)
    days = (text_of_day(first), text_of_day(last))
    calls.append(('pipeline_workdays(?, ?)', days, database.pipeline_workdays(first, last)))
    weekend = choose.choice(richer_database.WEEKENDS)
    calls.append(('pipeline_workdays(?, ?, ?)', days + (weekend,), database.pipeline_workdays(first, last, weekend)))
    for call, values, mine in calls:
        theirs = connection.execute('SELECT ' + call, values).fetchone()[0]
        if mine != theirs:
            raise Difference('seed %s: %s %s\noracle    %r\nextension %r' % (example.seed, call, values, mine, theirs))
    return len(calls)


def compare_default_day(connection, database, seed, only_known):
    """deal_stalled without a day is that of the default day."""
    cursor = connection.execute('SELECT * FROM deal_stalled')
    theirs = [list(row) for row in cursor]
    mine = ask_oracle(database, 'deal_stalled', (database.default_day(),))
    columns = [column[0] for column in cursor.description]
    different = first_difference('deal_stalled', mine, theirs, columns, only_known)
    if different is not None:
        raise Difference('seed %s: deal_stalled of the default day\n%s' % (seed, different))


def compare_seed(work):
    """(comparisons, difference or None) of one seed."""
    seed, extension, tables, options = work
    example = richer_database.make(seed, options.features)
    choose = random.Random(seed * 7919 + 1)
    connection = connect(example.statements, extension)
    count = 0
    try:
        count += compare_database(connection, example, tables, choose, options)
        if example.changes and choose.random() < 0.25:
            for statement in example.changes:
                connection.execute(statement)
            count += compare_database(connection, example, tables, choose, options)
    except Difference as difference:
        return count, str(difference)
    except Exception as error:
        return count, 'seed %s: %s: %s' % (seed, type(error).__name__, error)
    finally:
        connection.close()
    return count, None


def known_to(extension):
    connection = connect([], extension)
    known = {row[0] for row in connection.execute('SELECT name FROM pragma_module_list')}
    functions = {row[0] for row in connection.execute('SELECT name FROM pragma_function_list')}
    return known | ({FUNCTIONS} if 'pipeline_workdays' in functions else set())


def seeds_of(text):
    first, _, last = text.partition('-')
    return range(int(first), int(last or first) + 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--extension')
    parser.add_argument('--seeds', default='0-999')
    parser.add_argument('--tables', default=','.join(TABLES + (FUNCTIONS,)))
    parser.add_argument('--features', choices=richer_database.FEATURES, default='all',
                        help="'old': databases without what came with evidence, days, money and forecasts")
    parser.add_argument('--columns', choices=('all', 'known'), default='all')
    parser.add_argument('--verbose', action='store_true')
    parser.add_argument('--all', action='store_true', help='go on after a difference')
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    parser.add_argument('--dump', type=int, metavar='SEED')
    options = parser.parse_args()
    if options.dump is not None:
        print(';\n'.join(richer_database.make(options.dump, options.features).statements) + ';')
        return 0
    if not options.extension:
        parser.error('--extension is missing')
    extension = os.path.abspath(options.extension)
    tables = options.tables.split(',')
    if set(tables) - set(TABLES) - {FUNCTIONS}:
        parser.error('tables are ' + ','.join(TABLES + (FUNCTIONS,)))
    if options.columns == 'known':
        tables = [table for table in tables if table in known_to(extension)]
    work = [(seed, extension, tables, options) for seed in seeds_of(options.seeds)]
    passed = failed = 0
    with multiprocessing.Pool(options.jobs) as pool:
        for count, difference in pool.imap(compare_seed, work, chunksize=4):
            passed += count
            if difference is not None:
                failed += 1
                print(difference, flush=True)
                if not options.all:
                    pool.terminate()
                    break
    if failed or not passed:
        print('%d passed, %d failed' % (passed, failed))
        return 1
    print('%d passed, 0 failed' % passed)
    return 0


if __name__ == '__main__':
    sys.exit(main())
