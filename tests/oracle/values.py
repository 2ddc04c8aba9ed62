"""Values of the oracle: days, time zones, money, the order of rows, and a few figures of statistics.

A day is an int, the number of days since 1970-01-01; an instant an int of milliseconds; money an int of 1/10,000.
"""

import datetime
import io
import math
import re
import struct
import zoneinfo
from decimal import Decimal, ROUND_HALF_UP
from fractions import Fraction

UNIT = 10000
LARGEST = 2 ** 63 - 1
Z = 1.959963984540054
DAY_MS = 86400000
EPOCH = datetime.date(1970, 1, 1).toordinal()
FIRST_DAY = datetime.date(1, 1, 1).toordinal() - EPOCH
LAST_DAY = datetime.date(9999, 12, 31).toordinal() - EPOCH
MONTHS = ('january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november',
          'december')
MISSING = object()      # a zero date, which is no date and not bad


class SourceError(Exception):
    """The sources or the arguments cannot be used; `relation` says which."""

    def __init__(self, message, relation=None):
        super().__init__(message)
        self.relation = relation


# ---------------------------------------------------------------------------------------------------------------------
# Time zones


class Zone:
    """Where an instant becomes a day: an IANA name, a POSIX rule, or a fixed number of minutes."""

    def __init__(self, name=None, minutes=0):
        if name is None:
            self.rules = datetime.timezone(datetime.timedelta(minutes=minutes))
        else:
            self.rules = named_zone(name)

    def day(self, instant):
        """The day of an instant, None outside of the calendar."""
        try:
            moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(
                milliseconds=instant)
            return moment.astimezone(self.rules).date().toordinal() - EPOCH
        except (OverflowError, ValueError):
            return None

    def start(self, day):
        """The instant at which a day begins."""
        local = datetime.datetime.combine(date_of_day(day), datetime.time(), self.rules)
        return day * DAY_MS - round(local.utcoffset().total_seconds() * 1000)


def named_zone(name):
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        pass
    try:    # a zone file that has the rule alone
        head = b'TZif2' + bytes(15) + struct.pack('>6l', 0, 0, 0, 0, 1, 4) + struct.pack('>lbb', 0, 0, 0) + b'UTC\0'
        return zoneinfo.ZoneInfo.from_file(io.BytesIO(head + head + b'\n' + name.encode() + b'\n'))
    except ValueError:
        raise SourceError('time_zone %r' % name, 'pipeline_policy')


# ---------------------------------------------------------------------------------------------------------------------
# Dates and instants


NUMBER = re.compile(r'[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z')
TIME = re.compile(r'[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?'
                  r'(?: ?(Z)|( UTC)| ?([+-])([0-9]{2})(?::?([0-9]{2}))?)?\Z')
DATES = (re.compile(r'(?P<year>[0-9]{4})(?P<sign>[-/])(?P<month>[0-9]{2})(?P=sign)(?P<day>[0-9]{2})'),
         re.compile(r'(?P<day>[0-9]{1,2})(?P<sign>[- ])(?P<name>[A-Za-z]+)(?P=sign)'
                    r'(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])'),
         re.compile(r'(?P<name>[A-Za-z]+) (?P<day>[0-9]{1,2}),? (?P<year>[0-9]{4})(?![0-9])'))


def is_number(value):
    return isinstance(value, (int, float)) or (isinstance(value, str) and NUMBER.match(value) is not None)


def instant_of_number(number):
    """Julian day, Unix seconds, milliseconds or microseconds, to the nearest millisecond."""
    if not math.isfinite(number):
        return None
    exact = Fraction(number)
    if number < 5373484.5:
        milliseconds = (exact - Fraction('2440587.5')) * DAY_MS
    elif number < 1e11:
        milliseconds = exact * 1000
    elif number < 1e14:
        milliseconds = exact
    else:
        milliseconds = exact / 1000
    return math.floor(milliseconds + Fraction(1, 2))


def month_of_name(name):
    """1 to 12 of an English name, in full or its first three letters ('Sept' too)."""
    name = name.lower()
    for number, month in enumerate(MONTHS, 1):
        if name in (month, month[:3]) or (name == 'sept' and month == 'september'):
            return number
    return None


def day_and_time(text):
    """(day, what follows) of a text that begins with a date, else None."""
    for form in DATES:
        match = form.match(text)
        if match is None:
            continue
        found = match.groupdict()
        month = int(found['month']) if found.get('month') else month_of_name(found['name'])
        year = int(found['year'])
        if len(found['year']) == 2:
            year += 2000 if year < 69 else 1900
        try:
            return datetime.date(year, month, int(found['day'])).toordinal() - EPOCH, text[match.end():]
        except (ValueError, TypeError):
            return None
    return None


def instant_of_text(text, zone, is_date):
    """(instant, day) of a text, None when it is no date; is_date: midnight without a zone is the date itself."""
    found = day_and_time(text)
    if found is None:
        return None
    date, rest = found
    if rest == '':
        return zone.start(date), date
    match = TIME.match(rest)
    if match is None:
        return None
    hour, minute, second, fraction, zulu, utc, sign, zone_hour, zone_minute = match.groups()
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        return None
    if int(zone_hour or 0) > 14 or int(zone_minute or 0) > 59:
        return None
    midnight = not (int(hour) or int(minute) or int(second or 0) or int(fraction or 0))
    if is_date and midnight and sign is None:
        return zone.start(date), date
    ahead = (int(zone_hour or 0) * 60 + int(zone_minute or 0)) * (-1 if sign == '-' else 1)
    instant = date * DAY_MS + (int(hour) * 60 + int(minute) - ahead) * 60000
    instant += int(second or 0) * 1000 + int(((fraction or '') + '000')[:3])
    return instant, zone.day(instant)


def read_date(value, zone, is_date=False):
    """(instant, day) of a value, MISSING for a zero date, None when it is bad."""
    if isinstance(value, str) and value[:10] == '0000-00-00' and (len(value) == 10 or TIME.match(value[10:])):
        return MISSING
    if is_number(value):
        instant = instant_of_number(float(value))
        result = None if instant is None else (instant, zone.day(instant))
    elif isinstance(value, str):
        result = instant_of_text(value, zone, is_date)
    else:
        result = None
    if result is None or result[1] is None or not FIRST_DAY <= result[1] <= LAST_DAY:
        return None
    return result


# ---------------------------------------------------------------------------------------------------------------------
# Money


def read_money(value):
    """An amount in 1/10,000, None when it is no number in range."""
    if isinstance(value, int):
        units = value * UNIT
    elif isinstance(value, float):
        return read_money(repr(value)) if math.isfinite(value) else None
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


def round_half_away(value):
    """A Fraction to the nearest int, halves away from zero."""
    return math.floor(value + Fraction(1, 2)) if value >= 0 else -math.floor(-value + Fraction(1, 2))


# ---------------------------------------------------------------------------------------------------------------------
# The calendar


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

def periods_of(first_day, last_day, step, first_month):
    """(start, end, label) of each period between two days, its ends not cut at them."""
    day = first_day
    while day <= last_day:
        start, end, label = calendar_period(day, step, first_month)
        start, end = FIRST_DAY if start is None else start, min(end, LAST_DAY)
        yield start, end, label
        day = end + 1


# ---------------------------------------------------------------------------------------------------------------------
# Figures and orders


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
