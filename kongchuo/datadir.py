"""Where this installation keeps its data and its keys.

Both places are found without help: ``var/data`` and ``var/keys`` beside manage.py, or ``KC_DATA_DIR`` and
``KC_KEYS_DIR``. They are apart so that a copy of the database never carries the keys that open it.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Keys:
    """The three secrets: sessions and signatures, sealed columns, look-up hashes."""

    session: str
    seal: bytes
    index: bytes


def data_dir() -> Path:
    return _private(Path(os.environ.get("KC_DATA_DIR") or ROOT / "var" / "data"))


def keys_dir() -> Path:
    return _private(Path(os.environ.get("KC_KEYS_DIR") or ROOT / "var" / "keys"))


def load_keys(*, database_exists: bool) -> Keys:
    """Read the keys, making them on the first start.

    Raises ImproperlyConfigured when a database is there but its keys are not: new keys would make every
    sealed number in it unreadable for ever.
    """
    folder = keys_dir()
    names = ("session.key", "seal.key", "index.key")
    missing = [name for name in names if not (folder / name).exists()]
    if missing and database_exists:
        raise ImproperlyConfigured(
            f"数据库已存在，但密钥文件不见了:{'、'.join(missing)}(应在 {folder})。"
            "请从备份恢复密钥后再启动；不要新建密钥，否则已存的证件号将无法读出。"
        )
    values = [_read_or_create(folder / name) for name in names]
    return Keys(session=values[0], seal=bytes.fromhex(values[1]), index=bytes.fromhex(values[2]))


def demo_today_file() -> Path:
    """The file that marks a demo installation; it holds the date that the demo treats as today."""
    return data_dir() / "demo-today"


def _private(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _read_or_create(path: Path) -> str:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        value = secrets.token_hex(32)
        file.write(value)
        file.flush()
        os.fsync(file.fileno())
    return value
