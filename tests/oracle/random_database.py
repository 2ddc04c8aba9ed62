"""Small random databases full of nasty things, for comparing the extension with the oracle.

    example = make(7)
    for statement in example.statements: connection.execute(statement)

The same seed gives the same statements.  `changes` are statements to run afterwards on the same connection, to see
that nothing old is remembered; `days` are days worth asking about: those of the events, those on which a limit is
crossed, and their neighbours.
"""

import datetime
import random

UNUSABLE_DATES = ("'10/23/17'", "'2021-02-29'", "'2020-13-01'", "'2020-1-5'", "'yesterday'", '2020', "'2020'",
                  "'2020-03-01T25:00'", "'2020-03-01 10:00 '", "'2020-03-01t10:00'", "'2020-03-01T10'", "' 2020-03-01'",
                  "'2020-03-01T10:00:00+15:00'", "'2020-03-01T10:60'", "x'00'", "'0000-01-01'", "'2020-06-31'")
BASES = (datetime.date(2019, 6, 15), datetime.date(2020, 1, 1), datetime.date(2023, 10, 1), datetime.date(2020, 12, 10))
EPOCH = datetime.date(1970, 1, 1)
STAGES = ('Lead', 'Demo', 'Offer', 'Trial', 'Legal', 'x', 'Été', '7')
OWNERS = ('Ann', 'Bob', 'ann', 'Zoë', '7')
TEAMS = ('North', 'South')
PIPELINES = ('New', 'Renewal')
AMOUNTS = ('1000', '2000', '5000.5', "'3000'", "'12.34565'", "' 700.25 '", '0', '1e4', "'1e3'", '12345.6789',
           '-500', "'-0.00005'", '750', '333.33', '10000', '20000')
NASTY_AMOUNTS = ('NULL', "'abc'", "''", "'1,000'", '9000000000000', "x'31'", '1e300', "'99999999999999999999'",
                 '922337203685478', '0.5', '-20000', "'$5'")
KINDS = ('stage',) * 6 + ('meeting',) * 5 + ('amount',) * 3 + ('close_date',) * 3 + ('owner',) * 2 + (
    'commitment', 'commitment', 'reply', 'reply', 'call', 'call', 'email', 'email', 'note', 'task')


def quoted(text):
    return 'NULL' if text is None else "'" + text.replace("'", "''") + "'"


