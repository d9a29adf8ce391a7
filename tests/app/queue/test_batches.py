"""Drawings that are ready together are read together, each as if it were alone."""

import asyncio

import numpy as np
import pytest

from app.queue.batches import Batches
from model.recognizer import Reading


class Counting:
    """A recognizer that counts what it is asked, and reads a frame as the digit it is filled with.

    One that is `broken` fails.
    """

    def __init__(self, *, broken=False):
        self.batches = []
        self._broken = broken

    def read(self, frames):
        self.batches.append(len(frames))
        if self._broken:
            raise RuntimeError("broken")
        return Reading(np.eye(10)[frames[:, 0, 0, 0].astype(int)], frames[:, 0, 0, 0] / 10)


def frame(digit):
    return np.full((28, 28, 1), digit, np.float32)


def test_a_batch_is_read_at_once_and_each_frame_gets_its_own_answer():
    recognizer = Counting()

    async def read():
        batches = Batches()
        return await asyncio.gather(*(batches.read(recognizer, frame(d)) for d in range(10)))

    answers = asyncio.run(read())
    assert recognizer.batches == [10]
    for digit, (reading, seconds) in enumerate(answers):
        assert reading.probabilities.shape == (1, 10)
        assert reading.probabilities.argmax() == digit
        assert reading.is_digit == pytest.approx([digit / 10])
        assert 0 < seconds < 1


def test_the_next_does_not_wait():
    recognizer = Counting()

    async def read():
        batches = Batches()
        for digit in range(3):
            await batches.read(recognizer, frame(digit))

    asyncio.run(read())
    assert recognizer.batches == [1, 1, 1]


def test_each_is_read_by_the_network_that_its_request_was_admitted_with():
    old, new, broken = Counting(), Counting(), Counting(broken=True)

    async def read():
        batches = Batches()
        asked = [(old, 1), (new, 2), (broken, 3), (old, 4), (broken, 5)]
        return await asyncio.gather(
            *(batches.read(recognizer, frame(digit)) for recognizer, digit in asked),
            return_exceptions=True,
        )

    answers = asyncio.run(read())
    assert (old.batches, new.batches, broken.batches) == ([2], [1], [2])
    assert [a[0].probabilities.argmax() for a in (answers[0], answers[1], answers[3])] == [1, 2, 4]
    assert str(answers[2]) == str(answers[4]) == "broken"


def test_who_has_left_does_not_disturb_the_others():
    recognizer = Counting()

    async def read():
        batches = Batches()
        tasks = [asyncio.create_task(batches.read(recognizer, frame(d))) for d in range(4)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers = asyncio.run(read())
    assert isinstance(answers[1], asyncio.CancelledError)
    assert [answers[d][0].probabilities.argmax() for d in (0, 2, 3)] == [0, 2, 3]
