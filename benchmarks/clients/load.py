"""A load generator for a service on this machine, and the service to load.

It speaks just enough HTTP/1.1 to be several times faster than what it measures: requests are
bytes made beforehand, and an answer is its status, its headers' length and its body.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

PROJECT = Path(__file__).resolve().parents[2]
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
ROUNDING = 1e-6  # some processors multiply one row otherwise than several
_DIGEST = re.compile(rb"\r\nx-model-digest: (\w+)", re.IGNORECASE)


class Answer(NamedTuple):
    """An answer; `closing` says that the connection ends with it, `digest` is X-Model-Digest."""

    status: int
    body: bytes
    closing: bool
    digest: str


class Failed(Exception):
    """The connection ended before the answer."""


class Refused(Exception):
    """Nobody listens any more."""


class Connection(asyncio.Protocol):
    """One client's connection, opened anew whenever the last one has ended.

    source: the address that it comes from, such as 127.0.0.2; None lets the system choose.
    """

    def __init__(self, port: int, source: str | None = None) -> None:
        self._port = port
        self._source = (source, 0) if source else None
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._answer: asyncio.Future[Answer] | None = None

    async def ask(self, request: bytes, *, pieces: int = 1, pause: float = 0.0) -> Answer:
        """Send a request and return the answer. Raises Failed and Refused.

        It can be sent in so many pieces, with a pause of so many seconds between two.
        """
        loop = asyncio.get_running_loop()
        if self._transport is None or self._transport.is_closing():
            try:
                await loop.create_connection(
                    lambda: self, "127.0.0.1", self._port, local_addr=self._source
                )
            except OSError:
                raise Refused from None
        assert self._transport is not None
        self._answer = loop.create_future()
        size = -(-len(request) // pieces)
        for start in range(0, len(request), size):
            if start:
                await asyncio.sleep(pause)
            # An answer before all of it was sent: what the server still waits for follows, or its
            # next request would be taken for that.
            if self._transport is None or (self._answer.done() and self._ends()):
                break
            self._transport.write(request[start : start + size])
        answer = await self._answer
        if answer.closing and self._transport is not None:
            self._transport.close()
        return answer

    def _ends(self) -> bool:
        """Tell whether the connection ends with the answer that is there."""
        assert self._answer is not None
        return self._answer.exception() is not None or self._answer.result().closing

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)
        self._buffer = b""

    def connection_lost(self, error: Exception | None) -> None:
        """Fail the request under way."""
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Failed())

    def data_received(self, data: bytes) -> None:
        """Complete the answer, if this is all of it."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._buffer[:end]
        length = _LENGTH.search(head)
        size = int(length[1]) if length else 0
        if len(self._buffer) < end + 4 + size or self._answer is None or self._answer.done():
            return
        body = self._buffer[end + 4 : end + 4 + size]
        self._buffer = self._buffer[end + 4 + size :]
        closing = b"\r\nconnection: close" in head.lower()
        digest = _DIGEST.search(head)
        read_by = digest[1].decode() if digest else ""
        self._answer.set_result(Answer(int(head[9:12]), body, closing, read_by))


def request(method: str, path: str, body: bytes = b"", content_type: str = "") -> bytes:
    """Return the bytes of a request."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if body:
        head += f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


class Service(NamedTuple):
    """A running service."""

    process: subprocess.Popen[bytes]
    port: int

    def stop(self) -> tuple[int, float]:
        """Send SIGTERM; return the exit code and the seconds until the end."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30), time.monotonic() - start


@contextmanager
def service(module: str = "app", **settings: object) -> Iterator[Service]:
    """Run `python -m app`, or another module, on a free port with settings as ``workers=2``."""
    chosen = {"host": "127.0.0.1", "port": 0, "log_format": "json", **settings}
    chosen.setdefault("address_connections", 800)  # all clients here have one address
    environment = os.environ | {f"DIGITS_{k.upper()}": str(v) for k, v in chosen.items()}
    with tempfile.TemporaryDirectory() as folder:
        log_path = Path(folder) / "log"
        with log_path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=PROJECT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            yield Service(process, _port(process, log_path))
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(30)


def _port(process: subprocess.Popen[bytes], log_path: Path) -> int:
    while process.poll() is None:
        found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", log_path.read_text())
        if found:
            return int(found[1])
        time.sleep(0.02)
    raise SystemExit(f"The service did not start:\n{log_path.read_text()}")


def percentile(values: list[float], percent: float) -> float:
    """Return the value below which so many percent of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def same(body: bytes, right: bytes) -> bool:
    """Say whether an answer is the right one, but for the rounding of drawings read together."""
    if body == right:
        return True
    try:
        return _alike(json.loads(body), json.loads(right))
    except ValueError:  # not JSON
        return False


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= ROUNDING
    return bool(one == other)
