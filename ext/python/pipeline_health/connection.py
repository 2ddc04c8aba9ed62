"""Connections that have the extension: where the library is, how a connection loads it, how it finds the CRM's tables."""

import importlib
import json
import pathlib
import sqlite3

WAYS_OUT = '''This Python's sqlite3 module was built without the loading of extensions (as pyenv's and Apple's are by default). Any of these helps:
  pip install apsw                  brings an SQLite of its own; connect() then uses it by itself
  pip install pysqlite3-binary      likewise, on Linux
  another Python                    Debian's, Fedora's, Homebrew's and conda-forge's can; pyenv's after
                                    PYTHON_CONFIGURE_OPTS=--enable-loadable-sqlite-extensions'''


class Error(Exception):
    """What went wrong, as a sentence."""


class CannotLoadExtensions(Error):
    """The connection's SQLite was built without the loading of extensions."""


def loadable_path():
    """The library's path without its ending, as SQLite's load_extension and the shell's .load take it."""
    folder = pathlib.Path(__file__).parent
    if not any((folder / f'pipeline_health{ending}').is_file() for ending in ('.so', '.dylib', '.dll')):
        raise Error(f'there is no library of pipeline_health in {folder}: install a wheel made for this platform')
    return str(folder / 'pipeline_health')


def driver_connection(connection):
    """The driver's own connection below one of SQLAlchemy's."""
    pooled = getattr(connection, 'connection', None)  # of sqlalchemy.Connection; a pooled one has the next attribute itself
    return getattr(pooled or connection, 'driver_connection', None) or connection


def load(connection):
    """Loads the extension into a connection of sqlite3, pysqlite3, apsw or SQLAlchemy; returns the connection.

    Afterwards the connection loads no further extensions until it is told to.
    """
    inner = driver_connection(connection)
    if not hasattr(inner, 'enable_load_extension'):
        raise CannotLoadExtensions(WAYS_OUT)
    inner.enable_load_extension(True)
    try:
        inner.load_extension(loadable_path())
    finally:
        inner.enable_load_extension(False)
    return connection


def open_sqlite3(module, uri):
    # Without isolation_level=None a statement that is refused would leave a transaction open, and with it a lock on the file.
    return module.connect(uri, uri=True, check_same_thread=False, isolation_level=None)


def open_apsw(module, uri):
    return module.Connection(uri, flags=module.SQLITE_OPEN_READONLY | module.SQLITE_OPEN_URI)


# In the order in which they are tried.
DRIVERS = (('sqlite3', open_sqlite3), ('pysqlite3', open_sqlite3), ('apsw', open_apsw))


def open_with_extension(uri):
    """A connection of the first driver here that can load extensions."""
    for name, open_uri in DRIVERS:
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        connection = open_uri(module, uri)
        if hasattr(connection, 'enable_load_extension'):
            return load(connection)
        connection.close()
    raise CannotLoadExtensions(WAYS_OUT)


def has_relations(connection):
    """Whether the file holds pipeline_deal itself, so that there is nothing to connect."""
    found = connection.execute("SELECT count(*) FROM sqlite_schema WHERE lower(name) = 'pipeline_deal' AND type IN ('table', 'view')")
    return next(iter(found))[0] > 0


def connect(path, crm=None, **options):
    """Opens a file read-only, with the extension, connected to the CRM's tables in it.

    crm is a name that pipeline_connect knows ('salesforce', 'hubspot', ...); options are pipeline_connect's, such as
    date_order='dmy'. With neither, a file that holds the relations (pipeline_deal, ...) is taken as it is, and in any other
    pipeline_connect finds out which CRM it is from. What it says is read by `SELECT pipeline_connect(...)`. The
    connection is one of sqlite3; where that cannot load extensions, of pysqlite3 or apsw, whichever is installed.
    """
    file = pathlib.Path(path).absolute()
    if not file.is_file():
        raise Error(f'there is no file {path}')
    connection = open_with_extension(file.as_uri() + '?mode=ro')
    try:
        if crm is not None or options or not has_relations(connection):
            connect_crm(connection, crm, options)
    except Exception as problem:
        connection.close()
        raise Error(f'{path}: {problem}') from problem
    return connection


def connect_crm(connection, crm, options):
    """Makes the TEMP views of a CRM; what pipeline_connect answers, as a dictionary."""
    arguments = [crm, 'main', json.dumps(options)] if options else [crm] if crm is not None else []
    marks = ', '.join('?' * len(arguments))
    return json.loads(next(iter(connection.execute(f'SELECT pipeline_connect({marks})', arguments)))[0])


def is_database_error(problem):
    """Whether an exception comes from a driver: each has a class of its own."""
    return isinstance(problem, sqlite3.Error) or type(problem).__module__.split('.')[0] in ('pysqlite3', 'apsw')
