"""What can each kind of source judge? A complete history is thinned to what poorer sources hold, and their verdicts are
held against its own.

    evidence_table.py build/pipeline_health.so build/demo.db [--day 2022-06-30 ...] [--page ext/timeline/README.md]

The database has the relations, or a Salesforce export. For each day and each kind of source there is a database as
somebody would have exported it on that day: the deals that were open or closed by then, and those events that such a source
has. A row of the table is a kind of source, summed over the days:

    open deals, judged, dead, dead but not dead by the complete history, progressing, progressing but stalled or dead by it

With --page the rows must stand in that page; the exit code is 1 when one does not.
"""

import argparse
import os
import sqlite3
import sys

DAYS = ('2021-12-31', '2022-06-30', '2022-12-31')
CHANGES = "('stage', 'stage_state', 'amount', 'amount_state', 'close_date', 'close_date_state', 'owner', 'owner_state')"
ACTIVITIES = "('meeting', 'commitment', 'reply', 'call', 'email')"
HEADERS = ('source', 'open deals', 'judged', 'dead', '… but not dead', 'progressing', '… but stalled or dead')

# What a source has of the events up to a day; complete.event has them all.
KNOWN = 'SELECT deal_id, at, kind, old_value, new_value, recorded_at FROM complete.event WHERE date(at) <= :day'
LAST_ACTIVITY = f"""SELECT deal_id, max(date(at)) AS at, 'call' AS kind, NULL AS old_value, NULL AS new_value, NULL AS recorded_at
  FROM complete.event WHERE date(at) <= :day AND kind IN {ACTIVITIES} GROUP BY deal_id"""
SOURCES = (
    ('a list of deals', None),
    ('… with the day of the last activity', LAST_ACTIVITY),
    ('stage history', f"{KNOWN} AND kind IN ('stage', 'stage_state')"),
    ('… and the day of the last activity', f"{KNOWN} AND kind IN ('stage', 'stage_state') UNION ALL {LAST_ACTIVITY}"),
    ('history of all fields', f'{KNOWN} AND kind IN {CHANGES}'),
    ('activities', f'{KNOWN} AND kind IN {ACTIVITIES}'),
    ('weekly exports of open deals, 13 weeks', 13),
    ('weekly exports of open deals, 52 weeks', 52),
    ('everything, recorded for 60 days', f"{KNOWN} AND date(coalesce(recorded_at, at)) > date(:day, '-60 days')"),
    ('everything, recorded for a year', f"{KNOWN} AND date(coalesce(recorded_at, at)) > date(:day, '-1 year')"),
    ('everything', KNOWN),
)


def open_database(library):
    connection = sqlite3.connect(':memory:', isolation_level=None)
    connection.enable_load_extension(True)
    connection.load_extension(os.path.abspath(library))
    return connection


def complete_history(library, path):
    """A connection on which the database has the relations."""
    full = sqlite3.connect(path)
    full.enable_load_extension(True)
    full.load_extension(os.path.abspath(library))
    if not full.execute("SELECT 1 FROM sqlite_master WHERE name = 'pipeline_deal'").fetchone():
        full.execute("SELECT pipeline_connect('salesforce')").fetchone()
    return full


