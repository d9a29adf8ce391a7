"""How many pictures a second the bulk command reads: python -m benchmarks.bulk [--count N]

The same pictures with one process, with one for each core, and on Ray clusters of one node and of
three, each of them a process of `ray start` with a loopback address of its own. The tables that
they write must be equal. A run of a few pictures shows what starting takes. Ray is left out where
it is not installed.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
from PIL import Image

from benchmarks.clients.load import PROJECT
from benchmarks.report import machine, say, table
from model.bulk.processes import CHUNK
from model.drawn.digits.writer import digits
from model.drawn.generator import generate

DRAWN = 500  # different pictures; more are copies of them
_PORT, _AGENT_PORTS = 6399, 52101
_AGENTS = tuple(
    enumerate(
        (
            "dashboard-agent-grpc-port",
            "runtime-env-agent-port",
            "dashboard-agent-listen-port",
            "metrics-export-port",
        )
    )
)
# How long Ray waits for its own processes, and how soon it misses a node, in seconds and ms.
_RAY = {
    "RAY_raylet_start_wait_time_s": "300",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_failure_threshold": "3",
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=10_000, help="pictures (default: 10,000)")
    count = parser.parse_args().count
    cores = os.cpu_count() or 1
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as name:
        few = CHUNK * cores  # so that each process has something to do
        start = _frames(Path(name) / "few.npy", few)
        inputs = {
            "PNG, 140 x 140": _pictures(Path(name) / "png", count),
            "frames of one .npy": _frames(Path(name) / "frames.npy", count),
        }

        def measure(engine: str, *options: str, address: str = "") -> None:
            times = [_seconds(path, options, address) for path in (*inputs.values(), start)]
            rates = [f"{count / took:,.0f}" for took in times[:-1]]
            rows.append([engine, *rates, *(f"{took:.1f}" for took in times)])

        measure("1 process", "--processes", "1")
        measure(f"{cores} processes", "--processes", f"{cores}")
        if find_spec("ray"):
            for nodes, of_each in ((1, cores), (3, 1)):
                with cluster([of_each] * nodes) as running:
                    engine = f"Ray, nodes: {nodes}, cores of each: {of_each}"
                    measure(engine, "--engine", "ray", address=running.address)
    header = ["pictures a second", *inputs, *(f"{what}: s" for what in inputs), f"{few} frames: s"]
    say(
        "bulk",
        f"{count:,} pictures into a CSV file, from the start of the command to its end",
        table(header, rows),
        machine("1 for NumPy in each process", "pillow", "ray"),
    )


def _pictures(folder: Path, count: int) -> Path:
    folder.mkdir()
    for index, frame in enumerate(_drawn()):
        picture = Image.fromarray(255 - frame).resize((140, 140), Image.Resampling.BICUBIC)
        picture.save(folder / f"{index:06}.png")
    for index in range(DRAWN, count):
        (folder / f"{index:06}.png").hardlink_to(folder / f"{index % DRAWN:06}.png")
    return folder


def _frames(path: Path, count: int) -> Path:
    np.save(path, np.resize(_drawn(), (count, 28, 28)))
    return path


def _drawn() -> np.ndarray:
    return generate(digits, DRAWN, seed=1, processes=1).frames


def _seconds(path: Path, options: tuple[str, ...], address: str) -> float:
    """Return how long the command takes; end unless it writes what it wrote at first."""
    out, first = path.with_suffix(".csv"), path.with_suffix(".first.csv")
    command = ["-m", "model", "predict", str(path), "--out", str(out), *options]
    environment = os.environ | ({"RAY_ADDRESS": address} if address else {})
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, *command], cwd=PROJECT, env=environment, capture_output=True, text=True
    )
    seconds = time.monotonic() - start
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr}")
    if not first.exists():
        out.rename(first)
    elif out.read_bytes() != first.read_bytes():
        raise SystemExit(f"{' '.join(command)} wrote another table than before")
    return seconds


class Cluster(NamedTuple):
    """A Ray cluster on this machine: its address, and the process of each node's `ray start`."""

    address: str
    nodes: list[subprocess.Popen[bytes]]

    def kill_node(self, index: int) -> None:
        """End a node and all its processes at once, as a machine that loses its power."""
        processes = psutil.Process(self.nodes[index].pid).children(recursive=True)
        for process in [psutil.Process(self.nodes[index].pid), *processes]:
            process.kill()


@contextmanager
def cluster(cores: list[int]) -> Iterator[Cluster]:
    """Run a Ray cluster on this machine, with a node for each number of cores.

    The nodes have addresses of their own, 127.0.0.2 and so on: nothing is reached from elsewhere.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ray-"))
        running = Cluster(f"127.0.0.2:{_PORT}", [])
        stack.callback(_end, running)
        for index, count in enumerate(cores):
            options = [f"--num-cpus={count}", f"--node-ip-address=127.0.0.{2 + index}"]
            # Named, for Ray does not wait long for its agents to find free ones on a busy machine.
            options += [f"--{name}={_AGENT_PORTS + 10 * index + n}" for n, name in _AGENTS]
            if index == 0:
                options += ["--head", f"--port={_PORT}", f"--temp-dir={folder}"]
                options += ["--include-dashboard=false", "--no-monitor"]
            else:
                options += [f"--address={running.address}"]
            running.nodes.append(_node(options, Path(folder) / f"node-{index}.log"))
        yield running


def _node(options: list[str], log_path: Path) -> subprocess.Popen[bytes]:
    """Start a node and wait until it is up."""
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", *options]
    command += ["--disable-usage-stats", "--object-store-memory=100000000"]
    command += ["--include-log-monitor=false"]
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command, env=os.environ | _RAY, stdout=log, stderr=subprocess.STDOUT
        )
    while "Ray runtime started" not in log_path.read_text():
        if process.poll() is not None:
            raise SystemExit(f"a node of Ray did not start:\n{log_path.read_text()}")
        time.sleep(0.1)
    return process


def _end(running: Cluster) -> None:
    for process in reversed(running.nodes):
        if process.poll() is None:
            children = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(signal.SIGTERM)
            _, alive = psutil.wait_procs([psutil.Process(process.pid), *children], timeout=20)
            for one in alive:
                one.kill()
        process.wait()


if __name__ == "__main__":
    main()
