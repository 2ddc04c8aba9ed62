"""The rows of the seven relations, read and checked; what cannot be used is counted and left out."""

import bisect
import datetime
from fractions import Fraction

from values import (FIRST_DAY, LAST_DAY, MISSING, SourceError, Zone, deal_order, is_number,
                    read_date, read_money, round_half_away)

FIELDS = ('stage', 'amount', 'close_date', 'owner', 'forecast')
STATES = tuple(field + '_state' for field in FIELDS)
ACTIVITIES = ('meeting', 'commitment', 'reply', 'call', 'email', 'note', 'task')
KINDS = FIELDS + STATES + ACTIVITIES
TOUCHES = ('stage', 'meeting', 'commitment', 'reply', 'call', 'email')
CLIENT_ACTS = ('meeting', 'commitment', 'reply')
UNKNOWN = object()

DEFAULTS = {
    'idle_days': 30, 'untouched_days': 90, 'min_meetings': 2, 'second_meeting_days': 30, 'max_pushes': 3,
    'ghost_touches': 3, 'aged_days': 365, 'unproven_is_real': 0, 'target_coverage': 3.0, 'fiscal_year_start_month': 1,
    'time_zone': None, 'utc_offset_minutes': 0, 'data_until': None, 'touches_since': None, 'progress_since': None,
    'meetings_since': None, 'weekend': '0000000', 'reporting_currency': None, 'rate_date': 'fixed',
    'lookback_periods': 8, 'min_class_deals': 20, 'target_second_meeting_rate': None, 'on_bad_row': 'skip'}
DAYS_OF_POLICY = ('data_until', 'touches_since', 'progress_since', 'meetings_since')
CHOICES_OF_POLICY = {'on_bad_row': ('skip', 'error'), 'rate_date': ('fixed', 'close_date', 'as_of')}

RELATIONS = {
    'pipeline_deal': (('deal_id', 'stage', 'created_at', 'outcome'),
                      ('name', 'owner', 'team', 'pipeline', 'amount', 'currency', 'close_date', 'closed_at',
                       'forecast_category')),
    'pipeline_event': (('deal_id', 'at', 'kind'), ('old_value', 'new_value', 'recorded_at')),
    'pipeline_stage': (('stage', 'rank'), ('pipeline', 'max_idle_days', 'closed')),
    'pipeline_quota': (('period_start', 'period_end', 'amount'), ('currency', 'owner', 'team')),
    'pipeline_rate': (('currency', 'rate'), ('valid_from',)),
    'pipeline_holiday': (('day',), ('team',)),
    'pipeline_policy': (('name', 'value'), ())}


class Event:
    def __init__(self, deal_id, instant, day, kind, old_value, new_value, recorded_day):
        self.deal_id = deal_id
        self.instant = instant
        self.day = day
        self.kind = kind
        self.old_value = old_value
        self.new_value = new_value
        self.recorded_day = recorded_day


