"""The benchmark of pipeline_health: the extension against plain SQL in SQLite, DuckDB and Polars on the same data.

    bench.py [--quick] [--events N] [--rows WORD ...] [--repeats N] [--clock cpu] [--no-peers]
             [--directory DIR] [--extension FILE]

Makes the data where it is missing (generate.c), asks every question several times, checks that all give the same
numbers, and writes one table of medians, ratios and peak memory to results.md and results.json in the directory.

floor   SELECT max(deal_id), max(at), max(kind), max(new_value) FROM pipeline_event: what reading the events costs
cold    a fresh process opens the file, loads the extension, asks; the file is in the cache of the operating system
warm    asked again on the same connection
peers   get what suits them: plain SQL SQLite's own settings (a page cache of 1 GB with temporary storage in memory
        took twice as long), DuckDB and Polars all cores; starting Python, importing the data and making the index are
        not in their times; the last two are listed beside them
"""

import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
DAY, FIRST_DAY, LAST_DAY = "2022-06-30", "2021-01-04", "2022-12-31"

FLOOR = "SELECT max(deal_id), max(at), max(kind), max(new_value) FROM pipeline_event"
IDLE = "SELECT count(*) FROM pipeline_stage"
ONE_DAY = f"SELECT * FROM pipeline_integrity('{DAY}', 'owner')"
WEEKS = (f"SELECT c.day, i.* FROM pipeline_calendar('{FIRST_DAY}', '{LAST_DAY}', 'week') c,"
         " pipeline_integrity(c.day) i")
INDEX = "CREATE INDEX pipeline_event_history ON pipeline_event(deal_id, at, kind, old_value, new_value)"
# all columns but excluded_deals: the data are clean
COMPARED = ["open_deals", "open_amount", "progressing_deals", "progressing_amount", "unproven_deals", "unproven_amount",
            "stalled_deals", "stalled_amount", "dead_deals", "dead_amount", "real_deals", "real_amount", "integrity",
            "integrity_by_count", "overdue_deals", "pushed_deals", "ghosted_deals", "parked_deals", "aged_deals"]


@dataclasses.dataclass
class Answer:
    """What one run of a process gave."""

    process_seconds: float  # from starting the process to its end
    seconds: list           # each repetition inside the process, from the question to the last row
    rows: int
    peak_bytes: int
    table: list             # the rows as text, the first with the column names; empty when not asked for


@dataclasses.dataclass
class Result:
    """One line of the table."""

    question: str
    measured: str
    at_least: str
    aim: str
    value: float
    verdict: str


def say(text):
    print(text, file=sys.stderr, flush=True)


def size_name(events):
    for unit, name in ((1_000_000, "m"), (1_000, "k")):
        if events % unit == 0:
            return f"{events // unit}{name}"
    return str(events)


def milliseconds(seconds):
    return f"{seconds * 1000:.2f} ms" if seconds < 0.1 else f"{seconds:.2f} s"


def megabytes(size):
    return f"{size / 1e6:.0f} MB"


