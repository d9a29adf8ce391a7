"""One drawing -> what is answered. Each step is timed for the Server-Timing header.

A drawing is decoded and framed, and read beside others (`queue.batches`). What is then no digit, or
has ink at its border, is looked at once more, without the ink that is not its own.
"""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from app.drawings.images import Decoded, decode_drawing
from app.drawings.inputs import Drawing
from app.errors import EMPTY_DRAWING, Problem
from app.settings import Settings
from model.errors import EmptyDrawing
from model.frame.parts import Box
from model.frame.pixels import to_pixels
from model.frame.preprocess import Framed, frame_drawing
from model.number_reader import NumberReader
from model.recognizer import Reading, Recognizer, Verdict, verdict
from model.second_look import Answer, read_again, read_drawing, worth_it

if TYPE_CHECKING:
    from numpy.typing import NDArray

DECIMALS = 9  # of a probability: the sum of ten stays within 1e-8 of 1


class FirstLook(NamedTuple):
    """A drawing, decoded and framed.

    Attributes:
        decoded: the drawing.
        framed: its frame; None if it seems empty.
        timings: how long each step took, in seconds.
    """

    decoded: Decoded
    framed: Framed | None
    timings: dict[str, float]


def look(drawing: Drawing, settings: Settings) -> FirstLook:
    """Decode and frame a drawing. Raises Problem (400) if it cannot be decoded."""
    start = time.perf_counter()
    decoded = decode_drawing(drawing, settings)
    halfway = time.perf_counter()
    try:
        framed = frame_drawing(decoded.grey)
    except EmptyDrawing:
        framed = None
    timings = {"decode": halfway - start, "preprocess": time.perf_counter() - halfway}
    return FirstLook(decoded, framed, timings)


def first_answer(framed: Framed, reading: Reading, settings: Settings) -> Answer:
    """Return what the first look gives: the reading of one frame, by the settings' thresholds."""
    return Answer(framed, reading, _verdict_of_one(reading, settings), [])


def read_all(
    recognizer: Recognizer,
    numbers: NumberReader | None,
    looks: Sequence[FirstLook],
    settings: Settings,
) -> list[Answer | None]:
    """Read drawings in one pass of the network, and again those of them that are worth it.

    What that takes is added to the timings of each. Returns None for a drawing without ink.
    """
    start = time.perf_counter()
    frames = [look.framed.frame for look in looks if look.framed is not None]
    readings = iter(recognizer.read(np.stack(frames)).rows() if frames else ())
    seconds = (time.perf_counter() - start) / max(len(frames), 1)
    answers: list[Answer | None] = []
    for decoded, framed, timings in looks:
        answer = None
        if framed is not None:
            answer = first_answer(framed, next(readings), settings)
            timings["infer"] = seconds
        if answer is None or worth_it(answer):
            second, timings["second_look"] = second_answer(
                recognizer, numbers, decoded.grey, answer, settings
            )
            answer = second or answer
        answers.append(answer)
    return answers


def second_answer(
    recognizer: Recognizer,
    numbers: NumberReader | None,
    grey: "NDArray[np.uint8]",
    first: Answer | None,
    settings: Settings,
) -> tuple[Answer | None, float]:
    """Look at a drawing again; return the answer, None if the first one stands, and the seconds."""
    start = time.perf_counter()
    second = read_again(recognizer, grey, first, numbers)
    if second is not None and second.verdict is Verdict.DIGIT:
        second = second._replace(verdict=_verdict_of_one(second.reading, settings))
    return second, time.perf_counter() - start


def describe(answer: Answer, decoded: Decoded, *, detail: bool) -> dict[str, Any]:
    """Return what is answered to a drawing, JSON-able."""
    reading = answer.reading
    probabilities = reading.probabilities[0].round(DECIMALS).tolist()
    order = sorted(range(10), key=probabilities.__getitem__, reverse=True)
    content = {
        "digit": order[0],
        "confidence": probabilities[order[0]],
        "probabilities": probabilities,
        "inverted": answer.framed.inverted,
        "is_digit": _rounded_is_digit(reading),
        "verdict": answer.verdict,
        "alternatives": [{"digit": d, "probability": probabilities[d]} for d in order],
    }
    if detail:
        content["pixels"] = to_pixels(answer.framed.frame).tolist()
        content["ignored"] = boxes_as_sent(answer.ignored, decoded)
    return content | taken_as(decoded)


def boxes_as_sent(boxes: Sequence[Box], decoded: Decoded) -> list[dict[str, int]]:
    """Return boxes in a drawing as they are answered, in pixels of the picture as it was sent."""
    sides = ("left", "top", "width", "height")
    return [{side: round(decoded.scale * getattr(box, side)) for side in sides} for box in boxes]


def taken_as(decoded: Decoded) -> dict[str, Any]:
    """Return what every answer says of a drawing that was not taken as numbers from 0 to 255."""
    return {"pixel_range": [0, 1]} if decoded.from_0_to_1 else {}


def explain(
    recognizer: Recognizer, numbers: NumberReader | None, drawing: Drawing, settings: Settings
) -> tuple[dict[str, Any], dict[str, float]]:
    """Explain the reading of a drawing: what is answered, and the times.

    Raises Problem if it cannot be decoded (400) or is empty (422).
    """
    start = time.perf_counter()
    decoded = decode_drawing(drawing, settings)
    to_frame = time.perf_counter()
    try:
        answer = read_drawing(recognizer, decoded.grey, numbers)
    except EmptyDrawing:
        raise empty_drawing() from None
    to_explain = time.perf_counter()
    frame = answer.framed.frame
    explanation = recognizer.explain(frame)
    content = {
        "digit": explanation.digit,
        "is_digit": _rounded_is_digit(answer.reading),
        "pixels": to_pixels(frame).tolist(),
        "feature_maps": np.rint(explanation.feature_maps * 255).astype(int).tolist(),
        "influence": explanation.influence.astype(float).round(4).tolist(),
    }
    timings = {
        "decode": to_frame - start,
        "preprocess": to_explain - to_frame,
        "infer": time.perf_counter() - to_explain,
    }
    return content | taken_as(decoded), timings


def empty_drawing() -> Problem:
    """Return the refusal of a drawing without ink."""
    return Problem("empty-drawing", EMPTY_DRAWING)


def verdict_of(confidence: float, is_digit: float | None, settings: Settings) -> Verdict:
    """Say what a reading is worth, by the thresholds of the settings."""
    return verdict(
        confidence,
        is_digit,
        not_a_digit_below=settings.not_a_digit_below,
        digit_above=settings.digit_above,
        confident_above=settings.confident_above,
    )


def _verdict_of_one(reading: Reading, settings: Settings) -> Verdict:
    confidence = max(reading.probabilities[0].round(DECIMALS).tolist())
    return verdict_of(confidence, _rounded_is_digit(reading), settings)


def _rounded_is_digit(reading: Reading) -> float | None:
    return None if reading.is_digit is None else round(float(reading.is_digit[0]), DECIMALS)
