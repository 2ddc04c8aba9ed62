"""Connections of every driver, and what connect() does where there is something in the way."""

import hashlib
import json
import sqlite3
import types

import apsw
import pysqlite3
import pytest
import sqlalchemy

import pipeline_health
from pipeline_health import connection, table

COVERAGE = "SELECT real_amount FROM real_coverage('2022-06-30') WHERE period_start = '2022-07-01'"
OPENERS = {
    'sqlite3': sqlite3.connect,
    'pysqlite3': pysqlite3.connect,
    'apsw': apsw.Connection,
    'sqlalchemy': lambda path: sqlalchemy.create_engine(f'sqlite:///{path}').connect(),
}


@pytest.mark.parametrize('driver', OPENERS)
def test_load(demo, driver):
    opened = OPENERS[driver](str(demo))
    assert pipeline_health.load(opened) is opened
    inner = connection.driver_connection(opened)
    inner.execute("SELECT pipeline_connect('salesforce')")
    assert table.query(inner, COVERAGE) == (['real_amount'], [(5008000.0,)])
    with pytest.raises(Exception, match='not authorized'):
        inner.execute('SELECT load_extension(?)', [pipeline_health.loadable_path()]).fetchall()
    opened.close()


def test_version_is_the_librarys(demo):
    crm = pipeline_health.connect(demo, 'salesforce')
    assert crm.execute('SELECT pipeline_health_version()').fetchone() == (pipeline_health.__version__,)


def test_connect_writes_nothing(demo):
    before = hashlib.sha256(demo.read_bytes()).digest()
    crm = pipeline_health.connect(demo, 'salesforce')
    assert crm.execute(COVERAGE).fetchone() == (5008000.0,)
    with pytest.raises(sqlite3.OperationalError, match='readonly'):
        crm.execute('DELETE FROM Opportunity')
    crm.close()
    assert hashlib.sha256(demo.read_bytes()).digest() == before


def test_connect_takes_relations_as_they_are(tmp_path):
    file = tmp_path / 'own # tables?.db'
    with sqlite3.connect(file) as own:
        own.execute('CREATE TABLE pipeline_deal(deal_id, stage, amount, created_at, outcome)')
        own.execute("INSERT INTO pipeline_deal VALUES (1, 'Demo', 500, '2024-01-01', 'open')")
    crm = pipeline_health.connect(file)
    assert crm.execute("SELECT open_amount FROM pipeline_integrity('2024-01-05')").fetchone() == (500.0,)


@pytest.mark.parametrize('path, crm, says', [('nowhere.db', 'salesforce', 'there is no file'), (None, 'sap', 'sap')])
def test_errors_are_sentences(demo, path, crm, says):
    with pytest.raises(pipeline_health.Error, match=says):
        pipeline_health.connect(path or demo, crm)


def without_loading(*_, **__):
    """A connection as of a Python that was built without the loading of extensions."""
    return types.SimpleNamespace(close=lambda: None)


def test_another_driver_is_taken(demo, monkeypatch):
    monkeypatch.setattr(connection, 'DRIVERS', (('sqlite3', without_loading), *connection.DRIVERS[1:]))
    assert type(pipeline_health.connect(demo, 'salesforce')).__module__.startswith('pysqlite3')
    monkeypatch.setattr(connection, 'DRIVERS', (('sqlite3', without_loading), connection.DRIVERS[2]))
    crm = pipeline_health.connect(demo, 'salesforce')
    assert isinstance(crm, apsw.Connection)
    assert table.query(crm, COVERAGE)[1] == [(5008000.0,)]


def test_no_driver_names_the_ways_out(demo, monkeypatch):
    monkeypatch.setattr(connection, 'DRIVERS', (('sqlite3', without_loading), ('no_such_driver', without_loading)))
    with pytest.raises(pipeline_health.CannotLoadExtensions, match='(?s)pip install apsw.*pysqlite3-binary.*another Python'):
        pipeline_health.connect(demo)
    with pytest.raises(pipeline_health.CannotLoadExtensions, match='pip install apsw'):
        pipeline_health.load(without_loading())


def test_what_pipeline_connect_says_is_returned(demo):
    opened = pipeline_health.load(sqlite3.connect(demo))
    told = connection.connect_crm(opened, 'salesforce', {})
    assert told == json.loads(opened.execute("SELECT pipeline_connect('salesforce')").fetchone()[0])


def test_the_crm_is_found_out_and_options_reach_pipeline_connect(demo):
    assert pipeline_health.connect(demo).execute(COVERAGE).fetchone() == (5008000.0,)
    with pytest.raises(pipeline_health.Error, match='no_such_option'):
        pipeline_health.connect(demo, no_such_option=1)


def test_a_refused_write_leaves_no_lock(demo, tmp_path):
    file = tmp_path / 'crm.db'
    file.write_bytes(demo.read_bytes())
    crm = pipeline_health.connect(file, 'salesforce')
    with pytest.raises(sqlite3.OperationalError, match='readonly'):
        crm.execute('DELETE FROM Opportunity')
    with sqlite3.connect(file, timeout=0) as other:
        other.execute('DELETE FROM Opportunity')
    other.close()
    assert crm.execute('SELECT count(*) FROM pipeline_deal').fetchone() == (0,)
    crm.close()
