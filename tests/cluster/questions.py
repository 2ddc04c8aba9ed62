"""What the cluster and one machine are both asked: every table of the extension, and the shell's answers on one file.

Both give each value as SQL writes it (quote), so that two numbers are the same text only where all their bits are the same.
"""

import subprocess

DAY, FROM_DAY, PAST_DAY = "'2022-06-30'", "'2022-04-01'", "'2021-12-31'"
SCOPES = ("'all'", "'team'", "'owner'", "'pipeline'", "'stage'")
QUOTA_SCOPES = SCOPES[:3]


def scoped(scopes, *before, after=()):
    return [(*before, scope, *after) for scope in scopes]


ARGUMENTS = {
    'deal_stalled': [(DAY,)],
    'pipeline_integrity': scoped(SCOPES, DAY),
    'real_coverage': scoped(QUOTA_SCOPES, DAY),
    'pipeline_commit': scoped(QUOTA_SCOPES, DAY),
    'pipeline_flow': scoped(SCOPES, FROM_DAY, DAY),
    'pipeline_changes': [(FROM_DAY, DAY)],
    'pipeline_cohort': scoped(SCOPES, PAST_DAY, DAY, "'month'"),
    'stage_velocity': [(DAY,)],
    'pipeline_calendar': [(FROM_DAY, DAY, "'week'")],
    'win_rate': [(DAY, '90')],
    'deal_chance': [(DAY, '90')],
    'pipeline_forecast': scoped(QUOTA_SCOPES, DAY),
    'verdict_backtest': [(PAST_DAY,)],
    'coverage_backtest': scoped(QUOTA_SCOPES, DAY, after=('21',)),
    'commit_backtest': scoped(QUOTA_SCOPES, DAY, after=('21',)),
    'conversation_effectiveness': scoped(SCOPES, FROM_DAY, DAY),
    'pipeline_opening': scoped(QUOTA_SCOPES, DAY),
    'pipeline_what_if': scoped(QUOTA_SCOPES, DAY, after=('0.5', 'NULL', 'NULL', 'NULL', '0.2')),
    'pipeline_check': [(DAY,)],
    'pipeline_settings': [()],
}


def tables_of(connection, library):
    """The names of the tables that loading the library adds to a connection of sqlite3."""
    before = {name for name, in connection.execute('SELECT name FROM pragma_module_list')}
    connection.enable_load_extension(True)
    connection.load_extension(library)
    return {name for name, in connection.execute('SELECT name FROM pragma_module_list')} - before


def questions_of(connection):
    """A query for each table and arguments, of its visible columns as SQL texts."""
    found = []
    for table, calls in ARGUMENTS.items():
        columns = [name for name, in connection.execute('SELECT name FROM pragma_table_info(?)', (table,))]
        quoted = " || '|' || ".join(f'quote("{column}")' for column in columns)
        found += [f"SELECT {quoted} FROM {table}({', '.join(arguments)})" for arguments in calls]
    return found


class Shell:
    """The sqlite3 shell on one file."""

    MARK = '-- the next question --'

    def __init__(self, program, library, file):
        self.command = [program, '-batch', '-init', '/dev/null', '-cmd', f'.load {library}', str(file)]

    def run(self, script):
        done = subprocess.run(self.command, input=script, capture_output=True, text=True)
        if done.returncode != 0 or done.stderr:
            raise RuntimeError(f'the shell: {done.stderr}')
        return done.stdout

    def answers(self, questions):
        """For each question the lines of its answer."""
        output = self.run('.mode list\n' + ''.join(f"{question};\nSELECT '{self.MARK}';\n" for question in questions))
        return [answer.splitlines() for answer in output.split(self.MARK + '\n')[:-1]]
