"""Limits on connections and bodies, tried with bare sockets against a service with small ones."""

import json
import select
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress

import httpx
import psutil
import pytest
from nasty import encoded, seven
from running import RunningService, service_with, start_service
from sockets import GET, PNG, POST, answer, answers, assert_problem, connection, everything

from app.server.protocol import FLUSH_SECONDS


@pytest.fixture(scope="module")
def small(tmp_path_factory, weights_path) -> Iterator[RunningService]:
    """A service with limits that a test can reach."""
    running = start_service(
        tmp_path_factory.mktemp("small"),
        weights=weights_path,
        header_bytes=2048,
        header_count=20,
        header_seconds=0.6,
        body_bytes=100_000,
        all_bodies_bytes=250_000,
        body_seconds=0.8,
        idle_seconds=0.8,
        answer_seconds=5,
        connections=40,
    )
    yield running
    assert running.stop() == 0


@pytest.mark.parametrize(
    "request_bytes",
    [
        GET + b"".join(b"X-%d: 1\r\n" % i for i in range(30)) + b"\r\n",
        GET + b"X: " + b"y" * 4000 + b"\r\n\r\n",
        GET + b"X: " + b"y" * 4000,  # one header that does not end
        b"GET /" + b"y" * 4000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /" + b"y" * 4000,
    ],
)
def test_headers_are_bounded_in_size_and_count(small, request_bytes):
    with connection(small) as sock:
        with suppress(BrokenPipeError):  # refused before all of it is sent
            for start in range(0, len(request_bytes), 1000):
                sock.sendall(request_bytes[start : start + 1000])
                time.sleep(0.01)
        assert_problem(answer(sock), 431, "At most 20 headers and 2048 bytes")
        assert everything(sock) == b""
    refused = json.loads(small.wait_for(r'.*"headers-too-large".*')[0])
    assert (refused["client"], refused["status"]) == ("127.0.0.1", 431)


def test_trailers_are_bounded_and_not_taken_for_headers(small):
    chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(PNG) + PNG + b"\r\n0\r\n"
    with connection(small) as sock:
        sock.sendall(chunked + b"Content-Encoding: gzip\r\n\r\n")
        assert answer(sock)[0] == 200
    with connection(small) as sock:
        sock.sendall(chunked + b"X: y\r\n" * 1000)
        assert everything(sock)[:12] in (b"HTTP/1.1 431", b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\0\x01\0",  # someone speaks TLS
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET \xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
        GET + b"Content-Length: x\r\n\r\n",
        GET + b"Content-Length: -1\r\n\r\n",
        GET + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
        GET + b"No-colon\r\n\r\n",
        GET + b"Folded: a\r\n b\r\nNul: \0\r\n\r\n",
    ],
)
def test_what_is_no_http_is_a_bad_request(small, request_bytes):
    with connection(small) as sock:
        sock.sendall(request_bytes)
        assert_problem(answer(sock), 400, "")
        assert everything(sock) == b""


def test_a_declared_body_that_is_too_large_is_refused_before_it_comes(small):
    for length in (b"100001", b"1" * 19, b"18446744073709551615"):
        with connection(small) as sock:
            sock.sendall(POST + b"Content-Length: " + length + b"\r\n\r\n")
            assert_problem(answer(sock), 413, "larger than 100000 bytes")


def test_a_chunked_body_is_counted_and_memory_stays_flat(small):
    process = psutil.Process(small.process.pid)
    before = process.memory_info().rss
    with connection(small) as sock:
        sock.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n")
        with suppress(ConnectionResetError, BrokenPipeError):  # it need not listen for ever
            for _ in range(500):
                sock.sendall(b"5000\r\n" + bytes(0x5000) + b"\r\n")
        assert_problem(answer(sock), 413, "larger than 100000 bytes")
    assert process.memory_info().rss - before < 5 * 2**20


def test_a_refused_body_that_is_sent_whole_is_no_reset(small):
    with httpx.Client(base_url=small.url) as client:
        for _ in range(5):
            response = client.post(
                "/predict", content=bytes(300_000), headers={"Content-Type": "image/png"}
            )
            assert response.status_code == 413


@pytest.mark.parametrize("size", [300_000, 4_500_000])
def test_a_refused_body_of_a_client_that_will_close_is_no_reset(small, size):
    for _ in range(5):
        request = urllib.request.Request(  # asks for `Connection: close`
            f"{small.url}/predict", data=bytes(size), headers={"Content-Type": "image/png"}
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=5)
        assert refused.value.code == 413
        refused.value.close()


@pytest.mark.parametrize("hosts", [b"", b"Host: a\r\nHost: b\r\n"])
def test_a_request_has_one_host(small, hosts):
    with connection(small) as sock:
        sock.sendall(b"GET /livez HTTP/1.1\r\n" + hosts + b"\r\n")
        received = answer(sock)
        assert_problem(received, 400, "one Host header")
        identity = received[1]["x-request-id"]
        assert json.loads(received[2])["instance"] == f"urn:request:{identity}"
        assert everything(sock) == b""


