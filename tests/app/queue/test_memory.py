"""Memory for decoding: no more is taken at once than there is, and nobody waits for ever."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.queue.memory import Memory


def test_no_more_is_taken_at_once_than_there_is():
    memory = Memory(100)
    lock, taken, most = threading.Lock(), 0, 0

    def take(size):
        nonlocal taken, most
        with memory.taken(size):
            with lock:
                taken += min(size, 100)
                most = max(most, taken)
            time.sleep(0.002)
            with lock:
                taken -= min(size, 100)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(take, [10, 60, 45, 100, 30, 0, 1000, 55] * 8))  # 1000: all there is
    assert 55 < most <= 100


def test_work_that_fails_gives_its_memory_back():
    memory = Memory(100)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), memory.taken(80):
            1 / 0  # noqa: B018
    with memory.taken(100):
        pass
