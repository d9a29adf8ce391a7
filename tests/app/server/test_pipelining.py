"""Requests that are sent ahead: in order, whatever follows, and at no cost to anybody else."""

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from statistics import median

import httpx
import psutil
import pytest
from nasty import encoded, seven
from running import RunningService, service_with
from sockets import GET, PNG, POST, answer, answers, connection, everything

READ = POST + b"Content-Length: %d\r\n\r\n" % len(PNG) + PNG
READ_IN_CHUNKS = (
    POST
    + b"Transfer-Encoding: chunked\r\n\r\n10\r\n"
    + PNG[:16]
    + b"\r\n%x;a=b\r\n" % (len(PNG) - 16)
    + PNG[16:]
    + b"\r\n0\r\nTrailer: x\r\n\r\n"
)


@pytest.fixture(scope="module")
def running(tmp_path_factory, weights_path) -> Iterator[RunningService]:
    with service_with(
        tmp_path_factory.mktemp("pipelining"),
        weights=weights_path,
        header_bytes=2048,
        header_seconds=0.6,
        body_seconds=0.8,
        answer_seconds=4,
    ) as running:
        yield running
    assert "Traceback" not in running.log
    assert '"level": "error"' not in running.log


def waits(running: RunningService, seconds: float) -> list[float]:
    """Ask for so many seconds, each time as a new client; return how long each had to wait."""
    waited = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.monotonic()
        assert httpx.get(f"{running.url}/livez", timeout=30).status_code == 200
        waited.append(time.monotonic() - start)
        time.sleep(0.02)
    return waited


@pytest.mark.parametrize(
    ("clients", "reading", "request_bytes"),
    [
        (1, True, b"GET /livez HTTP/1.1\r\nHost:ab\r\n\r\n"),
        (1, True, POST + b"Content-Length: 1\r\n\r\nx"),
        (30, False, b"GET /livez HTTP/1.1\r\nHost:ab\r\n\r\n"),
    ],
)
def test_what_is_sent_ahead_takes_no_memory_and_nobody_else_waits(
    running, clients, reading, request_bytes
):
    process = psutil.Process(running.process.pid)
    block = request_bytes * 1000
    quiet = waits(running, 1.0)  # the machine may be busy otherwise
    before = process.memory_info().rss
    end = time.monotonic() + 3

    def attack() -> None:
        with connection(running) as sock:
            sock.settimeout(0.5)
            reader = threading.Thread(target=everything, args=[sock]) if reading else None
            if reader:
                reader.start()
            for _ in range(400):
                with suppress(OSError):  # it need not take all
                    sock.sendall(block)
                if time.monotonic() > end:
                    break
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            if reader:
                reader.join()

    attackers = [threading.Thread(target=attack) for _ in range(clients)]
    for attacker in attackers:
        attacker.start()
    attacked = waits(running, 3.0)
    grown = process.memory_info().rss - before
    for attacker in attackers:
        attacker.join()
    assert grown < 20 * 2**20
    assert median(attacked) < 0.2 + 10 * median(quiet)
    assert max(attacked) < 1 + 10 * max(quiet)


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize(
    ("later", "status"),
    [
        (b"rubbish\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (GET + b"X: " + b"y" * 3000 + b"\r\n\r\n", 431),
        (GET, 408),  # headers that do not end
        (POST + b"Content-Length: 9\r\n\r\n", 408),  # a body that never comes
        (POST + b"Transfer-Encoding: chunked\r\n\r\n9\r\nabc", 408),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        (POST + b"Transfer-Encoding: gzip\r\n\r\n", 400),
        (POST + b"Content-Length: 99999999\r\n\r\n", 413),
    ],
)
def test_what_follows_good_requests_does_not_spoil_their_answers(running, count, later, status):
    with connection(running) as sock:
        sock.sendall(READ * count + later)
        received = answers(sock, count + 1)
        assert [status for status, _ in received] == [200] * count + [status]
        assert everything(sock) == b""


def test_a_slow_reader_gets_every_answer(running):
    with connection(running) as sock:
        sending = threading.Thread(target=sock.sendall, args=[READ * 100 + GET + b"\r\n"])
        sending.start()
        received = b""
        while not received.endswith(b'{"status":"alive"}'):
            time.sleep(0.02)
            piece = sock.recv(1024)
            assert piece, received[-500:]
            received += piece
        sending.join()
    assert received.count(b"HTTP/1.1 200 OK\r\n") == received.count(b"HTTP/1.1 ") == 101


def test_it_does_not_matter_where_the_segments_end(running):
    rng = random.Random(0)
    requests = [GET + b"\r\n", READ, READ_IN_CHUNKS, b"\r\n" + GET + b"Content-Length: 0\r\n\r\n"]
    for _ in range(15):
        chosen = rng.choices(requests, k=12)
        sent = b"".join(chosen)
        cuts = sorted(rng.choices(range(len(sent)), k=rng.randint(1, 8)))
        with connection(running) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
                sock.sendall(sent[start:end])
                time.sleep(0.005)
            received = answers(sock, len(chosen))
        assert [status for status, _ in received] == [200] * len(chosen)
        alive = [b"alive" in body for _, body in received]
        assert alive == [request.lstrip().startswith(b"GET") for request in chosen]


def test_a_head_is_measured_by_itself(running):
    """More than header_bytes lie between the first bytes of a segment and its last head's."""
    sent = READ + (GET + b"\r\n") * 200
    cuts = [40, len(sent) - 20, len(sent)]  # inside two heads
    with connection(running) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start, end in zip([0, *cuts], cuts, strict=False):
            sock.sendall(sent[start:end])
            time.sleep(0.05)
        assert [status for status, _ in answers(sock, 201)] == [200] * 201


def test_a_client_that_closes_its_half_gets_all_its_answers(running):
    with connection(running) as sock:
        sock.sendall(READ * 20)
        sock.shutdown(socket.SHUT_WR)
        assert everything(sock).count(b"HTTP/1.1 200 OK\r\n") == 20


def test_a_request_that_ends_the_connection_is_answered_whatever_follows(running):
    for _ in range(5):
        with connection(running) as sock:
            sock.sendall(GET + b"Connection: close\r\n\r\n" + READ * 200)
            status, headers, _ = answer(sock)
            assert (status, headers["connection"]) == (200, "close")
            assert everything(sock) == b""


def test_an_upgrade_while_the_queue_is_full(tmp_path, weights_path):
    large = encoded(seven(2800).convert("RGBA"), "PNG")
    upgrade = READ.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 1)
    settings = {"weights": weights_path, "queue": 1, "large_queue": 1, "threads": 1}
    statuses: list[int] = []
    with (
        service_with(tmp_path, **settings) as running,
        connection(running) as busy,
        connection(running) as sock,
    ):
        busy.sendall(POST + b"Content-Length: %d\r\n\r\n" % len(large) + large)
        while 429 not in statuses or statuses[-1] != 200:
            sock.sendall(upgrade)
            statuses.append(answer(sock)[0])
            assert len(statuses) < 10_000
        assert answer(busy)[0] == 200
    assert set(statuses) == {200, 429}
    assert '"level": "error"' not in running.log
    assert "Fatal" not in running.log
