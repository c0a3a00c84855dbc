"""The site's own settings, in folders of their own and with the two things changed that only cost time in a test.

They are read before any test module, so no test can touch the data or the keys of an installation.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_folder = Path(tempfile.mkdtemp(prefix="kongchuo-tests-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["KC_DATA_DIR"] = str(_folder / "data")
os.environ["KC_KEYS_DIR"] = str(_folder / "keys")
for _name in ("KC_PUBLIC_URL", "KC_HOSTS", "KC_DEMO_TODAY"):
    os.environ.pop(_name, None)

from kongchuo.settings import *  # noqa: E402, F403
from kongchuo.settings import DATA_DIR, DATABASES, STORAGES  # noqa: E402

DATA_DIR.joinpath("static").mkdir()  # where collectstatic would have been

# A file, as in a school: a database in memory would know nothing of journals, locks and two writers.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "tests.sqlite3"}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
