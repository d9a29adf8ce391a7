"""The service as it really runs: `python -m app` in a process of its own."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0  # generous: the machine may be busy; a quiet one needs about one


@dataclass
class RunningService:
    """`python -m app` in a process of its own, on a free port."""

    process: subprocess.Popen[bytes]
    log_path: Path
    url: str = ""

    @property
    def log(self) -> str:
        """All that it has printed so far."""
        return self.log_path.read_text()

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def wait_for(
        self, pattern: str, seconds: float = START_SECONDS, count: int = 1
    ) -> re.Match[str]:
        """Wait until the log has a pattern so many times; return the last match."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = list(re.finditer(pattern, self.log))
            if len(found) >= count:
                return found[-1]
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"{pattern!r} did not appear in the service's log:\n{self.log}")

    def stop(self) -> int:
        """End it as an orchestrator does; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=START_SECONDS)


def start_service(folder: Path, otel: str = "", **settings: object) -> RunningService:
    """Start the service with settings such as ``queue=2``; wait until it listens.

    otel: where to send traces.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DIGITS_", "OTEL_"))}
    chosen = {"port": 0, "host": "127.0.0.1", "log_format": "json", **settings}
    environment |= {f"DIGITS_{name.upper()}": str(value) for name, value in chosen.items()}
    if otel:
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = otel
    log_path = folder / "service.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app"],
            cwd=PROJECT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # without the terminal that the tests may have
        )
    running = RunningService(process, log_path)
    try:
        running.url = running.wait_for(r"listening on (http://[\d.:]+)")[1]
    except AssertionError:
        process.kill()
        process.wait()
        raise
    return running


@contextmanager
def service_with(folder: Path, **settings: object) -> Iterator[RunningService]:
    """A service that ends with the test, and well, whatever the test finds."""
    running = start_service(folder, **settings)
    try:
        yield running
    finally:
        assert running.stop() == 0, running.log
