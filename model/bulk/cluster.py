"""Many items at once: a stream of them through the machines of a Ray cluster, in order.

Ray Data hands chunks of items to the worker processes of all machines, each of which holds one
network, and hands what a machine that died had not finished to another. The processes work by
tasks, not as actors: an actor that was lost with its machine waits for as much room as it had, and
on a smaller cluster that never comes. Rows come back in the order of the items, and are those that
one machine computes: an item's row depends on nothing but the item.

Each machine needs this project's dependencies (`pip install -e '.[ray]'`) and must reach the files
by the names that they are given here; the code and the weights are sent along. Whoever reaches a
cluster runs any program on it, unless it was started with RAY_AUTH_MODE=token.

The package `ray` is imported where it is used, and nowhere else.
"""

import logging
import os
import socket
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import model
from model.bulk.items import Item
from model.bulk.processes import Chunk, chunks
from model.bulk.rows import Row, Scorer, Task
from model.errors import CommandError

_TOGETHER = 4096  # chunks that are known to the cluster at once, so that memory stays bounded
_CONNECT_SECONDS = 10.0
_OF_A_TASK = 4  # chunks: tenths of a second of work, beside which a task's start is little


def score_on_cluster(task: Task, items: Iterable[Item]) -> Iterator[list[Row]]:
    """Yield the rows of items, chunk after chunk in their order, read on a cluster.

    It is the one that runs on this machine, or that `RAY_ADDRESS` names; else one of this machine
    alone is started.

    Raises:
        CommandError: if none can be reached at `RAY_ADDRESS`, or it fails as a whole.
    """
    _check_address(os.environ.get("RAY_ADDRESS", ""))
    import ray

    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    ray.init(
        runtime_env={"py_modules": [str(Path(model.__file__).parent)], "env_vars": threads},
        log_to_driver=False,
        logging_level=logging.ERROR,
    )
    logging.getLogger("ray").setLevel(logging.ERROR)  # nor what its data are made of, and the like
    try:
        context = ray.data.DataContext.get_current()
        context.execution_options.preserve_order = True
        context.enable_progress_bars = False
        score = _Score(task, ray.put(_weights(task)))
        every = chunks(items)
        while together := [{"sent": _Sent(chunk)} for chunk in islice(every, _TOGETHER)]:
            blocks = -(-len(together) // _OF_A_TASK)
            dataset = ray.data.from_items(together, override_num_blocks=blocks)
            for row in dataset.map(score, num_cpus=1).iter_rows():
                cells = zip(row["line"], row["said"], row["failed"], strict=True)
                yield [Row(*of_one) for of_one in cells]
    except ray.exceptions.RayError as error:
        reason = str(error).strip().splitlines()[-1]
        raise CommandError(
            f"the cluster failed ({reason}); a run with --out keeps what was read, and --resume "
            "goes on"
        ) from None
    finally:
        ray.shutdown()


def _check_address(address: str) -> None:
    """Raise CommandError if nobody listens there: Ray tries for a quarter of an hour."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdecimal():
        return  # "auto", or none
    try:
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS).close()
    except OSError as error:
        raise CommandError(
            f"no cluster can be reached at RAY_ADDRESS={address} ({error}); start one with "
            "`ray start --head`, or leave the variable out to read on this machine alone"
        ) from None


@dataclass(frozen=True)
class _Sent:
    """A chunk as Ray passes it on: whole, not taken apart into columns."""

    chunk: Chunk


@dataclass(frozen=True)
class _Score:
    """What each task does.

    weights: a reference to the content of the weights files, which a process asks for once.
    """

    task: Task
    weights: Any

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        scorer = _scorer_of_process(self.task, self.weights)
        rows = [scorer.row(item) for item in row["sent"].chunk]
        return {
            "line": [one.line for one in rows],
            "said": [one.said for one in rows],
            "failed": [one.failed for one in rows],
        }


def _weights(task: Task) -> list[bytes]:
    paths = [task.weights, *([] if task.numbers is None else [task.numbers])]
    return [path.read_bytes() for path in paths]


_scorers: dict[Task, Scorer] = {}  # of this process: one


def _scorer_of_process(task: Task, weights: Any) -> Scorer:
    import ray

    if task not in _scorers:
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for index, content in enumerate(ray.get(weights)):
                paths.append(Path(folder) / str(index))
                paths[-1].write_bytes(content)
            numbers = None if task.numbers is None else paths[1]
            _scorers[task] = Scorer(replace(task, weights=paths[0], numbers=numbers))
    return _scorers[task]
