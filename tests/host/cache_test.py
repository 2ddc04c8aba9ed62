#!/usr/bin/env python3
"""What a connection keeps between queries, and that it never answers with it too long.

    cache_test.py [--required] build/pipeline_health.so

Every answer is compared with that of a connection that has kept nothing; where something must be kept or must
not be, pipeline_health_debug() and the statements that read the sources tell. A Python that cannot load
extensions is treated as python_host.py does. Ends with `N passed, N failed`.
"""

import json
import os
import re
import sqlite3
import sys
import tempfile

sys.dont_write_bytecode = True  # a build writes below build/ alone
import python_host  # noqa: E402
from python_host import check  # noqa: E402

DEALS = "deal_id, name, owner, stage, amount REAL, created_at TEXT, close_date TEXT, closed_at TEXT, outcome TEXT"
SOURCES = f"""
CREATE TABLE pipeline_deal({DEALS});
INSERT INTO pipeline_deal VALUES
  (1, 'first', 'ann', 'Proposal', 100, '2022-06-01', '2022-07-31', NULL, 'open'),
  (2, 'second', 'ann', 'Proposal', 50.5, '2022-01-02', '2022-07-31', NULL, 'open'),
  (3, 'third', 'bob', 'Proposal', 7, '2022-01-02', '2022-03-31', '2022-03-30', 'won');
CREATE TABLE pipeline_event(deal_id, at TEXT, kind TEXT, old_value, new_value);
INSERT INTO pipeline_event VALUES (2, '2022-06-15', 'stage', 'Lead', 'Proposal');
"""
# Deals that are not known to go on: without the event, which is the only evidence, all are unjudged.
ASK = "SELECT open_deals, open_amount, stalled_deals + dead_deals + unjudged_deals, excluded_deals FROM pipeline_integrity('2022-06-30')"


class Subject:
    """A connection with the extension that counts how often its sources were read."""

    def __init__(self, library, file=":memory:", sources=SOURCES, **options):
        self.library, self.file, self.readings = library, file, 0
        self.connection = sqlite3.connect(file, isolation_level=None, **options)
        self.connection.enable_load_extension(True)
        self.connection.load_extension(library)
        self.connection.enable_load_extension(False)
        if sources and (file == ":memory:" or not self.rows("SELECT 1 FROM sqlite_master")):
            self.connection.executescript(sources)
        self.connection.set_trace_callback(self.count)

    def count(self, statement):
        # A table is read with the one function, a view with the other.
        if re.search(r"pipeline_health_read(_row)?\(", statement) and not statement.lstrip("- ").startswith("EXPLAIN"):
            self.readings += "pipeline_deal" in statement

    def rows(self, sql, arguments=()):
        return self.connection.execute(sql, arguments).fetchall()

    def run(self, *statements):
        for statement in statements:
            self.connection.execute(statement).fetchall()
        return self

    def kept(self):
        """What pipeline_health_debug() says of the cache."""
        return json.loads(self.rows("SELECT pipeline_health_debug()")[0][0])

    def release(self):
        return self.rows("SELECT pipeline_health_release()")[0][0]

    def ask_counting(self, sql=ASK):
        """The answer, and how often the deals were read for it."""
        before = self.readings
        return self.rows(sql), self.readings - before

    def close(self):
        self.connection.close()


def fresh(subject, sql=ASK):
    """The answer of a new connection to the same file."""
    other = Subject(subject.library, subject.file, sources=None)
    answer = other.rows(sql)
    other.close()
    return answer


def check_answer(subject, what, sql=ASK, expected=None, reads=None, committed=True):
    """The answer is that of a connection without a cache; `reads` is how often the sources may be read for it."""
    answer, readings = subject.ask_counting(sql)
    if subject.file != ":memory:" and committed:
        without = fresh(subject, sql)
    else:
        subject.release()
        without = subject.rows(sql)
    check(answer == without, f"{what}: {answer}, without a cache {without}")
    if expected is not None:
        check(answer == expected, f"{what}: {answer}, expected {expected}")
    if reads is not None:
        check(readings == reads, f"{what}: the deals were read {readings} times, expected {reads}")


def check_keeps(subject, what, sql=ASK, keeps=True):
    """A second question is answered from the cache, or is not."""
    subject.release()
    first, _ = subject.ask_counting(sql)
    second, readings = subject.ask_counting(sql)
    check(first == second, f"{what}: {first}, then {second}")
    check(readings == (0 if keeps else 1), f"{what}: {'read again' if keeps else 'kept'}")
    check(bool(subject.kept()["cached"]) == keeps, f"{what}: {subject.kept()['cached']}")


# ---------------------------------------------------------------------------------------- the table of CRAFT.md

def check_own_changes(library, folder):
    subject = Subject(library, os.path.join(folder, "own.db"))
    check_keeps(subject, "nothing happened")
    check_answer(subject, "before", expected=[(2, 150.5, 0, 0)], reads=0)
    for statement in ("UPDATE pipeline_deal SET amount = 5 WHERE deal_id = 1",
                      "INSERT INTO pipeline_deal VALUES (4, '', 'cy', 'A', 9, '2022-02-01', NULL, NULL, 'open')",
                      "DELETE FROM pipeline_event", "DELETE FROM pipeline_deal WHERE deal_id = 2",
                      "REPLACE INTO pipeline_event VALUES (4, '2022-06-20', 'call', NULL, NULL)"):
        subject.run(statement)
        check_answer(subject, f"committed: {statement}", reads=1)
        check_keeps(subject, f"after {statement}")
    subject.rows(ASK)
    subject.run("DELETE FROM pipeline_deal")  # SQLite truncates without looking at rows
    check_answer(subject, "all deals deleted", expected=[(0, 0.0, 0, 0)], reads=1)
    subject.close()


