"""The program: its answers, its errors, its exit codes."""

import csv
import io
import json
import sqlite3

import pytest

COMMANDS = ('import', 'check', 'stalled', 'coverage', 'report', 'page', 'sql')
DAY = ('--crm', 'salesforce', '--as-of', '2022-06-30')


@pytest.mark.parametrize('command', COMMANDS)
def test_help(program, command):
    told = program(command, '--help')
    assert told.returncode == 0 and f'usage: pipeline-health {command}' in told.stdout
    assert command in program('--help').stdout


def test_coverage_is_the_librarys(program, demo):
    answer = json.loads(program('coverage', demo, *DAY, '--format', 'json').stdout)
    east = next(row for row in answer if row['name'] == 'Enterprise East' and row['period_start'] == '2022-07-01')
    assert (east['claimed_amount'], east['real_amount'], east['verdict']) == (11703500.0, 1110000.0, 'short')


def test_the_day_is_the_last_one_that_the_sources_know(program, demo):
    told = program('coverage', demo, '--crm', 'salesforce', '--format', 'json')
    assert told.stderr.endswith('as of 2022-12-31, the last day that the sources know\n')
    assert told.stdout == program('coverage', demo, '--crm', 'salesforce', '--format', 'json', '--as-of', '2022-12-31').stdout


def test_stalled(program, demo):
    answer = list(csv.DictReader(io.StringIO(program('stalled', demo, *DAY, '--limit', 2, '--format', 'csv').stdout)))
    assert [row['name'] for row in answer] == ['Brackwater Textiles, Pilot', 'Eastholm Motors, Rollout']
    assert answer[0]['amount'] == '203500.0'


def test_sql_from_standard_input(program, demo):
    answer = program('sql', demo, '-', '--crm', 'salesforce', '--format', 'csv', input='SELECT count(*) AS deals FROM pipeline_deal')
    assert answer.stdout == 'deals\n6000\n'


def test_report_has_its_ten_tables(program, demo):
    printed = program('report', demo, *DAY).stdout
    for number in range(1, 11):
        assert f'\n{number}. ' in '\n' + printed
    assert 'Brackwater Textiles, Pilot' in printed


def test_check(program, demo, tmp_path):
    assert program('check', demo, '--crm', 'salesforce').returncode == 0  # warnings alone
    with sqlite3.connect(tmp_path / 'own.db') as own:
        own.execute('CREATE TABLE pipeline_deal(deal_id, stage, amount, created_at, outcome)')
        own.execute("INSERT INTO pipeline_deal VALUES (1, 'Demo', 500, '10/23/17', 'open')")
    bad = program('check', tmp_path / 'own.db')
    assert bad.returncode == 1 and 'error' in bad.stdout


def test_import_prints_counts(program, tmp_path):
    (tmp_path / 'a.csv').write_text('x;y\n1;2\n3;4\n')
    done = program('import', tmp_path / 'a.csv', '--into', tmp_path / 'crm.db')
    assert (done.returncode, done.stdout, done.stderr) == (0, 'a: 2 rows, 2 columns\n  separated by ;\n', '')


@pytest.mark.parametrize('arguments, code, says', [
    (('coverage', 'nowhere.db'), 1, 'there is no file nowhere.db'),
    (('sql', 'DEMO', 'SELECT unheard_of', '--crm', 'salesforce'), 1, 'no such column: unheard_of'),
    (('sql', 'DEMO', 'SELECT 1', '--crm', 'sap'), 1, 'sap'),
    (('page', 'DEMO', *DAY, '--team', 'Nobody'), 1, 'no deal has the team Nobody'),
    (('coverage', 'DEMO', '--as-of', '30.6.2022'), 2, '30.6.2022 is no day'),
    (('coverage', 'DEMO', '--options', '[]'), 2, 'it must be a JSON object'),
    ((), 2, 'COMMAND'),
])
def test_errors_are_sentences_with_exit_codes(program, demo, arguments, code, says):
    done = program(*(str(demo) if argument == 'DEMO' else argument for argument in arguments))
    assert done.returncode == code and says in done.stderr and 'Traceback' not in done.stderr
