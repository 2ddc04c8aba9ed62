"""Properties of pipeline_opening on random databases, without an answer to compare with.

    opening_property.py --extension build/pipeline_health.so [--seeds 0-299]

1. The arithmetic of every row can be done again from its columns and the target.
2. A higher target never asks for more deals, and does not change needed_deals.
3. More second meetings never ask for more deals: unproven open deals get the meeting they lack; rows are compared where
   win_share and average_won_amount stay what they were and the gap does not grow.
4. What happens after the day changes nothing.

A run fails at the first row that breaks a property, and when too few comparisons of a kind were made.  The last line of
a good run is `N passed, 0 failed`, N the comparisons made.
"""

import argparse
import datetime
import math
import os
import random
import sqlite3
import sys
from collections import Counter
from fractions import Fraction

START = datetime.date(2021, 1, 1)
PERIOD = (datetime.date(2022, 7, 1), datetime.date(2022, 9, 30))
OWNERS = {'ann': 'North', 'bob': 'North', 'cid': 'South', 'dan': 'South', 'eve': 'East'}
SECOND_MEETING_DAYS = 30
SCOPES = ('all', 'team', 'owner')
TARGETS = (0, 0.1, 0.25, 0.3, 1 / 3, 0.5, 0.7, 0.9, 1)
LEAST = {'arithmetic': 1000, 'needed': 300, 'target': 5000, 'target that saves': 500, 'second meetings': 150,
         'second meetings that save': 75, 'later': 1000, 'effectiveness': 50, 'opening': 50, 'on_track': 50}


class Broken(Exception):
    pass


def check(holds, message, *shown):
    if not holds:
        raise Broken(message + ''.join('\n    %s' % (each,) for each in shown))


class Company:
    """A random company on a random day of its quarter; its deals as dicts, their meetings as lists of days."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.day = PERIOD[0] + datetime.timedelta(self.random.randint(0, 91))
        self.claims = self.random.random() < 0.5    # else no open deal has a close date
        self.skill = {owner: self.random.uniform(0.1, 0.9) for owner in OWNERS}
        self.deals = [self.deal(number) for number in range(self.random.randint(20, 160))]
        self.quotas = [(owner, team, self.random.choice((1, 800, 5000, 20000.5, 200000)))
                       for owner, team in OWNERS.items() if self.random.random() < 0.9]
        self.target = self.random.choice((None, None, 0.2, 0.3, 0.5, 0.75))

    def deal(self, number):
        choose = self.random
        owner = choose.choice(list(OWNERS))
        created = START + datetime.timedelta(choose.randint(0, 637))
        outcome = choose.choice(('open', 'won', 'lost'))
        closed = created + datetime.timedelta(choose.randint(1, 120))
        proven = choose.random() < self.skill[owner]
        later = choose.randint(1, 29) if proven else choose.randint(31, 60)
        meetings = [created + datetime.timedelta(days) for days in (choose.randint(-2, 1), later)]
        claimed = self.claims and choose.random() < 0.5
        return {'id': number, 'owner': owner, 'created': created, 'outcome': outcome,
                'amount': choose.choice((100, 333.33, 999.9999, 1000, 2500)),
                'closed': closed if outcome != 'open' else None,
                'close_date': self.day + datetime.timedelta(choose.randint(-20, 60)) if claimed else None,
                'meetings': meetings[:choose.choice((0, 1, 2, 2, 2))]}

    def connect(self, extension):
        connection = sqlite3.connect(':memory:', isolation_level=None)
        connection.enable_load_extension(True)
        connection.load_extension(extension)
        connection.executescript('''
            CREATE TABLE pipeline_deal(deal_id, owner, team, stage, amount, created_at, close_date, closed_at, outcome);
            CREATE TABLE pipeline_event(deal_id, at, kind, old_value, new_value);
            CREATE TABLE pipeline_quota(period_start, period_end, amount, owner, team);
            CREATE TABLE pipeline_policy(name, value);
            INSERT INTO pipeline_policy VALUES ('min_class_deals', 3);''')
        connection.executemany('INSERT INTO pipeline_quota VALUES(?, ?, ?, ?, ?)',
                               [(str(PERIOD[0]), str(PERIOD[1]), amount, owner, team)
                                for owner, team, amount in self.quotas])
        for deal in self.deals:
            self.insert(connection, deal)
        self.set_target(connection, self.target)
        return connection

    @staticmethod
    def insert(connection, deal):
        dates = [None if date is None else str(date) for date in (deal['created'], deal['close_date'], deal['closed'])]
        connection.execute('INSERT INTO pipeline_deal VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)', (
            deal['id'], deal['owner'], OWNERS[deal['owner']], 'Demo', deal['amount'], *dates, deal['outcome']))
        # without a change of stage, the stage a deal had would depend on whether it is closed later
        connection.execute("INSERT INTO pipeline_event VALUES(?, ?, 'stage', 'Lead', 'Demo')",
                           (deal['id'], str(deal['created'])))
        connection.executemany("INSERT INTO pipeline_event(deal_id, at, kind) VALUES(?, ?, 'meeting')",
                               [(deal['id'], str(day)) for day in deal['meetings']])

    @staticmethod
    def set_target(connection, target):
        connection.execute("DELETE FROM pipeline_policy WHERE name = 'target_second_meeting_rate'")
        connection.execute("INSERT INTO pipeline_policy VALUES('target_second_meeting_rate', ?)", (target,))

    def rows(self, connection, scope):
        cursor = connection.execute('SELECT * FROM pipeline_opening(?, ?)', (str(self.day), scope))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor]

    # -- what the properties need to know besides the rows -------------------------------------------------------------

    def year(self):
        last = self.day - datetime.timedelta(SECOND_MEETING_DAYS)
        return [deal for deal in self.deals if last - datetime.timedelta(365) < deal['created'] <= last]

    @staticmethod
    def proven(deal):
        last = deal['created'] + datetime.timedelta(SECOND_MEETING_DAYS)
        return len({day for day in deal['meetings'] if day <= last}) >= 2

    def owners_target(self):
        """The policy's target, else the 75 % quantile over owners with at least five deals, else None."""
        if self.target is not None:
            return Fraction(str(self.target))
        shares = []
        for owner in OWNERS:
            deals = [deal for deal in self.year() if deal['owner'] == owner]
            if len(deals) >= 5:
                shares.append(Fraction(len([deal for deal in deals if self.proven(deal)]), len(deals)))
        if not shares:
            return None
        shares.sort()
        position = Fraction(3, 4) * (len(shares) - 1)
        below = math.floor(position)
        return shares[below] + (position - below) * (shares[min(below + 1, len(shares) - 1)] - shares[below])

    def group(self, scope, name):
        return [deal for deal in self.deals
                if scope == 'all' or name == (deal['owner'] if scope == 'owner' else OWNERS[deal['owner']])]


