"""What instances behind HAProxy bear: python -m benchmarks.cluster [--quick] [EXPERIMENT ...]

replace  one instance after the other is replaced by one with other weights
drain    one instance is told to end, and a new one takes its place
kill     one instance gets kill -9, and a new one takes its place
hang     one instance is stopped for 15 s (SIGSTOP), and goes on

Four instances with the drain time of deploy/compose.yaml stand behind deploy/haproxy.cfg, on
127.0.0.1, and 64 clients ask them all the while. Every answer is held to what the weights that it
names answer when nothing else is asked. Each experiment prints a table; a picture shows them all.
"""

import argparse
import asyncio
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil
import uvloop
from tqdm import tqdm

from benchmarks.clients.load import (
    PROJECT,
    Connection,
    Failed,
    Refused,
    Service,
    percentile,
    same,
    service,
)
from benchmarks.report import RESULTS, machine, say, table
from benchmarks.resilience import READ_CANVAS, Row

CONFIGURATION = PROJECT / "deploy" / "haproxy.cfg"
OLD, NEW = (PROJECT / "weights" / f"{name}.npz" for name in ("digits", "tutorial"))
PAUSE = 1.0  # s, of a client between an answer and its next question, in the mean
NOTICED = 1.5  # s, in which HAProxy knows that an instance is there, or is not


class Asked(NamedTuple):
    """A question: when it was asked, s; how long its answer took, s; what came of it.

    outcome: "old" or "new" for a right answer of these weights, else what was wrong.
    """

    at: float
    seconds: float
    outcome: str


class Told(NamedTuple):
    """What an experiment gave.

    marks: the moments, s, at which something was done; proxy_seconds: HAProxy's processor time.
    """

    asked: list[Asked]
    marks: dict[float, str]
    proxy_seconds: float


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port


