"""The page that a sales leader reads: what is asked, and the files that are written."""

import csv
import datetime
import re

import jinja2

from . import charts, wording
from .connection import Error
from .table import query

WEEKS = 26
MOST_GROUPS, MOST_DEALS, MOST_PROBLEMS = 8, 7, 3
SOON_DAYS = 14
# Amounts of pipeline_flow in words; the last is of snapshots that hold open deals alone.
VANISHED = 'vanished_amount'
MOVEMENTS = {'opened': 'created_amount', 'won': 'closed_won_amount', 'lost': 'lost_amount', 'raised': 'increased_amount', 'lowered': 'decreased_amount',
             'came to a stall': 'became_stalled_amount', 'moves again': 'recovered_amount', 'left, unknown how': VANISHED}
OF_SUBJECT = '(:team IS NULL OR team = :team) AND (:owner IS NULL OR owner = :owner)'
# Deals that are closed in the CRM: its own headings where they are known, for its import.
CLOSE_HEADINGS = {
    'salesforce': ('Id', 'Name', 'OwnerName', 'StageName', 'Amount', 'CloseDate'),
    'hubspot': ('Record ID', 'Deal Name', 'Deal owner', 'Deal Stage', 'Amount', 'Close Date'),
    'pipedrive': ('Deal - ID', 'Deal - Title', 'Deal - Owner', 'Deal - Stage', 'Deal - Value', 'Deal - Expected close date'),
    None: ('deal_id', 'name', 'owner', 'stage', 'amount', 'close_date'),
}


def days_before(day, days):
    return (datetime.date.fromisoformat(day) - datetime.timedelta(days)).isoformat()


class Subject:
    """Whom a page is about on which day, and the questions about them."""

    def __init__(self, connection, as_of, team=None, owner=None):
        self.connection, self.as_of, self.team, self.owner = connection, as_of, team, owner
        self.scope = 'team' if team else 'owner' if owner else 'all'
        self.name = team or owner
        self.week_ago = days_before(as_of, 7)

    def ask(self, sql, **parameters):
        """Rows as dictionaries; a parameter that the query does not name is not handed over."""
        given = {'as_of': self.as_of, 'week_ago': self.week_ago, 'scope': self.scope, 'name': self.name, 'team': self.team,
                 'owner': self.owner, 'soon': days_before(self.as_of, -SOON_DAYS), 'most': MOST_DEALS, **parameters}
        names, rows = query(self.connection, sql, {key: given[key] for key in set(re.findall(r':(\w+)', sql))})
        return [dict(zip(names, row)) for row in rows]

    def first(self, sql, **parameters):
        return next(iter(self.ask(sql, **parameters)), None)

    def groups(self):
        """The scope below the subject's own, and which names it has; None for all of them."""
        if self.owner:
            return 'owner', {self.owner}
        if self.team:
            return 'owner', {row['owner'] for row in self.ask('SELECT DISTINCT owner FROM pipeline_deal WHERE team = :team')}
        # the teams of quotas and those of deals may be others
        teams_have_deals = self.first("SELECT 1 FROM real_coverage(:as_of, 'team') WHERE claimed_deals > 0 OR won_amount > 0 LIMIT 1")
        return 'team' if teams_have_deals else 'owner', None

    def of_groups(self, sql, **parameters):
        scope, names = self.groups()
        return [row for row in self.ask(sql, groups=scope, **parameters) if names is None or row['name'] in names]


def with_forecast(subject, scope):
    """Coverage of each group and period, with the forecast's range and chance; two questions, for a join would ask one for each row."""
    forecasts = {(row['name'], row['period_start'], row['period_end']): row
                 for row in subject.ask('SELECT * FROM pipeline_forecast(:as_of, :groups)', groups=scope)}
    rows = subject.ask('SELECT * FROM real_coverage(:as_of, :groups) ORDER BY period_start, period_end, false_confidence DESC, name', groups=scope)
    for row in rows:
        forecast = forecasts.get((row['name'], row['period_start'], row['period_end']), {})
        row.update({name: forecast.get(name) for name in ('p10', 'p90', 'hit_probability')})
    return rows