class Deal:
    def __init__(self, row, created, close_date, outcome, closing_day, events):
        self.deal_id = row['deal_id']
        self.name = row['name']
        self.team = row['team']
        self.pipeline = row['pipeline']
        self.currency = row['currency']
        self.created = created
        self.outcome = outcome
        self.closing_day = closing_day
        self.own = {'stage': row['stage'], 'amount': row['amount'], 'close_date': close_date, 'owner': row['owner'],
                    'forecast': row['forecast_category'] if outcome == 'open' else None}
        self.recorded = events
        self.changes, self.first_state = {}, {}
        for field in FIELDS:
            self.resolve_field(field)
        self.events = [event for event in events if event.kind in ACTIVITIES]
        self.events += [event for field in FIELDS for event in self.changes[field]]
        days = {kind: [event.day for event in self.events if event.kind == kind] for kind in KINDS}
        agreed = [event.recorded_day for event in events if event.kind == 'meeting' and event.recorded_day < event.day]
        days['commitment'] += agreed
        self.meeting_days = sorted(set(days['meeting']))
        self.commitment_days = sorted(set(days['commitment']))
        self.touch_days = sorted({day for kind in TOUCHES for day in days[kind]})
        self.client_days = sorted({day for kind in CLIENT_ACTS for day in days[kind]})
        self.reach_days = days['call'] + days['email']
        self.activity_days = [event.day for event in events if event.kind in ACTIVITIES]
        self.evidence_of_progress = days['meeting'] + days['commitment'] + [
            event.day for event in events if event.kind in ('stage', 'stage_state')]

    def resolve_field(self, field):
        """Changes of a field with the value before each; of states only those that differ from what held before."""
        held = UNKNOWN
        self.changes[field] = []
        self.first_state[field] = UNKNOWN
        for event in self.recorded:
            if event.kind == field:
                if event.old_value is None and held is not UNKNOWN:
                    event.old_value = held
            elif event.kind == field + '_state':
                if held is UNKNOWN:
                    self.first_state[field] = event.new_value
                if held is UNKNOWN or held == event.new_value:
                    held = event.new_value
                    continue
                event = Event(event.deal_id, event.instant, event.day, field, held, event.new_value,
                              event.recorded_day)
            else:
                continue
            self.changes[field].append(event)
            held = event.new_value

    def visible(self, day):
        return self.created <= day

    def open(self, day):
        return self.created <= day and (self.closing_day is None or day < self.closing_day)

    def closed(self, day):
        return self.visible(day) and self.closing_day is not None and self.closing_day <= day

    def won(self, day):
        return self.outcome == 'won' and self.closed(day)

    def lost(self, day):
        return self.outcome == 'lost' and self.closed(day)

    def initial(self, field):
        """The value before the first change."""
        if self.first_state[field] is not UNKNOWN:
            return self.first_state[field]
        if not self.changes[field]:
            return self.own[field]
        before = self.changes[field][0].old_value
        return 0 if field == 'amount' and before is None else before

    def value(self, field, day):
        """stage(T), amount(T) in the deal's currency, close_date(T), owner(T), forecast_category(T)."""
        known = [event for event in self.changes[field] if event.day <= day]
        return known[-1].new_value if known else self.initial(field)

    def stages_had(self, day):
        """The stages that the deal has had by the end of a day, in order; NULL is none."""
        changes = self.changes['stage']
        stages = [self.initial('stage')]
        stages += [event.new_value for event in changes if event.day <= day]
        return [stage for stage in stages if stage is not None]

    def moves_of_close_date(self):
        """(day, was it later) of each close_date event that moved the date."""
        return [(event.day, event.new_value > event.old_value) for event in self.changes['close_date']
                if event.old_value is not None and event.new_value is not None and event.old_value != event.new_value]


