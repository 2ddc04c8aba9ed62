"""Random databases with what sources differ in: when their evidence begins, zones, currencies, holidays, versions.

    example = make(7)               as random_database.Example, with all of it
    example = make(7, 'old')        the database of random_database alone, statement for statement

What is added is drawn from a generator of its own.
"""

import datetime
import random

from random_database import EPOCH, UNUSABLE_DATES, Example, quoted

FEATURES = ('all', 'old')
ZONES = ('America/New_York', 'Europe/Berlin', 'Australia/Sydney', 'Asia/Kolkata', 'UTC', 'EST5EDT,M3.2.0,M11.1.0',
         'CET-1CEST,M3.5.0,M10.5.0/3', 'AEST-10AEDT,M10.1.0,M4.1.0/3', '<+0330>-3:30', 'EST5')
WEEKENDS = ('0000011', '0000011', '0000110', '1000000', '0111111', '0000000')
RATES = {'USD': ('1', '1.0', "'1'"), 'EUR': ('0.9', "'0.85'", '0.8125'), 'COP': ('4000', '3871.5'), 'GBP': ('0.75',)}
CATEGORIES = ('Pipeline', 'Best Case', 'BestCase', 'best_case', 'BEST_CASE', 'Commit', 'COMMIT', 'Forecast', 'Omitted',
              'Most Likely', 'most_likely', 'Pipeline', 'Commit')
TOUCHES = ('call', 'email', 'reply')
PROGRESS = ('stage', 'meeting', 'commitment')
STATEFUL = ('stage', 'amount', 'close_date', 'owner')


def text_of(day):
    return (EPOCH + datetime.timedelta(day)).isoformat()


