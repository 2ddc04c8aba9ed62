#!/usr/bin/env python3
"""
How the time of every table grows with each size of the data, one at a time.

    scaling.py ASK EXTENSION DIRECTORY [--tables a,b] [--sizes a,b]

For each size (deals, events, groups, periods, pipelines, stages) two databases are made that differ in that size alone,
by a factor of FACTOR, and every table is asked the first question of a connection. Printed is the exponent e of
time ~ size^e, from the processor's time, the less of REPEATS. Ends with 1 where an exponent is above LIMIT and the
time is long enough to be measured.
"""

import argparse
import json
import math
import os
import sqlite3
import subprocess
import sys

FACTOR = 4  # between the two databases; the exponent is that of a doubling
REPEATS = 2
LIMIT = 1.15
MEASURABLE_SECONDS = 0.05

BASE = {"deals": 20000, "events": 5, "groups": 20, "periods": 12, "pipelines": 2, "stages": 6}
LARGER = {"deals": 20000, "events": 20, "groups": 5000, "periods": 250, "pipelines": 2000, "stages": 2000}
QUESTIONS = {
    "deal_stalled": "deal_stalled('2022-06-30')",
    "pipeline_integrity": "pipeline_integrity('2022-06-30', 'owner')",
    "pipeline_integrity, weekly": "pipeline_calendar('2021-01-01', '2022-12-31', 'week') c, "
                                  "pipeline_integrity(c.day, 'owner') i",
    "real_coverage": "real_coverage('2022-06-30', 'owner')",
    "pipeline_flow": "pipeline_flow('2022-03-31', '2022-06-30', 'owner')",
    "pipeline_changes": "pipeline_changes('2022-03-31', '2022-06-30')",
    "pipeline_cohort": "pipeline_cohort('2021-01-01', '2022-06-30', 'week', 'owner')",
    "pipeline_commit": "pipeline_commit('2022-06-30', 'owner')",
    "stage_velocity": "stage_velocity('2022-06-30')",
    "win_rate": "win_rate('2022-06-30', 90)",
    "verdict_backtest": "verdict_backtest('2022-06-30')",
    "coverage_backtest": "coverage_backtest('2022-12-31', 'owner')",
    "conversation_effectiveness": "conversation_effectiveness('2021-01-01', '2022-06-30', 'owner')",
    "pipeline_opening": "pipeline_opening('2022-06-30', 'owner')",
    "deal_chance": "deal_chance('2022-06-30', 90)",
    "pipeline_forecast": "pipeline_forecast('2022-06-30', 'owner')",
    "pipeline_what_if": "pipeline_what_if('2022-06-30', 'owner', 0.5, NULL, NULL, NULL, 0.5)",
    "pipeline_check": "pipeline_check",
}

SCHEMA = """
CREATE TABLE pipeline_deal(deal_id, owner, team, pipeline, stage, amount, created_at, close_date, closed_at, outcome);
CREATE TABLE pipeline_event(deal_id, at, kind, old_value, new_value);
CREATE TABLE pipeline_stage(stage, rank, pipeline);
CREATE TABLE pipeline_quota(period_start, period_end, amount, owner);
CREATE TEMP TABLE number(i INTEGER PRIMARY KEY);
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) INSERT INTO number SELECT i FROM n;
"""


def make_database(path, size):
    """A database of these sizes; events are for each deal, one in five a change of the stage."""
    if os.path.exists(path):
        return
    if os.path.exists(path + ".part"):
        os.remove(path + ".part")
    connection = sqlite3.connect(path + ".part")
    connection.executescript(SCHEMA)
    connection.execute("""
        INSERT INTO pipeline_deal
        SELECT i, 'owner ' || (i * 7919 % :groups), 'team ' || (i % 7), 'pipeline ' || (i * 31 % :pipelines), 'stage 0', i % 1000 + 1,
          date('2020-01-01', (i * 613 % 900) || ' days'), date('2020-03-01', (i * 613 % 900 + i % 200) || ' days'),
          CASE WHEN i % 3 < 2 THEN date('2020-02-20', (i * 613 % 900 + 50 + i % 60) || ' days') END,
          CASE i % 3 WHEN 0 THEN 'won' WHEN 1 THEN 'lost' ELSE 'open' END
        FROM number WHERE i < :deals""", size)
    connection.execute("""
        INSERT INTO pipeline_event
        SELECT d.deal_id, date(d.created_at, (e.i * 37 / :events) || ' days'),
          CASE WHEN e.i % 5 = 0 THEN 'stage' WHEN e.i % 5 = 1 THEN 'meeting' ELSE 'call' END,
          CASE WHEN e.i % 5 = 0 THEN 'stage ' || ((d.deal_id + e.i / 5) % :stages) END,
          CASE WHEN e.i % 5 = 0 THEN 'stage ' || ((d.deal_id + e.i / 5 + 1) % :stages) END
        FROM pipeline_deal d, number e WHERE e.i < :events""", size)
    connection.execute("""
        INSERT INTO pipeline_stage SELECT 'stage ' || s.i, s.i, 'pipeline ' || p.i
        FROM number s, number p WHERE s.i < min(:stages, 6) AND p.i < :pipelines""", size)
    connection.execute("INSERT INTO pipeline_stage SELECT 'stage ' || i, i, NULL FROM number WHERE i < :stages", size)
    connection.execute("""
        INSERT INTO pipeline_quota
        SELECT date('2020-01-01', (p.i * 1096 / :periods) || ' days'),
          date('2020-01-01', ((p.i + 1) * 1096 / :periods - 1) || ' days'), 1000, 'owner ' || g.i
        FROM number p, number g WHERE p.i < :periods AND g.i < min(:groups, CASE WHEN :periods > 100 THEN 1 ELSE 20 END)""", size)
    connection.commit()
    connection.close()
    os.rename(path + ".part", path)


def seconds(arguments, path, question):
    best = math.inf
    for _ in range(REPEATS):
        sql = f"SELECT * FROM {question}"
        run = subprocess.run([arguments.ask, path, arguments.extension, "silent", "1", sql],
                             capture_output=True, text=True, check=True)
        best = min(best, json.loads(run.stderr)["cpu_seconds"][0])
    return best


def measure(arguments, name, small, large):
    paths = [os.path.join(arguments.directory, f"scaling_{name}_{size[name]}.db") for size in (small, large)]
    for path, size in zip(paths, (small, large)):
        make_database(path, size)
    bad = 0
    for table, question in QUESTIONS.items():
        if arguments.tables and table not in arguments.tables:
            continue
        before, after = (seconds(arguments, path, question) for path in paths)
        exponent = math.log(after / before) / math.log(large[name] / small[name])
        too_steep = exponent > LIMIT and after > MEASURABLE_SECONDS
        bad += too_steep
        print(f"{name:10} {table:28} {before:8.3f} s {after:8.3f} s  {exponent:5.2f}{'  !' if too_steep else ''}", flush=True)
    return bad


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ask")
    parser.add_argument("extension")
    parser.add_argument("directory")
    parser.add_argument("--tables", type=lambda text: text.split(","))
    parser.add_argument("--sizes", type=lambda text: text.split(","), default=list(BASE))
    arguments = parser.parse_args()
    os.makedirs(arguments.directory, exist_ok=True)
    bad = 0
    for name in arguments.sizes:
        small = dict(BASE, **{name: LARGER[name]})
        bad += measure(arguments, name, small, dict(small, **{name: FACTOR * LARGER[name]}))
    print(f"{bad} above {LIMIT}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
