"""The oracle of pipeline_health: a slow, plain program written straight from the specification.

It reads the five relations (pipeline_deal, pipeline_event, pipeline_stage, pipeline_quota, pipeline_policy) from an
sqlite3 connection and answers every table by looking, for each deal and each day, at the events on or before that
day.  Nothing is incremental; results are only remembered so that the same question is not worked out twice.

    database = Database(connection)
    rows = database.deal_stalled(day_of_text('2021-03-31'))      # a list of dicts in the order of the columns

A day is an int, the number of days since 1970-01-01; money is an int of 1/10,000; what cannot be answered raises
SourceError.  COLUMNS says the columns of each table.

Where the specification is silent the oracle reads it so:

 1. A change of stage to no stage (new_value NULL) is never forward and starts no visit; the visit before it ends
    (moved_back).  An own stage that is NULL is no visit either.
 2. days_in_stage counts from the last event of kind `stage` on or before T, also when it changed nothing.
 3. reasons is the empty text when there is none.
 4. A deal's win rate is that of its class where that has min_class_deals deals, else that of its verdict where there
    is one (any number of deals), else that of all open deals, else NULL.
 5. expected_amount is not rounded.  Without claimed deals it is 0 and hit_probability is 0 (1 when nothing remains).
 6. A REAL amount is multiplied by 10,000 as a double, then rounded half away from zero.
 7. A meeting row without deal_id also turns the rules on meetings on (it has a valid day and kind).
 8. The row of a stage is chosen first (the deal's pipeline, else NULL), its max_idle_days afterwards.
 9. conversation_effectiveness: the first meeting is the first usable meeting day of a deal created by to_day, also
    before its creation; the group is that of the first meeting's day; the second meeting is the next different meeting
    day, if on or before to_day and at most second_meeting_days later; pending: no other meeting day by to_day and
    to_day < first + second_meeting_days; won and lost: closed by to_day; scope 'all' always gives one row.
    from_day after to_day is an error.
10. pipeline_opening: a row for each group and quota period that contains T.  The group of a deal is that of the earlier
    of T and its closing day.  D = T - second_meeting_days, the year is (D - 365, D].  average_won_amount and cycle_days
    are over the proven deals of that year won by T.  proven_share is NULL where meetings are needed and the source has
    none on or before T.  gap_amount is rounded to 1/10,000, and from there on everything is exact.  The target is the
    policy, read as the fraction that was meant (0.3 is 3/10, no double), else the quantile over the owners (all scopes,
    a missing owner is none) with at least 5 deals in that year, of their proven_share.  Without a target
    needed_deals_at_target is needed_deals.  With gap 0 both are 0, whatever the rest.  needed_per_week is NULL without
    needed_deals or cycle_days.  The rule 'effectiveness' does not hold when proven_share or the target is NULL; the
    diagnosis is NULL when none before decided and the gap or needed_per_week is NULL.
11. verdict_backtest has rows for the verdicts that some deal had, in the order progressing, unproven, stalled, dead;
    what became of a deal does not depend on when it was closed.
12. coverage_backtest is judged on J = the earlier of period_start + lead_days and period_end; attained is what is
    known on T.
13. A period of pipeline_calendar that leaves the calendar is cut at its first or last day; its label is not.
14. win_rate rows: 'stage_verdict' by stage (NULL first) and verdict in the order of 11, then 'verdict', then 'all'.
"""

import datetime
import math
import re
from decimal import Decimal, ROUND_HALF_UP
from fractions import Fraction

UNIT = 10000
LARGEST = 2 ** 63 - 1
Z = 1.959963984540054
DAY_MS = 86400000
EPOCH = datetime.date(1970, 1, 1).toordinal()
FIRST_DAY = datetime.date(1, 1, 1).toordinal() - EPOCH
LAST_DAY = datetime.date(9999, 12, 31).toordinal() - EPOCH

KINDS = ('stage', 'amount', 'close_date', 'owner', 'meeting', 'commitment', 'reply', 'call', 'email', 'note', 'task')
NO_TOUCH = ('amount', 'close_date', 'owner', 'note', 'task')
CLIENT_ACTS = ('meeting', 'commitment', 'reply')
VERDICTS = ('progressing', 'unproven', 'stalled', 'dead')
REASONS = ('untouched', 'no_progress', 'no_second_meeting', 'overdue', 'pushed', 'ghosted', 'parked', 'aged')
SCOPES = ('all', 'team', 'owner', 'pipeline', 'stage')
QUOTA_SCOPES = ('all', 'team', 'owner')
STEPS = ('day', 'week', 'month', 'quarter', 'year')

DEFAULTS = {
    'idle_days': 30, 'untouched_days': 90, 'min_meetings': 2, 'second_meeting_days': 30, 'max_pushes': 3,
    'ghost_touches': 3, 'aged_days': 365, 'unproven_is_real': 0, 'target_coverage': 3.0, 'fiscal_year_start_month': 1,
    'utc_offset_minutes': 0, 'lookback_periods': 8, 'min_class_deals': 20, 'target_second_meeting_rate': None,
    'on_bad_row': 'skip'}

RELATIONS = {
    'pipeline_deal': (('deal_id', 'stage', 'created_at', 'outcome'),
                      ('name', 'owner', 'team', 'pipeline', 'amount', 'close_date', 'closed_at')),
    'pipeline_event': (('deal_id', 'at', 'kind'), ('old_value', 'new_value', 'recorded_at')),
    'pipeline_stage': (('stage', 'rank'), ('pipeline', 'max_idle_days')),
    'pipeline_quota': (('period_start', 'period_end', 'amount'), ('owner', 'team')),
    'pipeline_policy': (('name', 'value'), ())}