@contextmanager
def haproxy(ports: list[int], port: int) -> Iterator[psutil.Process]:
    """Run HAProxy at a port as deploy/haproxy.cfg says, before instances at others."""
    text = CONFIGURATION.read_text().partition("\nresolvers")[0]
    servers = "\n".join(f"    server digits{at} 127.0.0.1:{at}" for at in ports)
    text = re.sub(r"    server-template .*", servers, text)
    text = text.replace("bind :8000", f"bind 127.0.0.1:{port}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "haproxy.cfg"
        path.write_text(text + "\n")
        process = subprocess.Popen(
            ["haproxy", "-db", "-f", str(path)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(30)


class Cluster:
    """Instances of the service, each at a port of its own that it keeps when it is replaced."""

    def __init__(self, stack: ExitStack, count: int) -> None:
        self._stack = stack
        self.ports = [free_port() for _ in range(count)]
        self.instances = [self._start(port, OLD) for port in self.ports]
        self.port = free_port()
        self.proxy = stack.enter_context(haproxy(self.ports, self.port))

    def _start(self, port: int, weights: Path) -> Service:
        settings = {
            "port": port,
            "weights": weights,
            "drain_seconds": 3,
            "forwarded_allow_ips": "127.0.0.1",
        }
        return self._stack.enter_context(service(**settings))

    async def start(self, number: int, weights: Path = OLD) -> None:
        """Start an instance anew, and give HAProxy the time to see it."""
        port = self.ports[number]
        self.instances[number] = await asyncio.to_thread(self._start, port, weights)
        await asyncio.sleep(NOTICED)

    async def end(self, number: int) -> None:
        """End an instance as an orchestrator does, and wait until it has."""
        code, _ = await asyncio.to_thread(self.instances[number].stop)
        assert code == 0, code

    async def answers(self) -> dict[str, tuple[str, bytes]]:
        """Return what each weights' right answer is, and whether they are old or new, by digest."""
        right = {}
        for name, weights in (("old", OLD), ("new", NEW)):
            with service(weights=weights) as running:
                connection = Connection(running.port)
                answer = await connection.ask(READ_CANVAS)
                connection.close()
            right[answer.digest] = (name, answer.body)
        assert len({body for _, body in right.values()}) == 2, "the weights answer the same"
        return right


Doing = Callable[[Cluster, Callable[[str], None], bool], Awaitable[None]]


async def replace(cluster: Cluster, mark: Callable[[str], None], quick: bool) -> None:
    """Replace one instance after the other by one with other weights."""
    for number in range(1 if quick else len(cluster.ports)):
        mark("SIGTERM")
        await cluster.end(number)
        mark("new weights")
        await cluster.start(number, NEW)


async def drain(cluster: Cluster, mark: Callable[[str], None], quick: bool) -> None:
    """Tell one instance to end."""
    mark("SIGTERM")
    await cluster.end(0)
    mark("start")
    await cluster.start(0)


async def kill(cluster: Cluster, mark: Callable[[str], None], quick: bool) -> None:
    """Kill one instance, and leave its place empty for a while."""
    mark("SIGKILL")
    cluster.instances[0].process.kill()
    await asyncio.sleep(1 if quick else 3)
    mark("start")
    await cluster.start(0)


async def hang(cluster: Cluster, mark: Callable[[str], None], quick: bool) -> None:
    """Stop one instance, and let it go on."""
    mark("SIGSTOP")
    cluster.instances[0].process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(4 if quick else 15)
    mark("SIGCONT")
    cluster.instances[0].process.send_signal(signal.SIGCONT)
    await asyncio.sleep(NOTICED)


EXPERIMENTS: dict[str, Doing] = {"replace": replace, "drain": drain, "kill": kill, "hang": hang}
LOSES_NOTHING = ("replace", "drain")


async def told(doing: Doing, quick: bool) -> Told:
    """Ask all the while that something is done to the instances, and a little before and after."""
    asked: list[Asked] = []
    marks: dict[float, str] = {}
    over = asyncio.Event()
    pause = PAUSE / 8 if quick else PAUSE  # so that few clients ask as often
    with ExitStack() as stack:
        cluster = Cluster(stack, 2 if quick else 4)
        right = await cluster.answers()
        await asyncio.sleep(NOTICED)
        start = time.monotonic()
        clients = [
            asyncio.create_task(_client(cluster.port, number, pause, right, start, asked, over))
            for number in range(8 if quick else 64)
        ]
        await asyncio.sleep(1 if quick else 3)
        await doing(cluster, lambda what: marks.update({time.monotonic() - start: what}), quick)
        await asyncio.sleep(0.5 if quick else 3)
        over.set()
        await asyncio.gather(*clients)
        proxy_seconds = sum(cluster.proxy.cpu_times()[:2])
    return Told(asked, marks, proxy_seconds)


async def _client(
    port: int,
    number: int,
    pause: float,
    right: dict[str, tuple[str, bytes]],
    start: float,
    asked: list[Asked],
    over: asyncio.Event,
) -> None:
    rng = random.Random(number)
    connection = Connection(port)
    while not over.is_set():
        await asyncio.sleep(rng.uniform(0, 2 * pause))
        began = time.monotonic()
        try:
            answer = await connection.ask(READ_CANVAS)
        except (Failed, Refused) as error:
            outcome = type(error).__name__.lower()
        else:
            name, body = right.get(answer.digest, ("", b""))
            outcome = name if name and same(answer.body, body) else "wrong"
            if answer.status != 200:
                outcome = f"status {answer.status}"
        asked.append(Asked(began - start, time.monotonic() - began, outcome))
    connection.close()


def rows(name: str, told: Told) -> list[Row]:
    """Return what was measured, and what was asked for."""
    good = [one for one in told.asked if one.outcome in ("old", "new")]
    wrong = sum(one.outcome == "wrong" for one in told.asked)
    failed = len(told.asked) - len(good) - wrong
    new = sum(one.outcome == "new" for one in good)
    ms = [one.seconds * 1e3 for one in good]
    nothing = name in LOSES_NOTHING
    return [
        ("answers", f"{len(good)}", "", True),
        *([("of the new weights", f"{new}", "", new > 0)] if name == "replace" else []),
        ("failed", f"{failed}", "0" if nothing else "", failed == 0 or not nothing),
        ("of neither weights", f"{wrong}", "0", wrong == 0),
        ("median", f"{median(ms):.1f} ms", "", True),
        ("p99", f"{percentile(ms, 99):.0f} ms", "", True),
        ("longest", f"{max(ms):.0f} ms", "", True),
        ("HAProxy, for an answer", f"{told.proxy_seconds / len(good) * 1e3:.2f} ms", "", True),
    ]


def picture(results: dict[str, Told]) -> Path:
    """Draw how long each answer took, over the time of each experiment; return where it is."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(
        len(results), 1, figsize=(9, 2.3 * len(results)), layout="constrained", squeeze=False
    )
    kinds = {"old": ("C0", "old weights"), "new": ("C1", "new weights"), "": ("C3", "failed")}
    for (name, (asked, marks, _)), ax in zip(results.items(), axes[:, 0], strict=True):
        for kind, (colour, label) in kinds.items():
            of_kind = [
                one for one in asked if (one.outcome if one.outcome in kinds else "") == kind
            ]
            ax.plot(
                [one.at for one in of_kind],
                [one.seconds * 1e3 for one in of_kind],
                "." if kind else "x",
                color=colour,
                markersize=2 if kind else 6,
                label=f"{label} ({len(of_kind)})",
            )
        for number, (at, what) in enumerate(marks.items()):
            ax.axvline(at, color="grey", linewidth=0.8)
            y = 0.97 - 0.1 * (number % 2)
            ax.text(at, y, f" {what}", transform=ax.get_xaxis_transform(), va="top", fontsize=7)
        ax.set_yscale("log")
        ax.set_ylim(0.5, 30_000)
        ax.set_ylabel("ms to the answer")
        ax.set_title(name, loc="left", fontsize=10)
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, fontsize=7, frameon=False)
    axes[-1, 0].set_xlabel("s")
    path = RESULTS / "cluster.png"
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, dpi=90)
    plt.close(figure)
    return path.relative_to(PROJECT)


def main() -> int:
    """Run the experiments; return 1 if one missed what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("experiments", nargs="*", choices=[*EXPERIMENTS, []], metavar="EXPERIMENT")
    parser.add_argument("--quick", action="store_true", help="2 instances and 8 clients")
    options = parser.parse_args()
    if shutil.which("haproxy") is None:
        raise SystemExit("HAProxy is needed: apt-get install haproxy")
    results = {
        name: uvloop.run(told(EXPERIMENTS[name], options.quick))
        for name in tqdm(options.experiments or list(EXPERIMENTS), desc="experiments")
    }
    tables, reached = [], True
    for name, result in results.items():
        measured = rows(name, result)
        shown = [
            [what, value, asked, ("reached" if ok else "MISSED") if asked or not ok else ""]
            for what, value, asked, ok in measured
        ]
        tables.append(table([name, "measured", "asked for", ""], shown))
        reached &= all(ok for *_, ok in measured)
    say(
        "cluster",
        "Instances behind HAProxy",
        *tables,
        machine("1 for NumPy in each instance", "fastapi", "uvicorn"),
        f"picture: {picture(results)}",
    )
    return 0 if reached else 1


if __name__ == "__main__":
    raise SystemExit(main())