def check_uncommitted(library, folder):
    subject = Subject(library, os.path.join(folder, "uncommitted.db"))
    subject.rows(ASK)
    subject.run("BEGIN", "UPDATE pipeline_deal SET amount = 1")
    check_answer(subject, "uncommitted", expected=[(2, 2.0, 0, 0)], reads=1, committed=False)
    check(subject.kept()["cached"] == [], "nothing is kept while writing")
    _, readings = subject.ask_counting()
    check(readings == 1, "nothing is used while writing")
    subject.run("ROLLBACK")
    check_answer(subject, "rolled back", expected=[(2, 150.5, 0, 0)], reads=1)
    subject.run("BEGIN", "UPDATE pipeline_deal SET amount = 1")
    subject.rows(ASK)
    subject.run("COMMIT")
    check_answer(subject, "committed", expected=[(2, 2.0, 0, 0)], reads=1)
    subject.run("BEGIN IMMEDIATE")
    check_answer(subject, "BEGIN IMMEDIATE", expected=[(2, 2.0, 0, 0)], committed=False)
    check(subject.kept()["cached"] == [], "nothing is kept in BEGIN IMMEDIATE")
    subject.run("ROLLBACK")
    subject.close()


def check_savepoints(library, folder):
    subject = Subject(library, os.path.join(folder, "savepoint.db"))
    subject.rows(ASK)
    subject.run("BEGIN", "UPDATE pipeline_deal SET amount = 1", "SAVEPOINT a", "UPDATE pipeline_deal SET amount = 2")
    check_answer(subject, "in the savepoint", expected=[(2, 4.0, 0, 0)], committed=False)
    subject.run("ROLLBACK TO a")
    check_answer(subject, "ROLLBACK TO", expected=[(2, 2.0, 0, 0)], committed=False)
    subject.run("RELEASE a")
    check_answer(subject, "RELEASE", expected=[(2, 2.0, 0, 0)], committed=False)
    subject.run("ROLLBACK")
    check_answer(subject, "ROLLBACK after it", expected=[(2, 150.5, 0, 0)])
    subject.run("SAVEPOINT b", "DELETE FROM pipeline_deal WHERE deal_id = 1")
    subject.rows(ASK)
    subject.run("ROLLBACK TO b")
    check_answer(subject, "an outer savepoint rolled back", expected=[(2, 150.5, 0, 0)], committed=False)
    subject.run("RELEASE b")
    check_answer(subject, "and released", expected=[(2, 150.5, 0, 0)])
    subject.close()


def check_reads_in_transactions(library, folder):
    subject = Subject(library, os.path.join(folder, "reading.db"))
    subject.run("BEGIN")
    check_keeps(subject, "in a transaction that reads")
    subject.run("COMMIT")
    check_answer(subject, "after it", expected=[(2, 150.5, 0, 0)], reads=0)
    subject.close()


def check_other_connections(library, folder, journal):
    file = os.path.join(folder, f"other_{journal}.db")
    subject = Subject(library, file)
    subject.run(f"PRAGMA journal_mode = {journal}")
    writer = sqlite3.connect(file, isolation_level=None)
    for amount in (10, 20):
        check_keeps(subject, f"{journal}: before another connection")
        writer.execute("UPDATE pipeline_deal SET amount = ?", (amount,))
        check_answer(subject, f"{journal}: another connection committed", expected=[(2, 2.0 * amount, 0, 0)], reads=1)
    writer.execute("ALTER TABLE pipeline_event RENAME TO old_event")
    check_answer(subject, f"{journal}: another connection changed the schema", expected=[(2, 40.0, 2, 0)], reads=1)
    other = Subject(library, file)
    other.rows(ASK)
    other.run("UPDATE pipeline_deal SET amount = 3")
    check_answer(subject, f"{journal}: one more with the extension", expected=[(2, 6.0, 2, 0)], reads=1)
    check_answer(other, f"{journal}: and the one that wrote", expected=[(2, 6.0, 2, 0)])
    for connection in (subject, other, writer):
        connection.close()


def check_read_transaction_and_writer(library, folder):
    """A transaction of the WAL sees one state, whatever others commit; the next one sees the new state."""
    file = os.path.join(folder, "wal.db")
    subject = Subject(library, file)
    subject.run("PRAGMA journal_mode = wal")
    writer = sqlite3.connect(file, isolation_level=None)
    subject.run("BEGIN")
    subject.rows("SELECT count(*) FROM pipeline_deal")
    writer.execute("UPDATE pipeline_deal SET amount = 1")
    check(subject.rows(ASK) == [(2, 150.5, 0, 0)], "WAL: a transaction sees its own state")
    _, readings = subject.ask_counting()
    check(readings == 0, "WAL: it is kept while the transaction lasts")
    subject.run("COMMIT")
    check_answer(subject, "WAL: the next transaction", expected=[(2, 2.0, 0, 0)], reads=1)
    subject.run("BEGIN")  # deferred: there is no transaction before the first reading
    writer.execute("UPDATE pipeline_deal SET amount = 2")
    check_answer(subject, "WAL: committed before the transaction reads", expected=[(2, 4.0, 0, 0)], reads=1)
    subject.run("COMMIT")
    subject.close()
    writer.close()


def check_schema_changes(library, folder):
    subject = Subject(library, os.path.join(folder, "schema.db"))
    for statement, expected in (
            ("CREATE TABLE pipeline_stage AS SELECT 'Proposal' AS stage, 1 AS rank, 5 AS max_idle_days", (2, 150.5, 2, 0)),
            ("DROP TABLE pipeline_stage", (2, 150.5, 0, 0)),
            ("ALTER TABLE pipeline_deal RENAME TO deals", None),
            ("CREATE VIEW pipeline_deal AS SELECT * FROM deals WHERE deal_id <> 2", (1, 100.0, 1, 0)),
            ("DROP VIEW pipeline_deal", None),
            ("CREATE TABLE pipeline_deal AS SELECT * FROM deals WHERE deal_id = 2", (1, 50.5, 0, 0)),
            ("ALTER TABLE pipeline_deal DROP COLUMN amount", (1, 0.0, 0, 0))):
        if expected is not None:
            subject.run(statement)
            check_answer(subject, statement, expected=[expected], reads=1)
            check_keeps(subject, f"after {statement}")
        else:
            subject.run(statement)
            check("pipeline_deal" in python_host.message_of(subject.connection, ASK), f"{statement}: no error")
    subject.run("BEGIN", "CREATE TABLE pipeline_policy(name, value)",
                "INSERT INTO pipeline_policy VALUES ('idle_days', 1)")
    check_answer(subject, "DDL in a transaction", committed=False, expected=[(1, 0.0, 1, 0)])
    subject.run("ROLLBACK")
    check_answer(subject, "DDL rolled back", expected=[(1, 0.0, 0, 0)])
    subject.close()