def test_all_bodies_together_are_bounded(small):
    part = POST + b"Content-Length: 100000\r\n\r\n" + bytes(90_000)
    with connection(small) as first, connection(small) as second, connection(small) as third:
        for sock in (first, second):
            sock.sendall(part)
        time.sleep(0.2)
        third.sendall(part)
        received = answer(third)
        assert_problem(received, 503, "More than 250000 bytes are being received")
        assert received[1]["retry-after"] == "1"
    time.sleep(0.2)  # what the others held is given back: two more would be too many beside it
    with connection(small) as first, connection(small) as second:
        for sock in (first, second):
            sock.sendall(part)
        time.sleep(0.2)
        for sock in (first, second):
            sock.sendall(bytes(10_000))
            assert answer(sock)[0] == 415


def test_slow_headers_are_ended(small):
    with connection(small) as sock:
        start = time.monotonic()
        sock.sendall(GET)
        while not select.select([sock], [], [], 0.1)[0] and time.monotonic() - start < 5:
            sock.sendall(b"X: y\r\n")
        assert_problem(answer(sock), 408, "headers took longer than 0.6 s")
        assert time.monotonic() - start < 2


def test_a_client_that_goes_on_sending_is_cut_off(small):
    with connection(small) as sock:
        start = time.monotonic()
        sock.sendall(GET)
        with suppress(ConnectionResetError, BrokenPipeError):
            while time.monotonic() - start < 8:
                sock.sendall(b"X: y\r\n")
                time.sleep(0.1)
        assert time.monotonic() - start < 0.6 + FLUSH_SECONDS + 1.5


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 5000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n"]
)
def test_slow_bodies_are_ended(small, framing):
    with connection(small) as sock:
        start = time.monotonic()
        sock.sendall(POST + framing)
        assert_problem(answer(sock), 408, "body took longer than 0.8 s")
        assert everything(sock) == b""
        assert time.monotonic() - start < 2.5


def test_a_body_has_its_own_deadline_not_that_of_the_headers(tmp_path, weights_path):
    settings = {"weights": weights_path, "header_seconds": 0.8, "body_seconds": 20}
    with service_with(tmp_path, **settings) as running, connection(running) as sock:
        sock.sendall(POST + b"Content-Length: %d\r\n\r\n" % len(PNG) + PNG[:100])
        time.sleep(2.0)
        sock.sendall(PNG[100:])
        assert answer(sock)[0] == 200


def test_headers_have_their_own_deadline_not_that_of_the_body(tmp_path, weights_path):
    settings = {"weights": weights_path, "header_seconds": 20, "body_seconds": 0.4}
    with (
        service_with(tmp_path, **settings) as running,
        connection(running) as slow,
        connection(running) as late,
    ):
        slow.sendall(POST)
        late.sendall(POST + b"Content-Length: %d\r\n\r\n" % len(PNG) + PNG[:100])
        assert_problem(answer(late), 408, "The body took longer than 0.4 s.")
        slow.sendall(b"Content-Length: %d\r\n\r\n" % len(PNG) + PNG)
        assert answer(slow)[0] == 200


def test_a_body_that_nobody_reads_is_ended(small):
    with connection(small) as sock:
        start = time.monotonic()
        sock.sendall(GET + b"Content-Length: 5000\r\n\r\n")
        assert answer(sock)[0] == 200
        assert everything(sock) == b""
        assert time.monotonic() - start < 4


@pytest.mark.parametrize("sent", [b"", b"\r\n", GET + b"\r\n"])
def test_silent_connections_are_closed(small, sent):
    with connection(small) as sock:
        start = time.monotonic()
        sock.sendall(sent)
        everything(sock)
        assert 0.3 < time.monotonic() - start < 3


def test_empty_lines_keep_no_connection_open(small):
    with connection(small) as sock:
        start = time.monotonic()
        with suppress(ConnectionResetError, BrokenPipeError):
            while time.monotonic() - start < 5:
                sock.sendall(b"\r\n")
                time.sleep(0.05)
        assert time.monotonic() - start < 3


def test_keep_alive_pipelining_and_expect(small):
    with connection(small) as sock:
        request = POST + b"Content-Length: %d\r\n\r\n" % len(PNG) + PNG
        sock.sendall(request * 5 + GET + b"\r\n")
        received = answers(sock, 6)
        assert [status for status, _ in received] == [200] * 6
        assert b"alive" in received[-1][1]
    with connection(small) as sock:
        sock.sendall(POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(PNG))
        assert sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(PNG)
        assert answer(sock)[0] == 200


@pytest.mark.parametrize("count", [1, 4])
def test_rubbish_behind_good_requests_does_not_spoil_theiranswers(small, count):
    request = POST + b"Content-Length: %d\r\n\r\n" % len(PNG) + PNG
    with connection(small) as sock:
        sock.sendall(request * count + b"rubbish\r\n\r\n")
        received = answers(sock, count + 1)
        assert [status for status, _ in received] == [200] * count + [400]
        assert everything(sock) == b""


