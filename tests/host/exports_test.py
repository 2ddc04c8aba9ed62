"""One small company in every shape that an analyst may have it in, each read by one call without options.

    exports_test.py build/pipeline_health.so

The company is made here, deal by deal, so what is open, of which amount, and who was last touched when is known; the doors
must say the same. The last line of a good run is `N passed, 0 failed`.
"""

import json
import random
import sqlite3
import sys
from collections import Counter
from datetime import date, timedelta

EXPORT = date(2026, 5, 29)
STAGES = ['Qualify', 'Demo', 'Offer']
SELLERS = {'Zoë Quist': 'North', 'Abe Ito': 'North', 'Mia Lang': 'South', 'Raj Rao': 'South'}
QUARTERS = [('2026-01-01', '2026-03-31'), ('2026-04-01', '2026-06-30'), ('2026-07-01', '2026-09-30'), ('2026-10-01', '2026-12-31')]


class Deal:
    """A deal and its days: every change of stage, every other touch."""

    def __init__(self, draw, number):
        day = lambda low, high: timedelta(draw.randint(low, high))
        self.number = number
        self.name = f'Order {draw.randint(1, 60)}'
        self.owner = draw.choice(list(SELLERS))
        self.amount = draw.choice([None, 1500, 12000.5, 7250, 48000, 990.25])
        self.created = EXPORT - day(2, 300)
        self.moves, self.touches = [(self.created, STAGES[0])], []
        self.outcome = 'open'
        at = self.created
        for stage in STAGES[1:] + ['Closed Won']:
            at += day(3, 80)
            if at > EXPORT:
                break
            if draw.random() < .15:
                stage = 'Closed Lost'
            self.moves.append((at, stage))
            if stage.startswith('Closed'):
                self.outcome = 'won' if stage == 'Closed Won' else 'lost'
                break
            if draw.random() < .25:
                break  # nobody does anything any more
        self.closed = self.moves[-1][0] if self.outcome != 'open' else None
        self.touches = [self.created + day(0, 60) for _ in range(draw.randint(0, 3))]
        self.touches = [at for at in self.touches if at <= (self.closed or EXPORT)]
        self.close_date = self.closed or self.created + day(30, 400)
        self.stage = self.moves[-1][1]

    def last_activity(self):
        return max(self.touches, default=None)

    def silent_days(self, with_moves=True):
        return (EXPORT - max(self.touches + [self.created] + ([at for at, _ in self.moves] if with_moves else []))).days

    def is_dead(self, with_moves):
        return self.outcome == 'open' and self.silent_days(with_moves) >= 90

    def stage_on(self, day):
        return [stage for at, stage in self.moves if at <= day][-1]

    def is_open_on(self, day):
        return self.created <= day and not (self.closed and self.closed <= day)


def company(seed):
    draw = random.Random(seed)
    return [Deal(draw, number) for number in range(1, 121)]


def us(at):
    return f'{at.month}/{at.day}/{at.year}' if at else ''


def german(at):
    return at.strftime('%d.%m.%Y') if at else ''


def iso(at):
    return at.isoformat() + ' 10:15' if at else ''


def german_money(amount):
    return '' if amount is None else f'{amount:,.2f}'.translate(str.maketrans(',.', '.,'))


def report(deals):
    rows = [['Opportunity Name', 'Opportunity Owner', 'Stage', 'Amount', 'Close Date', 'Created Date', 'Last Activity', 'Probability (%)']]
    chance = {'Qualify': '20%', 'Demo': '40%', 'Offer': '70%', 'Closed Won': '100%', 'Closed Lost': '0%'}
    for deal in deals:
        amount = '' if deal.amount is None else f'USD {deal.amount:,.2f}'
        rows.append([deal.name, deal.owner, deal.stage, amount, us(deal.close_date), us(deal.created), us(deal.last_activity()), chance[deal.stage]])
    footers = ['', f'Grand Totals ({len(deals)} records)', 'Copyright (c) 2000-2026 salesforce.com, inc.', 'Confidential Information - Do Not Distribute']
    return rows + [[text] + [''] * (len(rows[0]) - 1) for text in footers]


def history(deals):
    rows = [['Opportunity Name', 'Opportunity Owner', 'From Stage', 'To Stage', 'Amount', 'Close Date', 'Last Modified']]
    for deal in deals:
        before = ''
        for at, stage in deal.moves:
            amount = '' if deal.amount is None else f'USD {deal.amount:,.2f}'
            rows.append([deal.name, deal.owner, before, stage, amount, us(deal.close_date), f'{us(at)}, 3:0{len(before) % 9} PM'])
            before = stage
    return rows