class RicherExample(Example):
    def __init__(self, seed):
        self.more = random.Random('richer %d' % seed)
        self.evidence = self.more.choices(('as it is', 'begins late', 'none', 'touches', 'meetings late', 'policy'),
                                          (40, 22, 6, 10, 8, 14))[0]
        self.forms = self.more.random() < 0.4
        self.states = self.more.choice((0, 0, 0, 0.3, 0.8))
        self.categories = self.more.random() < 0.5
        self.currencies = self.more.choices((None, 'one', 'rates', 'no rates', 'none'), (55, 5, 32, 4, 4))[0]
        self.moving = self.more.random() < 0.6      # rates with days
        self.zone = self.more.choice(ZONES) if self.more.random() < 0.3 else None
        self.weekend = self.more.choice(WEEKENDS) if self.more.random() < 0.3 else None
        self.holidays = self.more.random() < 0.25
        self.closed_stages = self.more.random() < 0.4
        super().__init__(seed)

    def may(self, probability):
        return self.more.random() < probability

    def date(self, day):
        written = super().date(day)
        if not self.forms or not self.may(0.15):
            return written
        date = EPOCH + datetime.timedelta(day)
        form = self.more.randrange(10)
        if form == 9 and not self.may(self.nasty * 3):
            form = 0
        return (quoted(date.strftime('%Y/%m/%d')), quoted('%d %s' % (date.day, date.strftime('%b %Y'))),
                quoted('%s %d, %d' % (date.strftime('%B'), date.day, date.year)), quoted(date.strftime('%d-%b-%y')),
                quoted(text_of(day) + ' 09:00:00 UTC'), quoted(text_of(day) + ' 03:30:00.25 +0000'),
                str((day * 86400 + self.more.choice((0, 3600, 86399))) * 1000000),
                quoted(text_of(day) + 'T00:00:00.000Z'), quoted(text_of(day) + ' 00:00:00'),
                self.more.choice(("'0000-00-00'", "'0000-00-00 00:00:00'")))[form]

    # -- relations ----------------------------------------------------------------------------------------------------

    def table(self, relation, columns, rows, optional=()):
        added = {'pipeline_policy': self.richer_policy, 'pipeline_deal': self.richer_deals,
                 'pipeline_event': self.richer_events, 'pipeline_stage': self.richer_stages,
                 'pipeline_quota': self.richer_quotas}.get(relation)
        new_columns = added(rows) if added else ()
        super().table(relation, tuple(columns) + new_columns, rows, tuple(optional) + new_columns)

    def richer_policy(self, rows):
        self.has_policy = True
        given = {'reporting_currency': "'none'"} if self.currencies == 'none' else {}
        if self.zone is not None and not self.may(0.02):
            rows[:] = [row for row in rows if row['name'] != "'utc_offset_minutes'"]
        if self.zone is not None:
            given['time_zone'] = quoted(self.zone if self.may(0.98) else 'Mars/Olympus')
        if self.weekend is not None:
            given['weekend'] = quoted(self.weekend)
        if self.currencies == 'rates':
            if self.may(0.7):
                given['rate_date'] = self.more.choice(("'fixed'", "'close_date'", "'as_of'", "'close_date'", "'as_of'"))
            if self.may(0.3):
                given['reporting_currency'] = "'USD'"
        if self.evidence == 'policy':
            for name in ('touches_since', 'progress_since', 'meetings_since'):
                if self.may(0.6):
                    given[name] = quoted(text_of(self.some_day()))
        if self.may(0.15):
            given['data_until'] = quoted(text_of(self.base + self.span + self.more.randint(-60, 60)))
        rows += [{'name': quoted(name), 'value': value} for name, value in given.items()]
        return ()

    def some_day(self):
        day = self.base + self.more.randint(-20, self.span * 2 // 3)
        self.noted_days.append(day)
        return day

    def make_policy(self):
        self.has_policy = False
        super().make_policy()
        if not self.has_policy:
            self.table('pipeline_policy', ('name', 'value'), [])

    def richer_deals(self, rows):
        columns = ()
        if self.currencies is not None:
            columns += ('currency',)
        if self.categories:
            columns += ('forecast_category',)
        for row in rows:
            row['currency'] = self.currency()
            row['forecast_category'] = self.category()
            if row['outcome'].lower() == "'open'" and self.may(0.05):
                row['closed_at'] = self.more.choice(UNUSABLE_DATES + ("'0000-00-00 00:00:00'",))
            if row['outcome'].lower() in ("'won'", "'lost'") and self.may(0.1):
                row['closed_at'] = 'NULL'
        return columns

    def currency(self):
        if self.currencies == 'one':
            return self.more.choice(("'EUR'", "'EUR'", 'NULL'))
        if self.currencies == 'rates' and self.may(0.04):
            return "'XXX'"
        return self.more.choice(("'USD'", "'EUR'", "'COP'", 'NULL', "'GBP'"))

    def category(self):
        if self.may(0.15):
            return 'NULL'
        return quoted(self.more.choice(CATEGORIES) if self.may(0.97) else 'maybe')

    def richer_events(self, rows):
        kept = [row for row in rows if self.is_shown(row)]
        if self.states:
            kept += [self.version(row) for row in kept if self.kind(row) in STATEFUL and self.may(self.states)]
        if self.categories and self.may(0.7):
            for row in list(kept):
                if self.may(0.25):
                    kind = 'forecast_state' if self.may(self.states) else 'forecast'
                    kept.append(dict(row, kind=quoted(kind), old_value=self.category() if self.may(0.5) else 'NULL',
                                     new_value=self.category(), recorded_at='NULL'))
        rows[:] = kept
        return ()

    @staticmethod
    def kind(row):
        return row['kind'].strip("'").lower()

    def is_shown(self, row):
        """Whether a source that begins late, or knows some kinds alone, has the event."""
        kind = self.kind(row)
        if not hasattr(self, 'begins'):
            self.begins = self.some_day() + self.span // 4
            self.kinds_begin = self.more.choice((PROGRESS + TOUCHES, PROGRESS, ('meeting', 'commitment'), ('stage',)))
        if self.evidence == 'begins late':
            return kind not in self.kinds_begin or row['day'] >= self.begins
        if self.evidence == 'meetings late':
            return kind != 'meeting' or row['day'] >= self.begins
        if self.evidence == 'touches':
            return kind not in PROGRESS
        return self.evidence != 'none'

    def version(self, row):
        """The event as a version of a record, or a version that says the same again some days later."""
        if self.may(0.5):
            again = row['day'] + self.more.randint(0, 14)
            return dict(row, kind=quoted(self.kind(row) + '_state'), at=quoted(text_of(again)), old_value='NULL',
                        recorded_at='NULL', day=again)
        copy = dict(row)
        row.update(kind=quoted(self.kind(row) + '_state'), old_value=row['old_value'] if self.may(0.3) else 'NULL')
        copy.update(kind="'note'", old_value='NULL', new_value='NULL')
        return copy

    def richer_stages(self, rows):
        for row in rows:
            row['closed'] = self.more.choice(('0', '0', '0', '1', "'0'", 'NULL'))
        return ('closed',) if self.closed_stages else ()

    def richer_quotas(self, rows):
        for row in rows:
            row['currency'] = self.currency() if self.may(0.4) else 'NULL'
            if self.may(0.03):
                row['amount'] = self.more.choice(("'$396,000'", "'much'", 'NULL'))
        return ('currency',) if self.currencies is not None else ()

    def make_quotas(self):
        super().make_quotas()
        if self.currencies == 'rates':
            self.table('pipeline_rate', ('currency', 'rate', 'valid_from'), self.rate_rows(),
                       () if self.moving else ('valid_from',))
        if self.holidays:
            days = sorted({self.base + self.more.randint(-10, self.span) for _ in range(self.more.randint(1, 30))})
            self.table('pipeline_holiday', ('day', 'team'), [
                {'day': quoted(text_of(day)), 'team': self.more.choice(('NULL', "'North'", "'South'"))}
                for day in days], ('team',))

    def quota_periods(self):
        """Now and then months or odd lengths late in the history, so that there are periods to learn from."""
        if self.crowd or self.span < 200 or not self.may(0.5):
            return super().quota_periods()
        first = self.base + self.more.randint(self.span // 2, self.span * 3 // 4)
        length = self.more.choice((None, None, 20, 35, 60))
        if length is None:
            first = self.month_end(first) + 1
        result = []
        for _ in range(self.more.randint(1, 3)):
            last = self.month_end(first) if length is None else first + length - 1
            result.append((first, last))
            self.noted_days += [first, last, first + 10, first + 21]
            first = last + 1
        self.quota_days = result
        return result

    def rate_rows(self):
        rows = []
        for currency, rates in RATES.items():
            days = ['NULL']
            if self.moving:
                days = [quoted(text_of(self.base + each)) for each in
                        sorted(self.more.sample(range(-40, self.span), 3))]
                days[0] = 'NULL' if self.may(0.5) else days[0]
            for place, day in enumerate(days):
                rate = self.more.choice(rates)
                if place and currency != 'USD':
                    rate = repr(round(float(rate.strip("'")) * self.more.choice((0.5, 0.9, 1.25, 1.1)), 6))
                rows.append({'currency': quoted(currency), 'rate': rate, 'valid_from': day})
        self.more.shuffle(rows)
        return rows

    def make_changes(self):
        changes = super().make_changes()
        if changes and self.may(0.3):
            day = quoted(text_of(self.base + self.more.randint(0, self.span)))
            choices = ["DELETE FROM pipeline_policy"]
            if self.currencies == 'rates':
                choices += ["UPDATE pipeline_rate SET rate = 2 WHERE currency = 'EUR'", "DELETE FROM pipeline_rate"]
            if self.holidays:
                choices += ["INSERT INTO pipeline_holiday(day) VALUES(%s)" % day, "DELETE FROM pipeline_holiday"]
            if self.zone is not None:
                choices += ["UPDATE pipeline_policy SET value = 'Asia/Tokyo' WHERE name = 'time_zone'"]
            changes = [self.more.choice(choices)]
        return changes


def make(seed, features='all'):
    return Example(seed) if features == 'old' else RicherExample(seed)