def near(left, right, size=1e-9):
    return left is not None and right is not None and abs(left - right) <= size * max(1, abs(left))


def check_needed(row, share, needed):
    """needed is the ceiling of gap / (share × win_share × average), all but for the rounding of the columns."""
    if row['gap_amount'] == 0:
        check(needed == 0, 'needed deals without a gap', row)
        return
    if not share or not row['win_share']:
        check(needed is None, 'needed deals from nothing', row)
        return
    exact = row['gap_amount'] / (float(share) * row['win_share'] * row['average_won_amount'])
    check(exact * (1 - 1e-9) <= needed < exact * (1 + 1e-9) + 1, 'needed deals are no ceiling of %r' % exact, row)


def check_weeks(company, scope, row):
    gone = (company.day - PERIOD[0]).days + 1
    opened = len([deal for deal in company.group(scope, row['name'])
                  if PERIOD[0] <= deal['created'] <= company.day])
    check(row['opened_deals'] == opened, 'opened_deals is not %d' % opened, row)
    check(near(row['opened_per_week'], opened * 7 / max(7, gone)), 'opened_per_week', row)
    if row['needed_deals'] is None or row['cycle_days'] is None:
        check(row['needed_per_week'] is None, 'needed_per_week from nothing', row)
    else:
        left = (PERIOD[1] - company.day).days - row['cycle_days']
        check(near(row['needed_per_week'], row['needed_deals'] * 7 / max(7, left)), 'needed_per_week', row)


def expected_diagnosis(row, share, target):
    if row['gap_amount'] == 0:
        return 'on_track'
    if share is not None and target is not None and share < target:
        return 'effectiveness'
    if row['needed_per_week'] is None:
        return None
    return 'opening' if row['opened_per_week'] < row['needed_per_week'] else 'on_track'


def check_arithmetic(company, connection, scope, counts):
    target = company.owners_target()
    for row in company.rows(connection, scope):
        year = [deal for deal in company.year() if deal in company.group(scope, row['name'])]
        share = Fraction(len([deal for deal in year if company.proven(deal)]), len(year)) if year else None
        check((row['proven_share'] is None) == (share is None) and (share is None or near(row['proven_share'], share)),
              'proven_share is not %s' % share, row)
        if row['expected_amount'] is None:
            check(row['gap_amount'] is None and row['needed_deals'] is None, 'a gap from nothing', row)
        else:
            gap = max(row['remaining'] - row['expected_amount'], 0)
            check(abs(row['gap_amount'] - gap) < 0.00006, 'gap_amount is not %r' % gap, row)
            check_needed(row, share, row['needed_deals'])
            best = share if share is None or target is None else max(share, target)
            check_needed(row, best, row['needed_deals_at_target'])
            counts['needed'] += row['needed_deals'] not in (None, 0)
        if row['needed_deals'] is not None:
            check(row['first_meetings_saved'] == row['needed_deals'] - row['needed_deals_at_target'] >= 0, 'saved', row)
        check_weeks(company, scope, row)
        check(row['diagnosis'] == expected_diagnosis(row, share, target),
              'the diagnosis with target %s' % target, row)
        counts[row['diagnosis']] += 1
        counts['arithmetic'] += 1