COLUMNS = {table: columns.split() for table, columns in {
    'deal_stalled':
        'deal_id name owner team pipeline stage amount created_at close_date age_days days_in_stage last_progress_at '
        'days_without_progress idle_limit_days last_touch_at days_untouched meetings next_meeting_at pushes verdict '
        'stalled stalled_since stalls_on reasons',
    'pipeline_integrity':
        'name open_deals open_amount progressing_deals progressing_amount unproven_deals unproven_amount stalled_deals '
        'stalled_amount dead_deals dead_amount real_deals real_amount integrity integrity_by_count overdue_deals '
        'pushed_deals ghosted_deals parked_deals aged_deals excluded_deals',
    'real_coverage':
        'name period_start period_end quota won_amount remaining claimed_deals claimed_amount claimed_coverage '
        'overdue_amount real_deals real_amount real_coverage false_confidence required_claimed_coverage '
        'required_real_coverage needed_amount expected_amount hit_probability verdict excluded_deals',
    'pipeline_flow':
        'name starting_deals starting_amount created_amount transferred_in_amount increased_amount decreased_amount '
        'won_amount lost_amount transferred_out_amount ending_amount ending_deals became_stalled_amount '
        'recovered_amount closed_won_amount',
    'stage_velocity':
        'pipeline stage rank entered moved_forward moved_back won lost still_in forward_share median_days p90_days '
        'progress_gap_p90_days',
    'pipeline_calendar': 'day period_start period_end label',
    'win_rate': 'class stage verdict deals deal_days won_days win_rate low high enough',
    'verdict_backtest':
        'verdict deals amount won_deals lost_deals open_deals won_amount won_share lost_share',
    'coverage_backtest':
        'name period_start period_end quota claimed_coverage real_coverage hit_probability attained_amount '
        'attainment hit',
    'conversation_effectiveness':
        'name first_meetings second_meetings pending second_meeting_rate low high median_days_to_second won_deals '
        'lost_deals won_amount',
    'pipeline_opening':
        'name period_start period_end remaining expected_amount gap_amount opened_deals proven_share win_share '
        'average_won_amount cycle_days needed_deals needed_deals_at_target first_meetings_saved needed_per_week '
        'opened_per_week diagnosis',
}.items()}


class SourceError(Exception):
    """The sources or the arguments cannot be used; `relation` says which."""

    def __init__(self, message, relation=None):
        super().__init__(message)
        self.relation = relation


# ---------------------------------------------------------------------------------------------------------------------
# Values: text, dates, money


NUMBER = re.compile(r'[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z')
DATE = re.compile(r'([0-9]{4})-([0-9]{2})-([0-9]{2})'
                  r'(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?'
                  r'(?:(Z)|([+-])([0-9]{2})(?::?([0-9]{2}))?)?)?\Z')


def is_number(value):
    return isinstance(value, (int, float)) or (isinstance(value, str) and NUMBER.match(value) is not None)


def day_of_ms(instant, offset_minutes):
    return (instant + offset_minutes * 60000) // DAY_MS


def instant_of_number(number):
    """Julian day, Unix seconds or Unix milliseconds, to the nearest millisecond."""
    if not math.isfinite(number):
        return None
    exact = Fraction(number)
    if number < 5373484.5:
        milliseconds = (exact - Fraction('2440587.5')) * DAY_MS
    elif number < 1e11:
        milliseconds = exact * 1000
    else:
        milliseconds = exact
    return math.floor(milliseconds + Fraction(1, 2))


def instant_of_text(text, offset_minutes):
    """(instant in ms, day) of an ISO-8601 text, None when it is no date."""
    match = DATE.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, _, sign, zone_hour, zone_minute = match.groups()
    try:
        date = datetime.date(int(year), int(month), int(day)).toordinal() - EPOCH
    except ValueError:
        return None
    if hour is None:
        return date * DAY_MS - offset_minutes * 60000, date
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        return None
    if int(zone_hour or 0) > 14 or int(zone_minute or 0) > 59:
        return None
    zone = (int(zone_hour or 0) * 60 + int(zone_minute or 0)) * (-1 if sign == '-' else 1)
    instant = date * DAY_MS + (int(hour) * 60 + int(minute) - zone) * 60000
    instant += int(second or 0) * 1000 + int(((fraction or '') + '000')[:3])
    return instant, day_of_ms(instant, offset_minutes)


def read_date(value, offset_minutes):
    """(instant in ms, day) of a value, None when it is bad."""
    if is_number(value):
        instant = instant_of_number(float(value))
        result = None if instant is None else (instant, day_of_ms(instant, offset_minutes))
    elif isinstance(value, str):
        result = instant_of_text(value, offset_minutes)
    else:
        result = None
    if result is None or not FIRST_DAY <= result[1] <= LAST_DAY:
        return None
    return result


def read_money(value):
    """An amount in 1/10,000, None when it is no number in range."""
    if isinstance(value, int):
        units = value * UNIT
    elif isinstance(value, float):
        product = value * UNIT
        if not math.isfinite(product):
            return None
        units = int(Decimal(product).to_integral_value(ROUND_HALF_UP))
    elif isinstance(value, str) and NUMBER.match(value.strip(' ')):
        number = Decimal(value.strip(' '))
        if number.adjusted() > 20:
            return None
        units = int(number.scaleb(4).to_integral_value(ROUND_HALF_UP)) if number.adjusted() > -20 else 0
    else:
        return None
    return units if -LARGEST - 1 <= units <= LARGEST else None


def money(units):
    return None if units is None else units / UNIT


def total(amounts):
    result = sum(amounts)
    if not -LARGEST - 1 <= result <= LARGEST:
        raise SourceError('a sum of amounts is too large')
    return result


def day_of_text(text):
    return datetime.date.fromisoformat(text).toordinal() - EPOCH


def text_of_day(day):
    return None if day is None else datetime.date.fromordinal(day + EPOCH).isoformat()


def date_of_day(day):
    return datetime.date.fromordinal(day + EPOCH)


