"""The scalar functions of section 10 that read text: pipeline_date and pipeline_amount; random texts for them.

pipeline_date gives YYYY-MM-DD, with a time of day YYYY-MM-DDTHH:MM:SS.  pipeline_amount reads one currency sign or code
of three letters before or after the number, groups of three digits divided by one kind of mark (the other of comma and
dot, a blank, an apostrophe), one minus before or behind, or brackets.
"""

import datetime
import re

ORDERS = {'ymd': ('year', 'month', 'day'), 'mdy': ('month', 'day', 'year'), 'dmy': ('day', 'month', 'year')}
DATE = re.compile(r'([0-9]+)([/.-])([0-9]+)\2([0-9]+)'
                  r'(?:[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?(?: ?([AaPp])[Mm])?)?\Z')
SIGNS = '[$€£¥]|[A-Z]{3}'


def pipeline_date(text, order='ymd'):
    match = DATE.match(text or '')
    if match is None:
        return None
    parts = dict(zip(ORDERS[order], (match[1], match[3], match[4])))
    if len(parts['year']) not in (2, 4) or len(parts['month']) > 2 or len(parts['day']) > 2:
        return None
    year = int(parts['year'])
    if len(parts['year']) == 2:
        year += 2000 if year < 69 else 1900
    try:
        date = datetime.date(year, int(parts['month']), int(parts['day'])).isoformat()
    except ValueError:
        return None
    if match[5] is None:
        return date
    hour, minute, second = int(match[5]), int(match[6]), int(match[7] or 0)
    if match[8]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match[8] in 'Pp' else 0)
    return '%sT%02d:%02d:%02d' % (date, hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def pipeline_amount(text, decimal='.'):
    number = (text or '').strip(' ')
    negative = False
    if number[:1] == '(' and number[-1:] == ')':
        negative, number = True, number[1:-1]
    number = re.sub('^(-?)(?:%s) ?' % SIGNS, r'\1', number)
    number = re.sub(' ?(?:%s)$' % SIGNS, '', number)
    if not negative and (number[:1] == '-' or number[-1:] == '-'):
        negative, number = True, number[1:] if number[0] == '-' else number[:-1]
    number = re.sub('^(?:%s) ?' % SIGNS, '', number)
    mark = re.escape(decimal)
    groups = "[,'’ ]" if decimal == '.' else "[.'’ ]"
    if re.match(r'[0-9]+(?:%s[0-9]+)?\Z' % mark, number) or re.match(
            r'[0-9]{1,3}(%s)[0-9]{3}(?:\1[0-9]{3})*(?:%s[0-9]+)?\Z' % (groups, mark), number):
        value = float(re.sub('[^0-9%s]' % mark, '', number).replace(decimal, '.'))
        return -value if negative else value
    return None


def random_calls(choose):
    """[(SQL of a call, its parameters, what it gives)]"""
    order = choose.choice(tuple(ORDERS))
    date = datetime.date(choose.randint(1990, 2030), choose.randint(1, 12), choose.randint(1, 28))
    parts = {'year': choose.choice(('%04d' % date.year, '%02d' % (date.year % 100))),
             'month': choose.choice(('%02d', '%d')) % date.month, 'day': choose.choice(('%02d', '%d')) % date.day}
    written = choose.choice('/.-').join(parts[part] for part in ORDERS[choose.choice((order, order, 'mdy'))])
    written += choose.choice(('', '', ' 09:05', ' 9:05 PM', ' 12:00 am', ' 23:59:59', ' 25:00', 'x'))
    decimal = choose.choice('.,')
    number = choose.choice(('0', '7', '999', '1234', '12{0}345', '1{0}234{0}567', '12{0}34', '1{0}234{1}5', '5{1}25'))
    number = number.format(',' if decimal == '.' else '.', decimal)
    form = choose.choice(('%s', '$%s', '%s €', 'USD %s', '%s EUR', '(%s)', '%s-', '-%s', '-$%s', '($%s)', '%s?',
                           'a%s'))
    amount = form % number
    return [('pipeline_date(?, ?)', (written, order), pipeline_date(written, order)),
            ('pipeline_amount(?, ?)', (amount, decimal), pipeline_amount(amount, decimal))]
