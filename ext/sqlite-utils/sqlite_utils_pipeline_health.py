"""Sales-pipeline health in sqlite-utils: every database has the extension and is connected to the CRM's tables in it."""

from pipeline_health.connection import connect_crm, has_relations, load
from sqlite_utils import hookimpl


@hookimpl
def prepare_connection(conn):
    load(conn)
    if not has_relations(conn):
        try:
            connect_crm(conn, None, {})
        except conn.Error:
            pass  # most files are no CRM's; SELECT pipeline_connect() says what is in the way
