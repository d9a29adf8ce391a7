"""The supervisor of several workers, with workers that die when the test wants it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running import PROJECT

# A worker lives for the seconds that the next argument says, or fails where they are below 0; the
# last one lives until it is told to end. Each writes a byte when it begins.
PROGRAM = """
import os, signal, sys, time
from pathlib import Path
started, *lives = sys.argv[1:]
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(Path(started).parent)
from app.server.workers import Supervisor
import logging
logging.basicConfig(format="%(message)s")

def work():
    with open(started, "ab") as file:
        file.write(b"x")
        number = file.tell() - 1
    if number < len(lives):
        if lives[number].startswith("-"):
            raise RuntimeError("a fault")
        time.sleep(float(lives[number]))
        return 3
    signal.sigwait({signal.SIGTERM})
    return 0

sys.exit(Supervisor(1, work, lambda: True, [], 5.0).run())
"""


@pytest.fixture
def supervise(tmp_path):
    """Start a supervisor whose workers live for so many seconds, one after the other."""
    running = []

    def start(lives: list[float]) -> tuple[subprocess.Popen[str], Path]:
        started = tmp_path / "started"
        command = [sys.executable, "-c", PROGRAM, str(started), *map(str, lives)]
        running.append(subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True))
        return running[-1], started

    yield start
    for process in running:
        process.kill()
        process.communicate()


def wait_for_starts(process: subprocess.Popen[str], started: Path, count: int) -> None:
    end = time.monotonic() + 30
    while not started.exists() or started.stat().st_size < count:
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize(
    "lives",
    [
        [0.0] * 4,
        [0.0] * 4 + [1.3] + [0.0] * 4,  # it was well in between
    ],
)
def test_workers_that_die_now_and_then_are_replaced(supervise, lives):
    process, started = supervise(lives)
    wait_for_starts(process, started, len(lives) + 1)
    process.send_signal(signal.SIGTERM)
    told = process.communicate(timeout=30)[1]
    assert process.returncode == 0
    assert told.count("(exit code 3) and is replaced") == len(lives)
    assert "giving up" not in told


def test_a_worker_that_fails_is_replaced_like_one_that_ends(supervise):
    process, started = supervise([-1.0])
    wait_for_starts(process, started, 2)
    process.send_signal(signal.SIGTERM)
    told = process.communicate(timeout=30)[1]
    assert process.returncode == 0
    assert told.count("(exit code 1) and is replaced") == 1
    assert started.stat().st_size == 2


def test_workers_that_die_as_soon_as_they_start_end_the_service(supervise):
    process, started = supervise([0.0] * 50)
    told = process.communicate(timeout=30)[1]
    assert process.returncode == 1
    assert told.endswith("workers die as soon as they start; giving up\n")
    assert 5 <= started.stat().st_size < 50
