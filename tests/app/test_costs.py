"""What a request may cost, and what others may notice: kinds of `benchmarks.clients.costly`.

Processor time is bounded at several times what was measured on a quiet machine, since a busy one
takes longer for the same work, and below what each of these requests once took.
"""

import re
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from statistics import median

import numpy as np
import psutil
import pytest
from nasty import encoded
from PIL import Image
from running import PROJECT, RunningService, start_service

from benchmarks.clients.costly import SIDE, Kind, Manner, kinds
from benchmarks.clients.load import request
from benchmarks.mixed import READ_CANVAS

REFUSED_MS = 120  # for what is refused before any work
CPU_MS = {
    "BMP of run lengths": REFUSED_MS,
    "PNG of 16 megapixels": 1500,
    "PNG of 8 megapixels, 16 bits": 1500,
    "PNG of 16 megapixels, 16 bits": REFUSED_MS,
    "PNG in 19,000 pieces": 250,
    "WebP of 12 megapixels": 1000,
    "WebP of 16 megapixels": REFUSED_MS,
    "JPEG of 48 megapixels": 1000,
    "JPEG of 20 scans": 500,
    "form full of boundaries": REFUSED_MS,
    "batch of 64 pictures of noise": 1200,
    "batch of 64 pictures of specks": 1200,
    "JSON of empty lists": REFUSED_MS,
    "JSON of nested lists": REFUSED_MS,
    "JSON of long numbers": 250,
    "JSON of 512 x 512 fractions": 250,
    "13 drawings of 529 dots": 80,
    "64 drawings of 529 dots": 400,
    "64 drawings in shadow": 500,
    "1,000 pipelined probes": 800,
}
PEAK_MB = 500
LIVEZ = request("GET", "/livez")


@cache
def by_name() -> dict[str, Kind]:
    """Every kind of request by its name; to make them all takes seconds."""
    return {kind.name: kind for kind in kinds()}


@pytest.fixture(scope="module")
def running(tmp_path_factory, weights_path) -> Iterator[RunningService]:
    folder = tmp_path_factory.mktemp("costs")
    running = start_service(folder, weights=weights_path, answer_seconds=60)  # on a busy machine
    yield running
    assert running.stop() == 0


def ask(running: RunningService, sent: bytes, answers: int = 1) -> list[int]:
    """Send a request and return the statuses of its answers."""
    statuses = []
    with socket.create_connection(("127.0.0.1", running.port), timeout=60) as sock:
        sock.sendall(sent)
        file = sock.makefile("rb")
        for _ in range(answers):
            statuses.append(int(file.readline().split()[1]))
            length = 0
            while line := file.readline().strip().lower():
                if line.startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            file.read(length)
    return statuses


def cpu_seconds(running: RunningService) -> float:
    times = psutil.Process(running.process.pid).cpu_times()
    return times.user + times.system


def peak_mb(running: RunningService) -> float:
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def test_every_kind_has_a_bound():
    others = {
        kind.name for kind in by_name().values() if kind.manner is not Manner.ASK or kind.held
    }
    assert set(CPU_MS) == set(by_name()) - others


@pytest.mark.parametrize("name", CPU_MS)
def test_no_request_costs_much(running, name):
    kind = by_name()[name]
    assert len(kind.sent) < (16 if name == "JPEG of 48 megapixels" else 4.1) * 2**20
    ask(running, READ_CANVAS)
    costs = []
    for _ in range(3):
        before = cpu_seconds(running)
        statuses = ask(running, kind.sent, kind.answers)
        costs.append((cpu_seconds(running) - before) * 1e3)
        assert all(status < 500 for status in statuses)
    assert min(costs) < CPU_MS[name]


@pytest.mark.alone
@pytest.mark.parametrize(
    "name", ["JSON of empty lists", "JSON of nested lists", "64 drawings of 529 dots"]
)
def test_others_do_not_wait_long_for_one_attacker(running, name):
    over = threading.Event()

    def attack(kind: Kind) -> None:
        while not over.is_set():
            ask(running, kind.sent)

    waits = []
    with ThreadPoolExecutor(1) as attacker:
        attacking = attacker.submit(attack, by_name()[name])
        try:
            for _ in range(11):
                start = time.monotonic()
                assert ask(running, LIVEZ) == [200]
                waits.append(time.monotonic() - start)
                time.sleep(0.02)
        finally:
            over.set()
        attacking.result()
    # Single ones may be long on a busy machine; these requests once kept everyone waiting.
    assert median(waits) < 0.2


