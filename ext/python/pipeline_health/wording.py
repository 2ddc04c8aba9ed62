"""Figures and verdicts in words, as a leader says them."""

import datetime

MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split()
VERDICTS = {'hit': 'quota reached', 'covered': 'covered', 'short': 'short', 'false_confidence': 'claimed, not real',
            'unknown': 'cannot be told', 'too_early': 'too early to say'}
DIAGNOSES = {'on_track': 'on track', 'effectiveness': 'better first meetings, then more', 'opening': 'open more deals'}
NOTHING = '–'  # no figure


def money(value):
    if value is None:
        return NOTHING
    size, sign = abs(value), '−' if value < 0 else ''
    for unit, name in ((1e9, ' bn'), (1e6, ' m'), (1e3, ' k')):
        if size >= unit * 0.9995:
            return f'{sign}{size / unit:.{0 if unit == 1e3 or size >= 100 * unit else 1}f}{name}'
    return f'{sign}{size:.0f}'


def times(value):
    return NOTHING if value is None else f'{value:.1f}×' if value >= 2 else f'{value:.2f}×'


def percent(value):
    return NOTHING if value is None else 'under 1 %' if 0 < value < 0.01 else f'{100 * value:.0f} %'


def count(value):
    return NOTHING if value is None else f'{value:,.0f}'


def day(iso):
    """30 Jun 2022"""
    if not iso:
        return NOTHING
    date = datetime.date.fromisoformat(iso)
    return f'{date.day} {MONTHS[date.month - 1]} {date.year}'


def period(row):
    """Jul to Sep 2022, where it is made of whole months of one year."""
    first, last = (datetime.date.fromisoformat(row[name]) for name in ('period_start', 'period_end'))
    if first.day == 1 and (last + datetime.timedelta(1)).day == 1 and first.year == last.year:
        months = MONTHS[first.month - 1] if first.month == last.month else f'{MONTHS[first.month - 1]} to {MONTHS[last.month - 1]}'
        return f'{months} {first.year}'
    return f'{day(row["period_start"])} to {day(row["period_end"])}'


def difference(label, before, now, form):
    """A row of the table of changes; the difference has its sign, and of shares it is in points."""
    if before is None or now is None:
        change = NOTHING
    elif before == now or form(abs(now - before)) == form(0):
        change = 'unchanged'
    else:
        size = f'{100 * abs(now - before):.1f} points' if form is percent else form(abs(now - before))
        change = ('+' if now > before else '−') + size
    return {'label': label, 'before': form(before), 'now': form(now), 'change': change}


def listed(names, most=3):
    shown = list(names[:most]) + ([f'{len(names) - most} more'] if len(names) > most else [])
    return shown[0] if len(shown) == 1 else ', '.join(shown[:-1]) + ' and ' + shown[-1]


def verdict(row):
    """A group's verdict; where the forecast does not share it, that stands in its place."""
    return 'at risk' if row['verdict'] == 'covered' and is_unlikely(row) else VERDICTS.get(row['verdict'], row['verdict'])


def is_unlikely(coverage):
    return coverage['hit_probability'] is not None and coverage['hit_probability'] < 0.5


def known_columns(headings, rows):
    """A table without the columns that have no figure in any row; the first column stays."""
    kept = [index for index in range(len(headings)) if index == 0 or any(row[index] != NOTHING for row in rows)]
    return [headings[index] for index in kept], [[row[index] for index in kept] for row in rows]


def outlook(coverage):
    """The sentences about whether the real coverage is enough, and what the forecast says of it."""
    needed, lacking, told = times(coverage['required_real_coverage']), money(coverage['needed_amount']), coverage['verdict']
    is_known = coverage['p10'] is not None
    span = f'{money(coverage["p10"])} to {money(coverage["p90"])} won of a quota of {money(coverage["quota"])}'
    chance = percent(coverage['hit_probability'])
    if is_known and told == 'covered' and is_unlikely(coverage):
        return [f'Earlier periods were won from {needed}, but the forecast is worse: four times in five {span}, and a chance of {chance} '
                'to reach it.']
    if is_known and told in ('short', 'false_confidence') and not is_unlikely(coverage):
        return [f'Earlier periods were won from {needed}, but the forecast is better: four times in five {span}, and a chance of {chance} '
                'to reach it.']
    just = 'just ' if told == 'covered' and coverage['real_coverage'] < 1.1 * coverage['required_real_coverage'] else ''
    sentences = [{
        'covered': f'Earlier periods were won from {needed}, so the real coverage is {just}enough.',
        'short': f'Earlier periods were won from {needed}: {lacking} more must be real.',
        'false_confidence': f'Earlier periods were won from {needed}: the claim looks sufficient, and {lacking} real is lacking.',
        'too_early': 'It is too early to say whether that is enough.',
    }.get(told, 'Whether that is enough cannot be told.')]
    if is_known:
        sentences.append(f'Forecast, four times in five: {span}; the chance to reach it is {chance}.')
    return sentences


def headline(found):
    """The sentences at the top: the coverage if there is a quota, else the integrity; and who is short."""
    coverage, today, who = found['period'], found['today'], found['who']
    claim, has = ('claim', 'have') if who == 'We' else ('claims', 'has')
    if coverage is None or coverage['remaining'] == 0 or coverage['claimed_coverage'] is None:
        if coverage is not None and coverage['remaining'] == 0:
            return [f'{who} {has} reached the quota of {period(coverage)}: {money(coverage["won_amount"])} won of {money(coverage["quota"])}.']
        if today is None or today['integrity'] is None:
            return [f'{who} {has} no open deal that can be judged.']
        unjudged = f' and {money(today["unjudged_amount"])} cannot be judged' if today['unjudged_amount'] else ''
        share = '' if unjudged else f' ({percent(today["integrity"])})'
        return [f'{who} {has} {money(today["open_amount"])} in open deals, of which {money(today["real_amount"])}{share} '
                f'is in deals that move{unjudged}.']
    unjudged = f', {times(coverage["unjudged_amount"] / coverage["remaining"])} cannot be judged' if coverage['unjudged_amount'] else ''
    sentences = [f'For {period(coverage)} {who if who != "We" else "we"} {claim} {times(coverage["claimed_coverage"])} the quota that is left; '
                 f'{times(coverage["real_coverage"])} is in deals that move{unjudged}.', *outlook(coverage)]
    short = [row['name'] or 'nobody' for row in found['groups'] if row['verdict'] in ('short', 'false_confidence')]
    if len(short) > 1 and len(short) == len(found['groups']):
        sentences.append(f'All {len(short)} {found["group_word"]}s are short.')
    elif short and found['group_word'] == 'team' or len(short) > 1:
        sentences.append(f'{len(short)} of {len(found["groups"])} {found["group_word"]}s {"is" if len(short) == 1 else "are"} short: {listed(short)}.')
    return sentences
