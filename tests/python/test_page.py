"""The page: what it says, and how it looks in a browser, on paper and on a telephone."""

import csv
import html.parser
import os
import pathlib
import sqlite3

import pytest

from pipeline_health import connect
from pipeline_health.page import Subject, facts, page
from pipeline_health import wording

SCREENSHOTS = pathlib.Path(os.environ.get('SCREENSHOTS', 'build/page')).absolute()
SUBJECTS = {'company': {}, 'team': {'team': 'Enterprise East'}, 'owner': {'owner': 'Ivan Petrov'}}
DAYS = ('2022-06-30', '2022-05-12')


@pytest.fixture(scope='module')
def crm():
    return connect(os.environ.get('DEMO', 'build/demo.db'), 'salesforce')


class Reader(html.parser.HTMLParser):
    """The page as a screen reader goes through it."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.words.append(' '.join(data.split()))

    def count(self, tag):
        return sum(name == tag for name, _ in self.tags)


def test_figures_are_the_librarys(crm):
    found = facts(Subject(crm, '2022-06-30'))
    assert (found['period']['period_start'], found['ending']['period_end']) == ('2022-07-01', '2022-06-30')
    assert [(row['name'], row['verdict']) for row in found['groups'] if row['verdict'] == 'short'] == [
        ('Enterprise East', 'short'), ('Small Business', 'short'), ('Public Sector', 'short')]
    assert len(found['weeks']) == 26 and found['weeks'][-1]['real_amount'] == 5384000.0
    assert found['changes'][0] == {'label': 'open', 'before': '25.2 m', 'now': '24.9 m', 'change': '−322 k'}
    assert (found['stalled']['deals'], found['soon']['deals']) == (303, 64)
    assert wording.headline(found) == [
        'For Jul to Sep 2022 we claim 3.9× the quota that is left; 0.92× is in deals that move.',
        'Earlier periods were won from 0.91×, but the forecast is worse: four times in five 3.8 m to 5.2 m won of a quota of 5.5 m, '
        'and a chance of 4 % to reach it.',
        '3 of 6 teams are short: Enterprise East, Small Business and Public Sector.']


def coverage_of(**values):
    return {'period_start': '2022-07-01', 'period_end': '2022-09-30', 'quota': 1000, 'remaining': 1000, 'claimed_coverage': 3.0,
            'real_coverage': 1.5, 'required_real_coverage': 1.0, 'needed_amount': 500, 'unjudged_amount': 0, 'verdict': 'covered', 'p10': 900,
            'p90': 1400, 'hit_probability': 0.7, **values}


@pytest.mark.parametrize('values, says', [
    ({}, ['Earlier periods were won from 1.00×, so the real coverage is enough.',
          'Forecast, four times in five: 900 to 1 k won of a quota of 1 k; the chance to reach it is 70 %.']),
    ({'real_coverage': 1.05, 'p10': None, 'hit_probability': None},
     ['Earlier periods were won from 1.00×, so the real coverage is just enough.']),
    ({'hit_probability': 0.04}, ['Earlier periods were won from 1.00×, but the forecast is worse: four times in five 900 to 1 k won of a quota '
                                 'of 1 k, and a chance of 4 % to reach it.']),
    ({'verdict': 'short'}, ['Earlier periods were won from 1.00×, but the forecast is better: four times in five 900 to 1 k won of a quota '
                            'of 1 k, and a chance of 70 % to reach it.']),
    ({'verdict': 'too_early', 'p10': None}, ['It is too early to say whether that is enough.']),
    ({'verdict': 'unknown', 'p10': None}, ['Whether that is enough cannot be told.']),
])
def test_coverage_and_forecast_do_not_contradict_each_other_in_silence(values, says):
    assert wording.outlook(coverage_of(**values)) == says


def test_what_cannot_be_judged_is_in_the_headline():
    found = {'period': coverage_of(unjudged_amount=750), 'today': None, 'who': 'We', 'groups': [], 'group_word': 'team'}
    assert wording.headline(found)[0] == ('For Jul to Sep 2022 we claim 3.0× the quota that is left; 1.50× is in deals that move, '
                                          '0.75× cannot be judged.')
    found = {'period': None, 'who': 'We', 'today': {'open_amount': 9500, 'real_amount': 0, 'unjudged_amount': 6400, 'integrity': 0.0}}
    assert wording.headline(found) == ['We have 10 k in open deals, of which 0 is in deals that move and 6 k cannot be judged.']


def test_a_forecast_that_does_not_share_the_verdict_is_beside_it():
    assert [wording.verdict(coverage_of(hit_probability=chance)) for chance in (0.04, 0.7, None)] == ['at risk', 'covered', 'covered']


def test_quotas_of_teams_that_no_deal_has_are_looked_at_by_owner(tmp_path):
    with sqlite3.connect(tmp_path / 'own.db') as own:
        own.executescript("""
            CREATE TABLE pipeline_deal(deal_id, owner, team, stage, amount, created_at, close_date, outcome);
            INSERT INTO pipeline_deal VALUES (1, 'Ann', 'East reps', 'Demo', 500, '2024-01-05', '2024-03-01', 'open');
            CREATE TABLE pipeline_event(deal_id, at, kind);
            INSERT INTO pipeline_event VALUES (1, '2024-01-10', 'meeting'), (1, '2024-01-20', 'meeting');
            CREATE TABLE pipeline_quota(period_start, period_end, amount, owner, team);
            INSERT INTO pipeline_quota VALUES ('2024-01-01', '2024-03-31', 1000, 'Ann', 'East')""")
    found = facts(Subject(connect(tmp_path / 'own.db'), '2024-02-01'))
    assert found['group_word'] == 'owner' and [(row['name'], row['claimed_amount']) for row in found['groups']] == [('Ann', 500.0)]


def test_weeks_in_which_little_could_be_judged_are_not_drawn(tmp_path):
    with sqlite3.connect(tmp_path / 'own.db') as own:
        own.executescript("""
            CREATE TABLE pipeline_deal(deal_id, stage, amount, created_at, outcome);
            INSERT INTO pipeline_deal VALUES (1, 'Demo', 100, '2024-01-01', 'open'), (2, 'Demo', 500, '2023-01-01', 'open');
            CREATE TABLE pipeline_event(deal_id, at, kind);
            INSERT INTO pipeline_event VALUES (1, '2024-03-01', 'meeting'), (1, '2024-03-02', 'meeting')""")
    text = page(Subject(connect(tmp_path / 'own.db'), '2024-05-01'))
    assert '5 weeks; before, too little could be judged' in text


def test_in_a_quarter_its_own_period_counts(crm):
    found = facts(Subject(crm, '2022-05-12', team='Enterprise East'))
    assert found['period']['period_end'] == '2022-06-30' and found['ending'] is None
    assert found['group_word'] == 'owner' and 'Fiona Marsh' in {row['name'] for row in found['groups']}
    assert {deal['team'] for deal in found['largest'] + found['stalling']} == {'Enterprise East'}


@pytest.mark.parametrize('day', DAYS)
@pytest.mark.parametrize('about', SUBJECTS)
def test_look(crm, browser, tmp_path, about, day):
    file = tmp_path / 'page.html'
    file.write_text(page(Subject(crm, day, **SUBJECTS[about])), encoding='utf-8')
    assert browser.measured(file, [360, 768, 1280]) == ([[360, []], [768, []], [1280, []]], [])
    for width in (360, 1280):
        browser.screenshot(file, width, SCREENSHOTS / f'{about}-{day}-{width}.png')
    assert browser.sheets(file, SCREENSHOTS / f'{about}-{day}.pdf') == 2


def test_for_a_screen_reader_and_without_a_network(crm):
    text = page(Subject(crm, '2022-06-30'))
    reader = Reader(text)
    assert reader.count('h1') == 1 and reader.count('h2') == 6
    assert reader.count('table') == reader.count('caption') == 7
    assert all(attributes.get('scope') in ('col', 'row') for tag, attributes in reader.tags if tag == 'th')
    charts = [attributes for tag, attributes in reader.tags if tag == 'svg']
    assert len(charts) == 2 and all(chart['role'] == 'img' for chart in charts)
    assert 'Enterprise East: claimed 6.9, real 0.7, needed 0.7' in charts[0]['aria-label']
    assert 'Share of the open amount that is real: 2022-01-06 17 %' in charts[1]['aria-label']
    assert reader.count('script') == reader.count('img') == 0
    loaded = [value for tag, attributes in reader.tags for name, value in attributes.items() if name in ('src', 'href', 'xlink:href')]
    assert all(value.startswith(('data:', '#')) for value in loaded)


def test_names_are_escaped_and_a_source_without_quotas_or_deals_has_a_page(tmp_path):

    with sqlite3.connect(tmp_path / 'own.db') as own:
        own.execute('CREATE TABLE pipeline_deal(deal_id, name, stage, amount, created_at, outcome)')
        own.execute("INSERT INTO pipeline_deal VALUES (1, '<b>Bold & Co', 'Demo', 500, '2024-01-01', 'open')")
        own.execute('CREATE TABLE pipeline_event(deal_id, at, kind)')
        own.execute("INSERT INTO pipeline_event VALUES (1, '2024-01-01', 'meeting')")
    own = connect(tmp_path / 'own.db')
    assert '&lt;b&gt;Bold &amp; Co' in page(Subject(own, '2024-03-01'))
    assert 'no quota for this day' in page(Subject(own, '2023-01-01'))


def test_pages_of_managers_and_the_list_of_dead_deals(program, demo, crm, tmp_path):
    done = program('page', demo, '--crm', 'salesforce', '--as-of', '2022-06-30', '--out', tmp_path / 'page.html',
                   '--managers', tmp_path / 'managers', '--close-list', tmp_path / 'dead.csv')
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 8
    assert 'Pipeline of Public Sector' in (tmp_path / 'managers' / 'Public Sector.html').read_text(encoding='utf-8')
    with open(tmp_path / 'dead.csv', encoding='utf-8-sig', newline='') as file:
        dead = list(csv.DictReader(file))
    expected = crm.execute("SELECT deal_id FROM deal_stalled('2022-06-30') WHERE verdict = 'dead'").fetchall()
    assert len(dead) == 117 and {row['Id'] for row in dead} == {row[0] for row in expected}
