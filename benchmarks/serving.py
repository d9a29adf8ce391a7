"""How fast the service answers: python -m benchmarks.serving [--weights FILE]

POST /predict?detail=true, as the page asks, of one worker with the PNG of the page's canvas, with
one of 280 x 280 pixels and with 28 x 28 JSON at 1, 16 and 64 connections, beside a route of the
same process that takes the same body and does nothing; the same network behind BentoML and
LitServe; memory; and the time from the start to the first good answer. The load comes from wrk
(https://github.com/wg/wrk) and everything stays on 127.0.0.1.
"""

import argparse
import base64
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

from benchmarks.clients.load import PROJECT, service
from benchmarks.mixed import CANVAS, PIXELS, PREDICT, canvas, number
from benchmarks.report import against, bars, machine, say, table

CONNECTIONS = (1, 16, 64)
TURNS, SECONDS = 5, 2  # of each load; the median turn counts
PAUSE = 0.5  # seconds after each: what wrk asked for last is still being answered
REQUESTS = 20_000
AGREEMENT = 1e-4
NOTHING, NOTHING_FIRST = "POST /nothing", "POST /nothing-first"
NUMBER = "four digits to /read"

# What wrk does at its end: one line of JSON. Latencies are in microseconds.
WRK = """
wrk.method = "%(method)s"
wrk.headers["Content-Type"] = "%(content_type)s"
local file = io.open("%(body)s", "rb")
wrk.body = file:read("*all")
done = function(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format('{"answers": %%d, "seconds": %%f, "failed": %%d, "p50": %%f, "p99": %%f}',
    summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""


class Target(NamedTuple):
    """What is asked: a method, a path, a body and its type, on a port of this machine."""

    port: int
    path: str
    body: bytes = b""
    content_type: str = "text/plain"

    @property
    def method(self) -> str:
        """GET what has no body."""
        return "POST" if self.body else "GET"

    def ask(self) -> dict[str, object]:
        """Return the answer; raises OSError and RuntimeError while there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Content-Type": self.content_type}
        connection.request(self.method, self.path, self.body, headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        if response.status != 200:
            raise RuntimeError(f"{self.path} answered {response.status}: {content[:200]!r}")
        answer: dict[str, object] = json.loads(content)
        return answer


class Load(NamedTuple):
    """What came of one load: answers per second, and latencies in ms."""

    rate: float
    p50: float
    p99: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--weights", type=Path, default=PROJECT / "weights" / "digits.npz")
    weights = parser.parse_args().weights.resolve()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed; on Debian: apt-get install wrk")
    starts = start_table(weights)
    memory = memory_table(weights)
    with ExitStack() as stack:
        ours = stack.enter_context(service("benchmarks.servers.nothing", weights=weights))
        targets = {
            "GET /livez": Target(ours.port, "/livez"),
            NOTHING: Target(ours.port, "/nothing", CANVAS, "image/png"),
            NOTHING_FIRST: Target(ours.port, "/nothing-first", CANVAS, "image/png"),
            "canvas PNG": Target(ours.port, PREDICT, CANVAS, "image/png"),
            "280 x 280, RGBA": Target(ours.port, PREDICT, canvas(280), "image/png"),
            "28x28 JSON": Target(ours.port, PREDICT, PIXELS, "application/json"),
            NUMBER: Target(ours.port, "/read?detail=true", number(), "image/png"),
            "BentoML, PNG": stack.enter_context(bento(weights)),
            "LitServe, PNG": stack.enter_context(lit(weights)),
        }
        agree({name: target for name, target in targets.items() if "PNG" in name})
        loads = measure(targets)
    rows = []
    for (name, connections), load in loads.items():
        nothing = loads[NOTHING, connections]
        rows.append(
            [
                f"{name}, {connections}",
                f"{load.rate:,.0f}",
                f"{load.p50:.2f}",
                f"{load.p99:.2f}",
                f"{load.rate / nothing.rate:.2f}",
            ]
        )
    header = ["what, connections", "answers/s", "p50 ms", "p99 ms", "share of nothing"]
    groups = {
        f"{connections} connections": {name: loads[name, connections].rate for name in targets}
        for connections in CONNECTIONS
    }
    picture = bars("serving", "Serving, one worker", "answers per second", groups)
    say(
        "serving",
        "One worker under load from wrk",
        table(header, rows),
        aims(loads),
        memory,
        starts,
        machine("1 for NumPy, 1 for wrk", "fastapi", "uvicorn", "bentoml", "litserve"),
        f"picture: {picture}",
    )


def aims(loads: dict[tuple[str, int], Load]) -> str:
    """Return what was asked for at 16 connections beside what was reached."""
    rate = {name: load.rate for (name, connections), load in loads.items() if connections == 16}
    rows = []
    for what, peer, aim in (
        ("canvas PNG", NOTHING, 0.25),
        ("28x28 JSON", NOTHING, 0.40),
        ("canvas PNG", "BentoML, PNG", 2.0),
        ("canvas PNG", "LitServe, PNG", 1.2),
    ):
        ratio = rate[what] / rate[peer]
        rows.append([f"{what} to {peer}", f"{ratio:.2f} x", against(aim, ratio)])
    rows.append([f"{NUMBER}, answers/s", f"{rate[NUMBER]:,.0f}", against(250, rate[NUMBER])])
    return table(["at 16 connections", "measured", "at least"], rows)


def measure(targets: dict[str, Target]) -> dict[tuple[str, int], Load]:
    """Return the median load of each target at each number of connections, taken in turns."""
    found: dict[tuple[str, int], list[Load]] = {}
    for _ in range(TURNS):
        for connections in CONNECTIONS:
            for name, target in targets.items():
                found.setdefault((name, connections), []).append(load(target, connections))
                time.sleep(PAUSE)
    middle = TURNS // 2
    return {
        key: Load(*(sorted(values)[middle] for values in zip(*loads, strict=True)))
        for key, loads in found.items()
    }


def load(target: Target, connections: int, seconds: int = SECONDS) -> Load:
    """Put so many connections of wrk on a target."""
    with tempfile.TemporaryDirectory() as folder:
        body, script = Path(folder) / "body", Path(folder) / "load.lua"
        body.write_bytes(target.body)
        script.write_text(
            WRK % {"method": target.method, "content_type": target.content_type, "body": body}
        )
        url = f"http://127.0.0.1:{target.port}{target.path}"
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script), url]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    result = json.loads(printed[printed.index("{") :])
    if result["failed"]:
        raise SystemExit(f"{result['failed']} requests to {target.path} failed")
    return Load(result["answers"] / result["seconds"], result["p50"], result["p99"])


