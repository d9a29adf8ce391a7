"""Log lines on standard output: JSON for machines, readable ones for a terminal."""

import json
import logging
import re
import sys
import time
from functools import lru_cache
from typing import Any

from app.settings import Settings

logger = logging.getLogger("digits")

# No line shows threads or processes, and finding them out takes a fifth of the time of a line.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False

_PLAIN = re.compile(r'[^\s="]+')

FIELDS = "fields"  # a record's extra: a dict of what belongs to the line besides its message


class JsonLines(logging.Formatter):
    """One JSON object a line. What clients sent is escaped by JSON itself."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": _timestamp(record.created),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line)


class TextLines(logging.Formatter):
    """Lines for people. What clients sent is quoted and escaped, so that they cannot forge any."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields = "".join(f" {k}={_quoted(str(v))}" for k, v in getattr(record, FIELDS, {}).items())
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        text = f"{clock} {record.levelname.lower():7} {record.getMessage()}{fields}"
        text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        return text


def configure_logging(settings: Settings) -> None:
    """Send the service's lines and the server's to standard output."""
    as_text = settings.log_format == "text" or (
        settings.log_format == "auto" and sys.stdout.isatty()
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(TextLines() if as_text else JsonLines())
    for name in ("digits", "uvicorn", "fastapi"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
        logger.setLevel(settings.log_level.upper())
    # Their lines about starting, stopping and broken requests say less than ours.
    for name in ("uvicorn.error", "python_multipart"):
        logging.getLogger(name).setLevel(max(logging.ERROR, logger.level))


def log_request(fields: dict[str, Any]) -> None:
    """Write the line of a request."""
    if logger.isEnabledFor(logging.INFO):
        # Made by hand: the logger would look for the line of code that logs, which takes longer
        # than all the rest.
        record = logging.LogRecord("digits", logging.INFO, "", 0, "request", None, None)
        setattr(record, FIELDS, fields)
        logger.handle(record)


def _quoted(value: str) -> str:
    """Return a value that cannot be taken for several fields."""
    return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)


def _timestamp(seconds: float) -> str:
    return f"{_second(int(seconds))}.{int(seconds % 1 * 1000):03d}Z"


@lru_cache(maxsize=2)  # many lines are of one second
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
