"""One drawing -> what is answered. Each step is timed for the Server-Timing header.

A drawing is decoded and framed, and read beside others (`queue.batches`). What is then no digit, or
has ink at its border, is looked at once more, without the ink that is not its own.
"""

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from app.drawings.containers import Container
from app.drawings.images import decode_picture
from app.errors import EMPTY_DRAWING, Problem
from app.settings import Settings
from model.errors import EmptyDrawing
from model.frame.pixels import to_pixels
from model.frame.preprocess import Framed, frame_drawing
from model.recognizer import Reading, Recognizer, Verdict, verdict
from model.second_look import Answer, read_again, read_drawing

if TYPE_CHECKING:
    from numpy.typing import NDArray

DECIMALS = 9  # of a probability: the sum of ten stays within 1e-8 of 1


class FirstLook(NamedTuple):
    """A drawing, decoded and framed.

    Attributes:
        grey: uint8 (H, W), 0 black to 255 white, upright.
        scale: how many pixels of the picture as it was sent are one of these.
        framed: its frame; None if it seems empty.
        timings: how long each step took, in seconds.
    """

    grey: "NDArray[np.uint8]"
    scale: float
    framed: Framed | None
    timings: dict[str, float]


def look(drawing: "Container | NDArray[np.uint8]", settings: Settings) -> FirstLook:
    """Decode and frame a drawing. Raises Problem (400) if it cannot be decoded."""
    start = time.perf_counter()
    if isinstance(drawing, Container):
        grey = decode_picture(drawing, settings)
        scale = max(drawing.width, drawing.height) / max(grey.shape)
    else:
        grey, scale = drawing, 1.0
    decoded = time.perf_counter()
    try:
        framed = frame_drawing(grey)
    except EmptyDrawing:
        framed = None
    timings = {"decode": decoded - start, "preprocess": time.perf_counter() - decoded}
    return FirstLook(grey, scale, framed, timings)


def first_answer(framed: Framed, reading: Reading, settings: Settings) -> Answer:
    """Return what the first look gives: the reading of one frame, by the settings' thresholds."""
    return Answer(framed, reading, _verdict_of_one(reading, settings), [])


def second_answer(
    recognizer: Recognizer, grey: "NDArray[np.uint8]", first: Answer | None, settings: Settings
) -> tuple[Answer | None, float]:
    """Look at a drawing again; return the answer, None if the first one stands, and the seconds."""
    start = time.perf_counter()
    second = read_again(recognizer, grey, first)
    if second is not None and second.verdict is Verdict.DIGIT:
        second = second._replace(verdict=_verdict_of_one(second.reading, settings))
    return second, time.perf_counter() - start


def describe(answer: Answer, scale: float, *, detail: bool) -> dict[str, Any]:
    """Return what is answered, JSON-able.

    scale: how many pixels of the picture as it was sent are one of those of ``answer.ignored``.
    """
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
        content["ignored"] = [
            {name: round(scale * value) for name, value in box._asdict().items()}
            for box in answer.ignored
        ]
    return content


def explain(
    recognizer: Recognizer, drawing: "Container | NDArray[np.uint8]", settings: Settings
) -> tuple[dict[str, Any], dict[str, float]]:
    """Explain the reading of a drawing: what is answered, and the times.

    Raises Problem if it cannot be decoded (400) or is empty (422).
    """
    start = time.perf_counter()
    grey = decode_picture(drawing, settings) if isinstance(drawing, Container) else drawing
    decoded = time.perf_counter()
    try:
        frame = read_drawing(recognizer, grey).framed.frame
    except EmptyDrawing:
        raise empty_drawing() from None
    framed = time.perf_counter()
    explanation = recognizer.explain(frame)
    content = {
        "digit": explanation.digit,
        "pixels": to_pixels(frame).tolist(),
        "feature_maps": np.rint(explanation.feature_maps * 255).astype(int).tolist(),
        "influence": explanation.influence.astype(float).round(4).tolist(),
    }
    timings = {
        "decode": decoded - start,
        "preprocess": framed - decoded,
        "infer": time.perf_counter() - framed,
    }
    return content, timings


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
    confidence = float(reading.probabilities[0].max().round(DECIMALS))
    return verdict_of(confidence, _rounded_is_digit(reading), settings)


def _rounded_is_digit(reading: Reading) -> float | None:
    return None if reading.is_digit is None else round(float(reading.is_digit[0]), DECIMALS)