def agree(targets: dict[str, Target]) -> None:
    """End unless all servers read the same picture alike."""
    answers = {name: np.array(target.ask()["probabilities"]) for name, target in targets.items()}
    expected = answers["canvas PNG"]
    for name, probabilities in answers.items():
        difference = float(np.abs(probabilities - expected).max())
        if not difference <= AGREEMENT:
            raise SystemExit(f"the probabilities of {name} differ from ours by {difference:.2g}")


@contextmanager
def bento(weights: Path) -> Iterator[Target]:
    """Run the peer on BentoML; it takes the picture as a part of a form."""
    edge = b"--picture"
    head = b'Content-Disposition: form-data; name="image"; filename="a.png"\r\n'
    body = b"\r\n".join([edge, head + b"Content-Type: image/png\r\n", CANVAS, edge + b"--", b""])
    port = free_port()
    target = Target(port, "/predict", body, "multipart/form-data; boundary=picture")
    module = "benchmarks.servers.bento:Digits"
    command = ["-m", "bentoml", "serve", module, "--host", "127.0.0.1", "--port", str(port)]
    with tempfile.TemporaryDirectory() as home, running(command, weights, target, home):
        yield target


@contextmanager
def lit(weights: Path) -> Iterator[Target]:
    """Run the peer on LitServe; it takes the picture as base64 in JSON."""
    body = json.dumps({"image": base64.b64encode(CANVAS).decode()}).encode()
    port = free_port()
    target = Target(port, "/predict", body, "application/json")
    with running(["-m", "benchmarks.servers.lit", str(port)], weights, target):
        yield target


@contextmanager
def running(
    command: list[str], weights: Path, target: Target, home: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """Run Python with a command until it answers and as long as it is wanted."""
    environment = os.environ | {
        "DIGITS_WEIGHTS": str(weights),
        "BENTOML_HOME": home,
        "BENTOML_DO_NOT_TRACK": "True",
    }
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=PROJECT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        first_answer(process, target, 90)
        yield process
    finally:
        family = [*psutil.Process(process.pid).children(recursive=True), process]
        process.terminate()
        psutil.wait_procs(family[:-1], timeout=10)
        for member in family[:-1]:
            if member.is_running():
                member.kill()
        process.wait(30)


def first_answer(process: subprocess.Popen[bytes], target: Target, seconds: float) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            target.ask()
        except OSError:
            time.sleep(0.002)
        else:
            return
    raise SystemExit(f"{process.args} did not answer")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def memory_table(weights: Path) -> str:
    """Return the memory of the service, loaded and after many requests."""
    with service(weights=weights) as running_service:
        process = psutil.Process(running_service.process.pid)
        target = Target(running_service.port, PREDICT, CANVAS, "image/png")
        target.ask()
        loaded = process.memory_info().rss / 1e6
        done = 0.0
        while done < REQUESTS:
            done += load(target, 16).rate * SECONDS
        after = process.memory_info().rss / 1e6
    rows = [
        ["loaded", f"{loaded:.0f} MB", "", ""],
        [f"after {done:,.0f} requests", f"{after:.0f} MB", "120 MB", _below(after, 120)],
        ["growth", f"{after - loaded:.1f} MB", "5 MB", _below(after - loaded, 5)],
    ]
    return table(["memory of the service", "measured", "at most", ""], rows)


def start_table(weights: Path) -> str:
    """Return the time from the start to the first good answer, beside that of imports alone."""
    answers, imports = [], []
    for _ in range(TURNS):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", "import numpy, fastapi, pydantic"], cwd=PROJECT, check=True
        )
        imports.append(time.perf_counter() - start)
        port = free_port()
        target = Target(port, PREDICT, PIXELS, "application/json")
        environment = os.environ | {"DIGITS_PORT": str(port), "DIGITS_WEIGHTS": str(weights)}
        start = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "app"],
            cwd=PROJECT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            first_answer(process, target, 60)
            answers.append(time.perf_counter() - start)
        finally:
            process.terminate()
            process.wait(30)
    answer, importing = statistics.median(answers), statistics.median(imports)
    rows = [
        ["importing numpy, fastapi, pydantic", f"{importing:.2f} s", "", ""],
        ["first good answer", f"{answer:.2f} s", "", ""],
        ["ratio", f"{answer / importing:.2f} x", "2 x", _below(answer / importing, 2)],
    ]
    return table(["from the start to", "measured", "at most", ""], rows)


def _below(value: float, limit: float) -> str:
    return "reached" if value <= limit else "MISSED"


if __name__ == "__main__":
    main()