class Sources:
    """The rows of the relations of one connection."""

    def __init__(self, connection):
        self.connection = connection
        self.zone = Zone()
        self.policy = self.read_policy()
        self.today = self.zone.day((datetime.datetime.now(datetime.timezone.utc) - datetime.datetime(
            1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(milliseconds=1))
        events = self.read_events()
        self.excluded_deals = 0
        self.stages = self.read_stages()
        self.deals = self.read_deals(events)
        known = {deal.deal_id for deal in self.deals}
        for deal_id in events:
            if deal_id not in known:
                self.bad_row('pipeline_event')
        self.holidays = self.read_holidays()
        self.rates = self.read_rates()
        if any(self.rate_on(deal.currency, LAST_DAY) is None for deal in self.deals):  # it counts as 0
            self.bad_row('pipeline_deal')
        self.quotas = self.read_quotas()
        self.set_evidence()

    def relation_columns(self, relation):
        """(schema, names of the columns), None when the relation is absent."""
        for schema in ('temp', 'main'):
            columns = [row[1] for row in self.connection.execute('PRAGMA %s.table_info(%s)' % (schema, relation))]
            if columns:
                return schema, columns
        return None

    def rows(self, relation):
        """The rows of a relation as dicts with all columns of the specification; empty texts are NULL."""
        required, optional = RELATIONS[relation]
        found = self.relation_columns(relation)
        if found is None:
            if relation == 'pipeline_deal':
                raise SourceError('no relation ' + relation, relation)
            return []
        schema, columns = found
        places = {column.lower(): place for place, column in reversed(list(enumerate(columns)))}
        for column in required:
            if column not in places:
                raise SourceError('no column %s in %s' % (column, relation), relation)
        result = []
        for row in self.connection.execute('SELECT * FROM %s.%s' % (schema, relation)):
            values = {}
            for column in required + optional:
                value = row[places[column]] if column in places else None
                values[column] = None if value == '' else value
            result.append(values)
        return result

    def text(self, value):
        if value is None or isinstance(value, str):
            return value
        return self.connection.execute('SELECT CAST(? AS TEXT)', (value,)).fetchone()[0] or None

    def day(self, value, is_date=False):
        """The day of a value; None when it is missing or bad."""
        date = read_date(value, self.zone, is_date)
        return None if date is None or date is MISSING else date[1]

    def is_bad(self, value, is_date=False):
        return value is not None and read_date(value, self.zone, is_date) is None

    def bad_row(self, relation):
        if self.policy['on_bad_row'] == 'error':
            raise SourceError('a bad row in ' + relation, relation)

    # -- policy -------------------------------------------------------------------------------------------------------

    def read_policy(self):
        policy = dict(DEFAULTS)
        given = {}
        for row in self.rows('pipeline_policy'):
            name = (self.text(row['name']) or '').lower()
            if name not in DEFAULTS or name in given:
                raise SourceError('policy %r' % name, 'pipeline_policy')
            given[name] = row['value']
        given = {name: value for name, value in given.items() if value is not None}
        if 'time_zone' in given and 'utc_offset_minutes' in given:
            raise SourceError('two policies of the zone', 'pipeline_policy')
        if 'utc_offset_minutes' in given:
            self.zone = Zone(minutes=self.policy_value('utc_offset_minutes', given['utc_offset_minutes']))
        if 'time_zone' in given:
            self.zone = Zone(self.text(given['time_zone']))
        for name, value in given.items():
            policy[name] = self.policy_value(name, value)
        return policy

    def policy_value(self, name, value):
        failure = SourceError('policy %s is %r' % (name, value), 'pipeline_policy')
        if name in ('time_zone', 'reporting_currency'):
            return self.text(value)
        if name in DAYS_OF_POLICY:
            day = self.day(value, True)
            if day is None:
                raise failure
            return day
        if name in CHOICES_OF_POLICY:
            if str(value).lower() not in CHOICES_OF_POLICY[name]:
                raise failure
            return str(value).lower()
        if name == 'weekend':
            if not isinstance(value, str) or len(value) != 7 or set(value) - set('01') or value == '1111111':
                raise failure
            return value
        if not is_number(value):
            raise failure
        number = float(value)
        if name in ('target_coverage', 'target_second_meeting_rate'):
            if number < 0 or (name == 'target_second_meeting_rate' and number > 1):
                raise failure
            return number
        lowest, highest = {'unproven_is_real': (0, 1), 'fiscal_year_start_month': (1, 12),
                           'utc_offset_minutes': (-840, 840)}.get(name, (0, 36500))
        if number != int(number) or not lowest <= number <= highest:
            raise failure
        return int(number)

    # -- events and deals ---------------------------------------------------------------------------------------------

    def read_events(self):
        """Usable events by deal_id in the order of instants; whether there is such a deal is seen later."""
        events = {}
        for row in self.rows('pipeline_event'):
            event = self.read_event(row)
            if event is None:
                self.bad_row('pipeline_event')
            else:
                events.setdefault(event.deal_id, []).append(event)
        for of_deal in events.values():
            of_deal.sort(key=lambda event: event.instant)
        return events

    def read_event(self, row):
        at = read_date(row['at'], self.zone)
        kind = (self.text(row['kind']) or '').lower()
        deal_id = self.text(row['deal_id'])
        if at is None or at is MISSING or kind not in KINDS or deal_id is None:
            return None
        instant, day = at
        field = kind.replace('_state', '')
        old_value, new_value = row['old_value'], row['new_value']
        if field == 'close_date':
            if self.is_bad(old_value, True) or self.is_bad(new_value, True):
                return None
            old_value, new_value = self.day(old_value, True), self.day(new_value, True)
        elif field == 'amount':
            old_value = None if old_value is None else read_money(old_value) or 0
            new_value = read_money(new_value) or 0
        else:
            old_value, new_value = self.text(old_value), self.text(new_value)
        recorded_day = self.day(row['recorded_at'])
        return Event(deal_id, instant, day, kind, old_value, new_value, day if recorded_day is None else recorded_day)

    def read_deals(self, events):
        usable, taken = [], set()
        for row in self.rows('pipeline_deal'):
            read = self.read_deal(row, taken, events)
            if read is None:
                self.excluded_deals += 1
                self.bad_row('pipeline_deal')
            else:
                usable.append(read)
        self.data_until = self.find_data_until(usable)
        return sorted((self.make_deal(*read) for read in usable), key=deal_order)

    def read_deal(self, row, taken, events):
        """(row, created, close_date, closed_at, outcome, events) of a row that can be used, else None."""
        for column in ('deal_id', 'name', 'owner', 'team', 'pipeline', 'stage', 'currency', 'forecast_category'):
            row[column] = self.text(row[column])
        created = self.day(row['created_at'])
        outcome = (self.text(row['outcome']) or '').lower()
        if row['deal_id'] is None or created is None or outcome not in self.outcomes():
            return None
        if self.is_bad(row['close_date'], True) or (outcome != 'open' and self.is_bad(row['closed_at'])):
            return None
        if row['deal_id'] in taken:
            return None
        taken.add(row['deal_id'])  # also where the deal turns out to be closed without any day
        close_date = self.day(row['close_date'], True)
        closed_at = None if outcome == 'open' else self.day(row['closed_at'])
        of_deal = events.get(row['deal_id'], [])
        if outcome != 'open' and closed_at is None and close_date is None and not of_deal:
            return None
        row['amount'] = read_money(row['amount']) or 0
        return row, created, close_date, closed_at, outcome, of_deal

    @staticmethod
    def outcomes():
        return 'open', 'won', 'lost'

    def find_data_until(self, usable):
        """The policy, else the newest day that the sources tell of, not after today; None without any."""
        if self.policy['data_until'] is not None:
            return self.policy['data_until']
        days = []
        for _, created, close_date, closed_at, outcome, of_deal in usable:
            if closed_at is None and outcome == 'won':
                closed_at = close_date
            days += [created] + [closed_at] * (closed_at is not None)
            days += [min(event.day, event.recorded_day) if event.kind in ACTIVITIES else event.day for event in of_deal]
        return max((day for day in days if day <= self.today), default=None)

    def make_deal(self, row, created, close_date, closed_at, outcome, of_deal):
        closing_day = closed_at
        if outcome != 'open' and closing_day is None:
            closing_day = close_date if close_date is not None else of_deal[-1].day
            if self.data_until is not None:
                closing_day = min(closing_day, self.data_until)
        if outcome != 'open' and not self.own_stage_of_closed(row):
            row['stage'] = None
        return Deal(row, created, close_date, outcome, closing_day, of_deal)

    def own_stage_of_closed(self, row):
        """Whether a closed deal never left its own stage: pipeline_stage says that the stage is not closed."""
        for pipeline in (row['pipeline'], None):
            if (row['stage'], pipeline) in self.stages:
                return self.stages[row['stage'], pipeline][2] == 0
        return False

    def default_day(self):
        """The default of as_of and to_day."""
        until = self.policy['data_until']
        return self.today if until is None else min(self.today, until)

    # -- the other relations ------------------------------------------------------------------------------------------

    def read_stages(self):
        stages = {}
        for row in self.rows('pipeline_stage'):
            key = (self.text(row['stage']), self.text(row['pipeline']))
            if key[0] is None or not is_number(row['rank']) or key in stages:
                self.bad_row('pipeline_stage')
                continue
            limit = row['max_idle_days']
            if not is_number(limit) or float(limit) != int(float(limit)) or not 0 <= float(limit) <= 36500:
                limit = None
            closed = float(row['closed']) if is_number(row['closed']) else None
            stages[key] = (float(row['rank']), None if limit is None else int(float(limit)), closed)
        return stages

    def read_holidays(self):
        """{team or None: set of days}"""
        holidays = {}
        for row in self.rows('pipeline_holiday'):
            day = self.day(row['day'], True)
            if day is None:
                self.bad_row('pipeline_holiday')
            else:
                holidays.setdefault(self.text(row['team']), set()).add(day)
        return holidays

    def read_rates(self):
        """{currency: [(first day, rate)] in the order of the days}"""
        rates = {}
        for row in self.rows('pipeline_rate'):
            currency = self.text(row['currency'])
            rate = Fraction(str(row['rate'])) if is_number(row['rate']) else None
            if currency is None or rate is None or rate <= 0 or self.is_bad(row['valid_from'], True):
                self.bad_row('pipeline_rate')
                continue
            valid_from = self.day(row['valid_from'], True)
            valid_from = FIRST_DAY if valid_from is None else valid_from
            if valid_from not in [day for day, _ in rates.setdefault(currency, [])]:
                rates[currency].append((valid_from, rate))
        for of_currency in rates.values():
            of_currency.sort(key=lambda entry: entry[0])
        return rates

    def read_quotas(self):
        self.quota_currencies = set()
        quotas = []
        for row in self.rows('pipeline_quota'):
            start, end = self.day(row['period_start'], True), self.day(row['period_end'], True)
            amount, currency = read_money(row['amount']), self.text(row['currency'])
            if start is None or end is None or end < start or amount is None:
                self.bad_row('pipeline_quota')
                continue
            self.quota_currencies.add(currency)
            rate = self.rate_on(currency, start)
            if rate is None:
                self.bad_row('pipeline_quota')
                continue
            quotas.append((start, end, self.text(row['owner']), self.text(row['team']), round_half_away(amount / rate)))
        return quotas

    # -- currencies ---------------------------------------------------------------------------------------------------

    def reporting_currency(self):
        if self.policy['reporting_currency'] is not None:
            return self.policy['reporting_currency']
        return next((currency for currency in sorted(self.rates) if self.rates[currency][-1][1] == 1), None)

    def rate_on(self, currency, day):
        """The units of a currency for one of the reporting currency, None when there is no rate."""
        reporting = self.reporting_currency()
        if currency is None or not self.rates or (reporting or '').lower() == 'none':
            return Fraction(1)
        if currency not in self.rates:
            return Fraction(1) if currency == reporting else None
        entries = self.rates[currency]
        if self.policy['rate_date'] == 'fixed':
            return entries[-1][1]
        valid = [rate for first, rate in entries if first <= day]
        return valid[-1] if valid else entries[0][1]

    def converted(self, deal, units, day):
        """An amount of a deal in the reporting currency with the rate that holds for it on a day."""
        rate_day = day
        if deal.closed(day):
            rate_day = deal.closing_day
        elif self.policy['rate_date'] == 'close_date':
            close_date = deal.value('close_date', day)
            rate_day = day if close_date is None else close_date
        rate = self.rate_on(deal.currency, rate_day)
        return 0 if rate is None else round_half_away(units / rate)

    def need_one_currency(self):
        """Sums of several currencies without any rate are an error."""
        currencies = ({deal.currency for deal in self.deals} | self.quota_currencies) - {None}
        none = (self.policy['reporting_currency'] or '').lower() == 'none'
        if len(currencies) > 1 and not self.rates and not none:
            raise SourceError('several currencies without rates: %s' % sorted(currencies), 'pipeline_rate')

    # -- working days -------------------------------------------------------------------------------------------------

    def workdays(self, first, last, team):
        """The number of working days in (first, last]; negative when last is before first."""
        if self.policy['weekend'] == '0000000' and not self.holidays:
            return last - first
        if last < first:
            return -self.workdays(last, first, team)
        weekend = self.policy['weekend']      # 1970-01-01 was a Thursday, the fourth character
        weeks, days = divmod(last - first, 7)
        count = weeks * weekend.count('0') + sum(weekend[(first + 1 + each + 3) % 7] == '0' for each in range(days))
        ordered = self.workday_holidays(team)
        return count - (bisect.bisect_right(ordered, last) - bisect.bisect_right(ordered, first))

    def workday_holidays(self, team):
        """The holidays of a team that are not on a weekend, in order."""
        if not hasattr(self, 'holidays_of'):
            self.holidays_of = {}
        if team not in self.holidays_of:
            days = self.holidays.get(None, set()) | (self.holidays.get(team, set()) if team is not None else set())
            self.holidays_of[team] = sorted(day for day in days if self.policy['weekend'][(day + 3) % 7] == '0')
        return self.holidays_of[team]

    def day_before_workdays(self, day, count, team):
        """The last day from which `count` working days have passed by a day."""
        earlier = day
        while self.workdays(earlier, day, team) < count and earlier > FIRST_DAY:
            earlier -= 1
        return earlier

    # -- evidence -----------------------------------------------------------------------------------------------------

    def set_evidence(self):
        """Since when the sources show touches, progress and meetings; the policies override the data."""
        touches, progress, meetings = [], [], []
        for deal in self.deals:
            touches += [day for day in deal.touch_days if day >= deal.created]
            progress += [day for day in deal.evidence_of_progress if day >= deal.created]
            meetings += [day for day in deal.meeting_days if day >= deal.created]
        for name, days in (('touches_since', touches), ('progress_since', progress), ('meetings_since', meetings)):
            given = self.policy[name]
            setattr(self, name, min(days, default=None) if given is None else given)
        kinds = {event.kind for deal in self.deals for event in deal.recorded}
        self.shows_pushes = bool(kinds & {'close_date', 'close_date_state'})
        self.shows_reaching = bool(kinds & {'call', 'email'})
        self.shows_forecasts = bool(kinds & {'forecast', 'forecast_state'})
