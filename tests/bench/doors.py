"""How much slower the first question is through pipeline_connect than over the same relations as tables.

    python3 tests/bench/doors.py SQLITE3 LIBRARY DIRECTORY [DEALS [RUNS [DOOR ...]]]

Makes an invented export for each door, asks it in a fresh process each time, in turns, and prints processor time, the median
of the runs: of pipeline_connect with the first question after it, of the same question over tables, and the ratio.
"""

import datetime
import os
import random
import re
import sqlite3
import statistics
import subprocess
import sys

QUESTION = "SELECT open_deals, open_amount, real_amount FROM pipeline_integrity('2023-06-30')"
FIRST_DAY = datetime.date(2020, 1, 1)
STAGES = ["Qualification", "Discovery", "Proposal", "Closed Won", "Closed Lost"]


def moment(day):
    return (FIRST_DAY + datetime.timedelta(days=day)).isoformat() + "T10:00:00.000Z"


def story(source, number):
    """One deal: creation, amount, close date, versions (day, stage), outcome."""
    created, amount = source.randrange(1000), source.randrange(1000, 90000)
    day, stage, versions = created, 0, []
    for _ in range(source.randrange(3, 12)):
        versions.append((day, stage))
        day += source.randrange(1, 20)
        stage = min(stage + (source.random() < 0.4), 2)
    fate = source.random()
    outcome = "won" if fate < 0.25 else "lost" if fate < 0.6 else "open"
    if outcome != "open":
        versions.append((day, 3 if outcome == "won" else 4))
    return created, amount, FIRST_DAY + datetime.timedelta(days=created + 90), versions, outcome


def make_salesforce(path, deals):
    source, database = random.Random(1), sqlite3.connect(path)
    database.executescript("""
CREATE TABLE Opportunity(Id, Name, OwnerId, StageName, Amount, CloseDate, CreatedDate, IsClosed, IsWon, IsDeleted, SystemModstamp);
CREATE TABLE OpportunityHistory(Id, OpportunityId, CreatedDate, StageName, Amount, CloseDate, IsDeleted);
CREATE TABLE OpportunityStage(MasterLabel, SortOrder, IsActive, IsClosed, IsWon);
CREATE TABLE Task(Id, WhatId, Type, Status, IsClosed, ActivityDate, CompletedDateTime, CreatedDate, IsDeleted);
CREATE TABLE Event(Id, WhatId, StartDateTime, CreatedDate, Subject, IsDeleted);
CREATE TABLE User(Id, Name, Department);
""")
    for number, name in enumerate(STAGES):
        database.execute("INSERT INTO OpportunityStage VALUES (?, ?, 'true', ?, ?)",
                         (name, number, str(number > 2).lower(), str(number == 3).lower()))
    database.executemany("INSERT INTO User VALUES (?, ?, ?)", [(f"005{n:012d}AAA", f"Seller {n}", f"Team {n % 9}") for n in range(200)])
    rows = 0
    for number in range(deals):
        created, amount, due, versions, outcome = story(source, number)
        deal = f"0065e{number:010d}AAA"
        for day, stage in versions:
            rows += 1
            database.execute("INSERT INTO OpportunityHistory VALUES (?, ?, ?, ?, ?, ?, 'false')",
                             (f"008{rows:015d}", deal, moment(day), STAGES[stage], amount, due.isoformat()))
        database.execute("INSERT INTO Opportunity VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'false', ?)",
                         (deal, f"Deal {number}", f"005{number % 200:012d}AAA", STAGES[versions[-1][1]], amount, due.isoformat(),
                          moment(created), str(outcome != "open").lower(), str(outcome == "won").lower(), moment(versions[-1][0])))
        database.execute("INSERT INTO Task VALUES (?, ?, 'Call', 'Completed', 'true', ?, ?, ?, 'false')",
                         (f"00T{number:015d}", deal, moment(created + 5)[:10], moment(created + 5), moment(created + 5)))
        database.execute("INSERT INTO Event VALUES (?, ?, ?, ?, 'Demo', 'false')",
                         (f"00U{number:015d}", deal, moment(created + 7), moment(created + 3)))
    database.commit()