def check_temp(library, folder):
    subject = Subject(library, os.path.join(folder, "temp.db"))
    subject.rows(ASK)
    subject.run("CREATE TEMP TABLE pipeline_event(deal_id, at, kind)")
    check_answer(subject, "a relation of temp shadows main's", committed=False, expected=[(2, 150.5, 2, 0)], reads=1)
    check_keeps(subject, "with a relation of temp")
    subject.run("INSERT INTO temp.pipeline_event VALUES (2, '2022-06-20', 'commitment')")
    check_answer(subject, "a write to temp", committed=False, expected=[(2, 150.5, 0, 0)], reads=1)
    subject.run("BEGIN", "DELETE FROM temp.pipeline_event")
    check_answer(subject, "an uncommitted write to temp", committed=False, expected=[(2, 150.5, 2, 0)])
    subject.run("ROLLBACK")
    check_answer(subject, "a write to temp rolled back", committed=False, expected=[(2, 150.5, 0, 0)])
    subject.run("DROP TABLE temp.pipeline_event")
    check_answer(subject, "temp is gone", reads=1)
    subject.close()


# ----------------------------------------------------------------------------------------- attached databases

def make_file(file, amount):
    connection = sqlite3.connect(file)
    connection.executescript(SOURCES)
    connection.execute("UPDATE pipeline_deal SET amount = ?", (amount,))
    connection.commit()
    connection.close()
    return file


ATTACHED = "SELECT open_deals, open_amount FROM temp.theirs WHERE as_of = '2022-06-30'"


def check_attached(library, folder):
    first = make_file(os.path.join(folder, "first.db"), 1)
    second = make_file(os.path.join(folder, "second.db"), 2)
    subject = Subject(library)
    subject.run(f"ATTACH '{first}' AS crm", "CREATE VIRTUAL TABLE temp.theirs USING pipeline_integrity(schema=crm)")
    check_keeps(subject, "an attached database", ATTACHED)
    subject.run("UPDATE crm.pipeline_deal SET amount = 3")
    check_answer(subject, "own change of an attached database", ATTACHED, [(2, 6.0)], reads=1)
    subject.rows(ATTACHED)
    writer = sqlite3.connect(first, isolation_level=None)
    writer.execute("UPDATE pipeline_deal SET amount = 4")
    check_answer(subject, "another connection changes it", ATTACHED, [(2, 8.0)], reads=1)
    writer.execute("CREATE TABLE pipeline_policy AS SELECT 'idle_days' AS name, 9 AS value")
    check_answer(subject, "another connection changes its schema", ATTACHED, reads=1)
    writer.execute("DROP TABLE pipeline_policy")
    writer.execute("UPDATE pipeline_deal SET amount = 1")
    writer.close()
    check(subject.rows(ATTACHED) == [(2, 2.0)], "the first file")
    subject.run("DETACH crm", f"ATTACH '{second}' AS crm")
    check_answer(subject, "another file under the same name", ATTACHED, [(2, 4.0)], reads=1)
    subject.run("DETACH crm", f"ATTACH '{first}' AS crm")
    check_answer(subject, "and the first file again", ATTACHED, [(2, 2.0)], reads=1)
    subject.close()


def check_attached_again(library, folder):
    """Files made by the same statements, one after the other under one name, the last one in place of the first."""
    files = [make_file(os.path.join(folder, f"again_{amount}.db"), amount) for amount in (1, 2, 3)]
    subject = Subject(library)
    subject.run(f"ATTACH '{files[0]}' AS crm", "CREATE VIRTUAL TABLE temp.theirs USING pipeline_integrity(schema=crm)")
    check_keeps(subject, "the first file", ATTACHED)
    subject.run("DETACH crm", f"ATTACH '{files[1]}' AS crm")
    check_answer(subject, "another file under the same name", ATTACHED, [(2, 4.0)], reads=1)
    subject.run("DETACH crm", f"ATTACH '{files[0]}' AS crm")
    subject.rows(ATTACHED)
    subject.run("DETACH crm")
    os.replace(files[2], files[0])
    subject.run(f"ATTACH '{files[0]}' AS crm")
    check_answer(subject, "another file in its place", ATTACHED, [(2, 6.0)], reads=1)
    subject.close()


def check_attached_after_a_write(library, folder, journal):
    """Others write to a file while it is not attached; with a WAL the file itself does not change."""
    file = make_file(os.path.join(folder, f"written_{journal}.db"), 1)
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute(f"PRAGMA journal_mode={journal}").fetchall()
    subject = Subject(library)
    subject.run(f"ATTACH '{file}' AS crm", "CREATE VIRTUAL TABLE temp.theirs USING pipeline_integrity(schema=crm)")
    for amount in (2, 3, 4):
        subject.rows(ATTACHED)
        subject.run("DETACH crm")
        writer.execute("UPDATE pipeline_deal SET amount = ?", (amount,))
        subject.run(f"ATTACH '{file}' AS crm")
        check_answer(subject, f"written while away, {journal}", ATTACHED, [(2, 2.0 * amount)], reads=1)
    subject.close()
    writer.close()


def check_attached_memory(library):
    """Two databases in memory, one after the other, made by the same statements."""
    subject = Subject(library)
    answers = []
    for amount in (1, 2):
        subject.run("ATTACH ':memory:' AS crm",
                    f"CREATE TABLE crm.pipeline_deal AS SELECT deal_id, stage, created_at, outcome, {amount} AS amount "
                    "FROM main.pipeline_deal")
        if amount == 1:
            subject.run("CREATE VIRTUAL TABLE temp.theirs USING pipeline_integrity(schema=crm)")
        answers.append(subject.rows(ATTACHED))
        subject.run("DETACH crm")
    check(answers == [[(2, 2.0)], [(2, 4.0)]], f"databases in memory under one name: {answers}")
    subject.close()


