"""The program `pipeline-health`."""

import argparse
import datetime
import json
import pathlib
import sqlite3
import sys

from . import __version__, table
from .connection import Error, connect, is_database_error
from .importing import import_files
from .progress import Progress

STALLED = '''
SELECT deal_id, name, owner, team, stage, amount, verdict, stalled_since, days_without_progress, next_meeting_at, reasons
FROM deal_stalled(:as_of) WHERE stalled ORDER BY amount DESC, deal_id'''
COVERAGE = '''
SELECT name, period_start, period_end, quota, won_amount, remaining, claimed_amount, claimed_coverage, real_amount, real_coverage,
       required_real_coverage, needed_amount, verdict
FROM real_coverage(:as_of, :scope) ORDER BY period_start, false_confidence DESC, name'''
CHECK = '''
SELECT severity, source, problem, rows, example, meaning
FROM pipeline_check ORDER BY CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, rows DESC, source, problem'''


def day(text):
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text} is no day; write it as 2024-06-30')


def json_object(text):
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError('it must be a JSON object, such as {"date_order": "dmy"}')
    return value


def opened(arguments):
    with Progress(f'connecting {arguments.database}'):
        return connect(arguments.database, arguments.crm, **arguments.options)


def day_of(connection, arguments):
    """The day asked for; else today, or the last day that the sources know where they end earlier."""
    today = datetime.date.today().isoformat()
    if arguments.as_of is None:
        _, rows = table.query(connection, "SELECT value FROM pipeline_settings WHERE name = 'data_until'")
        arguments.as_of = min([today, *(row[0] for row in rows if row[0])])
        if arguments.as_of < today:
            print(f'as of {arguments.as_of}, the last day that the sources know', file=sys.stderr)
    return arguments.as_of


def answer(arguments, sql, parameters=()):
    connection = opened(arguments)
    if 'as_of' in parameters:
        parameters['as_of'] = day_of(connection, arguments)
    with Progress(f'asking {arguments.database}'):
        return table.query(connection, sql, parameters)


def run_import(arguments):
    tables = import_files(arguments.files, arguments.into, arguments.table)
    for imported in tables:
        print(f'{imported.name}: {len(imported.rows):,} rows, {len(imported.columns)} columns')
        for note in imported.notes:
            print(f'  {note}')
    return 0


def run_check(arguments):
    names, rows = answer(arguments, CHECK)
    if rows or arguments.format != 'table':
        table.write(names, rows, arguments.format)
    else:
        print('nothing is wrong with the sources')
    return 1 if any(row[0] == 'error' for row in rows) else 0


def run_stalled(arguments):
    sql = STALLED + (' LIMIT :limit' if arguments.limit is not None else '')
    parameters = {'as_of': arguments.as_of, 'limit': arguments.limit}
    table.write(*answer(arguments, sql, {key: value for key, value in parameters.items() if f':{key}' in sql}), arguments.format)
    return 0


def run_coverage(arguments):
    table.write(*answer(arguments, COVERAGE, {'as_of': arguments.as_of, 'scope': arguments.by}), arguments.format)
    return 0


def run_sql(arguments):
    table.write(*answer(arguments, sys.stdin.read() if arguments.query == '-' else arguments.query), arguments.format)
    return 0


def run_report(arguments):
    """sql/report.sql, which is written for the shell: of its lines that begin with a dot, .print and .headers count here."""
    connection = opened(arguments)
    day_of(connection, arguments)
    statement, headers = '', True
    for line in pathlib.Path(__file__).with_name('report.sql').read_text(encoding='utf-8').splitlines(keepends=True):
        if line.startswith('.print'):
            print(line[len('.print'):].strip().strip("'"))
        elif line.startswith('.headers'):
            headers = line.split()[1] == 'on'
        elif not line.startswith('.'):
            statement += line
        if sqlite3.complete_statement(statement):
            with Progress('asking'):
                names, rows = table.query(connection, statement, {'as_of': arguments.as_of} if '@as_of' in statement else ())
            if names and headers:
                table.write(names, rows, 'table')
            for row in [] if headers else rows:
                print(*map(table.shown, row), sep='  ')
            statement = ''
    return 0


