"""Requests as bytes over bare sockets, for what no client library would send."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from nasty import encoded, seven
from running import RunningService

PNG = encoded(seven(), "PNG")
POST = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
GET = b"GET /livez HTTP/1.1\r\nHost: x\r\n"


@contextmanager
def connection(running: RunningService, address: str = "127.0.0.1") -> Iterator[socket.socket]:
    """A connection from an address of this machine, any that begins with 127."""
    target = ("127.0.0.1", running.port)
    with socket.create_connection(target, timeout=10, source_address=(address, 0)) as sock:
        yield sock


def everything(sock: socket.socket) -> bytes:
    """Receive until the service closes; a reset counts as closed."""
    received = b""
    try:
        while piece := sock.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


def answer(sock: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Receive one answer: status, headers, body."""
    file = sock.makefile("rb")
    status = int(file.readline().split()[1])
    headers = {}
    while line := file.readline().strip():
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return status, headers, file.read(int(headers["content-length"]))


def answers(sock: socket.socket, count: int) -> list[tuple[int, bytes]]:
    """Receive so many answers, or those that come before the end: their statuses and bodies."""
    file = sock.makefile("rb")
    received = []
    for _ in range(count):
        line = file.readline()
        if not line:
            break
        status, length = int(line.split()[1]), 0
        while line := file.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        received.append((status, file.read(length)))
    return received


def assert_problem(received: tuple[int, dict[str, str], bytes], status: int, said: str) -> None:
    assert received[0] == status, received
    assert received[1]["content-type"] == "application/problem+json"
    assert said in json.loads(received[2])["detail"]