def check_views_over_attached(library, folder):
    first = make_file(os.path.join(folder, "view_first.db"), 1)
    second = make_file(os.path.join(folder, "view_second.db"), 2)
    subject = Subject(library, sources=None)
    subject.run(f"ATTACH '{first}' AS a", f"ATTACH '{second}' AS b",
                "CREATE TEMP VIEW pipeline_deal AS SELECT * FROM a.pipeline_deal")
    check_keeps(subject, "a TEMP view over an attached database")
    check_answer(subject, "a TEMP view over an attached database", expected=[(2, 2.0, 2, 0)])
    subject.run("DROP VIEW pipeline_deal", "CREATE TEMP VIEW pipeline_deal AS SELECT * FROM b.pipeline_deal")
    check_answer(subject, "the view over the other database", expected=[(2, 4.0, 2, 0)], reads=1)
    subject.run("UPDATE b.pipeline_deal SET amount = 5")
    check_answer(subject, "the table below the view changed", expected=[(2, 10.0, 2, 0)], reads=1)
    subject.rows(ASK)
    subject.run("DETACH a")
    check_answer(subject, "a database that is not used is detached", expected=[(2, 10.0, 2, 0)])
    subject.close()


# ---------------------------------------------------------------------------------- what must never be kept

def check_virtual_sources(library):
    subject = Subject(library)
    modules = {row[0] for row in subject.rows("SELECT name FROM pragma_module_list")}
    subject.run("CREATE TABLE box(text)", "INSERT INTO box SELECT json_group_array(deal_id) FROM pipeline_deal")
    view = ("CREATE TEMP VIEW pipeline_deal AS SELECT deal.* FROM main.pipeline_deal AS deal "
            "JOIN {} WHERE deal.deal_id = {}")
    sources = [("json_each", "(SELECT value FROM box, json_each(box.text)) AS one", "one.value")]
    if "fts5" in modules:
        subject.run("CREATE VIRTUAL TABLE words USING fts5(id)", "INSERT INTO words VALUES ('1'), ('2')")
        sources.append(("fts5", "words", "CAST(words.id AS INTEGER)"))
    if "rtree" in modules:
        subject.run("CREATE VIRTUAL TABLE boxes USING rtree(id, low, high)", "INSERT INTO boxes VALUES (1, 0, 1), (2, 0, 1)")
        sources.append(("rtree", "boxes", "boxes.id"))
    if "dbstat" in modules:
        sources.append(("dbstat", "(SELECT count(*) > 0 AS one FROM dbstat) AS pages", "pages.one"))
    for name, table, key in sources:
        subject.run(view.format(table, key))
        check_keeps(subject, name, keeps=False)
        check_answer(subject, name)
        subject.run("DROP VIEW temp.pipeline_deal")
    check_keeps(subject, "a table again")
    subject.run("CREATE TEMP VIEW pipeline_stage AS SELECT 'Proposal' AS stage, value AS rank FROM json_each('[1]')")
    check_keeps(subject, "an optional relation over json_each", keeps=False)
    subject.close()


def check_settings_of_the_connection(library):
    subject = Subject(library)
    view = ("CREATE TEMP VIEW pipeline_deal AS SELECT deal_id, stage, created_at, outcome, {} AS amount"
            " FROM main.pipeline_deal")
    subject.run(view.format("stage LIKE 'PROPOSAL'"))
    check_keeps(subject, "LIKE")
    check(subject.rows(ASK) == [(2, 2.0, 0, 1)], "LIKE in any case")
    subject.run("PRAGMA case_sensitive_like=1")
    check_answer(subject, "LIKE in one case", expected=[(2, 0.0, 0, 1)], reads=1)
    subject.run("PRAGMA case_sensitive_like=0", "DROP VIEW temp.pipeline_deal")
    for amount, store in ((1, 1), (2, 2), (3, 1), (4, 2)):
        subject.run(f"PRAGMA temp_store={store}", view.format(amount))  # the pragma empties temp
        check_answer(subject, f"a view of the same name, temp_store {store}", expected=[(2, 2.0 * amount, 0, 1)], reads=1)
    subject.close()


def check_uncommitted_of_others(library):
    """In a shared cache others' changes can be seen before they are committed, and rolled back."""
    file = "file:uncommitted?mode=memory&cache=shared"
    writer = sqlite3.connect(file, uri=True, isolation_level=None)
    subject = Subject(library, file, uri=True)
    subject.run("PRAGMA read_uncommitted=1")
    check_keeps(subject, "read_uncommitted", keeps=False)
    for amount in (1, 2):
        writer.execute("BEGIN")
        writer.execute("UPDATE pipeline_deal SET amount = ?", (amount,))
        check(subject.rows(ASK)[0][1] == 2.0 * amount, "an uncommitted change of another connection")
        writer.execute("ROLLBACK")
        check(subject.rows(ASK)[0][1] == 150.5, "the change is taken back")
    subject.run("PRAGMA read_uncommitted=0")
    check_keeps(subject, "committed data alone")
    subject.close()
    writer.close()


class Restless:
    """An aggregate that may say anything."""

    def step(self, value):
        self.last = value

    def finalize(self):
        return self.last


