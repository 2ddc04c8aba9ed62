"""DB Browser for SQLite in a window under Xvfb: its Execute SQL tab gives the shell's answers.

    db_browser_test.py SQLITE3 LIBRARY DEMO FOLDER

The program starts as a user sets it up in its preferences: the library in the list of extensions, and pipeline_connect as the SQL to
execute after opening a database. Its answers are written into tables by a key press and saved by another one; a screenshot stays in
FOLDER. Ends with `N passed, N failed`.
"""

import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import xml.sax.saxutils

from run import CHANGE, QUESTIONS, differences, rows_of_shell, with_values

SECONDS = 120  # in which the program does what a key asks for, however busy the machine is
PROJECT = '''<?xml version="1.0" encoding="UTF-8"?><sqlb_project><db path={path} readonly="0"/>
<window><main_tabs open="structure query" current="1"/></window><tab_sql><sql name="questions">{sql}</sql></tab_sql></sqlb_project>'''


class Browser:
    """The program in a screen of its own, with a project whose SQL is ready to be executed."""

    def __init__(self, library, project, folder):
        self.folder = folder
        reading, writing = os.pipe()
        self.screen = subprocess.Popen(['Xvfb', '-displayfd', str(writing), '-screen', '0', '1280x900x24'], pass_fds=[writing],
                                       stderr=subprocess.DEVNULL)
        os.close(writing)
        home = folder / 'home'
        home.mkdir(mode=0o700, exist_ok=True)
        display = ':' + os.read(reading, 20).decode().strip()
        self.environment = dict(os.environ, DISPLAY=display, HOME=str(home), XDG_RUNTIME_DIR=str(home))
        self.process = subprocess.Popen(
            ['sqlitebrowser', '-o', f'extensions/list={library}', '-o', "db/defaultsqltext=SELECT pipeline_connect('salesforce')",
             project], env=self.environment, stderr=subprocess.DEVNULL)
        self.wait_for(lambda: any('[crm.db]' in self.xdotool('getwindowname', window) for window in self.windows()), 'the file is not open')

    def xdotool(self, *words):
        return subprocess.run(['xdotool', *words], env=self.environment, capture_output=True, text=True).stdout

    def windows(self):
        """The visible windows, dialogs behind the main window."""
        windows = self.xdotool('search', '--onlyvisible', '--pid', str(self.process.pid)).split()
        return sorted(windows, key=lambda window: '[crm.db]' not in self.xdotool('getwindowname', window))

    def press(self, key):
        """A key for the window in front: without a window manager the focus is given by hand."""
        windows = self.windows()
        if windows:
            self.xdotool('windowfocus', windows[-1])
            self.xdotool('key', key)

    def wait_for(self, happened, otherwise, keys=()):
        """Waits, pressing a key now and then, in turn: one that comes while the program is busy is lost.

        A dialog in front gets the answer that it proposes: not to stop the reading of rows that goes on, to save the project.
        """
        deadline = time.monotonic() + SECONDS
        turns = itertools.cycle(keys)
        while time.monotonic() < deadline:
            if len(self.windows()) > 1:
                self.press('Return')
            elif keys:
                self.press(next(turns))
            for _ in range(10):
                time.sleep(0.5)
                if happened():
                    return
        self.picture('failed.png')
        self.kill()
        sys.exit(f'db browser: failed: {otherwise}; {self.folder / "failed.png"} shows the screen')

    def picture(self, name):
        subprocess.run(['import', '-window', 'root', self.folder / name], env=self.environment, check=True)

    def end(self):
        self.wait_for(lambda: self.process.poll() is not None, 'it does not end', keys=['ctrl+q'])
        self.screen.terminate()
        return self.process.returncode

    def kill(self):
        self.process.kill()
        self.screen.terminate()


def table(question):
    return 'answer_' + question.replace(' ', '_')


def script():
    """The questions, each into a table of its own, and last a table that says how many rounds there were."""
    statements = [f'DROP TABLE IF EXISTS {table(name)};\nCREATE TABLE {table(name)} AS {with_values(question)};'
                  for name, question in QUESTIONS.items()]
    return '\n'.join([*statements, 'CREATE TABLE IF NOT EXISTS round(number);', 'INSERT INTO round SELECT count(*) + 1 FROM round;'])


class Test:
    def __init__(self, sqlite, library, file):
        self.sqlite, self.library, self.file = sqlite, library, file
        self.passed = self.failed = 0

    def check(self, fault):
        self.passed, self.failed = self.passed + (not fault), self.failed + bool(fault)
        if fault:
            print(f'db browser: failed: {fault}')

    def rows(self, sql):
        """Rows in the file, read by the shell without the extension."""
        done = subprocess.run([self.sqlite, '-batch', '-readonly', self.file, '.mode json', sql], capture_output=True, text=True)
        return [list(row.values()) for row in json.loads(done.stdout or '[]')]

    def rounds(self):
        """How often the questions were executed and saved."""
        rows = self.rows('SELECT count(*) FROM round')
        return rows[0][0] if rows else 0

    def round(self, browser, when):
        """Executes the questions, saves what they wrote, and compares it with the shell's answers from the same file."""
        before = self.rounds()
        browser.wait_for(lambda: self.rounds() > before, f'no answers {when}', keys=['ctrl+Return', 'ctrl+s'])
        for name, question in QUESTIONS.items():
            fault = differences(self.rows(f'SELECT * FROM {table(name)} ORDER BY rowid'),
                                rows_of_shell(self.sqlite, self.library, self.file, question))
            self.check(fault and f'{name} {when}: {fault}')
        return self.rows(f"SELECT * FROM {table('coverage')}")


def main(sqlite, library, demo, folder):
    library, folder = pathlib.Path(library).absolute(), pathlib.Path(folder).absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    file, project = folder / 'crm.db', folder / 'questions.sqbpro'
    shutil.copy(demo, file)
    project.write_text(PROJECT.format(path=xml.sax.saxutils.quoteattr(str(file)), sql=xml.sax.saxutils.escape(script())))
    test = Test(sqlite, library, file)
    browser = Browser(library, project, folder)
    try:
        before = test.round(browser, 'before')
        browser.picture('answered.png')
        subprocess.run([sqlite, '-bail', file, CHANGE], check=True)
        after = test.round(browser, 'after another program has written')
        test.check(before == after and 'the answers did not change')
        code = browser.end()
        test.check(code and f'ended with {code}')
        beside = [path.name for path in folder.glob('crm.db-*')]
        test.check(beside and f'left behind: {beside}')
    finally:
        browser.kill()
    print(f'{test.passed} passed, {test.failed} failed')
    return 1 if test.failed else 0


if __name__ == '__main__':
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