def first_of_month(year, month):
    """The day of the first of a month; the month may be any int: 13 is January of the next year."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    if not 1 <= year <= 9999:
        return None
    return datetime.date(year, month, 1).toordinal() - EPOCH


def last_of_month(year, month):
    following = first_of_month(year, month + 1)
    return LAST_DAY if following is None else following - 1


def is_last_of_month(day):
    return day == LAST_DAY or date_of_day(day + 1).day == 1


def ratio(numerator, denominator):
    return None if denominator == 0 else numerator / denominator


def number_or_none(value):
    return None if value is None else float(value)


def quantile(values, share):
    """Type 7: linear between order statistics; exact; None for no values."""
    if not values:
        return None
    ordered = sorted(values)
    position = (len(ordered) - 1) * share
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


MEDIAN = Fraction(1, 2)
P90 = Fraction(9, 10)


def wilson(share, count):
    """The 95 % interval of a share among count."""
    if not count:
        return None, None
    square = Z * Z
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = Z / (1 + square / count) * math.sqrt(share * (1 - share) / count + square / (4 * count * count))
    return middle - half, middle + half


def name_order(name):
    """NULL first, then by bytes."""
    return (0, b'') if name is None else (1, name.encode())


def deal_order(deal):
    """Integers numerically first, then texts by bytes."""
    if re.match(r'(0|-?[1-9][0-9]{0,17})\Z', deal.deal_id):
        return 0, int(deal.deal_id), b''
    return 1, 0, deal.deal_id.encode()


# ---------------------------------------------------------------------------------------------------------------------
# Reading the sources


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
        self.created = created
        self.outcome = outcome
        self.closing_day = closing_day
        self.events = events
        self.own = {'stage': row['stage'] if outcome == 'open' else None,
                    'amount': row['amount'], 'close_date': close_date, 'owner': row['owner']}
        self.changes = {kind: [event for event in events if event.kind == kind] for kind in self.own}
        self.meeting_days = sorted({event.day for event in events if event.kind == 'meeting'})
        agreed = {event.recorded_day for event in events if event.kind == 'meeting' and event.recorded_day < event.day}
        self.commitment_days = sorted(agreed | {event.day for event in events if event.kind == 'commitment'})
        self.touch_days = sorted({event.day for event in events if event.kind not in NO_TOUCH} | agreed)
        self.client_days = sorted({event.day for event in events if event.kind in CLIENT_ACTS} | agreed)
        self.reach_days = [event.day for event in events if event.kind in ('call', 'email')]

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

    def value(self, kind, day):
        """stage(T), amount(T), close_date(T), owner(T)."""
        changes = self.changes[kind]
        if not changes:
            return self.own[kind]
        known = [event for event in changes if event.day <= day]
        return known[-1].new_value if known else changes[0].old_value

    def closing_amount(self):
        return self.value('amount', self.closing_day)

    def moves_of_close_date(self):
        """(day, was it later) of each close_date event that moved the date."""
        moves = []
        left = None
        for event in self.changes['close_date']:
            before = event.old_value if event.old_value is not None else left
            if before is not None and event.new_value is not None and before != event.new_value:
                moves.append((event.day, event.new_value > before))
            left = event.new_value
        return moves


class Assessment:
    """What a deal is on a day on which it is visible."""


def last_on_or_before(days, day, otherwise):
    known = [each for each in days if each <= day]
    return max(known) if known else otherwise


class Sources:
    """The rows of the five relations, read and checked; what cannot be used is counted and left out."""

    def __init__(self, connection):
        self.connection = connection
        self.policy = self.read_policy()
        self.offset = self.policy['utc_offset_minutes']
        self.first_meeting_day = None
        events = self.read_events()
        self.excluded_deals = 0
        self.deals = self.read_deals(events)
        for deal_id in events:
            if deal_id not in {deal.deal_id for deal in self.deals}:
                self.bad_row('pipeline_event')
        self.stages = self.read_stages()
        self.quotas = self.read_quotas()

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

    def day(self, value):
        date = read_date(value, self.offset)
        return None if date is None else date[1]

    def bad_row(self, relation):
        if self.policy['on_bad_row'] == 'error':
            raise SourceError('a bad row in ' + relation, relation)

    def read_policy(self):
        policy = dict(DEFAULTS)
        seen = set()
        for row in self.rows('pipeline_policy'):
            name = (self.text(row['name']) or '').lower()
            if name not in DEFAULTS or name in seen:
                raise SourceError('policy %r' % name, 'pipeline_policy')
            seen.add(name)
            if row['value'] is not None:
                policy[name] = self.policy_value(name, row['value'])
        return policy

    @staticmethod
    def policy_value(name, value):
        if name == 'on_bad_row':
            if str(value).lower() not in ('skip', 'error'):
                raise SourceError('policy on_bad_row', 'pipeline_policy')
            return str(value).lower()
        if not is_number(value):
            raise SourceError('policy %s' % name, 'pipeline_policy')
        number = float(value)
        if name in ('target_coverage', 'target_second_meeting_rate'):
            if number < 0 or (name == 'target_second_meeting_rate' and number > 1):
                raise SourceError('policy %s' % name, 'pipeline_policy')
            return number
        lowest, highest = {'unproven_is_real': (0, 1), 'fiscal_year_start_month': (1, 12),
                           'utc_offset_minutes': (-840, 840)}.get(name, (0, 36500))
        if number != int(number) or not lowest <= number <= highest:
            raise SourceError('policy %s' % name, 'pipeline_policy')
        return int(number)

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
        at = read_date(row['at'], self.offset)
        kind = (self.text(row['kind']) or '').lower()
        if at is None or kind not in KINDS:
            return None
        instant, day = at
        if kind == 'meeting' and (self.first_meeting_day is None or day < self.first_meeting_day):
            self.first_meeting_day = day
        deal_id = self.text(row['deal_id'])
        if deal_id is None:
            return None
        old_value, new_value = row['old_value'], row['new_value']
        if kind == 'close_date':
            for value in (old_value, new_value):
                if value is not None and self.day(value) is None:
                    return None
            old_value, new_value = self.day(old_value), self.day(new_value)
        elif kind == 'amount':
            old_value, new_value = read_money(old_value) or 0, read_money(new_value) or 0
        else:
            old_value, new_value = self.text(old_value), self.text(new_value)
        recorded_day = self.day(row['recorded_at'])
        return Event(deal_id, instant, day, kind, old_value, new_value, day if recorded_day is None else recorded_day)

    def read_deals(self, events):
        deals = {}
        taken = set()
        for row in self.rows('pipeline_deal'):
            deal = self.read_deal(row, taken, events)
            if deal is None:
                self.excluded_deals += 1
                self.bad_row('pipeline_deal')
            else:
                deals[deal.deal_id] = deal
        return sorted(deals.values(), key=deal_order)

    def read_deal(self, row, taken, events):
        for column in ('deal_id', 'name', 'owner', 'team', 'pipeline', 'stage'):
            row[column] = self.text(row[column])
        created = self.day(row['created_at'])
        outcome = (self.text(row['outcome']) or '').lower()
        close_date, closed_at = self.day(row['close_date']), self.day(row['closed_at'])
        if row['deal_id'] is None or created is None or outcome not in ('open', 'won', 'lost'):
            return None
        if row['close_date'] is not None and close_date is None:
            return None
        if row['closed_at'] is not None and closed_at is None:
            return None
        if row['deal_id'] in taken:
            return None
        taken.add(row['deal_id'])  # also where the deal turns out to be closed without any day
        of_deal = events.get(row['deal_id'], [])
        closing_day = None
        if outcome != 'open':
            closing_day = closed_at
            if closing_day is None:
                closing_day = close_date
            if closing_day is None and of_deal:
                closing_day = of_deal[-1].day
            if closing_day is None:
                return None
        row['amount'] = read_money(row['amount']) or 0
        return Deal(row, created, close_date, outcome, closing_day, of_deal)

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
            stages[key] = (float(row['rank']), None if limit is None else int(float(limit)))
        return stages

    def read_quotas(self):
        quotas = []
        for row in self.rows('pipeline_quota'):
            start, end = self.day(row['period_start']), self.day(row['period_end'])
            if start is None or end is None or end < start:
                self.bad_row('pipeline_quota')
                continue
            quotas.append((start, end, self.text(row['owner']), self.text(row['team']), read_money(row['amount']) or 0))
        return quotas


# ---------------------------------------------------------------------------------------------------------------------
# The tables


class Database(Sources):
    """The tables over the sources of one connection, as they are when the object is made."""

    def __init__(self, connection):
        super().__init__(connection)
        self.remembered = {}
        for deal in self.deals:
            deal.forward_days = self.forward_days(deal)
            deal.progress_days = sorted(set(deal.forward_days + deal.meeting_days + deal.commitment_days))

    def remember(self, key, answer):
        if key not in self.remembered:
            self.remembered[key] = answer()
        return self.remembered[key]

    # -- a deal on a day ----------------------------------------------------------------------------------------------

    def stage_row(self, deal, stage):
        """(rank, max_idle_days) of a stage for the deal's pipeline."""
        for pipeline in (deal.pipeline, None):
            if (stage, pipeline) in self.stages:
                return self.stages[stage, pipeline]
        return None, None

    def forward_days(self, deal):
        changes = deal.changes['stage']
        been_in = [changes[0].old_value] if changes and changes[0].old_value is not None else []
        days = []
        for event in changes:
            stage = event.new_value
            if stage is None:
                continue
            rank = self.stage_row(deal, stage)[0]
            if rank is None:
                forward = stage not in been_in
            else:
                ranks = [self.stage_row(deal, each)[0] for each in been_in]
                forward = all(rank > each for each in ranks if each is not None)
            if forward:
                days.append(event.day)
            been_in.append(stage)
        return days

    def assess(self, deal, day):
        return self.remember((deal.deal_id, day), lambda: self.assessment(deal, day))

    def assessment(self, deal, day):
        found = Assessment()
        for kind in ('stage', 'amount', 'close_date', 'owner'):
            setattr(found, kind, deal.value(kind, day))
        limit = self.stage_row(deal, found.stage)[1]
        found.idle_limit = self.policy['idle_days'] if limit is None else limit
        found.last_progress = last_on_or_before(deal.progress_days, day, deal.created)
        found.last_touch = last_on_or_before(deal.touch_days, day, deal.created)
        found.meetings = len([each for each in deal.meeting_days if each <= day])
        found.moves = [move for move in deal.moves_of_close_date() if move[0] <= day]
        found.pushes = len([each for each, later in found.moves if later and each != deal.closing_day])
        last_act = last_on_or_before(deal.client_days, day, deal.created)
        found.unanswered = len([each for each in deal.reach_days if last_act < each <= day])
        found.meeting_rules = self.first_meeting_day is not None and self.first_meeting_day <= day
        found.reasons = self.reasons(deal, day, found)
        found.verdict = self.verdict(found)
        found.stalled = found.verdict in ('stalled', 'dead')
        found.real = found.verdict == 'progressing' or (
            found.verdict == 'unproven' and self.policy['unproven_is_real'] == 1)
        return found

    def reasons(self, deal, day, found):
        policy = self.policy
        holds = (
            day - found.last_touch >= policy['untouched_days'],
            day - found.last_progress > found.idle_limit,
            self.lacks_meetings(found) and day - deal.created >= policy['second_meeting_days'],
            found.close_date is not None and found.close_date < day,
            found.pushes >= policy['max_pushes'],
            found.unanswered >= policy['ghost_touches'],
            self.parked(deal, found),
            day - deal.created > policy['aged_days'])
        return [reason for reason, held in zip(REASONS, holds) if held]

    def lacks_meetings(self, found):
        return found.meeting_rules and found.meetings < self.policy['min_meetings']

    def parked(self, deal, found):
        if found.close_date is None or found.moves or not is_last_of_month(found.close_date):
            return False
        date, created = date_of_day(found.close_date), date_of_day(deal.created)
        ends_quarter = (date.month - self.policy['fiscal_year_start_month']) % 3 == 2
        return ends_quarter or (date.year, date.month) == (created.year, created.month)

    def verdict(self, found):
        if 'untouched' in found.reasons:
            return 'dead'
        if 'no_progress' in found.reasons or 'no_second_meeting' in found.reasons:
            return 'stalled'
        return 'unproven' if self.lacks_meetings(found) else 'progressing'

    def group(self, deal, day, scope):
        if scope == 'all':
            return None
        if scope == 'team':
            return deal.team
        if scope == 'pipeline':
            return deal.pipeline
        return deal.value(scope, day)

    # -- deal_stalled, pipeline_integrity -----------------------------------------------------------------------------

    def deal_stalled(self, as_of):
        rows = []
        for deal in self.deals:
            if deal.open(as_of):
                rows.append(self.deal_stalled_row(deal, as_of, self.assess(deal, as_of)))
        return rows

    def deal_stalled_row(self, deal, as_of, found):
        stage_days = [event.day for event in deal.changes['stage'] if event.day <= as_of]
        agreed = [event.day for event in deal.events
                  if event.kind == 'meeting' and event.day > as_of >= event.recorded_day]
        return {
            'deal_id': deal.deal_id, 'name': deal.name, 'owner': found.owner, 'team': deal.team,
            'pipeline': deal.pipeline, 'stage': found.stage, 'amount': money(found.amount),
            'created_at': text_of_day(deal.created), 'close_date': text_of_day(found.close_date),
            'age_days': as_of - deal.created,
            'days_in_stage': as_of - (stage_days[-1] if stage_days else deal.created),
            'last_progress_at': text_of_day(found.last_progress),
            'days_without_progress': as_of - found.last_progress, 'idle_limit_days': found.idle_limit,
            'last_touch_at': text_of_day(found.last_touch), 'days_untouched': as_of - found.last_touch,
            'meetings': found.meetings, 'next_meeting_at': text_of_day(min(agreed) if agreed else None),
            'pushes': found.pushes, 'verdict': found.verdict, 'stalled': int(found.stalled),
            'stalled_since': text_of_day(self.stalled_since(deal, as_of)),
            'stalls_on': text_of_day(self.stalls_on(deal, found)), 'reasons': ','.join(found.reasons)}

    def stalled_since(self, deal, as_of):
        since = None
        day = as_of
        while deal.open(day) and self.assess(deal, day).stalled:
            since = day
            day -= 1
        return since

    def stalls_on(self, deal, found):
        if found.stalled:
            return None
        days = [found.last_touch + self.policy['untouched_days'], found.last_progress + found.idle_limit + 1]
        if self.lacks_meetings(found):
            days.append(deal.created + self.policy['second_meeting_days'])
        return min(days) if min(days) <= LAST_DAY else None

    def pipeline_integrity(self, as_of, scope='all'):
        groups = {None: []} if scope == 'all' else {}
        for deal in self.deals:
            if deal.open(as_of):
                groups.setdefault(self.group(deal, as_of, scope), []).append(self.assess(deal, as_of))
        return [self.integrity_row(name, groups[name]) for name in sorted(groups, key=name_order)]

    def integrity_row(self, name, assessments):
        open_amount = total(each.amount for each in assessments)
        row = {'name': name, 'open_deals': len(assessments), 'open_amount': money(open_amount)}
        for verdict in VERDICTS:
            of_verdict = [each.amount for each in assessments if each.verdict == verdict]
            row[verdict + '_deals'] = len(of_verdict)
            row[verdict + '_amount'] = money(total(of_verdict))
        real = [each.amount for each in assessments if each.real]
        row['real_deals'] = len(real)
        row['real_amount'] = money(total(real))
        row['integrity'] = ratio(total(real), open_amount)
        row['integrity_by_count'] = ratio(len(real), len(assessments))
        for reason in ('overdue', 'pushed', 'ghosted', 'parked', 'aged'):
            row[reason + '_deals'] = len([each for each in assessments if reason in each.reasons])
        row['excluded_deals'] = self.excluded_deals
        return row

    # -- real_coverage ------------------------------------------------------------------------------------------------

    def quota_groups(self, scope):
        """{(name, period_start, period_end): quota}"""
        periods = sorted({quota[:2] for quota in self.quotas})
        result = {}
        for period in periods:
            rows = [quota[2:] for quota in self.quotas if quota[:2] == period]
            if scope == 'all':
                candidates = {None: [[amount for owner, team, amount in rows if owner is None and team is None],
                                     [amount for owner, team, amount in rows if owner is not None],
                                     [amount for owner, team, amount in rows if team is not None]]}
            elif scope == 'team':
                candidates = {name: [[amount for owner, team, amount in rows if team == name and owner is None],
                                     [amount for owner, team, amount in rows if team == name]]
                              for name in {team for owner, team, amount in rows if team is not None}}
            else:
                candidates = {name: [[amount for owner, team, amount in rows if owner == name]]
                              for name in {owner for owner, team, amount in rows if owner is not None}}
            for name, choices in candidates.items():
                chosen = next((choice for choice in choices if choice), None)
                if chosen is not None:
                    result[(name,) + period] = total(chosen)
        return result

    def ordered_quotas(self, scope):
        quotas = self.quota_groups(scope)
        for key in sorted(quotas, key=lambda key: (name_order(key[0]), key[1], key[2])):
            yield key, quotas[key]

    def won_amount(self, known_on, scope, name, first, last):
        """Won from first to last in the group that had the deal on its closing day."""
        return total(deal.closing_amount() for deal in self.deals
                     if deal.outcome == 'won' and deal.visible(known_on) and first <= deal.closing_day <= last
                     and self.group(deal, deal.closing_day, scope) == name)

    def claimed(self, day, scope, name, start, end):
        """The assessments of the deals claimed for a period."""
        result = []
        for deal in self.deals:
            if not deal.open(day) or self.group(deal, day, scope) != name:
                continue
            found = self.assess(deal, day)
            if found.close_date is None:
                continue
            if start <= found.close_date <= end or (start <= day <= end and found.close_date < day):
                result.append(found)
        return result

    def earlier_periods(self, as_of, start, end):
        """The last lookback_periods periods of the same length that ended before as_of and count."""
        first_created = min((deal.created for deal in self.deals), default=LAST_DAY)
        result = []
        moved = 0
        while len(result) < self.policy['lookback_periods']:
            moved += 1
            period = self.moved_back(start, end, moved)
            if period is None or period[0] < first_created:
                break
            if period[1] < as_of:
                result.append(period)
        return result

    @staticmethod
    def moved_back(start, end, times):
        first, last = date_of_day(start), date_of_day(end)
        if first.day == 1 and is_last_of_month(end):
            months = ((last.year - first.year) * 12 + last.month - first.month + 1) * times
            new_start = first_of_month(first.year, first.month - months)
            if new_start is None:
                return None
            return new_start, last_of_month(last.year, last.month - months)
        length = (end - start + 1) * times
        return None if start - length < FIRST_DAY else (start - length, end - length)

    def required_coverage(self, as_of, scope, name, start, end):
        """(claimed, real) coverage that the group's own history asks for, exact."""
        claimed = real = won = 0
        for earlier_start, earlier_end in self.earlier_periods(as_of, start, end):
            day = min(earlier_start + as_of - start, earlier_end)
            then = self.claimed(day, scope, name, earlier_start, earlier_end)
            claimed += sum(each.amount for each in then)
            real += sum(each.amount for each in then if each.real)
            won += self.won_amount(as_of, scope, name, max(day + 1, earlier_start), earlier_end)
        if won <= 0:
            return Fraction(self.policy['target_coverage']), Fraction(self.policy['target_coverage'])
        return Fraction(claimed, won), Fraction(real, won)

    def expectation(self, as_of, claimed, remaining, horizon):
        """(expected amount in units, probability to reach remaining), exact and float; None when not known."""
        chances = []
        for found in claimed:
            rate = self.deal_win_rate(found, as_of, horizon)
            if rate is None:
                return None, None
            chances.append((found.amount, rate))
        return sum((amount * rate for amount, rate in chances), Fraction(0)), hit_probability(chances, remaining)

    def coverage(self, as_of, scope, name, start, end, quota):
        """The figures of a row of real_coverage, money in units and exact."""
        claimed = self.claimed(as_of, scope, name, start, end)
        won = self.won_amount(as_of, scope, name, start, min(as_of, end))
        figures = {'won': won, 'remaining': max(quota - won, 0), 'claimed_deals': len(claimed),
                   'claimed': total(each.amount for each in claimed),
                   'overdue': total(each.amount for each in claimed if each.close_date < as_of),
                   'real_deals': len([each for each in claimed if each.real]),
                   'real': total(each.amount for each in claimed if each.real)}
        figures['expected'], figures['hit_probability'] = self.expectation(
            as_of, claimed, figures['remaining'], end - as_of)
        return figures

    def real_coverage(self, as_of, scope='all'):
        rows = []
        for (name, start, end), quota in self.ordered_quotas(scope):
            if end >= as_of:
                figures = self.coverage(as_of, scope, name, start, end, quota)
                required = self.required_coverage(as_of, scope, name, start, end)
                rows.append(self.coverage_row(name, start, end, quota, figures, required))
        return rows

    def coverage_row(self, name, start, end, quota, figures, required):
        remaining, claimed, real = figures['remaining'], figures['claimed'], figures['real']
        needed = max(round_half_away(required[1] * remaining) - real, 0)
        return {
            'name': name, 'period_start': text_of_day(start), 'period_end': text_of_day(end), 'quota': money(quota),
            'won_amount': money(figures['won']), 'remaining': money(remaining),
            'claimed_deals': figures['claimed_deals'], 'claimed_amount': money(claimed),
            'claimed_coverage': ratio(claimed, remaining), 'overdue_amount': money(figures['overdue']),
            'real_deals': figures['real_deals'], 'real_amount': money(real),
            'real_coverage': ratio(real, remaining), 'false_confidence': money(claimed - real),
            'required_claimed_coverage': float(required[0]), 'required_real_coverage': float(required[1]),
            'needed_amount': money(needed), 'expected_amount': number_or_none(money(figures['expected'])),
            'hit_probability': figures['hit_probability'],
            'verdict': coverage_verdict(remaining, claimed, real, required), 'excluded_deals': self.excluded_deals}

    # -- win rates ----------------------------------------------------------------------------------------------------

    def class_counts(self, as_of, horizon):
        return self.remember(('classes', as_of, horizon), lambda: self.count_classes(as_of, horizon))

    def count_classes(self, as_of, horizon):
        """{class: [set of deals, deal days, won days]} walking every day of every deal."""
        counts = {}
        for deal in self.deals:
            for day in range(deal.created, as_of - horizon + 1):
                if not deal.open(day):
                    break
                won = deal.outcome == 'won' and day < deal.closing_day <= day + horizon
                found = self.assess(deal, day)
                for key in (('stage_verdict', found.stage, found.verdict), ('verdict', None, found.verdict),
                            ('all', None, None)):
                    count = counts.setdefault(key, [set(), 0, 0])
                    count[0].add(deal.deal_id)
                    count[1] += 1
                    count[2] += won
        return counts

    def deal_win_rate(self, found, as_of, horizon):
        counts = self.class_counts(as_of, horizon)
        own = counts.get(('stage_verdict', found.stage, found.verdict))
        if own is not None and len(own[0]) >= self.policy['min_class_deals']:
            return Fraction(own[2], own[1])
        for key in (('verdict', None, found.verdict), ('all', None, None)):
            if key in counts:
                return Fraction(counts[key][2], counts[key][1])
        return None

    def win_rate(self, as_of, horizon=90):
        def order(key):
            kind, stage, verdict = key
            return (('stage_verdict', 'verdict', 'all').index(kind), name_order(stage),
                    VERDICTS.index(verdict) if verdict else 0)
        counts = self.class_counts(as_of, horizon)
        rows = []
        for key in sorted(counts, key=order):
            deals, deal_days, won_days = counts[key]
            low, high = wilson(won_days / deal_days, len(deals))
            rows.append({'class': key[0], 'stage': key[1], 'verdict': key[2], 'deals': len(deals),
                         'deal_days': deal_days, 'won_days': won_days, 'win_rate': won_days / deal_days,
                         'low': low, 'high': high, 'enough': int(len(deals) >= self.policy['min_class_deals'])})
        return rows

    # -- pipeline_flow ------------------------------------------------------------------------------------------------

    def pipeline_flow(self, from_day, to_day, scope='all'):
        if from_day > to_day:
            raise SourceError('from_day is after to_day')
        groups = {}

        def add(name, column, amount):
            group = groups.setdefault(name, dict.fromkeys(COLUMNS['pipeline_flow'][1:], 0))
            group[column] += amount
        if scope == 'all':
            add(None, 'starting_deals', 0)
        for deal in self.deals:
            self.flow_of_deal(deal, from_day, to_day, scope, add)
            if deal.won(to_day) and from_day < deal.closing_day:
                day = deal.closing_day - 1 if scope == 'stage' else deal.closing_day
                add(self.group(deal, day, scope), 'closed_won_amount', deal.closing_amount())
        rows = []
        for name in sorted(groups, key=name_order):
            row = {'name': name}
            for column in COLUMNS['pipeline_flow'][1:]:
                value = groups[name][column]
                row[column] = money(total([value])) if column.endswith('_amount') else value
            rows.append(row)
        return rows

    def flow_of_deal(self, deal, from_day, to_day, scope, add):
        started, ended = deal.open(from_day), deal.open(to_day)
        before = self.assess(deal, from_day) if started else None
        after = self.assess(deal, to_day) if ended else None
        old_name, new_name = self.group(deal, from_day, scope), self.group(deal, to_day, scope)
        if started:
            add(old_name, 'starting_deals', 1)
            add(old_name, 'starting_amount', before.amount)
        if ended:
            add(new_name, 'ending_deals', 1)
            add(new_name, 'ending_amount', after.amount)
        if started and ended:
            if old_name != new_name:
                add(old_name, 'transferred_out_amount', before.amount)
                add(new_name, 'transferred_in_amount', before.amount)
            add(new_name, 'increased_amount', max(after.amount - before.amount, 0))
            add(new_name, 'decreased_amount', max(before.amount - after.amount, 0))
        elif started:
            add(old_name, deal.outcome + '_amount', before.amount)
        elif ended:
            add(new_name, 'created_amount', after.amount)
        if ended and after.stalled and not (started and before.stalled):
            add(new_name, 'became_stalled_amount', after.amount)
        if ended and not after.stalled and started and before.stalled:
            add(new_name, 'recovered_amount', after.amount)

    # -- stage_velocity -----------------------------------------------------------------------------------------------

    def stage_velocity(self, as_of):
        visits, gaps = {}, {}
        for deal in self.deals:
            if not deal.visible(as_of):
                continue
            for stage, days, end in self.visits(deal, as_of):
                visits.setdefault((deal.pipeline, stage), []).append((days, end))
            if deal.won(as_of):
                days = [day for day in deal.progress_days if day <= deal.closing_day]
                for earlier, later in zip(days, days[1:]):
                    stage = deal.value('stage', earlier)
                    if all(deal.value('stage', day) == stage for day in range(earlier, later)):
                        gaps.setdefault((deal.pipeline, stage), []).append(later - earlier)
        rows = []
        for pipeline, stage in visits:
            rank = self.rank_in_pipeline(pipeline, stage)
            rows.append(velocity_row(pipeline, stage, rank, visits[pipeline, stage], gaps.get((pipeline, stage), [])))

        def order(row):
            return (name_order(row['pipeline']), row['rank'] is None, row['rank'] or 0, name_order(row['stage']))
        return sorted(rows, key=order)

    def rank_in_pipeline(self, pipeline, stage):
        row = self.stages.get((stage, pipeline)) or self.stages.get((stage, None))
        return row[0] if row else None

    def visits(self, deal, as_of):
        """(stage, days or None, how it ended) of each visit known on as_of."""
        changes = deal.changes['stage']
        known = [event for event in changes if event.day <= as_of
                 and (deal.closing_day is None or event.day < deal.closing_day)]
        stage = changes[0].old_value if changes else deal.own['stage']
        entered = deal.created
        been_in = {stage}
        result = []
        for event in known:
            if event.new_value == stage:
                continue
            if stage is not None:
                end = 'moved_forward' if self.moves_forward(deal, stage, event.new_value, been_in) else 'moved_back'
                result.append((stage, max(event.day - entered, 0), end))
            stage, entered = event.new_value, event.day
            been_in.add(stage)
        if stage is not None:
            if deal.closed(as_of):
                result.append((stage, max(deal.closing_day - entered, 0), deal.outcome))
            else:
                result.append((stage, None, 'still_in'))
        return result

    def moves_forward(self, deal, old_stage, new_stage, been_in):
        old_rank, new_rank = self.stage_row(deal, old_stage)[0], self.stage_row(deal, new_stage)[0]
        if old_rank is not None and new_rank is not None:
            return new_rank > old_rank
        return new_stage is not None and new_stage not in been_in

    # -- pipeline_calendar --------------------------------------------------------------------------------------------

    def pipeline_calendar(self, first_day, last_day, step='month'):
        return calendar(first_day, last_day, step, self.policy['fiscal_year_start_month'])

    # -- looking back -------------------------------------------------------------------------------------------------

    def verdict_backtest(self, as_of):
        rows = []
        for verdict in VERDICTS:
            deals = [deal for deal in self.deals if deal.open(as_of) and self.assess(deal, as_of).verdict == verdict]
            if not deals:
                continue
            won = [deal for deal in deals if deal.outcome == 'won']
            lost = [deal for deal in deals if deal.outcome == 'lost']
            rows.append({
                'verdict': verdict, 'deals': len(deals),
                'amount': money(total(self.assess(deal, as_of).amount for deal in deals)),
                'won_deals': len(won), 'lost_deals': len(lost), 'open_deals': len(deals) - len(won) - len(lost),
                'won_amount': money(total(deal.closing_amount() for deal in won)),
                'won_share': ratio(len(won), len(won) + len(lost)),
                'lost_share': ratio(len(lost), len(won) + len(lost))})
        return rows

    def coverage_backtest(self, as_of, scope='all', lead_days=21):
        rows = []
        for (name, start, end), quota in self.ordered_quotas(scope):
            if end > as_of:
                continue
            figures = self.coverage(min(start + lead_days, end), scope, name, start, end, quota)
            attained = self.won_amount(as_of, scope, name, start, end)
            rows.append({
                'name': name, 'period_start': text_of_day(start), 'period_end': text_of_day(end),
                'quota': money(quota), 'claimed_coverage': ratio(figures['claimed'], figures['remaining']),
                'real_coverage': ratio(figures['real'], figures['remaining']),
                'hit_probability': figures['hit_probability'], 'attained_amount': money(attained),
                'attainment': ratio(attained, quota), 'hit': int(attained >= quota)})
        return rows

    # -- opening and the conversation ---------------------------------------------------------------------------------

    def conversation_effectiveness(self, from_day, to_day, scope='all'):
        if from_day > to_day:
            raise SourceError('from_day is after to_day')
        groups = {None: []} if scope == 'all' else {}
        for deal in self.deals:
            if deal.visible(to_day) and deal.meeting_days and from_day <= deal.meeting_days[0] <= to_day:
                groups.setdefault(self.group(deal, deal.meeting_days[0], scope), []).append(deal)
        return [self.conversation_row(name, groups[name], to_day) for name in sorted(groups, key=name_order)]

    def conversation_row(self, name, deals, to_day):
        within = self.policy['second_meeting_days']
        days_to_second, pending = [], 0
        for deal in deals:
            first = deal.meeting_days[0]
            later = [day for day in deal.meeting_days[1:] if day <= to_day]
            if later and later[0] - first <= within:
                days_to_second.append(later[0] - first)
            elif not later and to_day < first + within:
                pending += 1
        decided = len(deals) - pending
        rate = ratio(len(days_to_second), decided)
        low, high = wilson(rate, decided)
        won = [deal for deal in deals if deal.won(to_day)]
        return {'name': name, 'first_meetings': len(deals), 'second_meetings': len(days_to_second),
                'pending': pending, 'second_meeting_rate': rate, 'low': low, 'high': high,
                'median_days_to_second': number_or_none(quantile(days_to_second, MEDIAN)),
                'won_deals': len(won), 'lost_deals': len([deal for deal in deals if deal.lost(to_day)]),
                'won_amount': money(total(deal.closing_amount() for deal in won))}

    def group_so_far(self, deal, as_of, scope):
        """The group on as_of, of a closed deal that of its closing day."""
        return self.group(deal, deal.closing_day if deal.closed(as_of) else as_of, scope)

    def proven(self, deal):
        day = deal.created + self.policy['second_meeting_days']
        return len([each for each in deal.meeting_days if each <= day]) >= self.policy['min_meetings']

    def deals_of_year(self, as_of, scope, name):
        last = as_of - self.policy['second_meeting_days']
        return [deal for deal in self.deals
                if last - 365 < deal.created <= last and self.group_so_far(deal, as_of, scope) == name]

    def proven_share(self, deals):
        return None if not deals else Fraction(len([deal for deal in deals if self.proven(deal)]), len(deals))

    def target_rate(self, as_of):
        if self.policy['target_second_meeting_rate'] is not None:
            return Fraction(self.policy['target_second_meeting_rate']).limit_denominator(10 ** 6)
        owners = {self.group_so_far(deal, as_of, 'owner') for deal in self.deals} - {None}
        deals = [self.deals_of_year(as_of, 'owner', owner) for owner in owners]
        return quantile([self.proven_share(each) for each in deals if len(each) >= 5], Fraction(3, 4))

    def pipeline_opening(self, as_of, scope='all'):
        rows = []
        for (name, start, end), quota in self.ordered_quotas(scope):
            if start <= as_of <= end:
                figures = self.coverage(as_of, scope, name, start, end, quota)
                rows.append(self.opening_row(as_of, scope, name, start, end, figures))
        return rows

    def opening_row(self, as_of, scope, name, start, end, figures):
        expected = figures['expected']
        gap = None if expected is None else total([max(round_half_away(figures['remaining'] - expected), 0)])
        opened = len([deal for deal in self.deals
                      if start <= deal.created <= as_of and self.group_so_far(deal, as_of, scope) == name])
        deals = self.deals_of_year(as_of, scope, name)
        meetings_known = self.first_meeting_day is not None and self.first_meeting_day <= as_of
        share = self.proven_share(deals) if meetings_known or self.policy['min_meetings'] == 0 else None
        closed = [deal for deal in deals if self.proven(deal) and deal.closed(as_of)]
        won = [deal for deal in closed if deal.won(as_of)]
        win_share = Fraction(len(won), len(closed)) if closed else None
        average = Fraction(total(deal.closing_amount() for deal in won), len(won)) if won else None
        cycle = quantile([deal.closing_day - deal.created for deal in won], MEDIAN)
        target = self.target_rate(as_of)
        needed = needed_deals(gap, share, win_share, average)
        better = share if share is None or target is None else max(share, target)
        needed_at_target = needed_deals(gap, better, win_share, average)
        opened_per_week = opened / max(1, Fraction(as_of - start + 1, 7))
        needed_per_week = None
        if needed is not None and cycle is not None:
            needed_per_week = needed / max(1, Fraction(end - cycle - as_of) / 7)
        saved = None if needed is None or needed_at_target is None else needed - needed_at_target
        return {
            'name': name, 'period_start': text_of_day(start), 'period_end': text_of_day(end),
            'remaining': money(figures['remaining']), 'expected_amount': number_or_none(money(expected)),
            'gap_amount': money(gap), 'opened_deals': opened, 'proven_share': number_or_none(share),
            'win_share': number_or_none(win_share), 'average_won_amount': number_or_none(money(average)),
            'cycle_days': number_or_none(cycle), 'needed_deals': needed, 'needed_deals_at_target': needed_at_target,
            'first_meetings_saved': saved, 'needed_per_week': number_or_none(needed_per_week),
            'opened_per_week': float(opened_per_week),
            'diagnosis': diagnosis(gap, share, target, opened_per_week, needed_per_week)}


