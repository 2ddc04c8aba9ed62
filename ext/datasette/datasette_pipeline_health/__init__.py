"""Sales-pipeline health in Datasette: every connection has the extension and is connected to the CRM's tables of its file.

Adds Monday's questions as canned queries, and /-/pipeline-health with a start page and the page for the meeting.
"""

import datetime
import pathlib
import re
import urllib.parse

from datasette import hookimpl
from datasette.utils.asgi import NotFound, Response
from pipeline_health import Error
from pipeline_health.connection import connect_crm, has_relations, load
from pipeline_health.page import Subject, page

QUERIES = pathlib.Path(__file__).with_name('queries')
# A parameter in a file of sql/examples, with what it is on the demo where none is given.
PARAMETER = re.compile(r"coalesce\(@(\w+), '[^']*'\)")
DAY = "coalesce(nullif(:as_of, ''), date('now'))"
START = '/-/pipeline-health'
DATA_PROBLEMS = '''SELECT severity, source, problem, rows, example, meaning FROM pipeline_check
ORDER BY CASE severity WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, rows DESC'''


def connect(connection, datasette, database):
    """Connects a connection to the CRM of its file, unless the file holds the relations itself, and reads its history.

    Datasette's time limit is not yet on, so that the first question finds the history read however long that took.
    """
    if not has_relations(connection):
        settings = datasette.plugin_config('datasette-pipeline-health', database=database) or {}
        connect_crm(connection, settings.get('crm'), settings.get('options'))
    connection.execute("SELECT open_deals FROM pipeline_integrity(date('now'))").fetchall()


@hookimpl
def prepare_connection(conn, database, datasette):
    load(conn)
    if database != '_internal':
        try:
            connect(conn, datasette, database)
        except conn.Error:
            pass  # most files are no CRM's; the start page says what is in the way


@hookimpl
def canned_queries(datasette, database):
    if database == '_internal':
        return {}
    queries = {'pipeline_check': {'title': 'What is wrong with the sources?', 'sql': DATA_PROBLEMS}}
    for file in sorted(QUERIES.glob('*.sql')):
        title, sql = file.read_text(encoding='utf-8').split('\n', 1)
        sql = PARAMETER.sub(lambda found: DAY if found[1] == 'today' else f':{found[1]}', sql)
        queries[file.stem[3:]] = {'title': title.removeprefix('-- '), 'sql': sql.rstrip().rstrip(';')}
    return queries


def state_of(connection, datasette, database):
    """What the start page says of a database: how many deals it has, else why there are none."""
    temporary = "SELECT count(*) FROM sqlite_temp_master WHERE name = 'pipeline_deal'"
    try:
        if not connection.execute(temporary).fetchone()[0]:
            connect(connection, datasette, database)
        deals = connection.execute('SELECT count(*) FROM pipeline_deal').fetchone()[0]
        return {'database': database, 'deals': deals}
    except connection.Error as problem:
        return {'database': database, 'problem': str(problem)}


async def may_look_at(datasette, request, database):
    return await datasette.permission_allowed(request.actor, 'view-database', resource=database, default=True)


async def start_page(datasette, request):
    day = asked_day(request)
    states = []
    for name, database in datasette.databases.items():
        if name != '_internal' and await may_look_at(datasette, request, name):
            state = await database.execute_fn(lambda connection: state_of(connection, datasette, name))
            queries = await datasette.get_canned_queries(name, request.actor)
            state['queries'] = [{'title': query.get('title') or key, 'url': query_url(datasette, name, key, query['sql'], day)}
                                for key, query in queries.items()]
            state['page'] = datasette.urls.path(f'{START}/{urllib.parse.quote(name)}?as_of={day}')
            states.append(state)
    return Response.html(await datasette.render_template('pipeline_health.html', {'states': states, 'day': day}, request=request))


def query_url(datasette, database, name, sql, day):
    return datasette.urls.query(database, name) + (f'?as_of={day}' if ':as_of' in sql else '')


def asked_day(request):
    """The day that the address asks for, by default today."""
    text = request.args.get('as_of') or datetime.date.today().isoformat()
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise NotFound(f'{text} is no day; write it as 2024-06-30')


async def meeting_page(datasette, request):
    name, day = urllib.parse.unquote(request.url_vars['database']), asked_day(request)
    if name not in datasette.databases or not await may_look_at(datasette, request, name):
        raise NotFound(f'there is no database {name}')
    try:
        return Response.html(await datasette.get_database(name).execute_fn(lambda connection: page(Subject(connection, day))))
    except Error as problem:
        return Response.text(str(problem), status=500)


@hookimpl
def register_routes():
    return [(rf'^{START}$', start_page), (rf'^{START}/(?P<database>[^/]+)$', meeting_page)]


@hookimpl
def menu_links(datasette):
    return [{'href': datasette.urls.path(START), 'label': 'Pipeline health'}]
