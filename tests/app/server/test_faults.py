"""What is broken, by clients or by us: it is told once, and the service goes on."""

import asyncio
import contextlib
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import httpx
import numpy as np
import psutil
import pytest
from running import PROJECT, service_with
from sockets import GET, PNG, POST, answer, assert_problem, connection, everything

from app.main import create_app
from app.server.server import TICK_SECONDS, Server
from app.settings import Settings

CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def running(tmp_path_factory, weights_path):
    folder = tmp_path_factory.mktemp("faults")
    with service_with(folder, weights=weights_path, body_seconds=1, answer_seconds=0.5) as running:
        yield running


def told(running):
    """How many requests and refusals are counted, and the lines of log; not those that ask."""
    text = httpx.get(f"{running.url}/metrics").text
    counts = []
    for name in ("digits_requests_total", "digits_refusals_total"):
        values = re.findall(rf"^{name}(?!.*/metrics).*\}} (.*)$", text, re.MULTILINE)
        counts.append(int(sum(map(float, values))))
    return *counts, [json.loads(line) for line in running.log.splitlines()]


@pytest.mark.parametrize(
    "request_bytes",
    [
        CHUNKED + b"xyz\r\n",
        CHUNKED + b"5\r\nabcdefgh\r\n",
        POST + b"Content-Length: 9\r\n\r\nabc",  # and no more
        b"rubbish\r\n\r\n",
        CHUNKED + b"1\r\nx\r\n0\r\n" + b"X: y\r\n" * 1000,
    ],
)
def test_a_broken_request_is_answered_logged_and_counted_once(running, request_bytes):
    requests, refusals, lines = told(running)
    with connection(running) as sock:
        sock.sendall(request_bytes)
        received = everything(sock)
    status = int(received[9:12])
    assert received.count(b"HTTP/1.1 4") == 1
    assert 400 <= status < 500
    assert told(running)[:2] == (requests + 1, refusals + 1)
    [line] = told(running)[2][len(lines) :]
    assert (line["level"], line["status"]) == ("info", status)
    assert line["problem"]


def test_a_reader_that_is_cut_off_is_no_fault(running):
    requests, refusals, lines = told(running)
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", running.port))
        sock.settimeout(10)
        request = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
        with contextlib.suppress(ConnectionError):
            sock.sendall(request * 10_000)
        time.sleep(2)  # without reading: more than the 2 x 0.5 s that an answer may take
        assert everything(sock).count(b"HTTP/1.1 200") < 10_000
    after = told(running)
    assert 0 < after[0] - requests < 10_000
    assert after[1] == refusals
    assert {line["level"] for line in after[2][len(lines) :]} == {"info"}
    assert len(after[2]) - len(lines) == after[0] - requests


@pytest.mark.parametrize(
    "body",
    [
        b"1\r\nx\r\n" * 600_000,
        b"1;" + b"x" * 4_000_000,
        b"400000\r\n" + b"\r\n\r\n" * 1_000_000,
        b"1\r\nx\r\n0\r\nX: " + b"y" * 4_000_000,
        b"1\r\nx\r\n0\r\n" + b"X: y\r\n" * 600_000,
    ],
    ids=["chunks", "extension", "empty lines", "trailer", "trailers"],
)
def test_what_is_no_body_in_a_chunked_body_costs_little(running, body):
    process = psutil.Process(running.process.pid)
    before, memory = sum(process.cpu_times()[:2]), process.memory_info().rss
    with connection(running) as sock:
        with contextlib.suppress(ConnectionError):
            sock.sendall(CHUNKED + body)
        assert everything(sock)[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 431", b"")
    assert sum(process.cpu_times()[:2]) - before < 0.4
    assert process.memory_info().rss - memory < 10 * 2**20


def test_small_chunks_of_an_honest_client_are_read(running):
    pieces = [
        b"%x\r\n" % len(PNG[i : i + 50]) + PNG[i : i + 50] + b"\r\n" for i in range(0, len(PNG), 50)
    ]
    with connection(running) as sock:
        sock.sendall(CHUNKED + b"".join(pieces) + b"0\r\n\r\n")
        assert answer(sock)[0] == 200


def without_pooling(weights_path):
    """Weights whose pools have no size, which nothing can be divided by."""
    with np.load(weights_path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    about = json.loads(arrays["about"].tobytes())
    for row in about["architecture"]:
        if row["layer"] == "MaxPool2D":
            row["size"] = 0
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


@pytest.mark.parametrize("workers", [1, 2])
def test_weights_that_fail_in_any_way_change_nothing(tmp_path, weights_path, workers):
    mine = tmp_path / "mine.npz"
    shutil.copy(weights_path, mine)
    settings = {"workers": workers, "header_seconds": 0.5, "drain_seconds": 0.3}
    with service_with(tmp_path, weights=mine, **settings) as running:
        digest = httpx.get(f"{running.url}/model").json()["digest"]
        mine.write_bytes(without_pooling(weights_path))
        running.process.send_signal(signal.SIGHUP)
        running.wait_for("new weights refused, the old ones stay")
        for _ in range(4):
            assert httpx.get(f"{running.url}/model").json()["digest"] == digest
            with connection(running) as sock:  # deadlines are still looked at
                sock.sendall(GET)
                assert_problem(answer(sock), 408, "headers took longer")
        shutil.copy(weights_path, mine)
        running.process.send_signal(signal.SIGHUP)
        running.wait_for("new weights loaded", count=workers + (workers > 1))
    assert '"worker' not in running.log


def test_a_fault_does_not_end_the_watch_over_deadlines(weights_path, monkeypatch):
    """A connection that cannot be ended, and signals that cannot be looked at."""
    ended = []

    class Connection:
        deadline = 0.0

        def __init__(self):
            self.transport = self

        def abort(self):
            ended.append("aborted")

        def expire(self):
            ended.append("expired")
            raise RuntimeError("broken")

    def broken():
        ended.append("asked")
        raise RuntimeError("broken")

    async def watched():
        server = Server(create_app(Settings(weights=weights_path)))
        server.server_state.connections = {Connection()}
        monkeypatch.setattr(server, "_end_if_asked", broken)
        watch = asyncio.create_task(server._watch_over())
        await asyncio.sleep(5 * TICK_SECONDS)
        assert not watch.done()
        watch.cancel()

    asyncio.run(watched())
    for what in ("expired", "aborted", "asked"):
        assert ended.count(what) >= 2


@pytest.mark.parametrize("workers", [1, 2])
def test_term_is_no_fault_as_soon_as_it_listens(weights_path, workers):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DIGITS_")}
    environment |= {"DIGITS_PORT": "0", "DIGITS_WORKERS": str(workers), "PYTHONUNBUFFERED": "1"}
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-m", "app"], cwd=PROJECT, env=environment, stdout=subprocess.PIPE
        ) as process:
            try:
                while b"listening on" not in process.stdout.readline():
                    assert process.poll() is None
                process.terminate()
                assert process.wait(20) == 0
            finally:
                process.kill()
