#!/usr/bin/env python3
"""The built library in Python's sqlite3, as a notebook uses it.

    python_host.py [--required] build/pipeline_health.so

A Python whose sqlite3 was built without extension loading cannot be tested: then another one of this machine
is looked for, and without any the test is skipped with a message (with --required: it fails).
Ends with `N passed, N failed`.
"""

import os
import pathlib
import re
import shutil
import sqlite3
import sys
import tempfile
import threading

CAN_LOAD = "import sqlite3, sys; sys.exit(not hasattr(sqlite3.Connection, 'enable_load_extension'))"
SOURCES = """
CREATE TABLE pipeline_deal(deal_id, name TEXT, owner TEXT, stage TEXT, amount REAL, created_at TEXT,
  close_date TEXT, closed_at TEXT, outcome TEXT);
INSERT INTO pipeline_deal VALUES
  (1, 'first', 'ann', 'Proposal', 100, '2022-06-01', '2022-07-31', NULL, 'open'),
  (2, 'second', 'ann', 'Proposal', 50.5, '2022-01-02', '2022-07-31', NULL, 'open'),
  (3, 'third', 'ann', 'Proposal', 7, '2022-01-02', '2022-03-31', '2022-03-30', 'won');
"""
INTEGRITY = "SELECT open_deals, open_amount FROM pipeline_integrity(?)"

passed = failed = 0


def check(good, what):
    """Counts one fact."""
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"python: failed: {what}")


def connect(library, file=":memory:", **options):
    """A connection with the extension; the sources too when it is in memory."""
    connection = sqlite3.connect(file, **options)
    connection.enable_load_extension(True)
    connection.load_extension(library)
    connection.enable_load_extension(False)
    if file == ":memory:":
        connection.executescript(SOURCES)
    return connection


def message_of(connection, sql, arguments=()):
    """The message of the error a statement must give, "" when there is none."""
    try:
        connection.execute(sql, arguments).fetchall()
    except sqlite3.Error as error:
        return str(error)
    return ""


def version_of_header():
    header = pathlib.Path(__file__).resolve().parents[2] / "ext/pipeline_health.h"
    return re.search('PIPELINE_HEALTH_VERSION "(.*)"', header.read_text())[1]


def check_answers(library):
    connection = connect(library)
    version = connection.execute("SELECT pipeline_health_version()").fetchone()
    check(version == (version_of_header(),), f"version: {version}")
    rows = connection.execute(INTEGRITY, ("2022-06-30",)).fetchall()
    check(rows == [(2, 150.5)], f"pipeline_integrity: {rows}")
    check([type(value) for value in rows[0]] == [int, float], "types of the values")
    cursor = connection.execute("SELECT * FROM deal_stalled(?) ORDER BY deal_id", ("2022-06-30",))
    names = [column[0] for column in cursor.description]
    check(names[:3] == ["deal_id", "name", "owner"], f"names of the columns: {names}")
    check("as_of" not in names, "arguments are hidden")
    check(len(cursor.fetchall()) == 2, "rows of deal_stalled")
    windows = connection.execute(
        "SELECT pipeline_integrity(amount, deal_id = 1) OVER (ORDER BY deal_id ROWS 1 PRECEDING) "
        "FROM pipeline_deal ORDER BY deal_id").fetchall()
    expected = [1.0, 100 / 150.5, 0.0]
    check(len(windows) == 3 and all(abs(got[0] - want) < 1e-12 for got, want in zip(windows, expected)),
          f"the aggregate as a window function: {windows}")
    connection.close()


def check_changes(library):
    connection = connect(library)
    connection.execute(INTEGRITY, ("2022-06-30",)).fetchall()
    connection.execute("UPDATE pipeline_deal SET amount = 1")
    check(connection.execute(INTEGRITY, ("2022-06-30",)).fetchall() == [(2, 2.0)], "sees its own change")
    connection.rollback()
    check(connection.execute(INTEGRITY, ("2022-06-30",)).fetchall() == [(2, 150.5)], "sees the rollback")
    cursor = connection.execute("SELECT deal_id FROM deal_stalled('2022-06-30')")
    cursor.fetchone()
    cursor.close()
    connection.execute("DROP TABLE pipeline_deal")
    check("pipeline_deal" in message_of(connection, INTEGRITY, ("2022-06-30",)), "a missing source is named")
    connection.close()