def check_functions_in_sources(library):
    """Functions that say something else each time are no base for an answer that is kept."""
    subject = Subject(library)
    state = {"amount": 1}
    subject.connection.create_function("moody", 0, lambda: state["amount"])
    subject.connection.create_function("moody", 1, lambda value: value, deterministic=True)
    subject.connection.create_function("steady", 1, lambda value: value, deterministic=True)
    subject.connection.create_aggregate("restless", 1, Restless)
    view = "CREATE TEMP VIEW pipeline_deal AS SELECT deal_id, stage, created_at, outcome, {} AS amount FROM main.pipeline_deal"
    for expression, keeps in (("moody()", False), ("random() % 2 * 0", False), ("steady(amount)", True),
                              ("moody(amount)", True), ("(SELECT restless(amount) FROM main.pipeline_deal)", False),
                              ("(SELECT max(amount) + count(*) FROM main.pipeline_deal)", True),
                              ("abs(amount)", True), ("julianday(created_at)", True),
                              ("strftime('%d', created_at)", True), ("length(date(created_at, '1 day'))", True),
                              ("length(datetime('now'))", False), ("length(time('NOW'))", False),
                              ("length(date())", False), ("length(date(created_at, 'localtime'))", False),
                              ("length(current_timestamp)", False), ("total_changes() * 0", False),
                              # without a time value strftime takes the clock's; with one it does not
                              ("strftime('%f') * 0", False), ("abs(strftime('%j'))", False), ("strftime(stage)", False),
                              ("strftime(stage, created_at)", False), ("strftime('%' || 'j', created_at) + 0", True),
                              ("strftime('%m', created_at, '1 month') + strftime('%Y', created_at)", True),
                              ("strftime('%Y', coalesce(close_date, created_at))", True),
                              # a modifier that is a value may be a word of the clock; one that ends with a unit is none
                              ("julianday(created_at, stage)", False), ("julianday(created_at, lower(stage))", False),
                              ("julianday(created_at, '1 day', stage)", False),
                              ("julianday(created_at, 'local' || substr('a time', 3))", False),
                              ("julianday(created_at, 'local' || (SELECT name FROM main.pipeline_deal))", False),
                              ("julianday(created_at, deal_id || ' days')", True),
                              ("julianday(created_at, 'start of month', deal_id || ' days', '-1 day')", True),
                              ("julianday(date(created_at, deal_id || ' months')) - julianday(created_at)", True),
                              ("julianday(CASE WHEN deal_id > 1 THEN close_date ELSE created_at END)", True),
                              # SQLite's other operations
                              ("(SELECT sum(amount) OVER (ORDER BY deal_id) FROM main.pipeline_deal ORDER BY 1 LIMIT 1)", True),
                              ("(SELECT lag(amount, 1, moody()) OVER () FROM main.pipeline_deal)", False),
                              ("amount IN (SELECT amount FROM main.pipeline_deal UNION SELECT 3 EXCEPT SELECT 4)", True),
                              ("(SELECT count(DISTINCT stage) FROM main.pipeline_deal GROUP BY owner LIMIT 1)", True),
                              ("(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9) SELECT max(i) FROM n)",
                               True),
                              ("json_extract('{\"a\":1}', '$.a')", True)):
        subject.run(view.format(expression))
        check_keeps(subject, expression, keeps=keeps)
        subject.run("DROP VIEW temp.pipeline_deal")
    # what stands in a table of that name says nothing of functions
    subject.run("CREATE TABLE pragma_function_list AS SELECT 'moody' AS name, 0 AS builtin, 's' AS type, 0 AS narg, 2048 AS flags",
                view.format("moody()"))
    check_keeps(subject, "a table pragma_function_list", keeps=False)
    subject.run("DROP TABLE pragma_function_list", "DROP VIEW temp.pipeline_deal")
    subject.run(view.format("moody()"))
    check(subject.rows(ASK) == [(2, 2.0, 0, 1)], "a function before its change")
    state["amount"] = 3
    check(subject.rows(ASK) == [(2, 6.0, 0, 1)], "a function after its change")
    subject.close()


# ------------------------------------------------------------------------------- policy, budget, debug, release

def check_policy(library, folder):
    subject = Subject(library, os.path.join(folder, "policy.db"))
    check_keeps(subject, "no policy")
    subject.run("CREATE TABLE pipeline_policy(name, value)", "INSERT INTO pipeline_policy VALUES ('idle_days', 10)")
    check_answer(subject, "a policy", expected=[(2, 150.5, 2, 0)], reads=1)
    subject.rows(ASK)
    subject.run("UPDATE pipeline_policy SET value = 20")
    check_answer(subject, "a policy that changed", expected=[(2, 150.5, 1, 0)], reads=1)
    settings = "SELECT value FROM pipeline_settings WHERE name = 'idle_days'"
    check(subject.rows(settings) == [(20,)], "pipeline_settings")
    subject.run("UPDATE pipeline_policy SET value = 30")
    check(subject.rows(settings) == [(30,)], "pipeline_settings after a change")
    subject.run("DELETE FROM pipeline_policy", "INSERT INTO pipeline_policy VALUES ('cache_mb', 0)")
    check_keeps(subject, "cache_mb = 0", keeps=False)
    check(subject.kept()["cached_bytes"] == 0, "cache_mb = 0 keeps no byte")
    subject.run("UPDATE pipeline_policy SET value = 1")
    check_keeps(subject, "cache_mb = 1")
    subject.close()


def check_rates_and_holidays(library, folder):
    """Relations that are not there, then are, then change."""
    subject = Subject(library, os.path.join(folder, "rates.db"))
    check_answer(subject, "no rates", expected=[(2, 150.5, 0, 0)])
    subject.run("ALTER TABLE pipeline_deal ADD COLUMN currency", "UPDATE pipeline_deal SET currency = 'EUR' WHERE deal_id = 2")
    check_answer(subject, "one currency", expected=[(2, 150.5, 0, 0)], reads=1)
    subject.run("CREATE TABLE pipeline_rate(currency, rate)", "INSERT INTO pipeline_rate VALUES ('USD', 1), ('EUR', 2)")
    check_answer(subject, "a rate", expected=[(2, 125.25, 0, 0)], reads=1)
    subject.run("UPDATE pipeline_rate SET rate = 0.5 WHERE currency = 'EUR'")
    check_answer(subject, "a rate that changed", expected=[(2, 201.0, 0, 0)], reads=1)
    check_keeps(subject, "rates")
    subject.run("CREATE TABLE pipeline_policy AS SELECT 'idle_days' AS name, 15 AS value UNION ALL SELECT 'progress_since', '2022-01-01'")
    check_answer(subject, "29 days of silence where 15 are allowed", expected=[(2, 201.0, 1, 0)], reads=1)
    subject.run("CREATE TABLE pipeline_holiday(day)")
    subject.connection.executemany("INSERT INTO pipeline_holiday VALUES (?)", [(f"2022-06-{day:02}",) for day in range(6, 20)])
    check_answer(subject, "14 holidays among them", expected=[(2, 201.0, 0, 0)], reads=1)
    subject.run("DELETE FROM pipeline_holiday")
    check_answer(subject, "no holidays", expected=[(2, 201.0, 1, 0)], reads=1)
    check_keeps(subject, "holidays")
    subject.close()