def round_half_away(value):
    """A Fraction to the nearest int, halves away from zero."""
    return math.floor(value + Fraction(1, 2)) if value >= 0 else -math.floor(-value + Fraction(1, 2))


def coverage_verdict(remaining, claimed, real, required):
    if remaining == 0:
        return 'hit'
    if Fraction(real, remaining) >= required[1]:
        return 'covered'
    if Fraction(claimed, remaining) >= required[0]:
        return 'false_confidence'
    return 'short'


def sum_distribution(chances):
    """{sum of the won amounts: probability}"""
    distribution = {0: 1.0}
    for amount, rate in chances:
        following = {}
        for reached, probability in distribution.items():
            for gained, chance in ((amount, float(rate)), (0, 1 - float(rate))):
                if chance > 0:
                    following[reached + gained] = following.get(reached + gained, 0.0) + probability * chance
        distribution = following
    return distribution


def hit_probability(chances, remaining):
    """The probability that the won amounts reach remaining: every subset of each half, then every pair of sums."""
    half = len(chances) // 2
    first = sorted(sum_distribution(chances[:half]).items())
    second = sorted(sum_distribution(chances[half:]).items(), reverse=True)
    result = at_least = 0.0
    place = 0
    for reached, probability in first:
        while place < len(second) and reached + second[place][0] >= remaining:
            at_least += second[place][1]
            place += 1
        result += probability * at_least
    return result


