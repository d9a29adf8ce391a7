import socket
import subprocess
import sys
from pathlib import Path

from running import start_service

from app.healthcheck import ready

ROOT = Path(__file__).parents[2]


def exit_code(port: int, **environment: str) -> int:
    """The health check as the image runs it."""
    command = [sys.executable, "-m", "app.healthcheck"]
    environment |= {"DIGITS_PORT": str(port)}
    return subprocess.run(command, cwd=ROOT, env=environment, timeout=30).returncode


def test_a_service_that_is_ready(running_service):
    assert ready("127.0.0.1", running_service.port)
    for host in ("", "127.0.0.1", "0.0.0.0"):
        assert exit_code(running_service.port, DIGITS_HOST=host) == 0


def test_a_service_at_another_address(tmp_path, weights_path):
    running = start_service(tmp_path, weights=weights_path, host="127.0.0.2")
    try:
        assert exit_code(running.port, DIGITS_HOST="127.0.0.2") == 0
        assert exit_code(running.port) == 1
    finally:
        assert running.stop() == 0


def test_nobody_listens():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert exit_code(unused.getsockname()[1]) == 1


def test_another_program_listens():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert not ready("127.0.0.1", port)  # accepted by the system, never answered: two seconds
