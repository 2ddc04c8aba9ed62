"""Every table on a history that is large enough for the second thread: with it and without it, one answer.

    helper_test.py build/pipeline_health.so

The last line of a good run is `N passed, 0 failed`.
"""

import json
import random
import sqlite3
import sys

DEALS, EVENTS = 35_000, 120_000
SCOPES = ('all', 'team', 'owner', 'pipeline', 'stage')
DAYS = ('2020-06-30', '2021-12-15', '2022-09-30')
QUESTIONS = (
    [f"SELECT * FROM pipeline_integrity('{day}', '{scope}')" for day in DAYS for scope in SCOPES]
    + [f"SELECT c.day, i.* FROM pipeline_calendar('2020-01-01', '2022-12-31', 'month') c, pipeline_integrity(c.day, '{scope}') i"
       for scope in SCOPES]
    + [f"SELECT * FROM real_coverage('{day}', 'owner')" for day in DAYS]
    + [f"SELECT * FROM deal_stalled('{day}')" for day in DAYS]
    + ["SELECT * FROM pipeline_flow('2021-06-30', '2022-06-30', 'team')",
       "SELECT * FROM stage_velocity('2022-06-30')",
       "SELECT * FROM win_rate('2022-06-30', 60)",
       "SELECT * FROM verdict_backtest('2022-03-31')",
       "SELECT * FROM coverage_backtest('2022-09-30', 'team')",
       "SELECT * FROM conversation_effectiveness('2021-01-01', '2022-06-30', 'owner')",
       "SELECT * FROM pipeline_opening('2022-06-30', 'team')",
       'SELECT * FROM pipeline_check'])


def make_sources(db, text_ids):
    draw = random.Random(11)
    days = [db.execute("SELECT date('2019-06-01', ? || ' days')", (day,)).fetchone()[0] for day in range(1300)]
    db.executescript('''
        CREATE TABLE pipeline_deal(deal_id, name, owner, team, pipeline, stage, amount, created_at, close_date, closed_at, outcome);
        CREATE TABLE pipeline_event(deal_id, at, kind, old_value, new_value, recorded_at);
        CREATE TABLE pipeline_stage(stage, rank, max_idle_days);
        INSERT INTO pipeline_stage VALUES ('A', 1, 20), ('B', 2, NULL), ('C', 3, 45);
        CREATE TABLE pipeline_quota(period_start, period_end, amount, owner, team);
        CREATE TABLE pipeline_policy(name, value);''')

    def deal_id(number):
        if not text_ids:
            return number
        return ('%d', 'id %d', 'an id that is longer than any CRM makes them: %d')[number % 3] % number

    def deal(number):
        created = draw.randint(0, 1200)
        outcome = draw.choice(('open', 'open', 'won', 'lost'))
        closed = None if outcome == 'open' else days[min(1299, created + draw.randint(-3, 200))]
        if draw.random() < 0.01:
            closed = draw.choice(('', 'soon', 2459000.5, 1600000000, b'2021-01-01'))
        return (deal_id(number), f'Deal {number}' * draw.randint(0, 9), draw.choice(('Ann', 'Bob', 7, None)) if number % 50 else 'Zoë',
                draw.choice(('North', 'South', '')), draw.choice(('New', None)), draw.choice('ABCX'), draw.randint(-2, 900) * 10.5,
                days[created], days[min(1299, created + draw.randint(0, 250))], closed, outcome)

    def event():
        kind = draw.choice(('stage', 'amount', 'close_date', 'owner', 'meeting', 'meeting', 'call', 'email', 'reply', 'note', 'Task', 'chat'))
        old, new = {'stage': draw.sample('ABCX', 2), 'amount': [draw.randint(1, 99), draw.choice((10.25, '12', 'much'))],
                    'close_date': [draw.choice(days), draw.choice(days)], 'owner': ['Ann', 'Bob']}.get(kind, [None, None])
        at = draw.choice(days) + draw.choice(('', '', '', 'T10:30:00', ' 23:59+01:00'))
        recorded = draw.choice((None, None, at, draw.choice(days), 'never'))
        return (deal_id(draw.randint(0, DEALS + 50)), draw.choice((at,) * 99 + ('then',)), kind, old, new, recorded)

    db.executemany('INSERT INTO pipeline_deal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)', (deal(number) for number in range(DEALS)))
    db.executemany('INSERT INTO pipeline_event VALUES (?, ?, ?, ?, ?, ?)', (event() for _ in range(EVENTS)))
    db.execute('''INSERT INTO pipeline_quota SELECT date('2019-07-01', (3 * value) || ' months'),
        date('2019-07-01', (3 * value + 3) || ' months', '-1 day'), 1000000, owner, team
        FROM json_each('[0,1,2,3,4,5,6,7,8,9,10,11,12,13]'), (SELECT DISTINCT owner, team FROM pipeline_deal)''')
    db.commit()


def answer(db, question, helper):
    db.execute('DELETE FROM pipeline_policy')
    db.execute("INSERT INTO pipeline_policy VALUES ('helper_thread', ?)", (helper,))
    db.commit()
    db.execute('SELECT pipeline_health_release()')
    rows = db.execute(question).fetchall()
    cached = json.loads(db.execute('SELECT pipeline_health_debug()').fetchone()[0])['cached']
    return rows, [snapshot['helped'] for snapshot in cached], [snapshot['spans'] for snapshot in cached]


def main():
    passed = failed = 0
    for text_ids in (False, True):
        db = sqlite3.connect(':memory:')
        db.enable_load_extension(True)
        db.load_extension(sys.argv[1])
        make_sources(db, text_ids)
        for question in QUESTIONS:
            alone, helped_alone, spans_alone = answer(db, question, 0)
            together, helped_together, spans_together = answer(db, question, 1)
            good = (alone == together and alone and helped_alone == [False] and helped_together == [True]
                    and spans_alone == spans_together)
            passed, failed = passed + bool(good), failed + (not good)
            if not good:
                print(f'helper_test: {question}: {len(alone)} rows alone, {len(together)} with a helper, '
                      f'helped {helped_alone} and {helped_together}')
        db.close()
    print(f'{passed} passed, {failed} failed')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
