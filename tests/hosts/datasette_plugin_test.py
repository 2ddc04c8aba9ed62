"""The plugin of Datasette: the start page, the canned queries, the page for the meeting, and the limit of a second.

    datasette_plugin_test.py SQLITE3 DEMO FOLDER

Datasette stops a query after a second unless told otherwise. No canned query may need a second of the processor, at first nor after
another program has written; the seconds that passed, which on a busy machine are more, are printed. Ends with `N passed, N failed`.
"""

import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request

import psutil
from datasette_host import PATIENT, start, stop
from run import CHANGE

DAY = '2022-06-30'
LIMIT = 1.0
passed = failed = 0


def check(good, what):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print(f'datasette: failed: {what}')


def get(address):
    """Status, text and seconds."""
    began = time.monotonic()
    try:
        with urllib.request.urlopen(address) as answer:
            return answer.status, answer.read().decode(), time.monotonic() - began
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode(), time.monotonic() - began


def check_pages(address):
    status, text, _ = get(f'{address}/-/pipeline-health?as_of={DAY}')
    check(status == 200 and '6,000 deals' in text, f'start page: {status}, {text[-1500:]}')
    check('no CRM fits the tables' in text, 'the start page says why a file is not connected')
    check(f'/crm/false_confidence_by_team?as_of={DAY}' in text, 'the start page links the canned queries')
    status, text, seconds = get(f'{address}/-/pipeline-health/crm?as_of={DAY}')
    check(status == 200 and 'Enterprise East' in text, f'the page for the meeting: {status}, {text[:500]}')
    print(f'the page for the meeting: {seconds:.2f} s')
    for bad in (f'/nothing?as_of={DAY}', '/crm?as_of=tomorrow'):
        check(get(f'{address}/-/pipeline-health{bad}')[0] == 404, f'{bad} is not found')
    status, text, _ = get(f'{address}/notes/note.json?_shape=array')
    check(json.loads(text) == [{'rowid': 1, 'text': 'no CRM'}], f'another database is as it was: {text}')


def check_queries(address, sqlite, file, server):
    """Every canned query answers within the limit, again after another program has written."""
    process = psutil.Process(server.pid)

    def ask(query):
        before = process.cpu_times()
        status, text, seconds = get(f'{address}/crm/{query}.json?as_of={DAY}&team=Enterprise+East&_shape=array')
        after = process.cpu_times()
        used = after.user + after.system - before.user - before.system
        check(status == 200 and json.loads(text), f'{query}: {status}, {text[:300]}')
        check(used < LIMIT, f'{query}: expected less than {LIMIT} s of the processor, got {used:.2f} s')
        return f'{seconds:>10.2f} s ({used:.2f} s)'

    queries = [query['name'] for query in json.loads(get(f'{address}/crm.json')[1])['queries']]
    check(len(queries) == 12, f'expected the sources and eleven questions, got {queries}')
    print(f'{"canned query: passed (used)":<34}{"first":>21}{"after a write":>21}')
    for query in queries:
        first = ask(query)
        subprocess.run([sqlite, '-bail', file, CHANGE.replace('2 *', '1.25 *')], check=True)
        print(f'{query:<34}{first}{ask(query)}', flush=True)


def main(sqlite, demo, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    crm, notes = folder / 'crm.db', folder / 'notes.db'
    shutil.copy(demo, crm)
    notes.unlink(missing_ok=True)
    with sqlite3.connect(notes) as other:
        other.executescript("CREATE TABLE note(text); INSERT INTO note VALUES ('no CRM')")
    other.close()
    server, address = start(str(crm), str(notes), *PATIENT)
    try:
        check_pages(address)
        check_queries(address, sqlite, crm, server)
    finally:
        check(stop(server) == 0, 'Datasette ends with 0')
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