def add_deals(subject, first, end):
    subject.connection.executemany(
        "INSERT INTO pipeline_deal VALUES (?, 'a name that takes some room', 'ann', 'A', 1, '2022-06-01', NULL, NULL, 'open')",
        ((number,) for number in range(first, end)))


def check_budget(library):
    """Two instances that do not fit into a megabyte together: the one used last stays."""
    subject = Subject(library)
    subject.run("CREATE TABLE pipeline_policy AS SELECT 'cache_mb' AS name, 1 AS value")
    add_deals(subject, 10, 8000)
    subject.run("CREATE VIEW half AS SELECT * FROM pipeline_deal WHERE deal_id % 2",
                "CREATE VIRTUAL TABLE temp.halves USING pipeline_integrity(deal=half, schema=main)")
    halves = "SELECT open_deals FROM temp.halves WHERE as_of = '2022-06-30'"
    subject.rows(ASK)
    whole = subject.kept()
    check(len(whole["cached"]) == 1 and 0 < whole["cached_bytes"] <= 1048576, f"the whole: {whole['cached']}")
    subject.rows(halves)
    both = subject.kept()
    check(both["cached_bytes"] <= 1048576, f"the budget: {both['cached_bytes']}")
    check(len(both["cached"]) == 1 and both["cached"][0]["deals"] == 3997, f"the last used stays: {both['cached']}")
    check_answer(subject, "the whole again", reads=1)
    subject.run("UPDATE pipeline_policy SET value = 100")
    subject.rows(ASK)
    subject.rows(halves)
    check(len(subject.kept()["cached"]) == 2, "both within a larger budget")
    answers = [subject.ask_counting(sql)[1] for sql in (ASK, halves, ASK)]
    check(answers == [0, 0, 0], f"both are used: {answers}")
    add_deals(subject, 8000, 40000)
    subject.run("UPDATE pipeline_policy SET value = 1")
    check_keeps(subject, "more than the budget", keeps=False)
    subject.close()


def check_parts_go_first(library):
    """What is derived is dropped before what was read: the next question makes it again and reads nothing."""
    subject = Subject(library)
    subject.run("CREATE TABLE pipeline_policy AS SELECT 'cache_mb' AS name, 100 AS value",
                "CREATE TABLE pipeline_quota AS SELECT '2022-04-01' AS period_start, '2022-06-30' AS period_end, 9 AS amount")
    add_deals(subject, 10, 6000)
    subject.connection.executemany("INSERT INTO pipeline_event(deal_id, at, kind) VALUES (?, ?, 'call')",
                                   ((number, f"2022-{month:02}-01") for number in range(10, 6000) for month in (6, 7, 8)))
    coverage = "SELECT claimed_deals, won_amount FROM real_coverage('2022-06-15')"
    expected = subject.rows(coverage)
    whole = subject.kept()["cached_bytes"]
    check(whole > 1048576, f"the history and its parts: {whole}")
    subject.run("UPDATE pipeline_policy SET value = 1")
    check(subject.rows(coverage) == expected, "with a small budget")
    kept = subject.kept()
    check(len(kept["cached"]) == 1 and kept["cached_bytes"] <= 1048576, f"the history stays: {kept}")
    check(kept["cached"][0]["spans"] == 0, f"without its spans: {kept}")
    again, reads = subject.ask_counting(coverage)
    check(again == expected and reads == 0, f"again, from what was kept: {again}, {reads} reads")
    subject.close()


def check_debug_and_release(library):
    subject = Subject(library)
    empty = subject.kept()
    check(empty["cached"] == [] and empty["cached_bytes"] == 0, f"at first: {empty}")
    version, = subject.connection.execute("SELECT pipeline_health_version()").fetchone()
    check(empty["version"] == version and empty["sqlite"] == sqlite3.sqlite_version, f"versions: {empty}")
    check(subject.release() == 0, "nothing to release")
    subject.rows(ASK)
    full = subject.kept()
    check(len(full["cached"]) == 1 and full["cached"][0]["deals"] == 3 and full["cached"][0]["events"] == 1,
          f"what is cached: {full['cached']}")
    check(full["cached_bytes"] == sum(one["bytes"] for one in full["cached"]) > 0, f"its bytes: {full}")
    check(subject.release() == full["cached_bytes"], "release says the bytes it freed")
    check(subject.kept() == empty, "and nothing is left")
    check_answer(subject, "after a release", expected=[(2, 150.5, 0, 0)], reads=1)
    subject.close()


# ---------------------------------------------------------------------- cursors, connections, what must not block

def check_open_cursors(library, folder):
    file = os.path.join(folder, "cursor.db")
    subject = Subject(library, file)
    ask = "SELECT deal_id, amount FROM deal_stalled('2022-06-30')"
    expected = subject.rows(ask)
    cursor = subject.connection.execute(ask)
    seen = [cursor.fetchone()]
    subject.run("UPDATE pipeline_deal SET amount = 1")
    check(subject.rows(ASK) == [(2, 2.0, 0, 0)], "a new question beside an open cursor sees the change")
    subject.release()
    seen += cursor.fetchall()
    check(seen == expected, f"an open cursor keeps its state: {seen}")
    check_answer(subject, "behind it", expected=[(2, 2.0, 0, 0)])
    cursor = subject.connection.execute(ask)
    cursor.fetchone()
    subject.rows(ASK)
    check(subject.release() == 0, "what a cursor uses is not freed")
    check(subject.kept()["cached_bytes"] == 0, "but it is not kept any longer")
    check(len(cursor.fetchall()) == 1, "and the cursor goes on")
    cursor.close()
    subject.close()


def check_nothing_blocks(library, folder):
    file = os.path.join(folder, "block.db")
    subject = Subject(library, file)
    subject.rows(ASK)
    subject.run("VACUUM")
    check_answer(subject, "VACUUM", expected=[(2, 150.5, 0, 0)])
    subject.rows(ASK)
    subject.run("DROP TABLE pipeline_event", "REINDEX", "PRAGMA journal_mode = wal", "PRAGMA journal_mode = delete")
    check_answer(subject, "DROP TABLE", expected=[(2, 150.5, 2, 0)])
    subject.run(f"ATTACH '{make_file(os.path.join(folder, 'block_two.db'), 1)}' AS crm",
                "CREATE VIRTUAL TABLE temp.theirs USING pipeline_integrity(schema=crm)")
    subject.rows(ATTACHED)
    subject.run("DETACH crm")
    check("crm" in python_host.message_of(subject.connection, ATTACHED), "a schema that is gone is named")
    subject.rows(ASK)
    subject.close()  # with something kept
    check(Subject(library, file).rows(ASK) == [(2, 150.5, 2, 0)], "after closing")