def velocity_row(pipeline, stage, rank, visits, gaps):
    ends = [end for days, end in visits]
    finished = [days for days, end in visits if end != 'still_in']
    row = {'pipeline': pipeline, 'stage': stage, 'rank': rank, 'entered': len(visits)}
    for end in ('moved_forward', 'moved_back', 'won', 'lost', 'still_in'):
        row[end] = ends.count(end)
    row['forward_share'] = ratio(row['moved_forward'] + row['won'], len(finished))
    row['median_days'] = number_or_none(quantile(finished, MEDIAN))
    row['p90_days'] = number_or_none(quantile(finished, P90))
    row['progress_gap_p90_days'] = number_or_none(quantile(gaps, P90))
    return row


def needed_deals(gap, share, win_share, average):
    if gap is None:
        return None
    if gap == 0:
        return 0
    if share is None or win_share is None or average is None or share * win_share * average <= 0:
        return None
    return total([math.ceil(gap / (share * win_share * average))])


def diagnosis(gap, share, target, opened_per_week, needed_per_week):
    if gap is not None and gap == 0:
        return 'on_track'
    if share is not None and target is not None and share < target:
        return 'effectiveness'
    if gap is None or needed_per_week is None:
        return None
    return 'opening' if opened_per_week < needed_per_week else 'on_track'


