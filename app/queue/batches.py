"""Drawings that are ready at the same time are read by the network together.

Weights and code are then fetched into the processor's caches once for all of them, which takes as
long as the arithmetic. No drawing waits for others: one that comes alone is a batch of one. The
answer does not depend on what else is in the batch; where BLAS does no packing
(`model.nn.fast.matmul`), it is the same to the last digit.
"""

import asyncio
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from model.recognizer import Reading, Recognizer

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Waiting(NamedTuple):
    recognizer: Recognizer
    frame: "NDArray[np.float32]"
    answer: asyncio.Future[tuple[Reading, float]]


class Batches:
    """The frames of one worker that wait for the network; belongs to its event loop."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []

    async def read(
        self, recognizer: Recognizer, frame: "NDArray[np.float32]"
    ) -> tuple[Reading, float]:
        """Read a frame, float32 (28, 28, 1), with all others of this turn of the event loop.

        Returns a reading of one frame, and its share of the network's time in seconds.
        """
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._read_all)
        answer: asyncio.Future[tuple[Reading, float]] = loop.create_future()
        self._waiting.append(_Waiting(recognizer, frame, answer))
        return await answer

    def _read_all(self) -> None:
        waiting, self._waiting = self._waiting, []
        # While weights are reloaded, frames of two networks wait; each goes to its own network.
        for recognizer in {id(one.recognizer): one.recognizer for one in waiting}.values():
            batch = [one for one in waiting if one.recognizer is recognizer]
            start = time.perf_counter()
            try:
                readings = recognizer.read(np.stack([one.frame for one in batch])).rows()
            except Exception as error:  # noqa: BLE001 - each of them gets it, to log and answer
                for one in batch:
                    if not one.answer.done():
                        one.answer.set_exception(error)
                continue
            seconds = (time.perf_counter() - start) / len(batch)
            for one, reading in zip(batch, readings, strict=True):
                if not one.answer.done():  # else its client has left
                    one.answer.set_result((reading, seconds))
