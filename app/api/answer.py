"""One drawing -> what is answered. Each step is timed for the Server-Timing header."""

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from app.drawings.containers import Container
from app.drawings.images import decode_picture
from app.errors import EMPTY_DRAWING, Problem
from app.settings import Settings
from model.frame.preprocess import EmptyDrawing, Framed, frame_drawing
from model.recognizer import Reading, Recognizer, Verdict, verdict

if TYPE_CHECKING:
    from numpy.typing import NDArray

DECIMALS = 9  # of a probability: the sum of ten stays within 1e-8 of 1


def frame(
    drawing: "Container | NDArray[np.uint8]", settings: Settings
) -> tuple[Framed, dict[str, float]]:
    """Decode and frame a drawing. Returns the frame, and how long each step took in seconds.

    Raises Problem if it cannot be decoded (400) or is empty (422).
    """
    start = time.perf_counter()
    grey = decode_picture(drawing, settings) if isinstance(drawing, Container) else drawing
    decoded = time.perf_counter()
    try:
        framed = frame_drawing(grey)
    except EmptyDrawing:
        raise Problem("empty-drawing", EMPTY_DRAWING) from None
    framed_at = time.perf_counter()
    return framed, {"decode": decoded - start, "preprocess": framed_at - decoded}


def describe(
    framed: Framed, reading: Reading, settings: Settings, *, detail: bool
) -> dict[str, Any]:
    """Return what is answered, JSON-able, of the reading of one frame."""
    probabilities = reading.probabilities[0].round(DECIMALS).tolist()
    is_digit = None if reading.is_digit is None else round(float(reading.is_digit[0]), DECIMALS)
    order = sorted(range(10), key=probabilities.__getitem__, reverse=True)
    confidence = probabilities[order[0]]
    content = {
        "digit": order[0],
        "confidence": confidence,
        "probabilities": probabilities,
        "inverted": framed.inverted,
        "is_digit": is_digit,
        "verdict": verdict_of(confidence, is_digit, settings),
        "alternatives": [{"digit": d, "probability": probabilities[d]} for d in order],
    }
    if detail:
        content["pixels"] = _pixels(framed.frame)
    return content


def explain(
    recognizer: Recognizer, drawing: "Container | NDArray[np.uint8]", settings: Settings
) -> tuple[dict[str, Any], dict[str, float]]:
    """Explain the reading of a drawing: what is answered, and the times. Raises as `frame`."""
    framed, timings = frame(drawing, settings)
    start = time.perf_counter()
    explanation = recognizer.explain(framed.frame)
    content = {
        "digit": explanation.digit,
        "pixels": _pixels(framed.frame),
        "feature_maps": np.rint(explanation.feature_maps * 255).astype(int).tolist(),
        "influence": explanation.influence.astype(float).round(4).tolist(),
    }
    timings["infer"] = time.perf_counter() - start
    return content, timings


def verdict_of(confidence: float, is_digit: float | None, settings: Settings) -> Verdict:
    """Say what a reading is worth, by the thresholds of the settings."""
    return verdict(
        confidence,
        is_digit,
        not_a_digit_below=settings.not_a_digit_below,
        digit_above=settings.digit_above,
        confident_above=settings.confident_above,
    )


def _pixels(frame: "NDArray[np.float32]") -> list[list[int]]:
    """Return a frame as rows of 0 to 255, 255 for ink."""
    grey: list[list[int]] = np.rint((frame[:, :, 0] + 0.5) * 255).astype(int).tolist()
    return grey