def check_errors(library):
    connection = connect(library)
    check("as_of" in message_of(connection, INTEGRITY, ("10/23/17",)), "a bad day is an error that names as_of")
    check("deal_stalled" in message_of(connection, "SELECT deal_stalled('x', '2022-06-30')"),
          "a bad argument is an error that names the function")
    check(connection.execute(INTEGRITY, (None,)).fetchall() == [], "a NULL argument gives no rows")
    connection.set_progress_handler(lambda: 1, 1)
    check("interrupt" in message_of(connection, INTEGRITY, ("2022-06-29",)), "a progress handler stops it")
    connection.set_progress_handler(None, 0)
    check(connection.execute(INTEGRITY, ("2022-06-29",)).fetchall() == [(2, 150.5)], "and then it goes on")
    connection.close()


def check_busy(library, folder):
    """A source that cannot be read now is SQLITE_BUSY, for a program that tries again."""
    file = os.path.join(folder, "busy.db")
    writer = sqlite3.connect(file, isolation_level=None)
    writer.executescript(SOURCES)
    connection = connect(library, timeout=0)
    connection.execute(f"ATTACH '{file}' AS crm")
    connection.execute("CREATE VIRTUAL TABLE temp.theirs USING pipeline_integrity(schema=crm)")
    writer.execute("BEGIN EXCLUSIVE")
    try:
        connection.execute("SELECT * FROM temp.theirs('2022-06-30')").fetchall()
        check(False, "a locked source was read")
    except sqlite3.OperationalError as error:
        check("locked" in str(error), f"a locked source: {error}")
        check(getattr(error, "sqlite_errorcode", 5) & 0xFF == 5, "a locked source is not SQLITE_BUSY")
    writer.execute("ROLLBACK")
    check(len(connection.execute("SELECT * FROM temp.theirs('2022-06-30')").fetchall()) == 1, "a source that is free again")
    writer.close()
    connection.close()


def check_loaded_again(library):
    """A second load changes nothing, also while a statement runs: instances and functions stay what they were."""
    connection = connect(library)
    connection.execute("CREATE VIRTUAL TABLE temp.instance USING pipeline_integrity(schema=main)")
    question = "SELECT open_amount FROM temp.instance('2022-06-30')"
    check(connection.execute(question).fetchall() == [(150.5,)], "an instance")
    running = connection.execute("SELECT deal_id FROM deal_stalled('2022-06-30')")
    running.fetchone()
    connection.enable_load_extension(True)
    connection.load_extension(library)
    check(len(running.fetchall()) == 1, "a statement that ran while the library was loaded again")
    connection.execute("UPDATE pipeline_deal SET amount = 1")
    check(connection.execute(question).fetchall() == [(2.0,)], "an instance after a second load")
    check(connection.execute(INTEGRITY, ("2022-06-30",)).fetchall() == [(2, 2.0)], "a table after a second load")
    connection.close()


def check_read_only(library, folder):
    file = os.path.join(folder, "read_only.db")
    connection = sqlite3.connect(file)
    connection.executescript(SOURCES)
    connection.close()
    connection = connect(library, f"file:{file}?mode=ro", uri=True)
    check(connection.execute(INTEGRITY, ("2022-06-30",)).fetchall() == [(2, 150.5)], "a read-only file")
    connection.execute("CREATE TEMP VIEW pipeline_deal AS SELECT * FROM main.pipeline_deal WHERE deal_id = 1")
    check(connection.execute(INTEGRITY, ("2022-06-30",)).fetchall() == [(1, 100.0)], "TEMP views over it")
    connection.close()


def check_threads(library):
    answers = []

    def work():
        for _ in range(20):
            connection = connect(library)
            answers.append(connection.execute(INTEGRITY, ("2022-06-30",)).fetchall())
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(len(answers) == 40 and all(answer == [(2, 150.5)] for answer in answers), "two threads")


