"""Private files that are on the disk before anybody is told so."""

import os
import secrets
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class DurableFileStorage(FileSystemStorage):
    """Writes beside the target, flushes, renames, flushes the folder. The row may be committed only after `save`.

    Names are random: what a child's family reads on a paper must not be guessable from a path. No URL leads here.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        path = Path(name)
        return str(path.parent / f"{secrets.token_hex(16)}{path.suffix.lower()[:8]}")

    def _save(self, name: str, content: File) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = target.with_suffix(target.suffix + ".part")
        try:
            with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return name

    def url(self, name: str | None) -> str:
        raise ValueError("Private files have no URL; a view that checks the scope serves them.")