@pytest.mark.parametrize(
    "name", ["WebP of 12 megapixels", "PNG of 16 megapixels", "JPEG of 48 megapixels"]
)
def test_memory_stays_bounded_whatever_many_clients_send(tmp_path, weights_path, name):
    running = start_service(tmp_path, weights=weights_path)
    with ThreadPoolExecutor(16) as attackers:
        answers = attackers.map(lambda _: ask(running, by_name()[name].sent)[0], range(16))
    assert set(answers) <= {200, 422, 429, 503}
    assert peak_mb(running) < PEAK_MB
    assert running.stop() == 0


def largest_pictures() -> Iterator[tuple[str, bytes]]:
    """A cross on paper as large as is read, in every format."""
    y, x = np.mgrid[:SIDE, :SIDE]
    cross = (abs(x - SIDE // 2) < 150) | (abs(y - SIDE // 3) < 150)
    picture = Image.fromarray(np.where(cross, np.uint8(20), np.uint8(235)))
    yield "PNG", encoded(picture.convert("RGBA"), "PNG", compress_level=1)
    yield "JPEG", encoded(picture.convert("RGB"), "JPEG")
    yield "GIF", encoded(picture.convert("P"), "GIF")
    yield "WebP", encoded(picture.crop((0, 0, SIDE, 3008)).convert("RGBA"), "WEBP", method=0)
    yield "BMP", encoded(picture.resize((2000, 2000)), "BMP")  # a body cannot have more


def test_two_of_the_largest_pictures_at_once_need_the_memory_of_the_papers(running):
    [megabytes] = re.findall(r"give it (\d+) MiB", (PROJECT / "docs" / "operate.md").read_text())
    with ThreadPoolExecutor(2) as clients:
        for name, picture in largest_pictures():
            sent = request("POST", "/predict", picture, "image/png")
            assert list(clients.map(lambda _, sent=sent: ask(running, sent), range(2))) == [
                [200],
                [200],
            ], name
    assert peak_mb(running) < int(megabytes)


def test_work_for_clients_that_have_left_is_dropped(running):
    sent = by_name()["PNG of 16 megapixels"].sent
    ask(running, READ_CANVAS)
    before = cpu_seconds(running)
    ask(running, sent)
    one = cpu_seconds(running) - before
    sockets = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(16)]
    for sock in sockets:
        sock.sendall(sent)
    for sock in sockets:
        sock.close()
    running.wait_for('"problem": "client-left"', count=8)
    assert ask(running, sent)[0] in (200, 422)  # there is room again
    assert cpu_seconds(running) - before < 8 * one


def test_a_client_that_closes_its_half_is_answered_unless_its_picture_still_waits(running):
    sent = by_name()["PNG of 8 megapixels, 16 bits"].sent
    sockets = [socket.create_connection(("127.0.0.1", running.port), timeout=60) for _ in range(8)]
    for sock in sockets:
        sock.sendall(sent)
    time.sleep(0.1)
    for sock in sockets:
        sock.shutdown(socket.SHUT_WR)
    statuses = [int(sock.makefile("rb").readline().split()[1]) for sock in sockets]
    assert set(statuses) <= {200, 422, 499}
    assert 1 <= statuses.count(499) < len(statuses)
    for sock in sockets:
        sock.close()


def test_bodies_that_wait_for_a_thread_count_as_received(tmp_path, weights_path):
    running = start_service(
        tmp_path, weights=weights_path, threads=1, all_bodies_bytes=600_000, answer_seconds=60
    )
    sent = by_name()["PNG of 16 megapixels"].sent  # 267 kB, and half a second of work
    sockets = [socket.create_connection(("127.0.0.1", running.port), timeout=60) for _ in range(3)]
    for sock in sockets:
        sock.sendall(sent)
        time.sleep(0.05)
    statuses = [int(sock.makefile("rb").readline().split()[1]) for sock in sockets]
    assert statuses.count(503) == 1
    assert set(statuses) <= {200, 422, 503}
    assert ask(running, sent)[0] in (200, 422)  # what they held is given back
    for sock in sockets:
        sock.close()
    assert running.stop() == 0


def test_the_service_ends_in_time_in_the_midst_of_large_pictures(tmp_path, weights_path):
    running = start_service(tmp_path, weights=weights_path)
    sockets = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(16)]
    for sock in sockets:
        sock.sendall(by_name()["BMP of run lengths"].sent)
        sock.sendall(by_name()["PNG of 8 megapixels, 16 bits"].sent)
    time.sleep(0.5)
    start = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - start < 20  # 3 on a quiet machine
    for sock in sockets:
        sock.close()
