"""The queue of drawings: how many at once, in which order, and which are refused."""

import asyncio
import threading
import time
from functools import partial
from itertools import pairwise

import pytest

from app.errors import Problem
from app.queue.admission import Admission
from app.settings import Settings


@pytest.fixture
def gate():
    """What large work waits for; opened at the end, lest a failed test keep its threads."""
    gate = threading.Event()
    yield gate
    gate.set()


async def staying():
    """What a client that waits for its answer sends."""
    await asyncio.Event().wait()


async def leaving():
    return {"type": "http.disconnect"}


def run(test, settings):
    async def with_admission():
        admission = Admission(settings)
        try:
            await test(admission)
        finally:
            admission.close()

    asyncio.run(with_admission())


def test_short_work_is_done_in_order_and_the_loop_looks_around():
    done = []

    def work(number):
        time.sleep(0.001)
        done.append(number)

    async def body(admission):
        ticks = []

        async def tick():
            while len(done) < 40:
                ticks.append(len(done))
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        await asyncio.gather(*(admission.soon(partial(work, i)) for i in range(40)))
        await ticking
        steps = [after - before for before, after in pairwise([*ticks, 40])]
        assert max(steps) <= 11  # of a millisecond each: no turn is longer than ten, and one more
        assert steps.count(0) >= 40  # as often as work was done, there was time for something else

    run(body, Settings())
    assert done == list(range(40))


def test_the_queue_has_an_end():
    async def body(admission):
        results = await asyncio.gather(
            *(admission.soon(lambda: "read") for _ in range(30)), return_exceptions=True
        )
        refused = [result for result in results if isinstance(result, Problem)]
        assert results.count("read") == 10
        assert {problem.status for problem in refused} == {429}
        assert refused[0].headers == {"Retry-After": "1"}
        assert admission.waiting == 0
        assert await admission.soon(lambda: "again") == "again"

    run(body, Settings(queue=10))


def test_work_that_fails_leaves_the_queue():
    def fail():
        raise Problem("bad-image", "broken")

    async def body(admission):
        for _ in range(5):
            with pytest.raises(Problem, match="broken"):
                await admission.soon(fail)
            with pytest.raises(Problem, match="broken"):
                await admission.in_thread(fail, staying)
        await asyncio.sleep(0)
        assert admission.waiting == admission.waiting_large == 0

    run(body, Settings(queue=1, large_queue=1))


def test_a_client_that_left_does_not_hold_up_the_queue():
    async def body(admission):
        tasks = [asyncio.create_task(admission.soon(lambda: "read")) for _ in range(5)]
        await asyncio.sleep(0)
        for task in tasks[1:4]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert results[0] == results[4] == "read"
        assert all(isinstance(result, asyncio.CancelledError) for result in results[1:4])
        assert admission.waiting == 0

    run(body, Settings())


def test_large_work_goes_to_threads_and_the_loop_stays_free(gate):
    async def body(admission):
        large = [asyncio.create_task(admission.in_thread(gate.wait, staying)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refused:
            await admission.in_thread(gate.wait, staying)
        assert refused.value.status == 429
        assert await admission.soon(threading.get_ident) == threading.get_ident()
        gate.set()
        assert await asyncio.gather(*large) == [True] * 3

    run(body, Settings(threads=1, large_queue=3))


def test_large_work_of_a_client_that_leaves_is_dropped_if_it_is_not_begun(gate):
    done = []

    async def body(admission):
        running = asyncio.create_task(admission.in_thread(gate.wait, staying))
        await asyncio.sleep(0.05)
        with pytest.raises(Problem) as left:
            await admission.in_thread(partial(done.append, "read"), leaving)
        assert left.value.status == 499
        await asyncio.sleep(0)
        assert admission.waiting == admission.waiting_large == 1  # its place is free at once
        gate.set()
        assert await running is True
        assert await admission.in_thread(lambda: "next", staying) == "next"

    run(body, Settings(threads=1))
    assert done == []


def test_large_work_that_is_begun_is_answered_to_a_client_that_closed_its_half(gate):
    async def body(admission):
        left = asyncio.Event()
        reading = asyncio.create_task(admission.in_thread(gate.wait, left.wait))
        await asyncio.sleep(0.05)
        left.set()
        await asyncio.sleep(0.05)
        assert not reading.done()
        gate.set()
        assert await reading is True

    run(body, Settings(threads=1))


def test_a_request_of_several_drawings_takes_as_many_places():
    async def body(admission):
        first = asyncio.create_task(admission.soon(lambda: "read", drawings=9))
        await asyncio.sleep(0)
        assert admission.waiting == 9
        second = asyncio.create_task(admission.soon(lambda: "read", drawings=9))
        await asyncio.sleep(0)
        with pytest.raises(Problem):
            await admission.soon(lambda: "read")
        assert await asyncio.gather(first, second) == ["read", "read"]
        assert admission.waiting == 0

    run(body, Settings(queue=10))


def test_so_does_one_whose_work_is_large(gate):
    async def body(admission):
        large = asyncio.create_task(admission.in_thread(gate.wait, staying, drawings=9))
        await asyncio.sleep(0)
        assert (admission.waiting, admission.waiting_large) == (9, 1)
        with pytest.raises(Problem, match="closed the connection"):
            await admission.in_thread(gate.wait, leaving, drawings=9)
        assert admission.waiting == 9
        gate.set()
        assert await large is True
        await asyncio.sleep(0)
        assert (admission.waiting, admission.waiting_large) == (0, 0)

    run(body, Settings(queue=40, threads=1))


def test_batches_leave_room_for_small_drawings(gate):
    async def body(admission):
        batches = [
            asyncio.create_task(admission.in_thread(gate.wait, staying, drawings=64))
            for _ in range(4)
        ]
        await asyncio.sleep(0)
        assert (admission.waiting, admission.waiting_large) == (32, 2)
        assert await admission.soon(lambda: "read") == "read"
        with pytest.raises(Problem) as refused:
            await admission.in_thread(gate.wait, staying)
        assert refused.value.kind == "busy"
        gate.set()
        answers = await asyncio.gather(*batches, return_exceptions=True)
        assert answers[:2] == [True, True]
        assert [problem.kind for problem in answers[2:]] == ["busy", "busy"]

    run(body, Settings(queue=64))


def test_large_work_has_a_time_limit_and_keeps_its_place_until_it_is_done(gate):
    async def body(admission):
        with pytest.raises(Problem) as late:
            await admission.in_thread(gate.wait, staying)
        assert late.value.status == 503
        assert late.value.headers == {"Retry-After": "1"}
        assert admission.waiting_large == 1
        gate.set()
        for _ in range(200):
            await asyncio.sleep(0.01)
            if admission.waiting_large == 0:
                break
        assert admission.waiting == admission.waiting_large == 0

    run(body, Settings(threads=1, answer_seconds=0.05))
