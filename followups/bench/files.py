"""The register as workbook and PDF."""

from collections.abc import Iterator

from followups.bench.measure import Figure
from followups.bench.setting import Setting


def measure(setting: Setting) -> Iterator[Figure]:
    yield from ()
