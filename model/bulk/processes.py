"""Many items at once: a stream of them through processes of this machine, in order."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from model.bulk.items import ArrayPicture, Item
from model.bulk.rows import Row, Scorer, Task
from model.errors import CommandError

CHUNK = 64  # items that a process takes at a time: some hundredths of a second
_CHUNK_BYTES = 2**22  # of pixels that are sent with them, beyond the first
_AHEAD = 3  # chunks for each process that wait or are done before their turn

Chunk = list[Item]


def chunks(items: Iterable[Item]) -> Iterator[Chunk]:
    """Yield items together, so many that sending them costs little, so few that they fit."""
    chunk: Chunk = []
    size = 0
    for item in items:
        chunk.append(item)
        size += item.grey.nbytes if isinstance(item, ArrayPicture) else 0
        if len(chunk) == CHUNK or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def score_here(scorer: Scorer, items: Iterable[Item]) -> Iterator[list[Row]]:
    """Yield the rows of items, chunk after chunk, read in this process."""
    for chunk in chunks(items):
        yield [scorer.row(item) for item in chunk]


def score_in_processes(task: Task, items: Iterable[Item], processes: int) -> Iterator[list[Row]]:
    """Yield the rows of items, chunk after chunk in their order, read in so many processes.

    They are new, not forked, and end with this one, however it ends.

    Raises:
        CommandError: if one of them dies, as for want of memory.
    """
    others = set(multiprocessing.active_children())
    executor = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin, (task,))
    waiting: deque[tuple[Chunk, Future[list[Row]]]] = deque()
    try:
        for chunk in chunks(items):
            waiting.append((chunk, executor.submit(_score, chunk)))
            if len(waiting) > _AHEAD * processes:
                yield _result(*waiting.popleft())
        while waiting:
            yield _result(*waiting.popleft())
    except BaseException:  # Ctrl-C, most likely: nobody waits for what is under way
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _result(chunk: Chunk, future: "Future[list[Row]]") -> list[Row]:
    try:
        return future.result()
    except BrokenProcessPool:
        raise CommandError(
            "a process died, perhaps for want of memory, while it read what lies between "
            f"{chunk[0].source} and {chunk[-1].source}, or shortly behind; a run with --out keeps "
            "what was read, and --resume goes on"
        ) from None


_scorer: Scorer | None = None


def _begin(task: Task) -> None:
    """Get a new process ready."""
    global _scorer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that started it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _scorer = Scorer(task)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None  # this is a new process
    parent.join()
    os._exit(1)


def _score(chunk: Chunk) -> list[Row]:
    assert _scorer is not None  # _begin has run
    return [_scorer.row(item) for item in chunk]
