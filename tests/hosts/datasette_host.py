"""Datasette with its plugin, served and asked over HTTP.

One thread, since each of its connections keeps what it read for itself; and a minute instead of a second for a query, so that a
busy machine makes no difference. datasette_plugin_test.py looks at the second.
"""

import json
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import protocol


PATIENT = ('--setting', 'sql_time_limit_ms', '60000')


def start(*files_and_settings):
    """A server of its own and its address."""
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    command = [sys.executable, '-m', 'datasette', 'serve', *files_and_settings, '--port', str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f'http://127.0.0.1:{port}/-/versions.json').close()
            return server, f'http://127.0.0.1:{port}'
        except urllib.error.URLError:
            time.sleep(0.1)
    raise SystemExit('Datasette did not start')


def stop(server):
    server.send_signal(signal.SIGINT)
    return server.wait(timeout=30)


def main(database):
    server, address = start(database, *PATIENT, '--setting', 'num_sql_threads', '1')

    def ask(sql, parameters):
        """Datasette's parameters have names."""
        named = {f'p{number}': parameter for number, parameter in enumerate(parameters)}
        for name in named:
            sql = sql.replace('?', f':{name}', 1)
        query = urllib.parse.urlencode({'sql': sql, '_shape': 'arrays', **named})
        try:
            with urllib.request.urlopen(f'{address}/{pathlib.Path(database).stem}.json?{query}') as answer:
                return json.load(answer)['rows']
        except urllib.error.HTTPError as refused:
            raise RuntimeError(json.load(refused)['error'])

    protocol.serve(ask)
    sys.exit(stop(server))


if __name__ == '__main__':
    main(sys.argv[1])