class Example:
    """One random database."""

    def __init__(self, seed):
        self.seed = seed
        self.random = random.Random(seed)
        self.base = (self.random.choice(BASES) - EPOCH).days
        self.span = self.random.choice((60, 200, 400, 400))
        self.nasty = self.random.choice((0, 0.01, 0.05, 0.15))
        self.with_times = self.random.random() < 0.6
        self.offset = self.random.choice((0, 0, 0, 60, 330, -300, -720, 840))
        self.rich = self.random.random() < 0.35    # many deals of few owners that meet, move, are won and have quotas
        self.crowd = self.rich and self.random.random() < 0.08      # dozens of deals claimed for one quota
        if self.rich:
            self.span, self.nasty = 400, self.random.choice((0, 0, 0.02))
        self.noted_days = []
        self.quota_days = []
        self.statements = []
        self.make_policy()
        self.make_deals()
        self.make_events()
        self.make_stages()
        self.make_quotas()
        if self.random.random() < 0.1:
            self.hide_behind_views()
        self.changes = self.make_changes()
        self.days = self.choose_days()
        self.statements += self.index_statements()

    # -- values -------------------------------------------------------------------------------------------------------

    def chance(self, probability):
        return self.random.random() < probability

    def any_day(self, first=None, last=None):
        first = self.base if first is None else first
        last = self.base + self.span if last is None else last
        day = self.random.randint(first, max(first, last))
        if self.chance(0.1):
            day = self.month_end(day)
        self.noted_days.append(day)
        return day

    @staticmethod
    def month_end(day):
        date = EPOCH + datetime.timedelta(day)
        return ((date.replace(day=28) + datetime.timedelta(4)).replace(day=1) - EPOCH).days - 1

    def date(self, day):
        """SQL of a date on this day (or nearly: an instant with a zone may fall on a neighbour)."""
        if self.chance(self.nasty / 3):
            return self.random.choice(UNUSABLE_DATES)
        text = (EPOCH + datetime.timedelta(day)).isoformat()
        if not self.with_times or self.chance(0.4):
            return quoted(text)
        form = self.random.randrange(10)
        hour, minute = self.random.choice(((0, 0), (9, 30), (12, 0), (23, 59), self.any_time()))
        if form < 6:
            return quoted('%s%s%02d:%02d%s%s' % (
                text, self.random.choice('T '), hour, minute,
                self.random.choice(('', '', ':00', ':59', ':30.5', ':59.9999')),
                self.random.choice(('', '', 'Z', '+02:00', '-0500', '+05', '-11:30', '+1400'))))
        seconds = day * 86400 + hour * 3600 + minute * 60
        number = (str(seconds), str(seconds * 1000), repr(day + 2440587.5 + self.random.choice((0, 0.25, 0.5, 0.75))),
                  repr(seconds + 0.5))[form - 6]
        return quoted(number) if self.chance(0.3) else number

    def any_time(self):
        return self.random.randrange(24), self.random.randrange(60)

    def id(self, number):
        """Integer-like ids now as INTEGER, now as TEXT."""
        if number % 4 == 0:
            return quoted('D%d' % number)
        if number % 4 == 1 and number > 8:
            return quoted('-%d' % number) if number % 3 else quoted('é%d' % number)
        return str(number) if self.chance(0.5) else quoted(str(number))

    def amount(self):
        if self.crowd:
            return '%.2f' % self.random.lognormvariate(8, 1)
        return self.random.choice(NASTY_AMOUNTS if self.chance(self.nasty) else AMOUNTS)

    def name(self, names):
        if self.chance(0.1):
            return self.random.choice(('NULL', "''"))
        name = self.random.choice(names[:2] if self.rich else names[:self.random.randint(1, len(names))])
        return name if name == '7' and self.chance(0.5) else quoted(name)

    # -- relations ----------------------------------------------------------------------------------------------------

    def table(self, relation, columns, rows, optional=()):
        """CREATE TABLE with shuffled columns, some optional ones left out, and the rows."""
        left_out = {column for column in optional if self.chance(0.06)}
        kept = [column for column in columns if column not in left_out]
        order = list(kept)
        if self.chance(0.3):
            self.random.shuffle(order)
        spelled = [column.upper() if self.chance(0.1) else column for column in order]
        extra = ', extra' if self.chance(0.1) else ''
        self.statements.append('CREATE TABLE %s(%s%s)' % (relation, ', '.join(spelled), extra))
        for row in rows:
            values = ', '.join(row[column] for column in order)
            self.statements.append('INSERT INTO %s(%s) VALUES(%s)' % (relation, ', '.join(order), values))

    def make_policy(self):
        rows = {}
        if self.offset:
            rows['utc_offset_minutes'] = str(self.offset)
        choices = {'idle_days': (10, 30, 0), 'untouched_days': (20, 90, 45), 'min_meetings': (0, 1, 2, 3),
                   'second_meeting_days': (10, 30, 60), 'max_pushes': (1, 2, 3), 'ghost_touches': (1, 2),
                   'aged_days': (60, 180), 'unproven_is_real': (1,), 'target_coverage': ('2.5', 4, 0.7),
                   'fiscal_year_start_month': (2, 4, 10, 12), 'lookback_periods': (1, 3, 0),
                   'min_class_deals': (1, 2, 4), 'target_second_meeting_rate': (0.5, 0.9), 'on_bad_row': ('skip',)}
        for name, values in choices.items():
            if self.chance(0.5 if name == 'min_class_deals' else 0.15):
                value = self.random.choice(values)
                rows[name.upper() if self.chance(0.1) else name] = (
                    quoted(str(value)) if isinstance(value, str) or self.chance(0.2) else str(value))
        if self.chance(0.02):
            rows['on_bad_row'] = "'error'"
        if self.chance(0.01):
            rows['idle_dyas'] = '3'
        if self.chance(0.1):
            rows.setdefault('aged_days', 'NULL')
        if rows or self.chance(0.2):
            self.table('pipeline_policy', ('name', 'value'),
                       [{'name': quoted(name), 'value': value} for name, value in rows.items()])

    def make_deals(self):
        self.deals = []
        rows = []
        count = self.random.randint(10, 25) if self.rich else self.random.choice((0, 1, 2, 3, 4, 5, 6, 8, 8, 12, 25))
        for number in range(1, (self.random.randint(30, 45) if self.crowd else count) + 1):
            row = self.deal(number)
            rows.append(row)
            if self.chance(self.nasty):
                rows.append(dict(self.deal(number), name="'the second'"))
        self.random.shuffle(rows)
        self.table('pipeline_deal',
                   ('deal_id', 'name', 'owner', 'team', 'pipeline', 'stage', 'amount', 'created_at', 'close_date',
                    'closed_at', 'outcome'), rows,
                   ('name', 'owner', 'team', 'pipeline', 'amount', 'close_date', 'closed_at'))

    def deal(self, number):
        created = self.any_day(last=self.base + self.span * 3 // 4)
        if self.chance(0.02):
            created -= 500
        if self.crowd:
            created = self.any_day(last=self.base + 100)
        outcome = self.random.choice(('open', 'open', 'won', 'won', 'won' if self.rich else 'lost', 'lost'))
        closed = 'NULL'
        closing = None
        if outcome != 'open' or self.chance(self.nasty):
            closing = created + self.random.choice((self.random.randint(0, 90), self.random.randint(20, 200), 0))
            closing -= 5 if self.chance(self.nasty) else 0
            self.noted_days.append(closing)
            closed = self.random.choice(('NULL', "''")) if self.chance(0.1) else self.date(closing)
        expected = self.any_day(created, created + 150) if not self.rich else self.any_day(created, created + 300)
        if self.crowd:
            expected = self.any_day(self.base + 200, self.base + 390)
        if self.chance(0.3):
            expected = self.month_end(expected)
        self.deals.append((number, created, closing))
        spelling = self.random.choice((str.upper, str.title)) if self.chance(0.1) else str
        nasty = self.chance(self.nasty)
        return {
            'deal_id': self.random.choice(('NULL', "''")) if self.chance(self.nasty / 3) else self.id(number),
            'name': self.name(('A deal', "O'Neil", 'B')), 'owner': self.name(OWNERS), 'team': self.name(TEAMS),
            'pipeline': self.name(PIPELINES), 'stage': self.name(STAGES), 'amount': self.amount(),
            'created_at': 'NULL' if self.chance(self.nasty / 3) else self.date(created),
            'close_date': 'NULL' if self.chance(0.1) else self.date(expected), 'closed_at': closed,
            'outcome': self.random.choice(('NULL', "'abandoned'", '1', "''")) if nasty and self.chance(0.3)
            else quoted(spelling(outcome))}

    def make_events(self):
        if self.chance(0.04):
            return
        without_meetings = self.chance(0.08)
        late_meetings = self.base + self.span // 2 if self.chance(0.15) else None
        old_values = self.random.choice((0, 0.5, 1))
        rows = []
        for number, created, closing in self.deals:
            state = {}
            last = min(closing if closing is not None else self.base + self.span, created + 250)
            if self.rich:
                last = min(last, created + self.random.choice((60, 120, 120, 400)))
            for _ in range(self.random.choice((0, 1, 2, 3, 4, 6, 8, 12))):
                if len(rows) < 200:
                    rows.append(self.event(number, created, last, state, old_values))
        if without_meetings:
            rows = [row for row in rows if 'meeting' not in row['kind'].lower()]
        if late_meetings is not None:
            rows = [row for row in rows if 'meeting' not in row['kind'].lower() or row['day'] >= late_meetings]
        if self.chance(0.5):
            self.random.shuffle(rows)
        self.table('pipeline_event', ('deal_id', 'at', 'kind', 'old_value', 'new_value', 'recorded_at'), rows,
                   ('old_value', 'new_value', 'recorded_at'))

    def event(self, number, created, last, state, old_values):
        kind = 'meeting' if self.rich and self.chance(0.3) else self.random.choice(KINDS)
        if self.chance(0.2) and state.get('day') is not None:
            day = state['day']
        else:
            day = self.any_day(created, last)
        if self.chance(0.05):
            day = self.any_day(created - 20, last + 20)
        state['day'] = day
        old, new = self.change(kind, state, day, old_values)
        recorded = 'NULL'
        if self.chance(0.8 if kind == 'meeting' else 0.3):
            recorded = self.date(day + self.random.choice((-30, -7, -3, -1, 0, 0, 1, 5)))
        if kind in ('stage', 'meeting') and self.chance(0.06):
            kind = kind.upper()
        if self.chance(self.nasty / 3):
            kind = self.random.choice(('fax', '', 'Meetings', 'close date'))
        if self.chance(self.nasty / 5):
            number += 1000
        return {'deal_id': 'NULL' if self.chance(self.nasty / 5) else self.id(number), 'at': self.date(day),
                'kind': quoted(kind), 'old_value': old, 'new_value': new, 'recorded_at': recorded, 'day': day}

    def change(self, kind, state, day, old_values):
        """(old_value, new_value) of an event; the old one now and then missing or wrong."""
        if kind == 'stage':
            stages = STAGES[:4] if self.chance(0.8) else STAGES
            new = 'NULL' if self.chance(0.02) else quoted(self.random.choice(stages))
            first = quoted(self.random.choice(STAGES[:2]))
        elif kind == 'amount':
            new, first = self.amount(), self.amount()
        elif kind == 'owner':
            new, first = self.name(OWNERS), self.name(OWNERS)
        elif kind == 'close_date':
            new = 'NULL' if self.chance(0.05) else self.date(day + self.random.choice((-20, 5, 15, 40, 90)))
            if self.chance(0.2):
                new = quoted((EPOCH + datetime.timedelta(self.month_end(day + 40))).isoformat())
            first = self.date(day + 10)
        else:
            return ('NULL', 'NULL') if self.chance(0.9) else ("'old'", "'new'")
        old = state.get(kind, first) if self.chance(old_values) else self.random.choice(('NULL', 'NULL', "''"))
        if self.chance(0.05):
            old = first
        state[kind] = new
        return old, new

    def make_stages(self):
        if self.chance(0.1):
            return
        stages = [stage for stage in STAGES[:self.random.randint(0, 8)] if self.chance(0.85)]
        rows = []
        for place, stage in enumerate(stages):
            pipelines = ['NULL'] if self.chance(0.7) else ['NULL', "'New'", "'Renewal'"][self.random.randint(0, 2):]
            for pipeline in pipelines:
                rank = self.random.choice((place, place, place * 10, 1, repr(place + 0.5), quoted(str(place))))
                if self.chance(self.nasty):
                    rank = self.random.choice(('NULL', "'high'"))
                idle = self.random.choice(('NULL', 'NULL', '14', '45', "'20'", '0', '-1', "'never'"))
                rows.append({'stage': quoted(stage), 'rank': str(rank), 'pipeline': pipeline, 'max_idle_days': idle})
        if rows and self.chance(self.nasty):
            rows.append(dict(self.random.choice(rows), rank='99'))
        if self.chance(self.nasty):
            rows.append({'stage': 'NULL', 'rank': '1', 'pipeline': 'NULL', 'max_idle_days': '3'})
        self.table('pipeline_stage', ('stage', 'rank', 'pipeline', 'max_idle_days'), rows,
                   ('pipeline', 'max_idle_days'))

    def make_quotas(self):
        if self.chance(0.08):
            return
        rows = []
        for first, last in self.quota_periods():
            levels = self.random.choice((('all',), ('owner',), ('team',), ('owner', 'team'), ('all', 'owner', 'team')))
            for level in levels:
                for name in self.quota_names(level):
                    rows.append(self.quota(level, name, first, last))
        if rows and self.chance(self.nasty):
            rows.append(dict(rows[0], period_start=rows[0]['period_end'], period_end=rows[0]['period_start']))
        if rows and self.chance(0.1):
            rows.append(self.random.choice(rows))
        self.random.shuffle(rows)
        self.table('pipeline_quota', ('period_start', 'period_end', 'amount', 'owner', 'team'), rows, ('owner', 'team'))

    def quota_names(self, level):
        if level == 'all':
            return [None]
        names = OWNERS if level == 'owner' else TEAMS
        return list(names[:2]) if self.rich else self.random.sample(names, self.random.randint(1, 2))

    def quota(self, level, name, first, last):
        amount = self.random.choice(('5000', '20000', '100000', '0', "'7500.5'", '1', '3000'))
        if self.crowd:
            amount = self.random.choice(('25000', '40000', '60000.25'))
        elif self.rich:
            amount = self.random.choice(('1', '2000', '4000', '9000', '15000', "'12000.25'"))
        if self.chance(self.nasty):
            amount = self.random.choice(('NULL', "'much'", '-100'))
        start, end = [quoted((EPOCH + datetime.timedelta(day)).isoformat()) for day in (first, last)]
        if self.chance(self.nasty / 2):
            start = self.random.choice(UNUSABLE_DATES + ('NULL',))
        team = self.name(TEAMS) if level == 'owner' else quoted(name) if level == 'team' else 'NULL'
        return {'period_start': start, 'period_end': end, 'amount': amount,
                'owner': quoted(name) if level == 'owner' else self.random.choice(('NULL', "''")), 'team': team}

    def quota_periods(self):
        """One to four periods: whole months, or of an odd length; sometimes all the same day or overlapping."""
        if self.crowd:
            self.quota_days = [(self.base + 190, self.base + 370)]
            return [(self.base + 180, self.base + 400)]
        result = []
        after = self.random.randint(60, 250) if self.rich else self.random.randint(0, self.span)
        date = (EPOCH + datetime.timedelta(self.base + after)).replace(day=1)
        months = self.random.choice((1, 1, 3, 3, 12))
        first = (date - EPOCH).days
        length = None if self.chance(0.7) else self.random.choice((1, 7, 10, 30, 45, 91))
        for _ in range(self.random.randint(1, 4)):
            if length is None:
                last = first
                for _ in range(months):
                    last = self.month_end(last) + 1
                result.append((first, last - 1))
                first = last
            else:
                result.append((first, first + length - 1))
                first += length if self.chance(0.9) else length // 2
        self.quota_days = result
        for first, last in result:
            self.noted_days += [first, last, first + 21]
        return result

    def hide_behind_views(self):
        """The tables renamed, and views (main or TEMP) of the names that are looked for."""
        relations = [statement.split('(')[0].split()[2] for statement in self.statements
                     if statement.startswith('CREATE TABLE')]
        for relation in relations:
            if self.chance(0.5):
                self.statements.append('ALTER TABLE %s RENAME TO source_%s' % (relation, relation))
                self.statements.append('CREATE %sVIEW %s AS SELECT * FROM source_%s' % (
                    'TEMP ' if self.chance(0.5) else '', relation, relation))
            elif self.chance(0.2):
                self.statements.append('CREATE TEMP TABLE %s AS SELECT * FROM main.%s WHERE rowid %% 2' % (
                    relation, relation))

    def index_statements(self):
        if self.chance(0.05) and any(s.startswith('CREATE TABLE pipeline_event') for s in self.statements):
            return [] if any('source_pipeline_event' in s or 'TEMP' in s for s in self.statements) else [
                'CREATE INDEX event_at ON pipeline_event(at, kind)']
        return []

    # -- what to ask --------------------------------------------------------------------------------------------------

    def make_changes(self):
        """Statements that change the sources afterwards, only where plain tables are there."""
        if any('VIEW' in statement or 'TEMP' in statement for statement in self.statements) or not self.deals:
            return []
        tables = [statement.split('(')[0].split()[2] for statement in self.statements
                  if statement.startswith('CREATE TABLE')]
        number, created, _ = self.random.choice(self.deals)
        choices = ["DELETE FROM pipeline_deal WHERE deal_id = %d" % number,
                   "UPDATE pipeline_deal SET stage = 'Offer'",
                   "UPDATE pipeline_deal SET outcome = 'won' WHERE outcome = 'open'"]
        if 'pipeline_event' in tables:
            choices.append("INSERT INTO pipeline_event(deal_id, at, kind) VALUES(%d, %s, 'meeting')" % (
                number, self.date(created + self.random.randint(0, 60))))
            choices.append("DELETE FROM pipeline_event WHERE kind = 'meeting'")
            choices.append('DROP TABLE pipeline_event')
        if 'pipeline_policy' in tables:
            choices.append("DELETE FROM pipeline_policy")
        else:
            choices.append("CREATE TABLE pipeline_policy AS SELECT 'idle_days' AS name, 5 AS value")
        if 'pipeline_stage' in tables:
            choices.append("UPDATE pipeline_stage SET rank = -rank WHERE typeof(rank) <> 'text'")
        return [self.random.choice(choices)]

    def choose_days(self):
        """A handful of days, sorted: near events and closings, and where the limits of 30, 90 and 365 are crossed."""
        days = set()
        for _ in range(3):
            noted = self.random.choice(self.noted_days or [self.base])
            days.add(noted + self.random.choice((0, 0, -1, 1, 29, 30, 31, 89, 90, 91, 10, 14, 15)))
        if self.rich and self.quota_days:
            days = {self.random.randint(*self.random.choice(self.quota_days)) for _ in range(3)}
        days.add(self.random.randint(self.base - 5, self.base + self.span + 30))
        if self.chance(0.1):
            days.add(self.random.choice(self.noted_days or [self.base]) + self.random.choice((364, 365, 366)))
        return sorted(days)


def make(seed):
    return Example(seed)
