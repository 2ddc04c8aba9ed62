"""Every program that loads the extension gives the shell's answers: what `make test-hosts` runs.

    run.py BUILD SQLITE3 LIBRARY DEMO [HOST ...]

Each host gets a copy of the demo and the same questions (protocol.py says how they are asked): coverage, stalled deals, a join with
the calendar, a question that fails, a write that is refused, a question again from what is kept, and the first two after another
program has written to the file. The answers are those of the sqlite3 shell, to the last bit. At the end it closes by itself, and has left
neither a change nor a file behind. Ends with `N passed, N failed`.
"""

import collections
import hashlib
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
QUESTIONS = {
    'coverage': """SELECT name, period_start, period_end, quota, won_amount, claimed_amount, claimed_coverage, real_amount, real_coverage,
        required_real_coverage, hit_probability, verdict FROM real_coverage(?, 'team') ORDER BY name, period_start\t2022-06-30""",
    'stalled': """SELECT deal_id, name, owner, amount, verdict, stalled_since, days_without_progress, next_meeting_at, reasons
        FROM deal_stalled(?) WHERE stalled ORDER BY deal_id\t2022-06-30""",
    'calendar join': """SELECT week.day, integrity.name, integrity.open_deals, integrity.open_amount, integrity.integrity
        FROM pipeline_calendar(?, ?, 'week') AS week, pipeline_integrity(week.day, 'team') AS integrity
        ORDER BY week.day, integrity.name\t2022-01-01\t2022-06-30""",
}
QUESTIONS = {name: ' '.join(question.split(' ')).replace('\n', ' ') for name, question in QUESTIONS.items()}
BAD_DAY = "SELECT name FROM real_coverage(?)\t10/23/17"
WRITE = 'DELETE FROM Opportunity'
KEPT = "SELECT pipeline_health_debug() ->> '$.cached[0].deals'"
# Another program doubles every amount, of the past too, so that no answer stays what it was.
CHANGE = 'UPDATE Opportunity SET Amount = 2 * Amount; UPDATE OpportunityHistory SET Amount = 2 * Amount'
SECONDS = 120  # in which a host answers, however busy the machine is


def with_values(question):
    """The SQL with its parameters written into it."""
    sql, *parameters = question.split('\t')
    for parameter in parameters:
        sql = sql.replace('?', f"'{parameter}'", 1)
    return sql


def shell(sqlite3, library, file, *lines):
    """One session of the shell, connected, that reads these lines."""
    script = [f'.load {library}', '.output /dev/null', "SELECT pipeline_connect('salesforce');", '.output stdout', '.mode json', *lines]
    return subprocess.run([sqlite3, '-batch', '-init', '/dev/null', '-readonly', file], input='\n'.join(script), capture_output=True, text=True)


def rows_of_shell(sqlite3, library, file, question):
    """What the shell answers, as rows."""
    done = shell(sqlite3, library, file, with_values(question) + ';')
    if done.returncode or done.stderr:
        raise SystemExit(f'the shell answers {question!r} with {done.stderr}')
    return [list(row.values()) for row in json.loads(done.stdout)]