def hubspot(deals):
    stages = STAGES + ['Closed Won', 'Closed Lost']
    rows = [['Record ID', 'Deal Name', 'Deal Stage', 'Pipeline', 'Amount', 'Create Date', 'Close Date', 'Deal owner', 'Last Activity Date',
             'Is Closed Won', 'Is closed lost'] + [f'Date entered "{stage} (New (big) deals)"' for stage in stages]]
    for deal in deals:
        entered = {stage: iso(at) for at, stage in deal.moves}
        rows.append([deal.number, deal.name, deal.stage, 'New (big) deals', '' if deal.amount is None else deal.amount, iso(deal.created), iso(deal.close_date),
                     deal.owner, iso(deal.last_activity()), 'Yes' if deal.outcome == 'won' else 'No', 'Yes' if deal.outcome == 'lost' else 'No']
                    + [entered.get(stage, '') for stage in stages])
    return rows


def pipedrive(deals):
    rows = [['Deal - ID', 'Deal - Titel', 'Deal - Wert', 'Deal - Besitzer', 'Deal - Phase', 'Deal - Status', 'Deal - Deal erstellt',
             'Deal - Letzte Phasenänderung', 'Deal - Datum des gewonnenen Deals', 'Deal - Datum des verlorenen Deals', 'Deal - Datum der letzten Aktivität']]
    for deal in deals:
        stage = [stage for _, stage in deal.moves if not stage.startswith('Closed')][-1]
        moves = [at for at, stage in deal.moves[1:] if not stage.startswith('Closed')]
        rows.append([deal.number, deal.name, '' if deal.amount is None else deal.amount, deal.owner, stage,
                     {'open': 'Offen', 'won': 'Gewonnen', 'lost': 'Verloren'}[deal.outcome], iso(deal.created), iso(moves[-1] if moves else None),
                     iso(deal.closed) if deal.outcome == 'won' else '', iso(deal.closed) if deal.outcome == 'lost' else '', iso(deal.last_activity())])
    return rows


def sheet(deals):
    rows = [['\ufeffVerkaufschance', 'Besitzer', 'Phase', 'Betrag', 'Erstellt am', 'Schlusstermin', 'Abgeschlossen am', 'Status', 'Letzter Kontakt']]
    status = {'open': 'Offen', 'won': 'Gewonnen', 'lost': 'Verloren'}
    for deal in deals:
        rows.append([deal.name, deal.owner, deal.stage, german_money(deal.amount), german(deal.created), german(deal.close_date), german(deal.closed),
                     status[deal.outcome], german(deal.last_activity())])
    return rows


def spanish_sheet(deals):
    rows = [['Oportunidad', 'Vendedor', 'Etapa', 'Importe', 'Fecha de creación', 'Cierre previsto', 'Estado', 'Última actividad']]
    status = {'open': 'Abierto', 'won': 'Ganado', 'lost': 'Perdido'}
    for deal in deals:
        rows.append([deal.name, deal.owner, deal.stage, german_money(deal.amount), deal.created.strftime('%d/%m/%Y'), deal.close_date.strftime('%d/%m/%Y'),
                     status[deal.outcome], deal.last_activity().strftime('%d/%m/%Y') if deal.touches else ''])
    return rows


def quota_sheet():
    rows = [['Sales Rep', 'Q1', 'Q2', 'Q3', 'Q4', 'FY2026']]
    for number, seller in enumerate(SELLERS):
        quotas = [(number + 2) * 10000 + 500 * quarter for quarter in range(4)]
        rows.append([seller] + [f'${quota:,}' for quota in quotas] + [f'${sum(quotas):,}'])
    rows[1][-1] = '$1,086,000.00'  # the sum is not read, but it tells what a comma is
    return rows + [['Total', '', '', '', '', '']]


# By shape: its tables; the door; whether deals have ids; whether changes of stage are touches that the file has.
SHAPES = {
    'a report': ({'report1780051500123': report}, 'salesforce_report', False, False),
    'a report and its history': ({'report1780051500123': report, 'report1780051500456': history}, 'salesforce_report', False, True),
    'an export of HubSpot': ({'hubspot-crm-exports-all-deals-2026-05-29': hubspot}, 'hubspot_export', True, True),
    'an export of Pipedrive': ({'deals-1': pipedrive}, 'pipedrive_export', True, None),
    'a German sheet': ({'Pipeline KW22': sheet}, 'deals', False, False),
    'a Spanish sheet': ({'Hoja1': spanish_sheet}, 'deals', False, False),
}


