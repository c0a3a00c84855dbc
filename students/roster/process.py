"""The server's side of the limited process."""

import json
import subprocess
import sys
from pathlib import Path

from students.roster import child, container
from students.roster.cells import Sheet, UnreadableRoster, load_lines

# The child has 20 s of CPU; on a busy machine that takes longer on the clock.
WALL_SECONDS = 40
_ROOT = Path(__file__).resolve().parents[2]
_TOO_HEAVY = "文件太复杂，读不下来。请把花名册复制到一个新建的表格里，再导入。"


def read_sheets(data: bytes) -> list[Sheet]:
    """All sheets of a foreign file, opened in a process of its own. Raises UnreadableRoster with one sentence."""
    return list(load_lines(iter(read_lines(data).splitlines())))


def read_lines(data: bytes) -> bytes:
    """The same, as the lines in which the process hands the sheets over (`cells.dump_lines`)."""
    container.kind(data)
    try:
        done = subprocess.run(
            [sys.executable, "-E", "-s", "-m", "students.roster.child"],
            input=data,
            capture_output=True,
            timeout=WALL_SECONDS,
            cwd=_ROOT,
            env={"PYTHONUTF8": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableRoster(_TOO_HEAVY) from error
    if done.returncode:
        # Killed by a limit, or aborted by the reader's own allocation failure.
        raise UnreadableRoster(_TOO_HEAVY)
    if done.stdout.startswith(f'{{"{child.UNREADABLE}"'.encode()):
        raise UnreadableRoster(json.loads(done.stdout)[child.UNREADABLE])
    return done.stdout