def test_http_1_0_and_a_client_that_closes_its_half(small):
    with connection(small) as sock:
        sock.sendall(b"GET /livez HTTP/1.0\r\n\r\n")
        assert everything(sock).endswith(b'{"status":"alive"}')
    with connection(small) as sock:
        sock.sendall(POST + b"Content-Length: %d\r\n\r\n" % len(PNG) + PNG)
        sock.shutdown(socket.SHUT_WR)
        assert everything(sock).startswith(b"HTTP/1.1 200")
    with connection(small) as sock:
        sock.sendall(POST + b"Content-Length: 5000\r\n\r\nabc")
        sock.shutdown(socket.SHUT_WR)
        assert everything(sock) == b""


@pytest.mark.parametrize(
    "upgrade",
    [
        b"Connection: Upgrade\r\nUpgrade: websocket\r\n",
        b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
    ],
)
def test_an_upgrade_is_ignored_and_the_body_is_read(small, upgrade):
    """As Java's client and `curl --http2` offer it with every request."""
    framings = [
        b"Content-Length: %d\r\n\r\n" % len(PNG) + PNG,
        b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(PNG) + PNG + b"\r\n0\r\n\r\n",
    ]
    with connection(small) as sock:
        for body in framings:
            sock.sendall(POST + upgrade + body)
            status, headers, content = answer(sock)
            assert status == 200, content
            assert "connection" not in headers
        sock.sendall(GET + upgrade + b"\r\n" + GET + b"\r\n")
        assert [status for status, _ in answers(sock, 2)] == [200, 200]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"http://host", 200),
        (b"http://host?detail=true", 200),
        (b"http://host/livez", 200),
        (b"http://host/%6civez", 404),
        (b"//livez", 404),
        (b"/./livez", 404),
        (b"/docs/../livez", 404),
        (b"*", 404),
    ],
)
def test_every_form_of_an_address_is_understood(small, target, status):
    with connection(small) as sock:
        sock.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: host\r\n\r\n" + GET + b"\r\n")
        assert [status for status, _ in answers(sock, 2)] == [status, 200]


def test_clients_that_leave_are_no_error(small):
    before = len(small.log)
    for _ in range(20):
        with connection(small) as sock:
            sock.sendall(POST + b"Content-Length: %d\r\n\r\n" % len(PNG) + PNG[:20])
        with connection(small) as sock:
            sock.sendall(POST + b"Content-Length: %d\r\n\r\n" % len(PNG) + PNG)
    time.sleep(0.5)
    assert "Traceback" not in small.log[before:]
    assert '"level": "error"' not in small.log[before:]


def test_probes_are_answered_while_drawings_are_refused(tmp_path, weights_path):
    running = start_service(tmp_path, weights=weights_path, queue=1, large_queue=1, threads=1)
    large = encoded(seven(2800).convert("RGBA"), "PNG")
    statuses = []

    def keep_reading() -> None:
        with httpx.Client(base_url=running.url, timeout=30) as client:
            for _ in range(3):
                headers = {"Content-Type": "image/png"}
                response = client.post("/predict", content=large, headers=headers)
                statuses.append(response.status_code)
                if response.status_code == 429:
                    assert response.headers["retry-after"] == "1"
                    assert response.headers["x-content-type-options"] == "nosniff"
                    assert "default-src 'none'" in response.headers["content-security-policy"]
                    assert response.json()["type"].endswith(":busy")
                    assert response.json()["instance"].endswith(response.headers["x-request-id"])

    threads = [threading.Thread(target=keep_reading) for _ in range(4)]
    for thread in threads:
        thread.start()
    with httpx.Client(base_url=running.url, timeout=30) as client:
        while any(thread.is_alive() for thread in threads):
            assert client.get("/livez").status_code == 200
            assert client.get("/metrics").status_code == 200
    for thread in threads:
        thread.join()
    assert set(statuses) == {200, 429}
    assert running.stop() == 0


@pytest.mark.parametrize("query", [b"", b"?detail=true"])
def test_a_refused_drawing_leaves_its_connection_to_the_next(tmp_path, weights_path, query):
    running = start_service(tmp_path, weights=weights_path, queue=1, large_queue=1, threads=1)
    post = POST.replace(b"/predict", b"/predict" + query)
    large = encoded(seven(2800).convert("RGBA"), "PNG")
    statuses, end = [], time.monotonic() + 30
    with connection(running) as busy, connection(running) as sock:
        busy.sendall(post + b"Content-Length: %d\r\n\r\n" % len(large) + large)
        while statuses.count(429) < 3 or statuses[-1] != 200:
            assert time.monotonic() < end
            sock.sendall(post + b"Content-Length: %d\r\n\r\n" % len(PNG) + PNG)
            status, headers, _ = answer(sock)
            assert "connection" not in headers
            statuses.append(status)
        assert answer(busy)[0] == 200
    assert set(statuses) == {200, 429}
    metrics = httpx.get(f"{running.url}/metrics").text
    refused = f"{statuses.count(429)}.0"
    assert f'digits_refusals_total{{reason="busy"}} {refused}' in metrics
    assert f'route="/predict",status="4xx"}} {refused}' in metrics
    assert running.stop() == 0