def check_targets(company, connection, scope, counts):
    before = None
    for target in TARGETS:
        company.set_target(connection, target)
        rows = company.rows(connection, scope)
        for row, last in zip(rows, before or []):
            counts['target'] += 1
            check(row['needed_deals'] == last['needed_deals'], 'the target %r changes needed_deals' % target, last, row)
            if row['needed_deals'] is not None:
                check(row['needed_deals_at_target'] <= last['needed_deals_at_target'],
                      'the higher target %r asks for more deals' % target, last, row)
                counts['target that saves'] += row['needed_deals_at_target'] < last['needed_deals_at_target']
        before = rows
    company.set_target(connection, company.target)


def check_second_meetings(company, connection, scope, counts):
    """Gives some open deals of the year that are not claimed the second meeting they lack, and takes it away again."""
    lacking = [deal for deal in company.year() if not company.proven(deal) and deal['close_date'] is None
               and (deal['closed'] is None or deal['closed'] > company.day)]
    if not lacking:
        return
    before = company.rows(connection, scope)
    for deal in company.random.sample(lacking, company.random.randint(1, len(lacking))):
        for days in (3, 4):
            connection.execute("INSERT INTO pipeline_event(deal_id, at, kind) VALUES(?, ?, 'meeting')",
                               (deal['id'], str(deal['created'] + datetime.timedelta(days)) + 'T23:59'))
    for row, last in zip(company.rows(connection, scope), before):
        if any(row[column] != last[column] for column in ('win_share', 'average_won_amount')):
            continue
        if None in (row['gap_amount'], last['gap_amount']) or row['gap_amount'] > last['gap_amount']:
            continue
        if row['proven_share'] == last['proven_share'] or last['needed_deals'] in (None, 0):
            continue
        counts['second meetings'] += 1
        check(row['proven_share'] > last['proven_share'], 'more second meetings prove less', last, row)
        check(row['needed_deals'] <= last['needed_deals'], 'more second meetings ask for more deals', last, row)
        counts['second meetings that save'] += row['needed_deals'] < last['needed_deals']
    connection.execute("DELETE FROM pipeline_event WHERE at LIKE '%T23:59'")
    check(company.rows(connection, scope) == before, 'what was taken away is not forgotten')


def check_later(company, connection, scope, counts):
    before = company.rows(connection, scope)
    connection.execute('SAVEPOINT later')
    for deal in company.deals:
        if company.random.random() < 0.5:
            kind = company.random.choice(('meeting', 'commitment', 'call'))
            later = company.day + datetime.timedelta(company.random.randint(1, 40))
            connection.execute('INSERT INTO pipeline_event(deal_id, at, kind) VALUES(?, ?, ?)',
                               (deal['id'], str(later), kind))
        if (deal['closed'] is None or deal['closed'] > company.day) and company.random.random() < 0.5:
            outcome = company.random.choice(('open', 'won', 'lost'))
            closed = str(company.day + datetime.timedelta(company.random.randint(1, 40)))
            connection.execute('UPDATE pipeline_deal SET outcome = ?, closed_at = ? WHERE deal_id = ?',
                               (outcome, None if outcome == 'open' else closed, deal['id']))
    newer = dict(company.deals[0], id='newer', created=company.day + datetime.timedelta(1), closed=None,
                 close_date=PERIOD[1], outcome='open', meetings=[company.day, company.day + datetime.timedelta(1)])
    company.insert(connection, newer)
    after = company.rows(connection, scope)
    connection.execute('ROLLBACK TO later')
    connection.execute('RELEASE later')
    for row, last in zip(after, before):
        counts['later'] += 1
        check(row == last, 'what happened after %s changed a row' % company.day, last, row)
    check(len(after) == len(before), 'what happened after %s changed the rows' % company.day)


def check_seed(seed, extension, counts):
    company = Company(seed)
    connection = company.connect(extension)
    for scope in SCOPES:
        try:
            check_arithmetic(company, connection, scope, counts)
            check_targets(company, connection, scope, counts)
            check_second_meetings(company, connection, scope, counts)
            check_later(company, connection, scope, counts)
        except Broken as broken:
            raise Broken('seed %d, pipeline_opening(%s, %s): %s' % (seed, company.day, scope, broken)) from None
    connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--extension', required=True)
    parser.add_argument('--seeds', default='0-299')
    options = parser.parse_args()
    first, _, last = options.seeds.partition('-')
    seeds = range(int(first), int(last or first) + 1)
    counts = Counter()
    try:
        for seed in seeds:
            check_seed(seed, os.path.abspath(options.extension), counts)
        for kind, least in LEAST.items():
            check(counts[kind] * 300 >= least * len(seeds), 'only %d comparisons of %s, %d are wanted for 300 seeds' % (
                counts[kind], kind, least))
    except Broken as broken:
        print(broken)
        print('%d passed, 1 failed' % sum(counts.values()))
        return 1
    print(', '.join('%s %d' % (kind, counts[kind]) for kind in LEAST))
    print('%d passed, 0 failed' % sum(counts[kind] for kind in ('arithmetic', 'target', 'second meetings', 'later')))
    return 0


if __name__ == '__main__':
    sys.exit(main())
