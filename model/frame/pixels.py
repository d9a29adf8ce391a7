"""Ink becomes the 0 to 255 in which frames are stored."""

import numpy as np

from model.frame.preprocess import EmptyDrawing, frame_drawing
from model.nn.base import Array


def framed(picture: Array) -> Array:
    """Return the frame of a picture, uint8 (28, 28), 255 = ink; blank if there is no ink in it."""
    try:
        frame = frame_drawing(picture).frame
    except EmptyDrawing:
        return np.zeros((28, 28), np.uint8)
    return np.asarray(np.rint((frame[..., 0] + 0.5) * 255), dtype=np.uint8)
