"""Sales-pipeline health in SQL: the extension of SQLite, for Python.

    import pipeline_health
    crm = pipeline_health.connect("crm.db")
    crm.execute("SELECT * FROM real_coverage('2024-06-30', 'team')").fetchall()
"""

import importlib.metadata

from .connection import CannotLoadExtensions, Error, connect, load, loadable_path

__all__ = ['CannotLoadExtensions', 'Error', 'connect', 'load', 'loadable_path']
__version__ = importlib.metadata.version('pipeline-health')