def check_several_connections(library, folder):
    subjects = [Subject(library, os.path.join(folder, f"many_{index % 2}.db")) for index in range(4)]
    for subject in subjects:
        subject.rows(ASK)
    subjects[0].run("UPDATE pipeline_deal SET amount = 1")
    for index, subject in enumerate(subjects):
        check_answer(subject, f"connection {index}", expected=[(2, 2.0 if index % 2 == 0 else 150.5, 0, 0)])
    check(subjects[0].release() > 0 and subjects[1].kept()["cached"] != [], "release is of one connection")
    for subject in subjects:
        subject.close()


def check_content_replaced(library, folder):
    """The backup of another database over this one, and cells written through a handle."""
    source = sqlite3.connect(make_file(os.path.join(folder, "source.db"), 9))
    subject = Subject(library, os.path.join(folder, "target.db"))
    for target in (subject, Subject(library)):
        target.rows(ASK)
        source.backup(target.connection)
        check_answer(target, "a backup over it", expected=[(2, 18.0, 0, 0)], reads=1)
    if hasattr(subject.connection, "blobopen"):
        subject.run("UPDATE pipeline_deal SET created_at = '2022-06-01'")
        check_answer(subject, "before a cell is written through a handle", expected=[(2, 18.0, 0, 0)])
        subject.rows(ASK)
        subject.run("BEGIN")
        with subject.connection.blobopen("pipeline_deal", "created_at", 1) as cell:
            cell.write(b"2023")
        check_answer(subject, "a cell written through a handle", expected=[(1, 9.0, 0, 0)], reads=1, committed=False)
        subject.run("ROLLBACK")
        check_answer(subject, "and rolled back", expected=[(2, 18.0, 0, 0)])
        subject.rows(ASK)
        with subject.connection.blobopen("pipeline_deal", "created_at", 1) as cell:
            cell.write(b"2023")
        check_answer(subject, "and committed", expected=[(1, 9.0, 0, 0)], reads=1)
    subject.close()


def check_deserialized(library, folder):
    """Databases made by the same statements, put in the place of main: nothing is kept, for two buffers may have one address."""
    subject = Subject(library)
    if not hasattr(subject.connection, "deserialize"):
        return
    buffers = []
    for amount in (1, 2, 3):
        with open(make_file(os.path.join(folder, f"bytes_{amount}.db"), amount), "rb") as file:
            buffers.append(file.read())
    for amount in (1, 2, 3):
        subject.connection.deserialize(buffers[amount - 1])
        check_keeps(subject, f"deserialized {amount}", keeps=False)
        check(subject.rows(ASK) == [(2, 2.0 * amount, 0, 0)], f"deserialized {amount}: {subject.rows(ASK)}")
    for _ in range(20):
        for amount in (2, 1, 3):  # no question between the first two: the third takes the address of the first
            subject.connection.deserialize(buffers[amount - 1])
            if amount != 1:
                check(subject.rows(ASK) == [(2, 2.0 * amount, 0, 0)], f"deserialized again {amount}: {subject.rows(ASK)}")
    subject.run("UPDATE pipeline_deal SET amount = 5")
    check_answer(subject, "deserialized and changed", expected=[(2, 10.0, 0, 0)], reads=1)
    subject.close()


def check_written_schema(library):
    """PRAGMA writable_schema: a view rewritten in the schema table counts from the moment SQLite reads the schema anew."""
    rewrite = "UPDATE sqlite_schema SET sql = replace(sql, '{}', '{}') WHERE name = 'pipeline_deal'"
    for off in ((), ("PRAGMA writable_schema = 0",)):
        subject = Subject(library)
        subject.run("ALTER TABLE pipeline_deal RENAME TO deals",
                    "CREATE VIEW pipeline_deal AS SELECT deal_id, stage, created_at, outcome, amount * 2 AS amount FROM deals",
                    "PRAGMA writable_schema = 1", rewrite.format("* 2", "* 4"), *off)
        check(subject.rows(ASK)[0][1] == 301.0, "rewritten, and not yet read anew")
        subject.run("PRAGMA writable_schema = RESET")
        check_answer(subject, "rewritten and read anew", expected=[(2, 602.0, 0, 1)], reads=1)
        check_keeps(subject, "after a rewritten schema")
        subject.close()


def check_unused_files(library, folder):
    """A file that no source reads may be locked by others, or be no database any longer."""
    unused = os.path.join(folder, "unused.db")
    crm = make_file(os.path.join(folder, "used.db"), 4)
    owner = sqlite3.connect(unused, isolation_level=None)
    owner.execute("CREATE TABLE note(text)")
    subject = Subject(library, timeout=0)
    subject.run(f"ATTACH '{unused}' AS log", f"ATTACH '{crm}' AS crm",
                "CREATE VIRTUAL TABLE temp.theirs USING pipeline_integrity(schema=crm)")
    for what, harm in (("locked", lambda: owner.execute("BEGIN EXCLUSIVE")),
                       ("broken", lambda: open(unused, "wb").write(b"no database " * 999))):
        harm()
        check_keeps(subject, f"a file that is not used is {what}")
        check(subject.rows(ASK) == [(2, 150.5, 0, 0)], f"beside a {what} file: {subject.rows(ASK)}")
        check_keeps(subject, f"an attached source behind a {what} file", ATTACHED)
        check(subject.rows(ATTACHED) == [(2, 8.0)], f"an attached source behind a {what} file: {subject.rows(ATTACHED)}")
        subject.kept()
        if what == "locked":
            owner.execute("COMMIT")
            owner.close()
    subject.close()
    subject = Subject(library, timeout=0)
    subject.run(f"ATTACH '{crm}' AS crm", "CREATE VIRTUAL TABLE temp.theirs USING pipeline_integrity(schema=crm)")
    subject.rows(ATTACHED)
    owner = sqlite3.connect(crm, isolation_level=None)
    owner.execute("BEGIN EXCLUSIVE")
    check("locked" in python_host.message_of(subject.connection, ATTACHED), "a locked file that is used is an error")
    check(subject.rows(ASK) == [(2, 150.5, 0, 0)], "and no matter to the others")
    owner.close()
    subject.close()


