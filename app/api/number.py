"""A drawing of a number -> what is answered. Each step is timed for the Server-Timing header."""

import time
from typing import Any

import numpy as np

from app.api.answer import DECIMALS, boxes_as_sent, empty_drawing, taken_as
from app.drawings.images import Decoded, decode_drawing
from app.drawings.inputs import Drawing
from app.settings import Settings
from model.errors import EmptyDrawing
from model.frame.preprocess import frame_as_pixels
from model.number_reader import NumberReader, NumberReading


def read_number(
    reader: NumberReader,
    length: int | None,
    detail: bool,
    drawing: Drawing,
    settings: Settings,
) -> tuple[dict[str, Any], dict[str, float]]:
    """Read a drawing of a number: what is answered, JSON-able, and the times in seconds.

    length: how many digits the number has, 1 to 20; None if that is not known.
    Raises Problem if the drawing cannot be decoded (400) or is empty (422).
    """
    start = time.perf_counter()
    decoded = decode_drawing(drawing, settings)
    halfway = time.perf_counter()
    try:
        reading = reader.read(decoded.grey, length)
    except EmptyDrawing:
        raise empty_drawing() from None
    content = _described(reading, decoded)
    if detail:
        # A box has no paper around its ink; what most of the picture is takes that place.
        paper = np.median(
            decoded.grey[tuple(slice(None, None, -(-n // 64)) for n in decoded.grey.shape)]
        )
        for digit, described in zip(reading.digits, content["digits"], strict=True):
            left, top, right, bottom = digit.box
            cut = decoded.grey[top:bottom, left:right]
            framed = np.pad(cut, max(cut.shape) // 4 + 2, constant_values=int(paper))
            described["pixels"] = frame_as_pixels(framed).tolist()
    timings = {"decode": halfway - start, "infer": time.perf_counter() - halfway}
    return content | taken_as(decoded), timings


def _described(reading: NumberReading, decoded: Decoded) -> dict[str, Any]:
    """Return a reading of a drawing as it is answered."""
    boxes = boxes_as_sent([one.box for one in reading.digits], decoded)
    return {
        "number": reading.number,
        "confidence": round(reading.confidence, DECIMALS),
        "verdict": reading.verdict,
        "digits": [
            {
                "digit": one.digit,
                "confidence": round(float(one.confidence), DECIMALS),
                "probabilities": one.probabilities.round(DECIMALS).tolist(),
                "box": box,
            }
            for one, box in zip(reading.digits, boxes, strict=True)
        ],
        "alternatives": [
            {"number": one.number, "probability": round(float(one.probability), DECIMALS)}
            for one in reading.alternatives
        ],
        "ignored": boxes_as_sent(reading.ignored, decoded),
        "inverted": reading.inverted,
    }