def make_hubspot(path, deals):
    source, database = random.Random(1), sqlite3.connect(path)
    database.executescript("""
CREATE TABLE deal(deal_id, deal_pipeline_id, deal_pipeline_stage_id, owner_id, property_dealname, property_amount,
  property_createdate, property_closedate, property_hs_is_closed, property_hs_is_closed_won, _fivetran_deleted);
CREATE TABLE deal_property_history(deal_id, name, value, timestamp);
CREATE TABLE deal_pipeline_stage(stage_id, pipeline_id, label, display_order, is_closed, closed_won, probability);
CREATE TABLE owner(owner_id, first_name, last_name, email);
CREATE TABLE engagement_deal(deal_id, engagement_id);
CREATE TABLE engagement(id, type);
CREATE TABLE engagement_call(engagement_id, property_hs_timestamp, property_hs_call_direction, property_hs_call_status);
CREATE TABLE engagement_meeting(engagement_id, property_hs_meeting_start_time, property_hs_createdate, property_hs_meeting_outcome);
""")
    for number, name in enumerate(STAGES):
        database.execute("INSERT INTO deal_pipeline_stage VALUES (?, 'default', ?, ?, ?, ?, ?)",
                         (f"stage{number}", name, number, str(number > 2).lower(), str(number == 3).lower(),
                          {3: 1.0, 4: 0.0}.get(number, 0.3)))
    database.executemany("INSERT INTO owner VALUES (?, 'Seller', ?, ?)", [(n, str(n), f"s{n}@example.org") for n in range(200)])
    history = "INSERT INTO deal_property_history VALUES (?, ?, ?, ?)"
    for number in range(deals):
        created, amount, due, versions, outcome = story(source, number)
        last = None
        database.execute(history, (number, "amount", str(amount), moment(created)))
        database.execute(history, (number, "closedate", moment(created + 90), moment(created)))
        database.execute(history, (number, "hubspot_owner_id", str(number % 200), moment(created)))
        for day, stage in versions:
            if stage != last:
                database.execute(history, (number, "dealstage", f"stage{stage}", moment(day)))
            else:
                database.execute(history, (number, "amount", str(amount + day), moment(day)))
            last = stage
        database.execute("INSERT INTO deal VALUES (?, 'default', ?, ?, ?, ?, ?, ?, ?, ?, 'false')",
                         (number, f"stage{versions[-1][1]}", number % 200, f"Deal {number}", amount, moment(created),
                          moment(created + 90), str(outcome != "open").lower(), str(outcome == "won").lower()))
        for engagement, kind in ((2 * number, "CALL"), (2 * number + 1, "MEETING")):
            database.execute("INSERT INTO engagement_deal VALUES (?, ?)", (number, engagement))
            database.execute("INSERT INTO engagement VALUES (?, ?)", (engagement, kind))
        database.execute("INSERT INTO engagement_call VALUES (?, ?, 'OUTBOUND', 'COMPLETED')", (2 * number, moment(created + 5)))
        database.execute("INSERT INTO engagement_meeting VALUES (?, ?, ?, 'COMPLETED')",
                         (2 * number + 1, moment(created + 7), moment(created + 3)))
    database.commit()