def check_names_found_first(library, folder):
    """A name without a schema is looked for in the attached databases one after the other."""
    first, second = (os.path.join(folder, f"order_{place}.db") for place in (1, 2))
    for file, amount in ((first, None), (second, 3)):
        maker = sqlite3.connect(file, isolation_level=None)
        maker.execute("CREATE TABLE other(x)")
        if amount:
            maker.execute(f"CREATE TABLE sale AS SELECT 1 AS deal_id, 'A' AS stage, '2022-06-01' AS created_at, 'open' AS outcome, "
                          f"{amount} AS amount")
        maker.close()
    subject = Subject(library, sources=None)
    subject.run(f"ATTACH '{first}' AS one", f"ATTACH '{second}' AS two", "CREATE TEMP VIEW pipeline_deal AS SELECT * FROM sale")
    check_keeps(subject, "a name in the second file")
    subject.run("CREATE TABLE one.sale AS SELECT deal_id, stage, created_at, outcome, 7 AS amount FROM two.sale")
    check_answer(subject, "the name in the first file, too", expected=[(1, 7.0, 1, 0)])
    subject.close()


def check_statement_that_writes(library, folder):
    """A statement that writes reads the sources once, however many rows ask; nothing of it outlives the statement."""
    subject = Subject(library, os.path.join(folder, "writes.db"))
    days = "(VALUES ('2022-06-28'), ('2022-06-29'), ('2022-06-30')) AS d"
    asked = "(SELECT open_amount FROM pipeline_integrity(d.column1))"

    def reads_once(sql, what):
        _, readings = subject.ask_counting(sql)
        check(readings == 1, f"{what}: the deals were read {readings} times")
        check(subject.kept()["cached"] == [], f"{what}: kept beyond the statement")

    reads_once(f"CREATE TABLE trend AS SELECT column1 AS day, {asked} AS amount FROM {days}", "CREATE TABLE AS")
    check(subject.rows("SELECT sum(amount) FROM trend") == [(451.5,)], "CREATE TABLE AS")
    reads_once(f"INSERT INTO trend SELECT column1, {asked} FROM {days}", "INSERT")
    reads_once("UPDATE trend SET amount = (SELECT open_amount FROM pipeline_integrity(day)) + rowid", "UPDATE")
    check(subject.rows("SELECT sum(amount) FROM trend") == [(903.0 + 21,)], "INSERT, UPDATE")
    # one statement sees one state, its own changes left out
    reads_once("UPDATE pipeline_deal SET amount = amount + (SELECT open_amount FROM pipeline_integrity('2022-06-' || (27 + deal_id)))",
               "UPDATE of a source")
    check(subject.rows("SELECT amount FROM pipeline_deal") == [(250.5,), (201.0,), (157.5,)], "UPDATE of a source")
    # the same statement, prepared once, before and after what it saw is taken back
    insert = f"INSERT INTO trend SELECT column1, {asked} FROM {days}"
    subject.run("DELETE FROM trend", "BEGIN", "SAVEPOINT a", "UPDATE pipeline_deal SET amount = 1")
    waiting = subject.connection.execute("SELECT deal_id FROM deal_stalled('2022-06-30')")
    waiting.fetchone()
    for expected in (3 * 2.0, 3 * 451.5):
        subject.run(insert)
        check(subject.rows("SELECT sum(amount) FROM trend") == [(expected,)], f"beside another statement: {expected}")
        subject.run("ROLLBACK TO a")
    waiting.close()
    subject.run("ROLLBACK")
    subject.run("BEGIN", "SAVEPOINT a", "UPDATE pipeline_deal SET amount = 2", insert, "ROLLBACK TO a", insert, "COMMIT")
    check(subject.rows("SELECT sum(amount) FROM trend") == [(3 * 451.5,)], "after ROLLBACK TO")
    # triggers run within a statement, each time with what is there then
    subject.run("CREATE TABLE note(day)", "CREATE TABLE seen(amount)",
                "CREATE TEMP TRIGGER noted AFTER INSERT ON main.note BEGIN UPDATE pipeline_deal SET amount = 1 WHERE deal_id = 1; "
                "INSERT INTO seen SELECT open_amount FROM pipeline_integrity(new.day); END",
                "INSERT INTO note VALUES ('2022-06-30')")
    check(subject.rows("SELECT amount FROM seen") == [(202.0,)], f"a trigger: {subject.rows('SELECT amount FROM seen')}")
    subject.close()


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--required"]
    if len(arguments) != 1:
        print(__doc__)
        return 2
    if not hasattr(sqlite3.Connection, "enable_load_extension"):
        return python_host.without_loading("--required" in sys.argv)
    library = os.path.abspath(arguments[0])
    print(f"cache: Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}")
    with tempfile.TemporaryDirectory() as folder:
        for test in (check_own_changes, check_uncommitted, check_savepoints, check_reads_in_transactions,
                     check_read_transaction_and_writer, check_schema_changes, check_temp, check_attached, check_attached_again,
                     check_views_over_attached, check_policy, check_rates_and_holidays, check_open_cursors, check_nothing_blocks,
                     check_several_connections, check_content_replaced, check_deserialized, check_unused_files,
                     check_names_found_first, check_statement_that_writes):
            python_host.attempt(test, library, folder)
        for journal in ("delete", "wal", "truncate"):
            python_host.attempt(check_other_connections, library, folder, journal)
            python_host.attempt(check_attached_after_a_write, library, folder, journal)
    for test in (check_attached_memory, check_written_schema, check_virtual_sources, check_settings_of_the_connection,
                 check_uncommitted_of_others, check_functions_in_sources, check_budget, check_parts_go_first,
                 check_debug_and_release):
        python_host.attempt(test, library)
    print(f"{python_host.passed} passed, {python_host.failed} failed")
    return 0 if python_host.failed == 0 and python_host.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
