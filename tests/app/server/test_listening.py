"""Where the service listens, and what it does where a system lacks something: addresses, terminals,
folders, signals of other systems."""

import os
import pty
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from nasty import encoded, seven
from running import PROJECT, RunningService, service_with

from app.server.server import bind
from app.settings import SettingsError, settings_table
from app.telemetry import shared_metrics

PICTURE = {"content": encoded(seven(), "PNG"), "headers": {"Content-Type": "image/png"}}


@pytest.mark.parametrize("workers", [1, 2])
def test_addresses_of_both_families_at_once(tmp_path, weights_path, workers):
    settings = {"weights": weights_path, "host": "127.0.0.1, ::1", "workers": workers}
    with service_with(tmp_path, **settings) as running:
        said = running.wait_for(r"listening on http://127.0.0.1:(\d+) and http://\[::1\]:(\d+)")
        assert said[1] == said[2]
        for host in ("127.0.0.1", "[::1]"):
            address = f"http://{host}:{running.port}/predict"
            assert httpx.post(address, **PICTURE).json()["digit"] == 7


def test_a_service_that_has_started_collects_its_garbage(weights_path):
    program = (
        "import gc\n"
        "from app.__main__ import main\n"
        "from app.server.server import Server\n"
        "Server.run = lambda server, listening: print('collects:', gc.isenabled())\n"
        "main()\n"
    )
    settings = {"DIGITS_PORT": "0", "DIGITS_HOST": "127.0.0.1", "DIGITS_WEIGHTS": str(weights_path)}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert "collects: True" in ran.stdout


def test_the_settings_are_printed_as_the_papers_have_them():
    command = [sys.executable, "-m", "app", "--settings-table"]
    printed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert printed.stdout == settings_table() + "\n"


@pytest.mark.parametrize(
    ("host", "reached"),
    [
        ("::", {"127.0.0.1", "127.0.0.2", "::1"}),
        ("0.0.0.0", {"127.0.0.1", "127.0.0.2"}),
        ("localhost", {"127.0.0.1"}),
        ("127.0.0.1,localhost", {"127.0.0.1"}),  # named twice
        ("::1", {"::1"}),
        ("[::1],", {"::1"}),  # as in a URL
    ],
)
def test_who_is_let_in(host, reached):
    sockets = bind(host, 0)
    try:
        [port] = {one.getsockname()[1] for one in sockets}
        for target in ("127.0.0.1", "127.0.0.2", "::1"):
            try:
                socket.create_connection((target, port), timeout=5).close()
            except ConnectionRefusedError:
                assert target not in reached
            else:
                assert target in reached or host == "localhost"
    finally:
        for one in sockets:
            one.close()