def make_pipedrive(path, deals):
    source, database = random.Random(1), sqlite3.connect(path)
    database.executescript("""
CREATE TABLE deals(id, title, owner_id, pipeline_id, stage_id, value, currency, add_time, update_time, stage_change_time, is_deleted,
  status, close_time, won_time, lost_time, expected_close_date);
CREATE TABLE dealflow(id, item_id, field_key, old_value, new_value, log_time);
CREATE TABLE stages(id, name, order_nr, pipeline_id);
CREATE TABLE pipelines(id, name);
CREATE TABLE users(id, name, email);
CREATE TABLE activities(id, deal_id, type, subject, done, due_date, due_time, add_time, marked_as_done_time, is_deleted);
INSERT INTO pipelines VALUES (1, 'New');
""")
    database.executemany("INSERT INTO stages VALUES (?, ?, ?, 1)", [(n, name, n) for n, name in enumerate(STAGES[:3])])
    database.executemany("INSERT INTO users VALUES (?, ?, ?)", [(n, f"Seller {n}", f"s{n}@example.org") for n in range(200)])
    rows = 0
    change = "INSERT INTO dealflow VALUES (?, ?, ?, ?, ?, ?)"
    for number in range(deals):
        created, amount, due, versions, outcome = story(source, number)
        last = None
        for day, stage in versions:
            rows += 1
            stage = min(stage, 2)
            if stage != last:
                database.execute(change, (rows, number, "stage_id", last, stage, moment(day)))
            else:
                database.execute(change, (rows, number, "value", amount, amount + day, moment(day)))
            last = stage
        closed = moment(versions[-1][0]) if outcome != "open" else None
        database.execute("INSERT INTO deals VALUES (?, ?, ?, 1, ?, ?, 'EUR', ?, ?, ?, 'false', ?, ?, ?, ?, ?)",
                         (number, f"Deal {number}", number % 200, last, amount, moment(created), moment(versions[-1][0]),
                          moment(versions[-1][0]), outcome, closed, closed if outcome == "won" else None,
                          closed if outcome == "lost" else None, due.isoformat()))
        for kind, day in (("call", created + 5), ("meeting", created + 7)):
            rows += 1
            database.execute("INSERT INTO activities VALUES (?, ?, ?, 'Talk', 'true', ?, NULL, ?, ?, 'false')",
                             (rows, number, kind, moment(day)[:10], moment(created), moment(day)))
    database.commit()


DOORS = {"salesforce": make_salesforce, "hubspot": make_hubspot, "pipedrive": make_pipedrive}


def ask(sqlite, path, statements):
    """The processor time of the statements, in seconds, and what the last of them returned."""
    text = subprocess.run([sqlite, "-batch", path], input=".timer on\n" + statements, text=True, capture_output=True,
                          check=True).stdout
    spent = sum(float(user) + float(system) for user, system in re.findall(r"user ([\d.]+) sys ([\d.]+)", text))
    return spent, [line for line in text.splitlines() if not line.startswith("Run Time")][-1]


def main():
    sqlite, library, directory = sys.argv[1:4]
    deals = int(sys.argv[4]) if len(sys.argv) > 4 else 5000
    runs = int(sys.argv[5]) if len(sys.argv) > 5 else 5
    doors = sys.argv[6:] or list(DOORS)
    load = f".timer off\n.load {library}\n.timer on\n"
    os.makedirs(directory, exist_ok=True)
    print(f"{'door':12} {'events':>9} {'connected s':>12} {'tables s':>9} {'ratio':>6}")
    for door in doors:
        path, tables = (os.path.join(directory, f"{door}-{deals}{end}.db") for end in ("", "-tables"))
        for old in (path, tables):
            if os.path.exists(old):
                os.remove(old)
        DOORS[door](path, deals)
        copy = f".load {library}\nATTACH '{path}' AS crm;\nSELECT length(pipeline_connect('{door}', 'crm'));\n"
        for relation in ("deal", "event", "stage"):
            copy += f"CREATE TABLE main.pipeline_{relation} AS SELECT * FROM temp.pipeline_{relation};\n"
        subprocess.run([sqlite, "-batch", tables], input=copy, text=True, capture_output=True, check=True)
        events = sqlite3.connect(tables).execute("SELECT count(*) FROM pipeline_event").fetchone()[0]
        through, over = [], []
        for _ in range(runs):
            spent, answer = ask(sqlite, path, load + f"SELECT length(pipeline_connect('{door}'));\n{QUESTION};\n")
            through.append(spent)
            spent, same = ask(sqlite, tables, load + f"{QUESTION};\n")
            over.append(spent)
            if answer != same:
                sys.exit(f"{door}: '{answer}' through the door, '{same}' over tables")
        through, over = statistics.median(through), statistics.median(over)
        print(f"{door:12} {events:9} {through:12.3f} {over:9.3f} {through / over:6.2f}")


main()
