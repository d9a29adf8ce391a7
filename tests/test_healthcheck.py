import socket
import subprocess
import sys
from pathlib import Path

from app.healthcheck import ready

ROOT = Path(__file__).parent.parent


def exit_code(port: int) -> int:
    """The health check as the image runs it."""
    command = [sys.executable, "-m", "app.healthcheck"]
    return subprocess.run(command, cwd=ROOT, env={"DIGITS_PORT": str(port)}, timeout=30).returncode


def test_a_service_that_is_ready(running_service):
    assert ready(running_service.port)
    assert exit_code(running_service.port) == 0


def test_nobody_listens():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert exit_code(unused.getsockname()[1]) == 1


def test_another_program_listens():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert not ready(port)  # accepted by the system, never answered: two seconds