def test_an_address_that_cannot_be_had_is_named_and_the_others_are_let_go():
    with socket.create_server(("127.0.0.2", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use") as error:
            bind("127.0.0.1,127.0.0.2", port)
        assert error.value.filename == "127.0.0.2"
        socket.create_server(("127.0.0.1", port)).close()
    with pytest.raises(OSError, match="Cannot assign") as error:
        bind("127.0.0.1,192.0.2.1", 0)
    assert error.value.filename == "192.0.2.1"


# A terminal of its own; and SIGHUP as terminals have it, though who runs the tests may ignore it.
IN_A_TERMINAL = ("setsid", "--ctty", "env", "--default-signal=HUP")


def in_a_terminal(folder: Path, *before: str, **settings: object) -> tuple[RunningService, int]:
    """The service started from a terminal of its own; returns it and the terminal's other side."""
    ours, terminal = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DIGITS_")}
    environment |= {f"DIGITS_{name.upper()}": str(value) for name, value in settings.items()}
    log_path = folder / "service.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [*IN_A_TERMINAL, *before, sys.executable, "-m", "app"],
            cwd=PROJECT,
            env=environment | {"DIGITS_PORT": "0"},
            stdin=terminal,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    os.close(terminal)
    running = RunningService(process, log_path)
    running.url = running.wait_for(r"listening on (http://[\d.:]+)")[1]
    return running, ours


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("closes", [True, False])
def test_a_terminal_that_closes_ends_what_was_started_from_it(
    tmp_path, weights_path, workers, closes
):
    running, terminal = in_a_terminal(tmp_path, weights=weights_path, workers=workers)
    try:
        assert httpx.get(f"{running.url}/livez").status_code == 200
        if closes:
            os.close(terminal)
        else:
            running.process.send_signal(signal.SIGHUP)
        assert running.process.wait(30) == 0, running.log
        assert "new weights" not in running.log
    finally:
        running.process.kill()
        running.process.wait()
        if not closes:
            os.close(terminal)


def test_under_nohup_it_outlives_the_terminal_and_reads_weights_on_hangup(tmp_path, weights_path):
    running, terminal = in_a_terminal(tmp_path, "nohup", weights=weights_path)
    try:
        os.close(terminal)
        running.process.send_signal(signal.SIGHUP)
        running.wait_for("new weights loaded")
        assert httpx.get(f"{running.url}/livez").status_code == 200
        assert running.stop() == 0
    finally:
        running.process.kill()
        running.process.wait()


def test_a_closed_terminal_ends_it_though_nothing_can_be_printed(weights_path):
    ours, terminal = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DIGITS_")}
    environment |= {"DIGITS_WEIGHTS": str(weights_path), "DIGITS_PORT": "0", "DIGITS_WORKERS": "2"}
    process = subprocess.Popen(
        [*IN_A_TERMINAL, sys.executable, "-m", "app"],
        cwd=PROJECT,
        env=environment,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    try:
        printed = b""
        while b"listening on" not in printed:
            printed += os.read(ours, 1000)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert len(children) == 2
        os.close(ours)
        process.wait(30)
        end = time.monotonic() + 30
        while any(Path(f"/proc/{child}").exists() for child in children):
            assert time.monotonic() < end
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()


def test_counters_find_a_folder_where_memory_is_read_only(monkeypatch, tmp_path):
    monkeypatch.setattr(shared_metrics, "MEMORY", "/proc")  # where root cannot write either
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "so that it is taken back")
    with shared_metrics.shared_metrics():
        [folder] = tmp_path.iterdir()
        assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(folder)
    assert list(tmp_path.iterdir()) == []


def test_without_any_folder_several_workers_are_refused_in_a_sentence(monkeypatch):
    monkeypatch.setattr(shared_metrics, "MEMORY", "/proc")
    monkeypatch.setattr("tempfile.tempdir", "/proc")
    with (
        pytest.raises(SettingsError, match=r"set DIGITS_WORKERS to 1\."),
        shared_metrics.shared_metrics(),
    ):
        pass


# Takes away what Windows lacks. What the standard library needs of it is imported before.
AS_ON_WINDOWS = """
import asyncio, concurrent.futures, multiprocessing, os, signal, socket, subprocess, sys, tempfile
import uvicorn.server
kept = {"SIGABRT", "SIGFPE", "SIGILL", "SIGINT", "SIGSEGV", "SIGTERM", "SIG_DFL", "SIG_IGN"}
for name in [*dir(signal)]:
    if name.startswith(("SIG", "pthread_", "sigwait", "sigtimedwait", "sigpending")):
        if name not in kept and name.isupper() or not name.startswith("SIG"):
            delattr(signal, name)
for name in ("fork", "forkpty", "getuid", "geteuid", "O_NONBLOCK", "O_NOCTTY", "sched_getaffinity"):
    delattr(os, name)
sys.modules |= dict.fromkeys(("uvloop", "fcntl", "resource", "pwd", "grp", "termios"))
from app.__main__ import main
sys.exit(main())
"""


def as_on_windows(log_path: Path, **environment: str) -> subprocess.Popen[bytes]:
    with log_path.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-c", AS_ON_WINDOWS],
            cwd=PROJECT,
            env={"PATH": os.environ["PATH"], "DIGITS_PORT": "0", **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def test_one_worker_runs_where_there_are_no_signals_and_no_fork(tmp_path, weights_path):
    log_path = tmp_path / "service.log"
    process = as_on_windows(log_path, DIGITS_WEIGHTS=str(weights_path))
    running = RunningService(process, log_path)
    try:
        running.url = running.wait_for(r"listening on (http://[\d.:]+)")[1]
        assert httpx.post(f"{running.url}/predict", **PICTURE).json()["digit"] == 7
        assert running.stop() == 0
    finally:
        process.kill()


def test_several_workers_are_refused_there_in_a_sentence_that_says_what_else_to_do(tmp_path):
    log_path = tmp_path / "service.log"
    process = as_on_windows(log_path, DIGITS_WORKERS="2")
    assert process.wait(60) == 2
    assert log_path.read_text() == (
        "digits: several workers need fork, which Windows lacks; set DIGITS_WORKERS to 1, or run "
        "the service in WSL or Docker.\n"
    )
