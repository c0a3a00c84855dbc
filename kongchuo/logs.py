"""Log hygiene: no ID number and no phone number reaches a log line."""

import logging
import re

_NUMBERS = re.compile(r"(?<!\d)([GJL]?\d{6})\d{11}[\dXx](?!\d)|(?<!\d)(1\d{2})\d{8}(?!\d)")


class MaskNumbers(logging.Filter):
    """Masks 18-digit ID numbers to their first six and mobile numbers to their first three digits."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        masked = _NUMBERS.sub(lambda m: (m[1] or m[2]) + "***", text).replace("\r", "\\r").replace("\n", "\\n")
        if masked != text:
            record.msg, record.args = masked, ()
        return True