def period_of(subject):
    """The quota period that matters: the one that contains the day, or the next in its last two weeks; with the one that ends then."""
    periods = [row for row in with_forecast(subject, subject.scope) if row['name'] == subject.name]
    later = [period for period in periods if period['period_end'] >= days_before(subject.as_of, -SOON_DAYS)]
    chosen = (later or periods or [None])[0]
    return chosen, periods[0] if periods and periods[0] is not chosen else None


def coverage_groups(subject, period):
    if period is None:
        return []
    scope, names = subject.groups()
    return [row for row in with_forecast(subject, scope) if (names is None or row['name'] in names)
            and (row['period_start'], row['period_end']) == (period['period_start'], period['period_end'])]


def integrity_weeks(subject):
    days = [days_before(subject.as_of, 7 * week) for week in range(WEEKS - 1, -1, -1)]
    marks = ', '.join(f"('{day}')" for day in days)
    return subject.ask(f'''
        WITH week(day) AS (VALUES {marks})
        SELECT week.day, integrity.* FROM week, pipeline_integrity(week.day, :scope) AS integrity
        WHERE integrity.name IS :name ORDER BY week.day''')


def is_mostly_judged(week):
    """Whether the share that is real says something: of the first days of a history little is judged, and that all moves."""
    return week['integrity'] is not None and 2 * week['unjudged_amount'] <= week['open_amount']


def changed_figures(subject, period, weeks):
    """What the figures were a week ago and are now."""
    rows = []
    if len(weeks) > 1 and weeks[-2]['day'] == subject.week_ago:
        before, now = weeks[-2], weeks[-1]
        for label, column, form in (('open', 'open_amount', wording.money), ('real', 'real_amount', wording.money),
                                    ('stalled', 'stalled_amount', wording.money), ('dead', 'dead_amount', wording.money),
                                    ('integrity', 'integrity', wording.percent)):
            rows.append(wording.difference(label, before[column], now[column], form))
    if period:
        before = subject.first('''SELECT * FROM real_coverage(:week_ago, :scope)
            WHERE name IS :name AND period_start = :from_day AND period_end = :to_day''',
                               from_day=period['period_start'], to_day=period['period_end'])
        for label, column in (('claimed coverage', 'claimed_coverage'), ('real coverage', 'real_coverage')):
            rows.append(wording.difference(label, before and before[column], period[column], wording.times))
    return rows


def week_movements(subject):
    """What happened in this week and in the one before."""
    flow = 'SELECT * FROM pipeline_flow(:from_day, :to_day, :scope) WHERE name IS :name'
    now = subject.first(flow, from_day=subject.week_ago, to_day=subject.as_of) or {}
    before = subject.first(flow, from_day=days_before(subject.as_of, 14), to_day=subject.week_ago) or {}
    return [wording.difference(label, before.get(column), now.get(column), wording.money)
            for label, column in MOVEMENTS.items() if column != VANISHED or before.get(column) or now.get(column)]


