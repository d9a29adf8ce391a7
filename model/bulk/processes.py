"""Many items at once: a stream of them through processes of this machine, in order."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from functools import lru_cache

from model.bulk.items import ArrayPicture, Item, Unreadable
from model.bulk.rows import Row, Scorer, Task
from model.errors import CommandError, ProcessDied
from model.parallel import Processes

CHUNK = 64  # items that a process takes at a time: some hundredths of a second
_CHUNK_BYTES = 2**22  # of pixels that are sent with them, beyond the first
_AHEAD = 3  # chunks for each process that wait or are done before their turn
_TRIES = 3  # of an item whose process dies, since a process may be killed for others' sake

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
    """Yield the rows of items, chunk after chunk in their order, read in so many new processes.

    Raises:
        CommandError: if they die whatever they read, as where there is no memory.
    """
    waiting: deque[Future[list[Row]]] = deque()
    try:
        with Processes(processes) as running:
            for chunk in chunks(items):
                waiting.append(running.threads.submit(_rows, running, task, chunk))
                if len(waiting) > _AHEAD * processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
    except ProcessDied:
        raise CommandError(
            "the processes die whatever they read, perhaps for want of memory; a run with --out "
            "keeps what was read, and --resume goes on"
        ) from None


def _rows(running: Processes, task: Task, chunk: Chunk) -> list[Row]:
    """Return the rows of items; if the process that reads them dies, each is read anew, alone."""
    try:
        return running.call(_score, task, chunk)
    except ProcessDied:
        return [_row_alone(running, task, item) for item in chunk]


def _row_alone(running: Processes, task: Task, item: Item) -> Row:
    """Return the row of an item; if process after process dies of it, the row says that."""
    reason = "cannot be read (the process that reads it dies, perhaps for want of memory)"
    for one in [item] * _TRIES + [Unreadable(item.source, reason)] * _TRIES:
        with suppress(ProcessDied):
            [row] = running.call(_score, task, [one])
            return row
    raise ProcessDied


def _score(task: Task, chunk: Chunk) -> list[Row]:
    scorer = _scorer(task)
    return [scorer.row(item) for item in chunk]


@lru_cache(maxsize=1)
def _scorer(task: Task) -> Scorer:
    return Scorer(task)