def check_notebook(library):
    """Rows by name, many arguments at once, results kept in tables, as a notebook has it."""
    connection = connect(library)
    connection.row_factory = sqlite3.Row
    row = connection.execute("SELECT * FROM pipeline_integrity(:day, 'all')",
                             {"day": "2022-06-30"}).fetchone()
    check(row["open_deals"] == 2 and row["Open_Amount"] == 150.5 and row["name"] is None, "rows by name")
    connection.row_factory = lambda cursor, values: dict(zip((column[0] for column in cursor.description), values))
    deals = connection.execute("SELECT deal_id, verdict FROM deal_stalled(?) WHERE owner = ?",
                               ("2022-06-30", "ann")).fetchmany(1)
    check(len(deals) == 1 and set(deals[0]) == {"deal_id", "verdict"}, f"rows as dictionaries: {deals}")
    connection.row_factory = None
    days = [("2022-05-31",), ("2022-06-30",), (None,)]
    with connection:
        connection.execute("CREATE TABLE result(day, open_amount)")
        connection.executemany("INSERT INTO result SELECT ?1, open_amount FROM pipeline_integrity(?1)", days)
    rows = connection.execute("SELECT * FROM result").fetchall()
    check(rows == [("2022-05-31", 50.5), ("2022-06-30", 150.5)], f"executemany: {rows}")
    connection.execute("CREATE TABLE stalled AS SELECT * FROM deal_stalled('2022-06-30')")
    names = [column[1] for column in connection.execute("PRAGMA table_info(stalled)")]
    check("verdict" in names and "as_of" not in names, f"a table of the result: {names}")
    rows = [connection.execute(INTEGRITY, (day,)).fetchone() for (day,) in days[:2] for _ in range(3)]
    check(rows == [(1, 50.5)] * 3 + [(2, 150.5)] * 3, f"the same statement again: {rows}")
    check("INSERT INTO" in "".join(connection.iterdump()), "iterdump")
    connection.close()


def check_one_connection_in_threads(library):
    """A connection that several threads use at once, where this SQLite allows it."""
    if getattr(sqlite3, "threadsafety", 1) < 3:
        return
    connection = connect(library, check_same_thread=False)
    connection.commit()
    answers, errors = [], []

    def work():
        try:
            for _ in range(50):
                answers.append(connection.execute(INTEGRITY, ("2022-06-30",)).fetchall())
                connection.execute("SELECT pipeline_health_release()").fetchall()
        except sqlite3.Error as error:
            errors.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check(errors == [], f"one connection in four threads: {errors}")
    check(len(answers) == 200 and all(answer == [(2, 150.5)] for answer in answers), "answers in four threads")
    connection.close()


def attempt(test, *arguments):
    """Runs one test; an error of SQLite that it did not expect is a failure."""
    try:
        test(*arguments)
    except sqlite3.Error as error:
        check(False, f"{test.__name__}: {error}")


def can_load(python):
    return os.path.exists(python) and os.spawnv(os.P_WAIT, python, [python, "-c", CAN_LOAD]) == 0


def find_other_python():
    """Another Python of this machine that can load extensions, or None."""
    names = ["/usr/bin/python3", "/opt/homebrew/bin/python3", "/usr/local/bin/python3"]
    names += [shutil.which("python3") or ""]
    for python in names:
        if python and can_load(python):
            return python
    return None


def without_loading(required):
    """What to do in a Python that cannot load extensions; returns only without another Python."""
    other = None if os.environ.get("PYTHON_HOST_TRIED") else find_other_python()
    if other is not None:
        os.environ["PYTHON_HOST_TRIED"] = "1"
        sys.stdout.flush()
        os.execv(other, [other] + sys.argv)
    print(f"python: skipped: the sqlite3 module of {sys.executable} was built without extension loading\n"
          "  (no enable_load_extension); use the Python of the system, of conda-forge or of Homebrew, or build\n"
          "  Python with --enable-loadable-sqlite-extensions")
    print("0 passed, 0 failed")
    return 1 if required else 0


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--required"]
    required = "--required" in sys.argv
    if len(arguments) != 1:
        print(__doc__)
        return 2
    if not hasattr(sqlite3.Connection, "enable_load_extension"):
        return without_loading(required)
    library = os.path.abspath(arguments[0])
    print(f"python: {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}")
    attempt(check_answers, library)
    attempt(check_answers, os.path.splitext(library)[0])
    attempt(check_changes, library)
    attempt(check_errors, library)
    with tempfile.TemporaryDirectory() as folder:
        attempt(check_busy, library, folder)
        attempt(check_read_only, library, folder)
    attempt(check_loaded_again, library)
    attempt(check_threads, library)
    attempt(check_notebook, library)
    attempt(check_one_connection_in_threads, library)
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
