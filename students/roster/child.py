"""The limited process that opens a foreign file: bytes in, lines of JSON out, one sentence if it can't be read."""

import gc
import json
import resource
import sys

from students.roster.cells import UnreadableRoster, dump_lines

MEMORY = 1024**3
CPU_SECONDS = 20
# What a roster of the largest permitted size needs; more than that would only fill the server's memory.
MAX_OUTPUT = 24_000_000
UNREADABLE = "unreadable"


def limit() -> None:
    """No more memory, time, files or core dumps (they would hold the children's data) than reading needs."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    limit()
    gc.disable()  # nothing here refers in circles, and a hundred thousand cells would be looked through again and again
    # Imported under the limits, because importing already loads the reader's native code.
    from students.roster import readers

    try:
        sheets = readers.read_sheets(sys.stdin.buffer.read())
        output = "\n".join(dump_lines(sheets)).encode()
        if len(output) > MAX_OUTPUT:
            raise UnreadableRoster(readers.TOO_MUCH)
    except UnreadableRoster as refusal:
        output = json.dumps({UNREADABLE: str(refusal)}, ensure_ascii=False).encode()
    except (MemoryError, RecursionError):
        output = json.dumps({UNREADABLE: readers.TOO_HEAVY}, ensure_ascii=False).encode()
    sys.stdout.buffer.write(output)


if __name__ == "__main__":
    main()