def calendar_period(day, step, first_month):
    """(first day, last day, label) of the period that contains a day."""
    date = date_of_day(day)
    if step == 'day':
        return day, day, date.isoformat()
    if step == 'week':
        start = day - date.weekday()
        return start, start + 6, '%04d-W%02d' % date.isocalendar()[:2]
    if step == 'month':
        return first_of_month(date.year, date.month), last_of_month(date.year, date.month), date.isoformat()[:7]
    into_year = (date.month - first_month) % 12
    ending_year = (date.year * 12 + date.month - 1 - into_year + 11) // 12
    if step == 'quarter':
        start_month = date.month - into_year % 3
        return (first_of_month(date.year, start_month), last_of_month(date.year, start_month + 2),
                '%04d-Q%d' % (ending_year, into_year // 3 + 1))
    start_month = date.month - into_year
    return (first_of_month(date.year, start_month), last_of_month(date.year, start_month + 11), '%04d' % ending_year)


def calendar(first_day, last_day, step, first_month):
    rows = []
    day = first_day
    while day <= last_day:
        start, end, label = calendar_period(day, step, first_month)
        start, end = FIRST_DAY if start is None else start, min(end, LAST_DAY)
        rows.append({'day': text_of_day(min(end, last_day)), 'period_start': text_of_day(start),
                     'period_end': text_of_day(end), 'label': label})
        day = end + 1
    return rows
