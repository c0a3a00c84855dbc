"""The project package and base layer: settings, files out, dates, secrets. It has no models and imports no app."""

import sys

# Python's bundled SQLite on Debian 12 (3.40) carries the WAL-reset bug, which can corrupt a database
# or drop commits. Where the fixed build is installed, every import of sqlite3 gets it, Django's included.
try:
    import pysqlite3
except ImportError:  # another processor or system: settings choose the slower, safe journal
    pass
else:
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