def facts(subject):
    period, ending = period_of(subject)
    weeks = integrity_weeks(subject)
    groups = coverage_groups(subject, period)
    stalled = subject.first(f'SELECT count(*) AS deals, sum(amount) AS amount FROM deal_stalled(:as_of) WHERE stalled AND {OF_SUBJECT}')
    soon = subject.first(f'SELECT count(*) AS deals, sum(amount) AS amount FROM deal_stalled(:as_of) WHERE stalls_on <= :soon AND {OF_SUBJECT}')
    lacking = {row['name']: row['needed_amount'] for row in groups}
    openings = [dict(row, needed_amount=lacking[row['name']]) for row in subject.of_groups('SELECT * FROM pipeline_opening(:as_of, :groups)')
                if row['name'] in lacking]
    openings.sort(key=lambda row: (-(row['needed_amount'] or 0), -(row['gap_amount'] or 0), row['name'] or ''))
    return {
        'subject': subject, 'who': subject.name or 'We', 'period': period, 'ending': ending, 'groups': groups,
        'shown_groups': groups[:MOST_GROUPS], 'openings': openings[:MOST_GROUPS], 'weeks': weeks, 'today': weeks[-1] if weeks else None,
        'changes': changed_figures(subject, period, weeks), 'movements': week_movements(subject), 'stalled': stalled, 'soon': soon, 'soon_days': SOON_DAYS,
        'largest': subject.ask(f'''SELECT * FROM deal_stalled(:as_of) WHERE stalled AND {OF_SUBJECT}
                                   ORDER BY amount DESC, deal_id LIMIT :most'''),
        'stalling': subject.ask(f'''SELECT * FROM deal_stalled(:as_of) WHERE stalls_on <= :soon AND {OF_SUBJECT}
                                    ORDER BY amount DESC, deal_id LIMIT :most'''),
        'problems': subject.ask('''SELECT * FROM pipeline_check(:as_of) ORDER BY
            CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, rows DESC, source, problem'''),
        'meetings_are_known': subject.first("SELECT value FROM pipeline_settings WHERE name = 'meetings_since' AND value IS NOT NULL"),
        'most_problems': MOST_PROBLEMS, 'group_word': subject.groups()[0],
    }


def page(subject):
    """The HTML text of one page."""
    found = facts(subject)
    environment = jinja2.Environment(loader=jinja2.PackageLoader('pipeline_health'), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    drawn = [week for week in found['weeks'] if is_mostly_judged(week)]
    environment.filters.update(verdict=wording.verdict, money=wording.money, times=wording.times, percent=wording.percent, day=wording.day, count=wording.count)
    return environment.get_template('page.html.j2').render(
        found, headline=wording.headline(found), period_name=wording.period(found['period']) if found['period'] else None,
        diagnoses=wording.DIAGNOSES, known_columns=wording.known_columns,
        coverage_chart=charts.coverage(found['shown_groups']) if found['shown_groups'] else None,
        drawn_weeks=len(drawn), integrity_chart=charts.integrity(drawn) if len(drawn) > 1 else None)


def write_close_list(subject, crm, target):
    deals = subject.ask(f"""SELECT deal_id, name, owner, stage, amount, close_date, last_touch_at, days_untouched FROM deal_stalled(:as_of)
        WHERE verdict = 'dead' AND {OF_SUBJECT} ORDER BY owner, amount DESC, deal_id""")
    headings = CLOSE_HEADINGS.get(crm and crm.split('_')[0], CLOSE_HEADINGS[None])
    with open(target, 'w', newline='', encoding='utf-8-sig') as file:  # with the mark that Excel needs
        writer = csv.writer(file)
        writer.writerow([*headings, 'last touch', 'days untouched'])
        writer.writerows(deal.values() for deal in deals)


def write_pages(connection, arguments):
    """Writes what the command asks for; the paths written."""
    subject = Subject(connection, arguments.as_of, arguments.team, arguments.owner)
    for column, name in (('team', arguments.team), ('owner', arguments.owner)):
        if name and not subject.first(f'SELECT 1 FROM pipeline_deal WHERE {column} = :name LIMIT 1'):
            raise Error(f'no deal has the {column} {name}')
    written = [arguments.out]
    arguments.out.write_text(page(subject), encoding='utf-8')
    if arguments.managers:
        arguments.managers.mkdir(parents=True, exist_ok=True)
        for row in subject.ask('SELECT DISTINCT team FROM pipeline_deal WHERE team IS NOT NULL ORDER BY team'):
            file = arguments.managers / (re.sub(r'[^\w -]', '_', row['team']) + '.html')
            file.write_text(page(Subject(connection, arguments.as_of, row['team'])), encoding='utf-8')
            written.append(file)
    if arguments.close_list:
        write_close_list(subject, arguments.crm, arguments.close_list)
        written.append(arguments.close_list)
    return written
