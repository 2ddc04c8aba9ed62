#!/usr/bin/env python3
"""What the store costs and gives: the questions of a new connection with it, against those without.

    store.py ASK GENERATE EXTENSION DIRECTORY [--events 1000000,10000000] [--repeats 5]

The data are those of `make bench` with INTEGER ids. Each figure of a question is that of a new process which opens the file, in
the cache of the system, and asks once: the median of the repeats by the clock, and the least processor time. Inserted are
events of deals that lie anywhere. Files are copies in DIRECTORY, removed at the end but for the data.
"""

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess

ONE_DAY = "SELECT * FROM pipeline_integrity('2022-06-30', 'owner')"
WEEKS = ("SELECT c.day, i.* FROM pipeline_calendar('2021-01-01', '2022-12-31', 'week') AS c, "
         "pipeline_integrity(c.day) AS i")
COVERAGE = "SELECT * FROM real_coverage('2022-06-30', 'owner')"
CLAIMS = ("SELECT name, period_start, quota, won_amount, remaining, claimed_deals, claimed_amount, claimed_coverage, overdue_amount, "
          "real_deals, real_amount, unjudged_amount, real_coverage, false_confidence, required_claimed_coverage, "
          "required_real_coverage, needed_amount, verdict FROM real_coverage('2022-06-30', 'owner')")
STALLED = "SELECT * FROM deal_stalled('2022-06-30') WHERE owner = (SELECT min(owner) FROM pipeline_quota)"
QUESTIONS = (  # at least and aim in milliseconds, at 10 million events
    ('new connection, one day by owner', ONE_DAY, 25, 10), ('new connection, 104 weeks, total', WEEKS, 25, 10),
    ('new connection, real_coverage of one day by owner, without its forecast', CLAIMS, 150, 50),
    ('new connection, real_coverage of one day by owner, all columns', COVERAGE, 150, 50),
    ('new connection, deal_stalled of one owner', STALLED, 50, 20))
# so many events of deals that lie anywhere: 7919 is prime to the number of ids
INSERT = ("INSERT INTO pipeline_event(deal_id, at, kind) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
          "WHERE i < %d) SELECT i * 7919 %% (SELECT max(deal_id) FROM pipeline_deal), '2022-06-20', 'call' FROM n")


class Bench:
    def __init__(self, options):
        self.options = options
        self.rows = []

    def ask(self, file, *sql, extension=True):
        command = [self.options.ask, file, self.options.extension if extension else '-', 'silent', '1', *sql]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return json.loads(done.stderr.splitlines()[-1])

    def asked(self, file, *sql, extension=True, repeats=None):
        """(median seconds, least processor seconds, peak bytes) of the last statement."""
        runs = [self.ask(file, *sql, extension=extension) for _ in range(repeats or self.options.repeats)]
        return (statistics.median(run['seconds'][0] for run in runs), min(run['cpu_seconds'][0] for run in runs),
                max(run['peak_bytes'] for run in runs))

    def copy(self, file, name):
        target = os.path.join(self.options.directory, name)
        shutil.copy(file, target)
        return target

    def add(self, question, measured, at_least, aim):
        self.rows.append((question, measured, at_least, aim))
        print('| %s | %s | %s | %s |' % self.rows[-1], flush=True)

    def add_time(self, question, file, sql, at_least, aim, *before):
        seconds, processor, _ = self.asked(file, *before, sql)
        self.add(question, '%.1f ms (processor %.1f ms)' % (1000 * seconds, 1000 * processor), '%d ms' % at_least,
                 '%d ms' % aim)

    def run(self, events):
        size = '%dm' % (events // 1000000) if events % 1000000 == 0 else str(events)
        plain = os.path.join(self.options.directory, 'int%s.db' % size)  # as bench.py calls it
        if not os.path.exists(plain):
            subprocess.run([self.options.generate, plain, str(events), 'integer'], check=True)
        print('\n%d events\n\n| question | measured | at least | aim |\n|---|---|---|---|' % events)
        stored = self.copy(plain, 'store.db')
        cold = self.asked(plain, ONE_DAY)
        create = self.asked(stored, "SELECT pipeline_store('create')", repeats=1)
        for question, sql, at_least, aim in QUESTIONS:
            self.add_time(question, stored, sql, at_least, aim)
            seconds = self.asked(plain, sql, repeats=1)[0]
            print('| … without the store | %.0f ms | | |' % (1000 * seconds))
        memory = self.asked(stored, ONE_DAY)[2] - self.asked(stored, 'SELECT 1')[2]
        for count, at_least, aim in ((1, 25, 10), (1000, 150, 50)):
            changed = self.copy(stored, 'changed.db')
            self.ask(changed, INSERT % count, extension=False)
            self.add_time('%d event(s) of as many deals inserted, then one day by owner' % count, changed, ONE_DAY, at_least,
                          aim)
        self.add('memory of a connection after one day by owner', '%.1f MB' % (memory / 1e6), '16 MB', '4 MB')
        self.inserting(plain, stored, events)
        self.add('create, against one cold question', '%.1f × (processor %.1f ×)' % (create[0] / cold[0], create[1] / cold[1]),
                 '3 ×', '2 ×')
        more = os.path.getsize(stored) - os.path.getsize(plain)
        self.add('size in the file', '%.1f bytes an event' % (more / events), '40', '24')

    def inserting(self, plain, stored, events):
        seconds = []
        for file, index in ((plain, ''), (plain, 'CREATE INDEX by_deal ON pipeline_event(deal_id)'), (stored, '')):
            changed = self.copy(file, 'changed.db')
            seconds.append(self.asked(changed, 'PRAGMA synchronous = OFF', index or 'SELECT 1', INSERT % (events // 10),
                                      extension=False, repeats=1)[1])
        self.add('inserting a tenth of the events with the triggers', '%.2f × with an index on deal_id, %.2f × with none'
                 % (seconds[2] / seconds[1], seconds[2] / seconds[0]), '1.5 ×', '1.25 ×')


def main():
    parser = argparse.ArgumentParser()
    for name in ('ask', 'generate', 'extension', 'directory'):
        parser.add_argument(name)
    parser.add_argument('--events', default='1000000,10000000')
    parser.add_argument('--repeats', type=int, default=5)
    options = parser.parse_args()
    os.makedirs(options.directory, exist_ok=True)
    print('SQLite %s' % sqlite3.sqlite_version)
    bench = Bench(options)
    for events in options.events.split(','):
        bench.run(int(events))
    for name in ('store.db', 'changed.db'):
        os.remove(os.path.join(options.directory, name))


if __name__ == '__main__':
    main()
