"""SQLAlchemy: every connection of an engine loads the extension and is connected."""

import sys

import sqlalchemy

import pipeline_health
import protocol

engine = sqlalchemy.create_engine(f'sqlite:///file:{sys.argv[1]}?mode=ro&uri=true', isolation_level='AUTOCOMMIT')


@sqlalchemy.event.listens_for(engine, 'connect')
def load_extension(connection, _):
    pipeline_health.load(connection)
    connection.execute("SELECT pipeline_connect('salesforce')")


with engine.connect() as crm:
    protocol.serve(lambda sql, parameters: crm.exec_driver_sql(sql, tuple(parameters)).all())
engine.dispose()
