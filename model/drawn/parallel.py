"""From many drawings to frames, on all cores."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from model.nn.base import Array

CHUNK = 250  # drawings that share one child seed; fixed, whatever the number of processes


def in_processes(
    function: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], processes: int | None
) -> Iterator[Any]:
    """Yield the results of a top-level function for each of the arguments, in their order.

    New processes are spawned, not forked: the trainer's and the tests' threads do not survive that.
    """
    processes = min(processes or os.cpu_count() or 1, len(arguments))
    if processes <= 1:
        yield from (function(*argument) for argument in arguments)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as executor:
        yield from executor.map(function, *zip(*arguments, strict=True))


def drawn_in_chunks(
    draw: Callable[[int, np.random.SeedSequence, Any], tuple[Array, ...]],
    count: int,
    entropy: Sequence[int],
    argument: Any,
    processes: int | None,
    progress: Callable[[int, int], None] | None,
) -> tuple[Array, ...]:
    """Return what a top-level function draws, ``count`` in all, chunk after chunk on all cores.

    ``draw(size, seed, argument)`` returns arrays of ``size`` entries, which are joined; 0 is a
    size too. The result depends on ``count``, ``entropy`` and ``argument`` alone. ``progress`` is
    called with the number done and ``count``.
    """
    sizes = [min(CHUNK, count - start) for start in range(0, count, CHUNK)] or [0]
    seeds = np.random.SeedSequence(entropy).spawn(len(sizes))
    arguments = [(size, seed, argument) for size, seed in zip(sizes, seeds, strict=True)]
    chunks = []
    for chunk in in_processes(draw, arguments, processes):
        chunks.append(chunk)
        if progress is not None:
            progress(sum(sizes[: len(chunks)]), count)
    return tuple(np.concatenate(parts) for parts in zip(*chunks, strict=True))
