"""How much slower a question is through pipeline_connect than over the same relations as tables.

    python3 tests/bench/doors.py SQLITE3 LIBRARY DIRECTORY [DEALS [RUNS [DOOR ...]]]

Makes an invented export for each door, asks it in a fresh process each time, in turns, and prints processor time, the median
of the runs: of pipeline_connect with the first question after it, of the same question over tables, and the ratio; then the
same of the question behind a write, for which everything is read again.
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
WRITE = "CREATE TABLE written(x);\nINSERT INTO written VALUES (1);\nDROP TABLE written;\n"
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


def make_odoo(path, deals):
    source, database = random.Random(1), sqlite3.connect(path)
    database.executescript("""
CREATE TABLE crm_lead(id, name, type, stage_id, active, user_id, expected_revenue, date_deadline, create_date, date_closed, write_date);
CREATE TABLE crm_stage(id, name, sequence, is_won);
CREATE TABLE res_users(id, partner_id, login);
CREATE TABLE res_partner(id, name);
CREATE TABLE mail_message(id, model, res_id, date, message_type, author_id);
CREATE TABLE mail_tracking_value(id, mail_message_id, field, old_value_integer, new_value_integer, old_value_float, new_value_float);
CREATE TABLE calendar_event(id, opportunity_id, start, name, create_date);
""")
    database.executemany("INSERT INTO crm_stage VALUES (?, ?, ?, ?)", [(n, name, n, n == 3) for n, name in enumerate(STAGES[:4])])
    database.executemany("INSERT INTO res_users VALUES (?, ?, ?)", [(n, n, f"s{n}@example.org") for n in range(200)])
    database.executemany("INSERT INTO res_partner VALUES (?, ?)", [(n, f"Seller {n}") for n in range(200)])
    rows = 0
    for number in range(deals):
        created, amount, due, versions, outcome = story(source, number)
        last = None
        for day, stage in versions:
            rows += 1
            stage = min(stage, 3) if outcome == "won" else min(stage, 2)
            change = ("stage_id", last, stage, None, None) if stage != last else ("expected_revenue", None, None, amount, amount + day)
            database.execute("INSERT INTO mail_message VALUES (?, 'crm.lead', ?, ?, 'notification', ?)",
                             (rows, number, moment(day)[:19], number % 200))
            database.execute("INSERT INTO mail_tracking_value VALUES (?, ?, ?, ?, ?, ?, ?)", (rows, rows) + change)
            last = stage
        database.execute("INSERT INTO crm_lead VALUES (?, ?, 'opportunity', ?, ?, ?, ?, ?, ?, ?, ?)",
                         (number, f"Deal {number}", last, outcome != "lost", number % 200, amount, due.isoformat(), moment(created)[:19],
                          moment(versions[-1][0])[:19] if outcome != "open" else None, moment(versions[-1][0])[:19]))
        rows += 1
        database.execute("INSERT INTO mail_message VALUES (?, 'crm.lead', ?, ?, 'email', ?)", (rows, number, moment(created + 5)[:19], number % 200))
        database.execute("INSERT INTO calendar_event VALUES (?, ?, ?, 'Talk', ?)",
                         (number, number, moment(created + 7)[:19], moment(created + 3)[:19]))
    database.commit()


def make_flat(path, deals, columns, row):
    """One table of deals, as a report or an export of a user interface is; `row` makes a row of a story."""
    source, database = random.Random(1), sqlite3.connect(path)
    names = ", ".join(f'"{name}"' for name in columns)
    database.execute(f"CREATE TABLE report({names})")
    marks = ", ".join("?" * len(columns))
    for number in range(deals):
        database.execute(f"INSERT INTO report VALUES ({marks})", row(number, *story(source, number)))
    return database


def day(number):
    return moment(number)[:10]


def make_salesforce_report(path, deals):
    database = make_flat(
        path, deals, ["Opportunity ID", "Opportunity Name", "Opportunity Owner", "Stage", "Amount", "Close Date", "Created Date", "Last Activity"],
        lambda number, created, amount, due, versions, outcome: (
            f"0065e{number:010d}AAA", f"Deal {number}", f"Seller {number % 200}", STAGES[versions[-1][1]], amount, due.isoformat(), day(created),
            day(created + 7)))
    database.execute('CREATE TABLE history("Opportunity ID", "Opportunity Name", "From Stage", "To Stage", "Amount", "Close Date", "Last Modified")')
    source = random.Random(1)
    for number in range(deals):
        created, amount, due, versions, outcome = story(source, number)
        for (_, before), (at, stage) in zip(versions[:1] + versions, versions):
            database.execute("INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?)",
                             (f"0065e{number:010d}AAA", f"Deal {number}", STAGES[before], STAGES[stage], amount, due.isoformat(), day(at)))
    database.commit()


def make_hubspot_export(path, deals):
    labels = [f"Date entered {name}" for name in STAGES]

    def row(number, created, amount, due, versions, outcome):
        entered = {stage: at for at, stage in reversed(versions)}
        return (number, f"Deal {number}", STAGES[versions[-1][1]], f"Seller {number % 200}", amount, due.isoformat(), day(created),
                day(created + 7), *(day(entered[stage]) if stage in entered else None for stage in range(len(STAGES))))

    make_flat(path, deals, ["Record ID", "Deal Name", "Deal Stage", "Deal owner", "Amount", "Close Date", "Create Date", "Last Activity Date"] + labels,
              row).commit()


def make_pipedrive_export(path, deals):
    database = make_flat(
        path, deals, ["Deal - ID", "Deal - Title", "Deal - Status", "Deal - Stage", "Deal - Owner", "Deal - Value", "Deal - Expected close date",
                      "Deal - Deal created", "Deal - Won time", "Deal - Lost time", "Deal - Last stage change"],
        lambda number, created, amount, due, versions, outcome: (
            number, f"Deal {number}", outcome.capitalize(), STAGES[min(versions[-1][1], 2)], f"Seller {number % 200}", amount, due.isoformat(),
            day(created), day(versions[-1][0]) if outcome == "won" else None, day(versions[-1][0]) if outcome == "lost" else None,
            day(versions[-1][0])))
    database.execute('CREATE TABLE activities("Activity - ID", "Activity - Type", "Activity - Due date", "Activity - Done", "Activity - Deal ID")')
    source = random.Random(1)
    for number in range(deals):
        created = story(source, number)[0]
        for kind, at in (("Call", created + 5), ("Meeting", created + 7)):
            database.execute("INSERT INTO activities VALUES (?, ?, ?, 'Done', ?)", (f"{number}-{kind}", kind, day(at), number))
    database.commit()


def make_deals(path, deals):
    make_flat(path, deals, ["ID", "Name", "Owner", "Stage", "Status", "Amount", "Close Date", "Closed At", "Created At", "Last Activity"],
              lambda number, created, amount, due, versions, outcome: (
                  number, f"Deal {number}", f"Seller {number % 200}", STAGES[versions[-1][1]], outcome, amount, due.isoformat(),
                  day(versions[-1][0]) if outcome != "open" else None, day(created), day(created + 7))).commit()


def make_snapshots(path, deals):
    """The deals on each of 40 Mondays."""
    source, database = random.Random(1), sqlite3.connect(path)
    database.execute("CREATE TABLE snapshots(deal_id, snapshot_date, stage, status, amount, close_date, created_at, owner)")
    for number in range(deals):
        created, amount, due, versions, outcome = story(source, number)
        for monday in range(840, 1120, 7):
            known = [version for version in versions if version[0] <= monday]
            if not known:
                continue
            stage = known[-1][1]
            database.execute("INSERT INTO snapshots VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                             (number, day(monday), STAGES[stage], "won" if stage == 3 else "lost" if stage == 4 else "open", amount + len(known),
                              due.isoformat(), day(created), f"Seller {number % 200}"))
    database.commit()


DOORS = {"salesforce": make_salesforce, "hubspot": make_hubspot, "pipedrive": make_pipedrive, "odoo": make_odoo,
         "salesforce_report": make_salesforce_report, "hubspot_export": make_hubspot_export,
         "pipedrive_export": make_pipedrive_export, "deals": make_deals, "snapshots": make_snapshots}


def ask(sqlite, path, library, connect):
    """The processor time of the first question, with `connect` before it, and of the one behind a write, in seconds, and the answer."""
    script = f".load {library}\n.timer on\n{connect}{QUESTION};\n.timer off\n{WRITE}.timer on\n{QUESTION};\n"
    text = subprocess.run([sqlite, "-batch", path], input=script, text=True, capture_output=True, check=True).stdout
    spent = [float(user) + float(system) for user, system in re.findall(r"user ([\d.]+) sys ([\d.]+)", text)]
    answers = [line for line in text.splitlines() if not line.startswith("Run Time")]
    if answers[-1] != answers[-2]:
        sys.exit(f"{path}: '{answers[-2]}', behind a write '{answers[-1]}'")
    return sum(spent[:-1]), spent[-1], answers[-1]


def make(sqlite, library, door, deals, path, tables):
    """An export and its relations as tables; returns how many events these have."""
    for old in (path, tables):
        if os.path.exists(old):
            os.remove(old)
    DOORS[door](path, deals)
    copy = f".load {library}\nATTACH '{path}' AS crm;\nSELECT length(pipeline_connect('{door}', 'crm'));\n"
    made = subprocess.run([sqlite, "-batch", tables], input=copy + "SELECT name FROM temp.sqlite_master;\n", text=True,
                          capture_output=True, check=True).stdout.split()
    for relation in ("pipeline_deal", "pipeline_event", "pipeline_stage", "pipeline_policy"):
        if relation in made:
            copy += f"CREATE TABLE main.{relation} AS SELECT * FROM temp.{relation};\n"
    subprocess.run([sqlite, "-batch", tables], input=copy, text=True, capture_output=True, check=True)
    return sqlite3.connect(tables).execute("SELECT count(*) FROM pipeline_event").fetchone()[0]


def main():
    sqlite, library, directory = sys.argv[1:4]
    deals = int(sys.argv[4]) if len(sys.argv) > 4 else 5000
    runs = int(sys.argv[5]) if len(sys.argv) > 5 else 5
    os.makedirs(directory, exist_ok=True)
    print(f"{'':28} {'first question':>27}   {'behind a write':>27}")
    print(f"{'door':18} {'events':>9} " + "   ".join(f"{'door s':>9} {'tables s':>9} {'ratio':>7}" for _ in range(2)))
    for door in sys.argv[6:] or DOORS:
        path, tables = (os.path.join(directory, f"{door}-{deals}{end}.db") for end in ("", "-tables"))
        events = make(sqlite, library, door, deals, path, tables)
        through, over = [], []
        for _ in range(runs):
            through.append(ask(sqlite, path, library, f"SELECT length(pipeline_connect('{door}'));\n"))
            over.append(ask(sqlite, tables, library, ""))
            if through[-1][2] != over[-1][2]:
                sys.exit(f"{door}: '{through[-1][2]}' through the door, '{over[-1][2]}' over tables")
        line = f"{door:18} {events:9} "
        for part in range(2):
            seen, base = (statistics.median(run[part] for run in side) for side in (through, over))
            line += f"{seen:9.3f} {base:9.3f} {seen / base:7.2f}   "
        print(line.rstrip(), flush=True)


main()