class Host:
    """A running host and what is found wrong with it."""

    def __init__(self, command, environment):
        self.faults = []
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, encoding='utf-8', bufsize=1, env=environment)

    def check(self, good, fault):
        if not good:
            self.faults.append(fault)

    def ask(self, question):
        """The answer and the seconds it took; None from a host that has ended or keeps silent."""
        began = time.monotonic()
        try:
            self.process.stdin.write(question + '\n')
            self.process.stdin.flush()
        except BrokenPipeError:
            return None, 0
        ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
        line = self.process.stdout.readline() if ready else ''
        return json.loads(line) if line else None, time.monotonic() - began

    def refuses(self, question, *words):
        answer, _ = self.ask(question)
        good = isinstance(answer, dict) and all(word in answer['error'] for word in words)
        self.check(good, f'{question!r}: expected an error{f" with {words}" if words else ""}, got {str(answer)[:200]}')

    def end(self):
        """Closes the input; the host must end with 0 by itself."""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            code = self.process.wait(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = 'no end'
        said = self.process.stderr.read()
        self.check(code == 0, f'ended with {code}: {said[-1500:]}')


def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def differences(got, expected):
    """The first difference between two answers, in words."""
    if not isinstance(got, list):
        return f'expected {len(expected)} rows, got {str(got)[:300]}'
    if len(got) != len(expected):
        return f'expected {len(expected)} rows, got {len(got)}'
    return next((f'row {number}: expected {b}, got {a}' for number, (a, b) in enumerate(zip(got, expected), 1) if a != b), None)


class Trial:
    def __init__(self, sqlite3, library, demo, folder):
        self.sqlite3, self.library, self.demo, self.folder = sqlite3, library, demo, folder
        changed = folder / 'changed.db'
        shutil.copy(demo, changed)
        self.change(changed)
        self.before = {name: rows_of_shell(sqlite3, library, demo, question) for name, question in QUESTIONS.items()}
        self.after = {name: rows_of_shell(sqlite3, library, changed, question) for name, question in QUESTIONS.items()}
        assert all(self.before.values()) and all(self.before[name] != self.after[name] for name in QUESTIONS)

    def change(self, file):
        subprocess.run([self.sqlite3, '-bail', file, CHANGE], check=True)

    def run(self, name, command, environment):
        """The host's faults and its times."""
        file = self.folder / f'{name}.db'
        shutil.copy(self.demo, file)
        untouched = digest(file)
        host = Host([*command, file], environment)
        times = self.questions(host, self.before, 'before')
        host.refuses(BAD_DAY, '10/23/17')
        host.refuses(WRITE)
        host.check(digest(file) == untouched, 'the file was changed')
        kept, _ = host.ask(KEPT)
        host.check(kept == [[6000]], f'expected 6000 deals to be kept, got {kept}')
        second = self.questions(host, self.before, 'again')
        host.check(min(second.values()) < 0.5 * times['coverage'], f'not from what is kept: {times}, then {second}')
        self.change(file)
        untouched = digest(file)
        after = self.questions(host, self.after, 'after another program has written')
        host.end()
        host.check(digest(file) == untouched, 'the file was changed')
        beside = [str(path) for path in self.folder.glob(f'{name}.db-*')]
        host.check(not beside, f'left behind: {beside}')
        file.unlink()
        return host.faults, (times['coverage'], second['coverage'], after['coverage'])

    def run_shell(self):
        """The shell in one session: the same questions at first, again, and after the shell has let another program write."""
        file = self.folder / 'shell.db'
        shutil.copy(self.demo, file)
        write = self.folder / 'change.sql'
        write.write_text(CHANGE + ';')
        asked = [line for name, question in QUESTIONS.items() for line in (f'.print ={name}', with_values(question) + ';')]
        done = shell(self.sqlite3, self.library, file, *asked, '.print =refused', f'{WRITE};', *asked, '.print =kept', f'{KEPT};',
                     f'.shell {self.sqlite3} {file} < {write}', *asked)
        answers = collections.defaultdict(list)
        for part in ('\n' + done.stdout).split('\n=')[1:]:
            name, _, text = part.partition('\n')
            if text:
                answers[name].append([list(row.values()) for row in json.loads(text)])
        faults = [f'{name}: other answers in one session' for name in QUESTIONS
                  if answers[name] != [self.before[name], self.before[name], self.after[name]]]
        if 'readonly' not in done.stderr or done.returncode not in (0, 1):
            faults.append(f'ended with {done.returncode}: {done.stderr}')
        if answers['kept'] != [[[6000]]]:
            faults.append(f"expected 6000 deals to be kept, got {answers['kept']}")
        file.unlink()
        return faults

    @staticmethod
    def questions(host, expected, when):
        times = {}
        for name, question in QUESTIONS.items():
            answer, times[name] = host.ask(question)
            fault = differences(answer, expected[name])
            host.check(fault is None, f'{name} {when}: {fault}')
        return times


def commands(build):
    """How each host is run; the file is appended."""
    python = build / 'python/bin/python'
    return {
        **{name: [python, HERE / f'{name}_host.py'] for name in
           ('sqlite3', 'pysqlite3', 'apsw', 'sqlalchemy', 'pandas', 'polars', 'duckdb', 'jupyter', 'datasette', 'sqlite_utils')},
        'better_sqlite3': ['node', build / 'node/better_sqlite3_host.mjs'],
        'node_sqlite': [build / 'node/node_modules/node/bin/node', build / 'node/node_sqlite_host.mjs'],
        'go': [build / 'go/host'],
        'rust': [build / 'rust/host/target/debug/host'],
        'java': ['java', '-cp', build / 'java/*', HERE / 'java/Host.java'],
        'r': ['Rscript', HERE / 'rsqlite_host.R'],
    }


def main(build, sqlite3, library, demo, *names):
    build, library = pathlib.Path(build).absolute(), pathlib.Path(library).absolute()
    environment = dict(os.environ, PYTHONPATH=str(HERE), PIPELINE_HEALTH=str(library.with_suffix('')))
    folder = build / 'files'
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    trial = Trial(sqlite3, library, pathlib.Path(demo), folder)
    results = {} if names else {'shell': trial.run_shell()}
    print(f'{"host":<16}{"first":>8}{"again":>8}{"after a write":>16}', flush=True)
    for name, command in commands(build).items():
        if names and name not in names:
            continue
        try:
            results[name], times = trial.run(name, command, environment)
            print(f'{name:<16}{times[0]:>6.2f} s{times[1]:>6.2f} s{times[2]:>14.2f} s', flush=True)
        except OSError as problem:
            results[name] = [str(problem)]
    for name, faults in results.items():
        for fault in faults:
            print(f'{name}: failed: {fault}')
    failed = sum(map(bool, results.values()))
    passed = len(results) - failed
    print(f'{passed} passed, {failed} failed')
    return 0 if passed and not failed else 1


if __name__ == '__main__':
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