def pipedrive_tables(deals):
    """Pipedrive's tables as a warehouse holds them: changes of stage in a log, activities, goals for quotas."""
    sellers = {seller: 100 + number for number, seller in enumerate(SELLERS)}
    at = lambda day: day.isoformat() + 'T09:15:00Z' if day else ''
    rows = [['id', 'title', 'owner_id', 'stage_id', 'value', 'add_time', 'status', 'won_time', 'lost_time', 'expected_close_date']]
    flow = [['id', 'item_id', 'field_key', 'old_value', 'new_value', 'log_time']]
    activities = [['id', 'deal_id', 'type', 'done', 'due_date', 'add_time']]
    for deal in deals:
        moves = [(day, STAGES.index(stage) + 1) for day, stage in deal.moves if stage in STAGES]
        rows.append([deal.number, deal.name, sellers[deal.owner], moves[-1][1], deal.amount, at(deal.created), deal.outcome,
                     at(deal.closed) if deal.outcome == 'won' else '', at(deal.closed) if deal.outcome == 'lost' else '', deal.close_date.isoformat()])
        flow += [[len(flow) + step, deal.number, 'stage_id', before[1], after[1], at(after[0])] for step, (before, after) in enumerate(zip(moves, moves[1:]))]
        activities += [[len(activities) + number, deal.number, 'call', 'true', day.isoformat(), at(day)] for number, day in enumerate(deal.touches)]
    goals = [['id', 'type', 'assignee_type', 'assignee_id', 'interval', 'duration_start', 'duration_end', 'expected_target', 'expected_tracking_metric', 'is_active']]
    for number, (seller, owner) in enumerate(sellers.items()):
        goals += [[4 * number + quarter, 'deals_won', 'person', owner, 'quarterly', *QUARTERS[quarter], (number + 2) * 10000 + 500 * quarter, 'sum', 'true']
                  for quarter in range(4)]
    return {'deals': rows, 'dealflow': flow, 'activities': activities, 'goals': goals,
            'stages': [['id', 'name', 'order_nr']] + [[number + 1, stage, number] for number, stage in enumerate(STAGES)],
            'users': [['id', 'name']] + [[owner, seller] for seller, owner in sellers.items()]}


def weekly_exports(deals):
    """The open deals of every Friday, a table a week, one of them cut short."""
    tables = {}
    for week in range(44, -1, -1):
        day = EXPORT - timedelta(7 * week)
        rows = [['Opportunity ID', 'Opportunity Name', 'Opportunity Owner', 'Stage', 'Amount', 'Close Date', 'Created Date', 'Last Activity Date']]
        for deal in deals:
            if deal.is_open_on(day):
                last = max((touch for touch in deal.touches if touch <= day), default='')
                rows.append([f'D{deal.number}', deal.name, deal.owner, deal.stage_on(day), deal.amount, deal.close_date.isoformat(), deal.created.isoformat(), str(last)])
        tables[f'open_{day.isoformat()}'] = rows[:5] if week == 4 else rows
    return tables


def connection(library):
    db = sqlite3.connect(':memory:')
    db.enable_load_extension(True)
    db.load_extension(library)
    return db


def load(db, name, rows):
    quoted = lambda text: '"' + str(text).replace('"', '""') + '"'
    db.execute(f'CREATE TABLE {quoted(name)}({", ".join(quoted(column) for column in rows[0])})')
    marks = ', '.join('?' * len(rows[0]))
    db.executemany(f'INSERT INTO {quoted(name)} VALUES ({marks})', [(list(row) + [None] * len(rows[0]))[:len(rows[0])] for row in rows[1:]])


def check(library, seed, shape):
    """What is wrong with a shape, as a text; None where everything is right."""
    tables, door, has_ids, moves = SHAPES[shape]
    deals = company(seed)
    db = connection(library)
    for name, make in tables.items():
        load(db, name, make(deals))
    load(db, 'Quotas', quota_sheet())
    answer = db.execute('SELECT json_extract(pipeline_connect(), \'$.crm\')').fetchone()[0]
    if answer != door:
        return f'the door is {answer}'
    shared = {name for name, count in Counter((deal.name, deal.owner) for deal in deals).items() if count > 1}
    expected = Counter((deal.name, deal.owner, deal.amount) for deal in deals if deal.outcome == 'open')
    found = Counter()
    dead = set()
    rows = db.execute('SELECT name, owner, amount, verdict, deal_id FROM deal_stalled(?)', (EXPORT.isoformat(),)).fetchall()
    for name, owner, amount, verdict, _ in rows:
        found[name, owner, None if amount in (None, 0) else amount] += 1
        if verdict == 'dead':
            dead.add((name, owner))
    if found != expected:
        return f'open deals differ: {sorted((found - expected).items(), key=str)[:2]} for {sorted((expected - found).items(), key=str)[:2]}'
    if has_ids and {int(row[4]) for row in rows} != {deal.number for deal in deals if deal.outcome == 'open'}:
        return 'ids differ'
    # Pipedrive's last change of stage is a touch, but not the one at creation
    truly_dead = {(deal.name, deal.owner) for deal in deals if deal.is_dead(moves is not False)}
    if dead - shared != truly_dead - shared:
        return f'dead differ: {sorted(dead ^ truly_dead)[:3]}'
    if not has_ids and db.execute("SELECT rows FROM temp.pipeline_import WHERE problem = 'several deals of one name and owner'").fetchone() is None:
        return 'shared names are not reported'
    return wrong_quotas(db)