class Bench:
    def __init__(self, options):
        self.options = options
        self.directory = pathlib.Path(options.directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.results = []
        self.timings = []  # (question, who, median seconds, peak bytes)
        self.one_off = []  # (what, seconds): imports, index
        self.answers = {}  # question -> {who: rows}
        self.medians = {}
        self.ask_program = self.compiled("ask")
        modules = self.ask(self.database("int", options.small), "SELECT name FROM pragma_module_list", show=True)
        self.extension_tables = {row[0] for row in modules.table[1:]}

    # ---- programs and data ----

    def compiled(self, name):
        source, program = HERE / f"{name}.c", self.directory / name
        if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
            compiler = os.environ.get("CC", "cc")
            subprocess.run([compiler, "-std=c11", "-O2", str(source), "-o", str(program), "-lsqlite3"], check=True)
        return str(program)

    def database(self, ids, events):
        path = self.directory / f"{ids}{size_name(events)}.db"
        if not path.exists() or path.stat().st_mtime < (HERE / "generate.c").stat().st_mtime:
            say(f"generating {path.name}")
            subprocess.run([self.compiled("generate"), str(path), str(events), {"int": "integer", "text": "text"}[ids]],
                           check=True)
        return path

    def is_fresh(self, path, source):
        return path.exists() and path.stat().st_mtime >= source.stat().st_mtime

    def indexed_database(self):
        source = self.database("int", self.options.events)
        path = source.with_name(source.stem + "_indexed.db")
        if not self.is_fresh(path, source):
            say(f"indexing {path.name}")
            shutil.copyfile(source, path)
            started = time.perf_counter()
            self.ask(path, INDEX, extension=False)
            self.remember_once(path, "plain SQL: making the index", time.perf_counter() - started)
        self.recall_once(path)
        return path

    def csv_directory(self):
        source = self.database("int", self.options.events)
        path = source.with_name(source.stem + "_csv")
        done = path / "done"
        if not self.is_fresh(done, source):
            say(f"exporting {path.name}")
            path.mkdir(exist_ok=True)
            started = time.perf_counter()
            for table in ("pipeline_deal", "pipeline_event", "pipeline_stage"):
                with open(path / f"{table}.csv", "wb") as file:
                    command = ["sqlite3", "-header", "-csv", str(source), f"SELECT * FROM {table}"]
                    subprocess.run(command, stdout=file, check=True)
            self.remember_once(done, "exporting CSV files for DuckDB and Polars", time.perf_counter() - started)
            done.touch()
        self.recall_once(done)
        return path

    def remember_once(self, path, what, seconds):
        path.with_name(path.name + ".json").write_text(json.dumps([what, seconds]))

    def recall_once(self, path):
        entry = json.loads(path.with_name(path.name + ".json").read_text())
        if entry not in self.one_off:
            self.one_off.append(entry)

    # ---- running ----

    def ask(self, database, *sql, extension=True, repeats=1, show=False):
        command = [self.ask_program, str(database), self.options.extension if extension else "-",
                   "print" if show else "silent", str(repeats), *sql]
        started = time.perf_counter()
        run = subprocess.run(command, capture_output=True, text=True)
        elapsed = time.perf_counter() - started
        if run.returncode != 0:
            sys.exit(f"{run.stderr.strip()}\nwhile asking {database}: {sql[-1][:200]}")
        told = json.loads(run.stderr)
        table = [line.split("\t") for line in run.stdout.splitlines()]
        if self.options.clock == "cpu":
            return Answer(told["process_cpu_seconds"], told["cpu_seconds"], told["rows"], told["peak_bytes"], table)
        return Answer(elapsed, told["seconds"], told["rows"], told["peak_bytes"], table)

    def plain_sql(self, database, file):
        sql = (HERE / "peers" / file).read_text()
        for name, value in (("first_day", FIRST_DAY), ("last_day", LAST_DAY), ("day", DAY)):
            sql = sql.replace(f":{name}", f"'{value}'")
        return self.ask(database, sql, extension=False, show=True)

    def python_peer(self, script, *arguments):
        """Runs a peer in a process of its own, so that its memory can be told apart from ours."""
        command = [sys.executable, str(HERE / "peers" / script), *map(str, arguments)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{script} {' '.join(map(str, arguments))} failed")
        if not output:
            return Answer(0, [0], 0, usage.ru_maxrss * 1024, [])
        table, times = output.splitlines()
        seconds, cpu_seconds = map(float, times.split())
        if self.options.clock == "cpu":
            seconds = cpu_seconds / os.cpu_count()
        return Answer(0, [seconds], 0, usage.ru_maxrss * 1024, json.loads(table))

    def cold(self, database, sql):
        """(ours, floor): medians of fresh processes, the two taken in turns."""
        key = f"cold {database.name} {sql}"
        if key not in self.medians:
            say(f"measuring {key}")
            self.ask(database, FLOOR)  # into the cache of the operating system
            floors, ours = [], []
            for _ in range(self.options.repeats):
                floors.append(self.ask(database, FLOOR, extension=False).process_seconds)
                answer = self.ask(database, sql)
                ours.append(answer.process_seconds)
            self.medians[key] = (statistics.median(ours), statistics.median(floors), answer.peak_bytes)
        return self.medians[key]

    def warm(self, sql, repeats=11):
        key = f"warm {sql}"
        if key not in self.medians:
            say(f"measuring {key}")
            # The first question reads the history, the first run of sql is not counted either.
            answer = self.ask(self.database("int", self.options.events), ONE_DAY, sql, repeats=repeats + 1)
            self.medians[key] = (statistics.median(answer.seconds[1:]), answer.rows)
        return self.medians[key]

    # ---- what comes out ----

    def compare(self, question, who, table, name_column):
        """Keeps an answer as {name: numbers} and stops when it differs from the others to the same question. Text has
        shares with 15 digits."""
        if name_column is not None:
            columns = table[0]
            places = [columns.index(name) for name in [name_column, *COMPARED]]
            table = [[row[place] for place in places] for row in table[1:]]
        if any(len(row) != 1 + len(COMPARED) for row in table):
            sys.exit(f"{who} does not answer '{question}' with all columns")
        rows = {row[0]: [round(float(value), 12) for value in row[1:]] for row in table}
        first_who, first_rows = next(iter(self.answers.setdefault(question, {who: rows}).items()))
        self.answers[question][who] = rows
        if rows != first_rows:
            different = [name for name in {**rows, **first_rows} if rows.get(name) != first_rows.get(name)]
            examples = "\n".join(f"  {name}\n    {who}: {rows.get(name)}\n    {first_who}: {first_rows.get(name)}"
                                 for name in different[:3])
            sys.exit(f"DIFFERENT NUMBERS in '{question}', {len(different)} of {len(first_rows)} rows:\n{examples}")

    def add(self, question, value, text, at_least, aim, unit, measured=None):
        """A line of the table; at_least and aim are upper bounds, or lower ones when the unit is 'times faster'."""
        def reached(bound):
            return value >= bound if unit == "times faster" else value <= bound
        verdict = "aim" if reached(aim) else "at least" if reached(at_least) else "missed"
        def bound(number):
            return f"{number:g} {unit}"
        self.results.append(Result(question, text, bound(at_least), bound(aim), value, verdict))
        say(f"  {question}: {text} ({verdict})")


# ---- the lines of the table: a function each, in the order in which they are shown ----

LINES = []


def line(*tables):
    """A line that needs these tables of the extension; it is left out while one of them is missing."""
    def register(function):
        LINES.append((function, tables))
        return function
    return register


def against_floor(bench, ids, at_least, aim):
    ours, floor, peak = bench.cold(bench.database(ids, bench.options.events), ONE_DAY)
    name = {"int": "INTEGER", "text": "TEXT"}[ids]
    bench.timings.append((f"cold, one day by owner, {name} ids", "pipeline_health", ours, peak))
    bench.timings.append((f"cold, one day by owner, {name} ids", "floor", floor, None))
    bench.add(f"cold: one day by owner, {name} ids", ours / floor,
              f"{ours / floor:.2f} x floor ({milliseconds(ours)} / {milliseconds(floor)})", at_least, aim, "x floor")


@line("pipeline_integrity")
def cold_one_day_integer(bench):
    against_floor(bench, "int", 1.5, 1.0)


@line("pipeline_integrity")
def cold_one_day_text(bench):
    against_floor(bench, "text", 2.2, 1.5)
    for ids, name in (("int", "INTEGER"), ("text", "TEXT")):
        answer = bench.ask(bench.database(ids, bench.options.events), ONE_DAY, show=True)
        bench.compare("one day", f"pipeline_health, {name} ids", answer.table, "name")


def warm_line(bench, question, sql, at_least, aim):
    seconds, rows = bench.warm(sql)
    bench.timings.append((question, "pipeline_health", seconds, None))
    bench.add(question, seconds * 1000, f"{milliseconds(seconds)} ({rows} rows)", at_least, aim, "ms")


@line("pipeline_integrity")
def warm_one_day(bench):
    warm_line(bench, "warm: one day by owner", ONE_DAY, 5, 1)


@line("pipeline_integrity", "pipeline_calendar")
def warm_weeks(bench):
    warm_line(bench, "warm: 104 weeks, total", WEEKS, 20, 2)


@line("pipeline_integrity", "pipeline_calendar")
def cold_weeks(bench):
    database = bench.database("int", bench.options.events)
    ours, _, peak = bench.cold(database, WEEKS)
    bench.timings.append(("cold, 104 weeks, total", "pipeline_health", ours, peak))
    bench.compare("104 weeks", "pipeline_health", bench.ask(database, WEEKS, show=True).table, "day")


@line()
def peers(bench):
    """Not a line of its own: the peers' times, their numbers against ours, and the two lines that compare."""
    if bench.options.no_peers:
        return
    questions = {
        "one day": ("one_day", "name", [DAY], "cold, one day by owner, INTEGER ids"),
        "104 weeks": ("weeks", "day", [FIRST_DAY, LAST_DAY], "cold, 104 weeks, total"),
    }
    plain, indexed = bench.database("int", bench.options.events), bench.indexed_database()
    csv = bench.csv_directory()
    duckdb = csv.with_name(csv.name.replace("_csv", ".duckdb"))
    duckdb.unlink(missing_ok=True)
    importing = bench.python_peer("duckdb_query.py", duckdb, "import", csv, "integer")
    bench.one_off.append(("DuckDB: importing", importing.seconds[0]))
    started = time.perf_counter()
    bench.python_peer("polars_import.py", csv, "integer")
    bench.one_off.append(("Polars: from CSV to Parquet files", time.perf_counter() - started))
    for question, (file, name_column, arguments, timed_as) in questions.items():
        runs = {
            "plain SQL": (1, lambda: bench.plain_sql(plain, f"sqlite_{file}.sql"), name_column),
            "plain SQL with its index": (1, lambda: bench.plain_sql(indexed, f"sqlite_{file}.sql"), name_column),
            "DuckDB": (3, lambda: bench.python_peer("duckdb_query.py", duckdb, file, *arguments), None),
            "Polars": (3, lambda: bench.python_peer("polars_query.py", csv, file, *arguments), None),
        }
        for who, (repeats, run, name) in runs.items():
            say(f"measuring {who}, {question}")
            answers = [run() for _ in range(repeats)]
            bench.compare(question, who, answers[0].table, name)
            seconds = statistics.median(answer.seconds[-1] for answer in answers)
            bench.medians[f"{who} {question}"] = seconds
            bench.timings.append((timed_as, who, seconds, max(answer.peak_bytes for answer in answers)))
    if "pipeline_calendar" not in bench.extension_tables:
        return
    ours = bench.cold(plain, WEEKS)[0]
    fastest_plain = min(bench.medians["plain SQL 104 weeks"], bench.medians["plain SQL with its index 104 weeks"])
    for who, seconds, at_least, aim in (("plain SQL", fastest_plain, 30, 40),
                                        ("DuckDB without its import", bench.medians["DuckDB 104 weeks"], 4, 6)):
        bench.add(f"cold: 104 weeks against {who}", seconds / ours,
                  f"{seconds / ours:.1f} times faster ({milliseconds(ours)} / {milliseconds(seconds)})",
                  at_least, aim, "times faster")


@line("deal_stalled")
def warm_deal_stalled(bench):
    seconds, rows = bench.warm(f"SELECT * FROM deal_stalled('{DAY}')")
    per_row = seconds / max(rows, 1) * 1e6
    bench.timings.append(("warm, deal_stalled, all open deals", "pipeline_health", seconds, None))
    bench.add("warm: deal_stalled, all open deals, all columns", per_row,
              f"{per_row:.2f} µs a row ({rows} rows)", 1.5, 0.8, "µs a row")


def memory_line(bench, ids, what, sql):
    database = bench.database(ids, bench.options.events)
    used = bench.cold(database, sql)[2] - bench.ask(database, IDLE).peak_bytes
    per_event = used / bench.options.events
    bench.add(f"peak memory above an idle process, {what}", per_event,
              f"{per_event:.1f} bytes an event ({megabytes(used)})", 48, 32, "bytes an event")


@line("pipeline_integrity")
def memory_one_day(bench):
    memory_line(bench, "int", "one day by owner, INTEGER ids", ONE_DAY)
    memory_line(bench, "text", "one day by owner, TEXT ids", ONE_DAY)


@line("pipeline_integrity", "pipeline_calendar")
def memory_weeks(bench):
    memory_line(bench, "int", "104 weeks, INTEGER ids", WEEKS)


@line("pipeline_integrity")
def scaling(bench):
    small, large = (bench.cold(bench.database("int", events), ONE_DAY)[0]
                    for events in (bench.options.small, bench.options.events))
    sizes = f"from {size_name(bench.options.small)} to {size_name(bench.options.events)} events"
    bench.add(f"cold: one day by owner, {sizes}", large / small,
              f"{large / small:.1f} times ({milliseconds(small)} to {milliseconds(large)})", 11, 10, "times")


@line("pipeline_flow")
def warm_flow(bench):
    seconds, rows = bench.warm("SELECT * FROM pipeline_flow('2022-03-31', '2022-06-30', 'owner')")
    bench.timings.append((f"warm, pipeline_flow of a quarter by owner ({rows} rows)", "pipeline_health", seconds, None))


@line("pipeline_changes")
def warm_changes(bench):
    warm_line(bench, "warm: pipeline_changes of a quarter",
              "SELECT count(*) FROM pipeline_changes('2022-03-31', '2022-06-30')", 500, 500)


@line("stage_velocity")
def warm_velocity(bench):
    seconds, rows = bench.warm(f"SELECT * FROM stage_velocity('{DAY}')", repeats=5)
    bench.timings.append((f"warm, stage_velocity ({rows} rows)", "pipeline_health", seconds, None))


@line("win_rate")
def warm_win_rate(bench):
    # a horizon that was asked for is kept, so each time another one is asked for
    warm_line(bench, "warm: win_rate, a new horizon", f"SELECT * FROM win_rate('{DAY}', 1 + abs(random()) % 300)", 150,
              150)


@line("coverage_backtest")
def warm_coverage_backtest(bench):
    warm_line(bench, "warm: coverage_backtest, 12 quarters by owner",
              f"SELECT * FROM coverage_backtest('{LAST_DAY}', 'owner')", 1000, 1000)


@line("pipeline_opening")
def warm_opening(bench):
    warm_line(bench, "warm: pipeline_opening by owner", f"SELECT * FROM pipeline_opening('{DAY}', 'owner')", 300, 300)


@line("conversation_effectiveness")
def warm_conversation(bench):
    warm_line(bench, "warm: conversation_effectiveness by owner",
              f"SELECT * FROM conversation_effectiveness('2022-01-01', '{DAY}', 'owner')", 300, 300)


# ---- the report ----

def machine():
    model, memory = platform.processor() or platform.machine(), ""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        model = next(text.split(":")[1].strip() for text in lines if text.startswith("model name"))
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
    except (OSError, StopIteration, ValueError):
        pass
    return f"{model}, {os.cpu_count()} cores{memory}, {platform.system()} {platform.release()}"


def conditions(bench, sqlite_version):
    options = bench.options
    parts = [f"{options.events:,} events", f"{options.events // 10:,} deals", str(datetime.date.today()), machine(),
             f"SQLite {sqlite_version}"]
    if not options.no_peers:
        parts += (HERE / "requirements.txt").read_text().replace("==", " ").split("\n")[:-1]
    if options.clock == "cpu":
        parts.append("processor time (of DuckDB and Polars over the number of cores)")
    if options.quick:
        parts.append("a smoke test: the bounds are meant for the full size")
    return ", ".join(parts)


def report(bench):
    small = bench.database("int", bench.options.small)
    sqlite_version = bench.ask(small, "SELECT sqlite_version()", show=True).table[1][0]
    text = [conditions(bench, sqlite_version), "", "| question | measured | at least | aim | reached |",
            "|---|---|---|---|---|"]
    text += [f"| {row.question} | {row.measured} | {row.at_least} | {row.aim} | {row.verdict} |"
             for row in bench.results]
    text += ["", "| question | who | median | of ours | peak memory |", "|---|---|---|---|---|"]
    ours = {question: seconds for question, who, seconds, _ in bench.timings if who == "pipeline_health"}
    in_order = list(dict.fromkeys(question for question, *_ in bench.timings))
    for question, who, seconds, peak in sorted(bench.timings, key=lambda entry: in_order.index(entry[0])):
        ratio = "" if who == "pipeline_health" or question not in ours else f"{seconds / ours[question]:.1f} x"
        memory = megabytes(peak) if peak else ""
        text.append(f"| {question} | {who} | {milliseconds(seconds)} | {ratio} | {memory} |")
    if bench.one_off:
        text += ["", "| before the peers could be asked | seconds |", "|---|---|"]
        text += [f"| {what} | {seconds:.1f} |" for what, seconds in bench.one_off]
    checked = {question: list(rows) for question, rows in bench.answers.items() if len(rows) > 1}
    text.append("")
    for question, who in checked.items():
        rows = len(bench.answers[question][who[0]])
        text.append(f"Same numbers for {question}, {rows} rows: {', '.join(who)}.")
    (bench.directory / "results.md").write_text("\n".join(text) + "\n")
    (bench.directory / "results.json").write_text(json.dumps({
        "date": str(datetime.date.today()), "machine": machine(), "sqlite": sqlite_version,
        "events": bench.options.events, "clock": bench.options.clock,
        "results": [dataclasses.asdict(row) for row in bench.results],
        "timings": [dict(zip(("question", "who", "seconds", "peak_bytes"), entry)) for entry in bench.timings],
        "one_off": bench.one_off, "same_numbers": checked}, indent=1) + "\n")
    print("\n".join(text))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a smoke test with 100,000 events")
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--rows", nargs="*", default=[], metavar="WORD",
                        help="only the lines whose function name has one of the words, e.g. warm")
    parser.add_argument("--repeats", type=int, default=11, help="fresh processes for each cold median")
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall",
                        help="cpu: processor time, for a busy machine; DuckDB and Polars: divided by the cores")
    parser.add_argument("--directory", default=str(PROJECT / "build" / "bench"))
    parser.add_argument("--extension", default=str(PROJECT / "build" / "pipeline_health"))
    parser.add_argument("--no-peers", action="store_true", help="without plain SQL, DuckDB and Polars")
    options = parser.parse_args()
    if options.quick:
        options.events, options.repeats = 100_000, 3
    options.small = options.events // 10
    bench = Bench(options)
    missing = []
    for function, tables in LINES:
        if options.rows and not any(word in function.__name__ for word in options.rows):
            continue
        absent = [table for table in tables if table not in bench.extension_tables]
        if absent:
            missing.append(f"{function.__name__} (no {', '.join(absent)})")
            continue
        function(bench)
    report(bench)
    if missing:
        print("\nLeft out: " + ", ".join(missing))


if __name__ == "__main__":
    main()
