"""Debian's Firefox, driven by WebDriver BiDi (W3C), which it speaks without a driver."""

import itertools
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

START_SECONDS = 60.0
ANSWER_SECONDS = 30.0
# What it would do by itself, on a machine without a network.
QUIET = {"app.update.enabled": False, "datareporting.policy.dataSubmissionEnabled": False}


class Firefox:
    """One tab, as far as these tests need it."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._ids = itertools.count()
        self._send("session.new", capabilities={})
        self._tab = self._send("browsingContext.getTree")["contexts"][0]["context"]

    def open(self, url: str) -> None:
        """Go to a page and wait until it is loaded."""
        self._send("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """The value of an expression, or of its promise: text, a number or a truth value."""
        target = {"context": self._tab}
        answer = self._send(
            "script.evaluate", expression=expression, target=target, awaitPromise=True
        )
        assert answer["type"] == "success", answer
        return answer["result"].get("value")

    def wait_for(self, expression: str, value: Any, seconds: float = 15.0) -> None:
        """Wait until an expression has a value."""
        end = time.monotonic() + seconds
        while (found := self.evaluate(expression)) != value:
            assert time.monotonic() < end, f"{expression} is {found!r}, not {value!r}"
            time.sleep(0.05)

    def draw(self, points: Sequence[tuple[float, float]]) -> None:
        """Draw with the mouse through points (x, y), in CSS pixels of the window."""
        first, *others = [{"x": round(x), "y": round(y)} for x, y in points]
        actions = [
            {"type": "pointerMove", **first},
            {"type": "pointerDown", "button": 0},
            *({"type": "pointerMove", "duration": 20, **point} for point in others),
            {"type": "pointerUp", "button": 0},
        ]
        mouse = {"type": "pointer", "id": "mouse", "actions": actions}
        self._send("input.performActions", context=self._tab, actions=[mouse])

    def _send(self, method: str, **parameters: Any) -> Any:
        number = next(self._ids)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._connection.recv(timeout=ANSWER_SECONDS))
            if answer.get("id") == number:  # else an event
                assert answer["type"] == "success", answer
                return answer["result"]


@contextmanager
def open_firefox(profile: Path, **preferences: Any) -> Iterator[Firefox]:
    """Start Firefox with a new profile in an empty folder, in which "." is written as "__"."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        pytest.skip("there is no Firefox: apt-get install firefox-esr")
    chosen = QUIET | {name.replace("__", "."): value for name, value in preferences.items()}
    lines = [
        f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in chosen.items()
    ]
    (profile / "user.js").write_text("\n".join(lines))
    log = profile / "firefox.log"
    command = [program, "--headless", "--no-remote", "--profile", str(profile)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--remote-debugging-port", "0"], stdout=output, stderr=subprocess.STDOUT
        )
    try:
        with connect(_address(process, log), max_size=None) as connection:
            yield Firefox(connection)
    finally:
        process.terminate()
        process.wait()


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(r"WebDriver BiDi listening on (\S+)", log.read_text()):
            return f"{found[1]}/session"
        time.sleep(0.05)
    raise AssertionError(f"Firefox did not start:\n{log.read_text()}")