class Thinned:
    """The complete history on a day, in a database whose relation of events is a view with less of it."""

    def __init__(self, library, full, day):
        self.full, self.day = full, day
        self.verdicts = dict(full.execute('SELECT deal_id, verdict FROM deal_stalled(?)', (day,)))
        self.thin = open_database(library)
        self.thin.execute("ATTACH ':memory:' AS complete")
        self.thin.execute("CREATE TABLE pipeline_policy AS SELECT 'data_until' AS name, ? AS value", (day,))
        self.copy('complete.event(deal_id, at, kind, old_value, new_value, recorded_at)',
                  'SELECT deal_id, pipeline_date(at), kind, old_value, new_value, pipeline_date(recorded_at)'
                  ' FROM pipeline_event')
        self.copy('pipeline_stage(stage, rank)', 'SELECT stage, rank FROM pipeline_stage')
        self.copy('pipeline_deal(deal_id, stage, amount, created_at, close_date, closed_at, outcome)',
                  "SELECT deal_id, stage, amount, created_at, close_date, NULL, 'open' FROM deal_stalled(:day)"
                  " UNION ALL SELECT deal_id, stage, amount, created_at, close_date, closed_at, outcome FROM pipeline_deal"
                  " WHERE outcome <> 'open' AND date(pipeline_date(coalesce(closed_at, close_date))) <= :day")

    def copy(self, target, sql):
        rows = self.full.execute(sql, {'day': self.day} if ':day' in sql else {}).fetchall()
        self.thin.execute(f'CREATE TABLE {target}')
        marks = ', '.join('?' * (target.count(',') + 1))
        self.thin.executemany(f"INSERT INTO {target.partition('(')[0]} VALUES ({marks})", rows)

    def snapshots(self, weeks):
        """A relation of what the open deals were in each of the last weeks, as states."""
        self.thin.execute('DROP TABLE IF EXISTS complete.snapshot')
        self.copy('complete.snapshot(deal_id, at, stage, amount, close_date)',
                  f"""WITH RECURSIVE week(n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM week WHERE n < {weeks - 1})
                  SELECT deal.deal_id, date(:day, (-7 * n) || ' days'), deal.stage, deal.amount, deal.close_date
                  FROM week, deal_stalled(date(:day, (-7 * n) || ' days')) AS deal""")
        return ' UNION ALL '.join(
            f"SELECT deal_id, at, '{column}_state' AS kind, {column} AS new_value FROM complete.snapshot"
            " WHERE deal_id IN (SELECT deal_id FROM pipeline_deal WHERE outcome = 'open')"
            for column in ('stage', 'amount', 'close_date'))

    def counts(self, source):
        self.thin.execute('DROP VIEW IF EXISTS temp.pipeline_event')
        sql = self.snapshots(source) if isinstance(source, int) else source
        if sql is not None:
            self.thin.execute(f'CREATE TEMP VIEW pipeline_event AS {sql}'.replace(':day', f"'{self.day}'"))
        found = dict(self.thin.execute('SELECT deal_id, verdict FROM deal_stalled(?)', (self.day,)))
        assert found.keys() == self.verdicts.keys(), self.day
        pairs = [(verdict, self.verdicts[deal]) for deal, verdict in found.items()]
        return (len(pairs), sum(verdict != 'unjudged' for verdict, _ in pairs),
                sum(verdict == 'dead' for verdict, _ in pairs),
                sum(verdict == 'dead' and really != 'dead' for verdict, really in pairs),
                sum(verdict == 'progressing' for verdict, _ in pairs),
                sum(verdict == 'progressing' and really in ('stalled', 'dead') for verdict, really in pairs))


def table(library, path, days):
    full = complete_history(library, path)
    thinned = [Thinned(library, full, day) for day in days]
    lines = ['| ' + ' | '.join(HEADERS) + ' |', '|---' * len(HEADERS) + '|']
    for name, source in SOURCES:
        sums = [sum(numbers) for numbers in zip(*(day.counts(source) for day in thinned))]
        lines.append('| ' + ' | '.join([name] + [f'{number:,}' for number in sums]) + ' |')
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('library')
    parser.add_argument('database')
    parser.add_argument('--day', action='append', help='may be given more than once; by default three days of the demo')
    parser.add_argument('--page', help='a page in which every row must stand')
    options = parser.parse_args()
    lines = table(options.library, options.database, options.day or DAYS)
    print('\n'.join(lines))
    if options.page is None:
        return 0
    with open(options.page, encoding='utf-8') as file:
        page = file.read().split('\n')
    missing = [line for line in lines if line not in page]
    for line in missing:
        print(f'{options.page} lacks: {line}')
    print(f'{len(lines) - len(missing)} passed, {len(missing)} failed')
    return 1 if missing else 0


if __name__ == '__main__':
    sys.exit(main())