def run_page(arguments):
    try:
        from .page import write_pages
    except ImportError as problem:
        raise Error(f"the page needs {problem.name}: pip install 'pipeline-health[page]'")
    connection = opened(arguments)
    day_of(connection, arguments)
    with Progress('writing the page'):
        written = write_pages(connection, arguments)
    for file in written:
        print(file)
    return 0


def parser():
    whole = argparse.ArgumentParser(prog='pipeline-health', description='How much of the open pipeline is real, and does it cover the quota?',
                                    epilog='Ends with 0 when done, 1 when it could not be done or check found errors, 2 for a wrong command line.')
    whole.add_argument('--version', action='version', version=f'pipeline-health {__version__}')
    commands = whole.add_subparsers(title='commands', metavar='COMMAND', required=True)

    def command(name, run, what):
        added = commands.add_parser(name, help=what, description=what[0].upper() + what[1:] + '.')
        added.set_defaults(run=run)
        return added

    def question(name, run, what, as_of=True, form=True):
        added = command(name, run, what)
        added.add_argument('database', help='the SQLite file with the tables of the CRM; it is only read')
        added.add_argument('--crm', help='where the tables come from, as pipeline_connect knows it (salesforce, hubspot, ...); found out if not given')
        added.add_argument('--options', type=json_object, default={}, metavar='JSON', help='options of pipeline_connect, such as \'{"date_order": "dmy"}\'')
        if as_of:
            added.add_argument('--as-of', type=day, metavar='DAY',
                               help='the day whose evening is looked at, as 2024-06-30 (default: today, or the last day that the sources know)')
        if form:
            added.add_argument('--format', choices=('table', 'csv', 'json'), default='table', help='how rows are written (default: table)')
        return added

    added = command('import', run_import, 'put files into a database, one table each; a table of the same name is replaced, all of them or none')
    added.add_argument('files', nargs='+', metavar='FILE', help='CSV (separated by , ; | or tabs, in any encoding) or XLSX')
    added.add_argument('--into', required=True, metavar='DATABASE', help='the SQLite file; made if it is not there')
    added.add_argument('--table', metavar='NAME', help='the name of the table, for a single file (default: the name of the file)')
    question('check', run_check, 'say what is wrong with the sources; ends with 1 when there are errors', as_of=False)
    added = question('stalled', run_stalled, 'list the open deals that have stalled, the largest first')
    added.add_argument('--limit', type=int, metavar='N', help='the largest N alone')
    added = question('coverage', run_coverage, 'compare claimed and real coverage of each quota period')
    added.add_argument('--by', choices=('all', 'team', 'owner'), default='team', help='a row for whom (default: team)')
    question('report', run_report, 'print the state of the pipeline in ten tables', form=False)
    added = question('page', run_page, 'write the state of the pipeline as one HTML file that prints on two sheets', form=False)
    added.add_argument('--out', type=pathlib.Path, default=pathlib.Path('page.html'), metavar='FILE', help='the file to write (default: page.html)')
    one = added.add_mutually_exclusive_group()
    one.add_argument('--team', help='a page about this team alone')
    one.add_argument('--owner', help='a page about this owner alone')
    added.add_argument('--managers', type=pathlib.Path, metavar='DIR', help='write a page about each team into this folder, too')
    added.add_argument('--close-list', type=pathlib.Path, metavar='FILE', help='write the dead deals as CSV, to be closed in the CRM')
    added = question('sql', run_sql, 'answer a query', as_of=False)
    added.add_argument('query', help='the query, or - to read it from the standard input')
    return whole


def main(arguments=None):
    chosen = parser().parse_args(arguments)
    try:
        return chosen.run(chosen)
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except (Error, OSError) as problem:
        print(f'pipeline-health: {problem}', file=sys.stderr)
    except Exception as problem:
        if not is_database_error(problem):
            raise
        print(f'pipeline-health: {problem}', file=sys.stderr)
    return 1


if __name__ == '__main__':
    sys.exit(main())
