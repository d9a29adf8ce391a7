"""Several drawings -> an answer for each of them, in their order."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from app.api.answer import FirstLook, describe, empty_drawing, look, read_all
from app.drawings.inputs import Drawing
from app.errors import Problem
from app.settings import Settings
from model.number_reader import NumberReader
from model.recognizer import Recognizer


class Answered(NamedTuple):
    """The answer to one drawing.

    content: what is answered, JSON-able, or why the drawing cannot be read;
    timings: how long each step took, in seconds.
    """

    content: dict[str, Any] | Problem
    timings: dict[str, float]


def read_batch(
    recognizer: Recognizer,
    numbers: NumberReader | None,
    drawings: Sequence[Drawing | Problem],
    detail: bool,
    settings: Settings,
) -> list[Answered]:
    """Read drawings together; a Problem in place of one is its answer."""
    looks = [_look(drawing, settings) for drawing in drawings]
    seen = [one for one in looks if not isinstance(one, Problem)]
    answers = iter(read_all(recognizer, numbers, seen, settings))
    answered = []
    for one in looks:
        if isinstance(one, Problem):
            answered.append(Answered(one, {}))
        elif (answer := next(answers)) is None:
            answered.append(Answered(empty_drawing(), one.timings))
        else:
            answered.append(Answered(describe(answer, one.decoded, detail=detail), one.timings))
    return answered


def _look(drawing: Drawing | Problem, settings: Settings) -> FirstLook | Problem:
    if isinstance(drawing, Problem):
        return drawing
    try:
        return look(drawing, settings)
    except Problem as problem:
        return problem


def sums(timings: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return how long each step took for all drawings."""
    steps = dict.fromkeys(step for each in timings for step in each)
    return {step: sum(each.get(step, 0.0) for each in timings) for step in steps}