def wrong_quotas(db):
    quotas = db.execute('SELECT owner, period_start, period_end, amount FROM temp.pipeline_quota').fetchall()
    wanted = {(seller, *QUARTERS[quarter], (number + 2) * 10000 + 500 * quarter) for number, seller in enumerate(SELLERS) for quarter in range(4)}
    if len(quotas) != 16 or set(quotas) != wanted:
        return f'quotas differ: {sorted(set(quotas) ^ wanted)[:2]}'
    return None


def open_deals(db):
    return {deal_id: (name, owner, amount or None, verdict)
            for deal_id, name, owner, amount, verdict in db.execute('SELECT deal_id, name, owner, amount, verdict FROM deal_stalled(?)', (EXPORT.isoformat(),))}


def check_pipedrive(library, seed):
    deals, db = company(seed), connection(library)
    for name, rows in pipedrive_tables(deals).items():
        load(db, name, rows)
    answer = db.execute("SELECT json_extract(pipeline_connect(), '$.crm')").fetchone()[0]
    expected = {str(deal.number): (deal.name, deal.owner, deal.amount) for deal in deals if deal.outcome == 'open'}
    found = open_deals(db)
    if answer != 'pipedrive' or {deal_id: row[:3] for deal_id, row in found.items()} != expected:
        return f'{answer}: open deals differ'
    if {deal_id for deal_id, row in found.items() if row[3] == 'dead'} != {str(deal.number) for deal in deals if deal.is_dead(True)}:
        return 'dead differ'
    return wrong_quotas(db)


def check_snapshots(library, seed):
    """A change is known a week later at most: who was silent for so much longer is dead, and nobody who was not."""
    deals, db = company(seed), connection(library)
    for name, rows in weekly_exports(deals).items():
        load(db, name, rows)
    load(db, 'Quotas', quota_sheet())
    answer = json.loads(db.execute('SELECT pipeline_connect()').fetchone()[0])
    found = open_deals(db)
    expected = {f'D{deal.number}': (deal.name, deal.owner, deal.amount) for deal in deals if deal.outcome == 'open'}
    if answer['crm'] != 'snapshots' or {deal_id: row[:3] for deal_id, row in found.items()} != expected:
        return f"{answer['crm']}: open deals differ"
    dead = {deal_id for deal_id, row in found.items() if row[3] == 'dead'}
    truly = {f'D{deal.number}' for deal in deals if deal.is_dead(True)}
    long_since = {f'D{deal.number}' for deal in deals if deal.is_dead(True) and deal.silent_days() >= 97}
    if not long_since <= dead <= truly:
        return f'dead differ: {sorted(long_since - dead)[:3]}, {sorted(dead - truly)[:3]}'
    fridays = [EXPORT - timedelta(7 * week) for week in range(45) if week != 4]
    vanished = sum(deal.closed is not None and any(deal.is_open_on(day) for day in fridays) for deal in deals)
    if answer['vanished_deals'] != vanished:
        return f"{answer['vanished_deals']} vanished deals, not {vanished}"
    if db.execute("SELECT rows FROM temp.pipeline_import WHERE problem = 'partial snapshot'").fetchone() != (1,):
        return 'the partial snapshot is not reported'
    return wrong_quotas(db)


def main(library):
    passed = failed = 0
    for seed in (1, 2, 3):
        for shape in [*SHAPES, 'tables of Pipedrive', 'weekly snapshots']:
            if shape == 'tables of Pipedrive':
                wrong = check_pipedrive(library, seed)
            elif shape == 'weekly snapshots':
                wrong = check_snapshots(library, seed)
            else:
                wrong = check(library, seed, shape)
            passed += wrong is None
            failed += wrong is not None
            if wrong is not None:
                print(f'{shape}, seed {seed}: {wrong}')
    print(f'{passed} passed, {failed} failed')
    return failed != 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
