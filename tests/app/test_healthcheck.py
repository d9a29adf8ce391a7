import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
from running import service_with, start_service

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


def test_a_service_beside_a_kubernetes_service_of_its_name(running_service):
    links = {"DIGITS_SERVICE_HOST": "10.96.7.7", "DIGITS_PORT": "tcp://10.96.7.7:80"}
    # Kubernetes writes its variable only where the pod has none of that name.
    assert exit_code(running_service.port, **links) == 0
    command = [sys.executable, "-c", "from app.healthcheck import address; print(*address())"]
    told = subprocess.run(command, cwd=ROOT, env=links, capture_output=True, text=True, timeout=30)
    assert told.stdout == "127.0.0.1 8000\n", told.stderr


def test_a_service_at_several_addresses(tmp_path, weights_path):
    with service_with(tmp_path, weights=weights_path, host="127.0.0.2,::1") as running:
        assert exit_code(running.port, DIGITS_HOST="::1,127.0.0.2") == 0
        assert exit_code(running.port, DIGITS_HOST="127.0.0.2") == 0


def test_a_port_that_is_none():
    command = [sys.executable, "-m", "app.healthcheck"]
    wrong = {"DIGITS_PORT": "http"}
    done = subprocess.run(command, cwd=ROOT, env=wrong, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (1, "")


def test_it_asks_whether_the_service_is_ready_not_whether_it_lives(tmp_path, weights_path):
    with service_with(tmp_path, weights=weights_path, drain_seconds=300) as running:
        assert exit_code(running.port) == 0
        running.process.terminate()
        end = time.monotonic() + 60
        while exit_code(running.port) == 0:
            assert time.monotonic() < end
        assert httpx.get(f"{running.url}/livez").status_code == 200


def test_nobody_listens():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert exit_code(unused.getsockname()[1]) == 1


def test_another_program_listens():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert not ready("127.0.0.1", port)  # accepted by the system, never answered: two seconds
