"""What a line of the log says, without a service."""

import json
import logging
import sys
import time

import pytest

from app.settings import Settings
from app.telemetry.logs import FIELDS, JsonLines, TextLines, configure_logging, log_request

LOGGERS = ("digits", "uvicorn", "fastapi", "uvicorn.error", "python_multipart")
WHEN = 1_700_000_000.0375  # 2023-11-14, 22:13:20 in UTC


@pytest.fixture(autouse=True)
def loggers_as_before():
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(one.handlers, one.propagate, one.level) for one in loggers]
    yield
    for one, (handlers, propagate, level) in zip(loggers, before, strict=True):
        one.handlers, one.propagate = handlers, propagate
        one.setLevel(level)


def record(message: str, level: int = logging.INFO, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("digits", level, "", 0, message, None, None)
    made.created = WHEN
    setattr(made, FIELDS, fields)
    return made


def test_a_line_of_json_has_the_time_in_utc_to_the_millisecond():
    line = JsonLines().format(record("request", status=200, path='/a"\n'))
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2023-11-14T22:13:20.037Z",
        "level": "info",
        "message": "request",
        "status": 200,
        "path": '/a"\n',
    }


def test_a_line_for_people_quotes_what_could_be_taken_for_more():
    line = TextLines().format(record("request", logging.WARNING, path="/a b", status=404, x="a=b"))
    clock = time.strftime("%H:%M:%S", time.localtime(WHEN))
    assert line == f'{clock} warning request path="/a b" status=404 x="a=b"'
    assert TextLines().format(record("a\x1b[31m\nb")) == f"{clock} info    a\\x1b[31m\\nb"


@pytest.mark.parametrize("lines", [JsonLines, TextLines])
def test_a_fault_brings_its_traceback(lines):
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        made = logging.LogRecord("digits", logging.ERROR, "", 0, "a fault", None, sys.exc_info())
    line = lines().format(made)
    assert "a fault" in line
    assert "RuntimeError: broken" in line


@pytest.mark.parametrize(
    ("log_format", "is_terminal", "lines"),
    [
        ("auto", True, TextLines),
        ("auto", False, JsonLines),
        ("text", False, TextLines),
        ("json", True, JsonLines),
    ],
)
def test_the_form_of_lines_is_that_of_the_setting(monkeypatch, log_format, is_terminal, lines):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    configure_logging(Settings(log_format=log_format))
    for name in ("digits", "uvicorn", "fastapi"):
        [handler] = logging.getLogger(name).handlers
        assert type(handler.formatter) is lines
        assert not logging.getLogger(name).propagate


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_what_is_below_the_level_is_not_logged(capsys, level):
    configure_logging(Settings(log_level=level, log_format="json"))
    for name in ("digits", "uvicorn", "fastapi"):
        assert logging.getLogger(name).level == getattr(logging, level.upper())
    for name in ("uvicorn.error", "python_multipart"):  # what these say of themselves is ours
        assert logging.getLogger(name).level == logging.ERROR
    log_request({"status": 200})
    told = capsys.readouterr().out
    assert ('"status": 200' in told) == (level in ("debug", "info"))
