"""How many connections there may be, of one address and of all, and which goes for another."""

import time
from contextlib import ExitStack

import pytest
from running import service_with
from sockets import GET, POST, answer, assert_problem, connection, everything

from app.healthcheck import ready
from app.server.connections import GRACE_SECONDS, MAX_REFUSED, Connections
from app.settings import Settings

MODEL = b"GET /model HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def running(tmp_path, weights_path):
    limits = {"connections": 10, "address_connections": 6, "header_seconds": 30}
    with service_with(tmp_path, weights=weights_path, **limits) as running:
        yield running
    assert "Traceback" not in running.log


def open_many(stack, running, count, address):
    """Connections that are busy: the first half of a request has come."""
    sockets = []
    for _ in range(count):
        sock = stack.enter_context(connection(running, address))
        sock.sendall(GET)
        sockets.append(sock)
    time.sleep(0.3)
    return sockets


def test_one_address_cannot_have_all(running):
    with ExitStack() as stack:
        mine = open_many(stack, running, 6, "127.0.0.1")
        with connection(running) as one_more:
            one_more.sendall(MODEL)
            received = answer(one_more)
            assert_problem(received, 429, "6 connections from your address are open")
            assert received[1]["retry-after"] == "1"
            assert everything(one_more) == b""
        with connection(running, "127.0.0.2") as another:
            another.sendall(MODEL * 2)
            assert answer(another)[0] == 200
        mine[0].sendall(b"\r\n")  # what was let in goes on
        assert answer(mine[0])[0] == 200


def test_probes_are_answered_when_all_are_busy(running):
    with ExitStack() as stack:
        open_many(stack, running, 6, "127.0.0.1")
        open_many(stack, running, 4, "127.0.0.2")
        assert ready("127.0.0.1", running.port)  # from an address that has no more itself
        for path in (b"/livez", b"/readyz", b"/metrics", b"/v2/health/live", b"/v2/health/ready"):
            with connection(running, "127.0.0.3") as probe:
                probe.sendall(GET.replace(b"/livez", path) + b"\r\n")
                status, headers, _ = answer(probe)
                assert (status, headers["connection"]) == (200, "close")
        for request in (MODEL, POST + b"Content-Length: 9\r\n\r\n", b""):  # the last one is silent
            with connection(running, "127.0.0.3") as refused:
                refused.sendall(request)
                received = answer(refused)
                assert_problem(received, 503, "10 connections are open")
                assert received[1]["retry-after"] == "1"


def test_a_silent_one_is_closed_for_a_new_one_the_oldest_first(running):
    with ExitStack() as stack:
        older, newer = (stack.enter_context(connection(running, "127.0.0.2")) for _ in range(2))
        newer.sendall(MODEL)
        older.sendall(MODEL)
        assert answer(newer)[0] == answer(older)[0] == 200
        newer.sendall(MODEL)  # so that the other one has been silent longer
        assert answer(newer)[0] == 200
        open_many(stack, running, 6, "127.0.0.1")
        open_many(stack, running, 2, "127.0.0.3")
        time.sleep(GRACE_SECONDS)
        for silent in (older, newer):
            silent.setblocking(False)
            with pytest.raises(BlockingIOError):
                silent.recv(1)
            silent.setblocking(True)
            new = stack.enter_context(connection(running, "127.0.0.3"))
            new.sendall(MODEL)
            assert answer(new)[0] == 200
            new.sendall(GET)
            assert everything(silent) == b""
        with connection(running, "127.0.0.3") as one_too_many:
            one_too_many.sendall(MODEL)
            assert answer(one_too_many)[0] == 503


def test_hundreds_of_silent_connections_keep_nobody_out(running):
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(connection(running, "127.0.0.1"))
        for _ in range(5):
            with connection(running, "127.0.0.2") as other:
                other.sendall(MODEL)
                assert answer(other)[0] == 200
            assert ready("127.0.0.1", running.port)


def test_those_of_a_proxy_are_not_counted(tmp_path, weights_path):
    settings = {"address_connections": 3, "forwarded_allow_ips": "127.0.0.0/30"}
    with (
        service_with(tmp_path, weights=weights_path, **settings) as running,
        ExitStack() as stack,
    ):
        for sock in open_many(stack, running, 20, "127.0.0.2"):
            sock.sendall(b"\r\n")
            assert answer(sock)[0] == 200
        open_many(stack, running, 3, "127.0.0.9")
        with connection(running, "127.0.0.9") as one_more:
            one_more.sendall(MODEL)
            assert answer(one_more)[0] == 429


class Transport:
    """Stands for a connection where only being closed matters."""

    def __init__(self):
        self.closed = False

    def close(self):
        self.closed = True

    abort = close


def test_addresses_of_one_ipv6_network_are_one():
    connections = Connections(Settings(address_connections=2))
    admitted = [
        connections.admit(Transport(), address, now=0.0) is None
        for address in ("2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1", "fe80::1%a")
    ]
    assert admitted == [True, True, False, True, True]


def test_nothing_is_kept_of_connections_that_have_left():
    connections = Connections(Settings(connections=20, address_connections=10))
    for number in range(1000):
        transports = [Transport() for _ in range(12)]
        for transport in transports:
            connections.admit(transport, f"10.0.{number % 7}.1", now=0.0)
            connections.silent(transport, 0.0)
        for transport in transports:
            connections.leave(transport)
    assert not any(len(kept) for kept in vars(connections).values() if hasattr(kept, "pop"))


def test_those_that_are_let_in_to_be_refused_are_few():
    connections = Connections(Settings(connections=1))
    transports = [Transport() for _ in range(MAX_REFUSED + 11)]
    for transport in transports:
        connections.admit(transport, "10.0.0.1", now=0.0)
    # The one that was admitted stays, the oldest of the others have gone.
    assert [transport.closed for transport in transports] == [False] + [True] * 10 + [
        False
    ] * MAX_REFUSED


def test_a_connection_that_has_just_come_is_not_taken_for_a_silent_one():
    connections = Connections(Settings(connections=1))
    first = Transport()
    assert connections.admit(first, "10.0.0.1", now=5.0) is None
    connections.silent(first, 5.0)
    assert connections.admit(Transport(), "10.0.0.2", now=5.0 + GRACE_SECONDS / 2) is not None
    assert not first.closed
    assert connections.admit(Transport(), "10.0.0.2", now=5.0 + GRACE_SECONDS) is None
    assert first.closed
