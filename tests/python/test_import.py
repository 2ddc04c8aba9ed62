"""Files that people have, read into tables: nothing is lost without a word."""

import datetime
import sqlite3

import openpyxl
import pytest

from pipeline_health import Error
from pipeline_health.importing import import_files


def rows(database, name):
    with sqlite3.connect(database) as opened:
        return opened.execute(f'SELECT * FROM "{name}"').fetchall()


def columns(database, name):
    with sqlite3.connect(database) as opened:
        return [row[0] for row in opened.execute('SELECT name FROM pragma_table_info(?)', [name])]


@pytest.mark.parametrize('content, told', [
    ('Name,Amount\nSchröder,"1,5"\n'.encode(), []),
    ('Name,Amount\r\nSchröder,"1,5"\r\n'.encode('utf-8-sig'), []),
    ('Name;Amount\nSchröder;1,5\n'.encode('utf-8-sig'), ['separated by ;']),
    ('Name\tAmount\nSchröder\t1,5\n'.encode('utf-16'), ['read as utf-16', 'separated by tabs']),
    ('sep=|\nName|Amount\nSchröder|1,5\n'.encode(), ['separated by |']),
])
def test_forms_of_csv(tmp_path, content, told):
    (tmp_path / 'deals.csv').write_bytes(content)
    tables = import_files([tmp_path / 'deals.csv'], tmp_path / 'crm.db')
    assert columns(tmp_path / 'crm.db', 'deals') == ['Name', 'Amount']
    assert rows(tmp_path / 'crm.db', 'deals') == [('Schröder', '1,5')]
    assert tables[0].notes == told


def test_an_old_encoding_is_told(tmp_path):
    lines = [f'{number};Anna Schröder;Müller Küchen GmbH, Größe {number};Überfällig' for number in range(40)]
    (tmp_path / 'Pipeline.csv').write_bytes('\n'.join(['Nr;Besitzer;Geschäft;Status', *lines]).encode('cp1252'))
    tables = import_files([tmp_path / 'Pipeline.csv'], tmp_path / 'crm.db')
    assert rows(tmp_path / 'crm.db', 'Pipeline')[3] == ('3', 'Anna Schröder', 'Müller Küchen GmbH, Größe 3', 'Überfällig')
    assert tables[0].notes == ['read as cp1252', 'separated by ;']


def test_uneven_rows_and_headers(tmp_path):
    (tmp_path / 'deals.csv').write_text('Id,Name,name,,Amount\n1,a,b,c,5,extra\n\n,,,,\n2,x\n"3","two\nlines",,,007\n')
    table, = import_files([tmp_path / 'deals.csv'], tmp_path / 'crm.db')
    assert columns(tmp_path / 'crm.db', 'deals') == ['Id', 'Name', 'name_2', 'column_4', 'Amount', 'column_6']
    assert rows(tmp_path / 'crm.db', 'deals') == [('1', 'a', 'b', 'c', '5', 'extra'), ('2', 'x', None, None, None, None),
                                                  ('3', 'two\nlines', None, None, '007', None)]
    assert table.notes == ['2 empty rows are left out', '1 rows have more cells than the header; these are in columns of their own',
                           '1 rows have fewer cells than the header; what they lack is NULL',
                           'column 3 (name) is called name_2', 'column 4 (without a name) is called column_4',
                           'column 6 (without a name) is called column_6']


def test_workbook(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = 'deals'
    for row in (['Open deals'], [], ['Id', 'Close', 'Amount', 'Won', 'Seen'],
                ['A-1', datetime.datetime(2024, 6, 30), 1234.5, True, datetime.datetime(2024, 6, 1, 9, 30)], [None, None, 7, False, None]):
        book.active.append(row)
    quota = book.create_sheet('quota')
    quota.append(['owner', 'amount'])
    quota.append(['Ann', 100])
    book.create_sheet('empty')
    book.save(tmp_path / 'crm.xlsx')
    deals, _ = import_files([tmp_path / 'crm.xlsx'], tmp_path / 'crm.db')
    assert rows(tmp_path / 'crm.db', 'deals') == [('A-1', '2024-06-30', 1234.5, 1, '2024-06-01 09:30:00'), (None, None, 7, 0, None)]
    assert rows(tmp_path / 'crm.db', 'quota') == [('Ann', 100)]
    assert deals.notes == ['sheet deals', 'above the header, left out: Open deals']


def test_tables_are_replaced_whole_with_their_indexes(tmp_path):
    database = tmp_path / 'crm.db'
    with sqlite3.connect(database) as opened:
        opened.executescript('CREATE TABLE Deals(Id, Old); INSERT INTO Deals VALUES (9, 9);'
                             'CREATE INDEX by_id ON Deals(Id); CREATE INDEX by_old ON Deals(Old)')
    (tmp_path / 'deals.csv').write_text('Id\n1\n')
    table, = import_files([tmp_path / 'deals.csv'], database)
    assert rows(database, 'deals') == [('1',)]
    assert [row[1] for row in rows(database, 'sqlite_schema') if row[0] == 'index'] == ['by_id']
    assert table.notes == ['index by_old is gone: no such column: Old']


def test_all_or_nothing(tmp_path):
    database = tmp_path / 'crm.db'
    with sqlite3.connect(database) as opened:
        opened.executescript('CREATE TABLE a(x); INSERT INTO a VALUES (1); CREATE VIEW b AS SELECT 1')
    (tmp_path / 'a.csv').write_text('x\n2\n')
    (tmp_path / 'b.csv').write_text('x\n2\n')
    with pytest.raises(Error, match='nothing was changed'):
        import_files([tmp_path / 'a.csv', tmp_path / 'b.csv'], database)
    assert rows(database, 'a') == [(1,)]


@pytest.mark.parametrize('name, content, says', [
    ('empty.csv', b'', 'has no rows'), ('quote.csv', b'a,b\n"1,2\n', 'cannot be read as CSV'), ('sheet.xlsx', b'no zip', 'cannot be read as XLSX')])
def test_errors_name_the_file(tmp_path, name, content, says):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Error, match=f'{name}: it {says}'):
        import_files([tmp_path / name], tmp_path / 'crm.db')
    assert not (tmp_path / 'crm.db').exists()
