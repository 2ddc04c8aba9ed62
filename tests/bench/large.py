#!/usr/bin/env python3
"""What one machine carries: many events in one file with its store, and the same in several files, one for each business unit.

    large.py ASK GENERATE EXTENSION DIRECTORY [--events 100000000] [--files 4]

The data are those of `make bench` with INTEGER ids. A unit has the deals of some teams. Each question is that of a new process.
The amounts of the units together must be those of the one file. Takes 300 bytes of disk an event; the files are removed at the end.
"""

import argparse
import json
import os
import sqlite3
import subprocess

from store import CLAIMS, COVERAGE, ONE_DAY, STALLED, WEEKS

RELATIONS = ('pipeline_deal', 'pipeline_event', 'pipeline_stage', 'pipeline_quota')
CHANCES = "SELECT count(*), sum(chance) FROM deal_chance('2022-06-30')"
TOTAL = "SELECT sum(open_deals), sum(open_amount), sum(real_amount) FROM (%s)"


class Large:
    def __init__(self, options):
        self.options = options
        self.one = os.path.join(options.directory, 'large.db')
        self.units = [os.path.join(options.directory, 'unit%d.db' % number) for number in range(options.files)]

    def ask(self, what, file, *sql, output='silent'):
        """Ask in a new process, print what it took, and give back what it printed."""
        command = [self.options.ask, file, self.options.extension, output, '1', *sql]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        took = json.loads(done.stderr.splitlines()[-1])
        print('| %s | %.3f s | %.3f s | %.0f MB |' % (what, took['seconds'][0], took['cpu_seconds'][0], took['peak_bytes'] / 1e6),
              flush=True)
        return done.stdout

    def size(self, what, files):
        each = sum(map(os.path.getsize, files)) / self.options.events
        print('| %s: %.0f bytes an event | | | |' % (what, each), flush=True)

    def one_file(self):
        subprocess.run([self.options.generate, self.one, str(self.options.events), 'integer'], check=True)
        self.size('one file', [self.one])
        self.ask('one day by owner, which reads everything', self.one, ONE_DAY)
        self.ask("pipeline_store('create')", self.one, "SELECT pipeline_store('create')")
        self.size('one file with its store', [self.one])
        self.ask('one day by owner', self.one, ONE_DAY)
        self.ask('104 weeks, total', self.one, WEEKS)
        self.ask('deal_stalled of one owner', self.one, STALLED)
        self.ask('real_coverage by owner, without its forecast', self.one, CLAIMS)
        self.ask('real_coverage by owner, with its forecast', self.one, COVERAGE)
        self.ask('deal_chance of all open deals', self.one, CHANCES)

    def split(self):
        """Make the files of the units: each has its teams' deals with their events and quotas, and all stages."""
        database = sqlite3.connect(self.one)
        schema = database.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'").fetchall()
        teams = [team for team, in database.execute('SELECT DISTINCT team FROM pipeline_deal ORDER BY team')]
        for number, unit in enumerate(self.units):
            database.execute('ATTACH ? AS unit', (unit,))
            database.executescript(''.join('%s;\n' % sql.replace('CREATE TABLE ', 'CREATE TABLE unit.')
                                           for name, sql in schema if name in RELATIONS))
            own = ', '.join("'%s'" % team for team in teams[number::len(self.units)])
            database.execute('INSERT INTO unit.pipeline_deal SELECT * FROM main.pipeline_deal WHERE team IN (%s)' % own)
            database.execute('INSERT INTO unit.pipeline_event SELECT * FROM main.pipeline_event '
                             'WHERE deal_id IN (SELECT deal_id FROM unit.pipeline_deal)')
            database.execute('INSERT INTO unit.pipeline_quota SELECT * FROM main.pipeline_quota WHERE team IN (%s)' % own)
            database.execute('INSERT INTO unit.pipeline_stage SELECT * FROM main.pipeline_stage')
            database.commit()
            database.execute('DETACH unit')
        database.close()

    def several_files(self):
        attach = ["ATTACH '%s' AS unit%d" % (unit, number) for number, unit in enumerate(self.units)]
        schemas = ['unit%d' % number for number in range(len(self.units))]
        views = ['CREATE TEMP VIEW %s AS %s' % (relation, ' UNION ALL '.join('SELECT * FROM %s.%s' % (schema, relation) for schema in schemas))
                 for relation in RELATIONS if relation != 'pipeline_stage']
        views.append('CREATE TEMP VIEW pipeline_stage AS SELECT * FROM unit0.pipeline_stage')
        self.ask('%d files as views: one day by owner, which reads everything' % len(schemas), ':memory:', *attach, *views, ONE_DAY)
        for number, unit in enumerate(self.units):
            self.ask("pipeline_store('create') in file %d" % (number + 1), unit, "SELECT pipeline_store('create')")
        tables = ['CREATE VIRTUAL TABLE temp.%s_integrity USING pipeline_integrity(schema=%s)' % (schema, schema) for schema in schemas]
        one_day = ' UNION ALL '.join("SELECT * FROM %s_integrity('2022-06-30', 'owner')" % schema for schema in schemas)
        self.ask('%d files, each by its own store: one day by owner' % len(schemas), ':memory:', *attach, *tables, one_day)
        together = self.ask('… their total', ':memory:', *attach, *tables, TOTAL % one_day, output='print')
        alone = self.ask('… the total of one file', self.one, TOTAL % ONE_DAY, output='print')
        if together != alone:
            raise SystemExit('the units together:\n%s\nthe one file:\n%s' % (together, alone))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ('ask', 'generate', 'extension', 'directory'):
        parser.add_argument(name)
    parser.add_argument('--events', type=int, default=100000000)
    parser.add_argument('--files', type=int, default=4)
    large = Large(parser.parse_args())
    os.makedirs(large.options.directory, exist_ok=True)
    written = [large.one, *large.units]
    for file in written:
        if os.path.exists(file):
            os.remove(file)
    print('| %d events, SQLite %s | by the clock | processor | peak memory |\n|---|---|---|---|'
          % (large.options.events, sqlite3.sqlite_version))
    large.one_file()
    large.split()
    large.several_files()
    for file in written:
        os.remove(file)


if __name__ == '__main__':
    main()
