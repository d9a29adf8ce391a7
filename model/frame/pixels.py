"""Frames as bytes and back: the only place where ink becomes 0 to 255, and 0 to 255 becomes ink.

Pixels are how frames are stored and shown: uint8, 0 paper to 255 ink, as in MNIST. A frame is what
the network reads: -0.5 paper to +0.5 ink, with an axis of one channel behind.
"""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


def to_frames(pixels: NDArray[np.uint8], dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Return pixels (N, H, W) as frames (N, H, W, 1) of a dtype of floating-point numbers.

    Raises:
        ValueError: if the pixels are not uint8 (N, H, W).
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3:
        raise ValueError(f"pixels are uint8 (N, H, W), not {pixels.dtype} {pixels.shape}")
    frames = pixels[..., np.newaxis].astype(dtype)
    frames /= 255
    frames -= 0.5
    return frames


def to_pixels(frames: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return frames (..., H, W, 1) as pixels (..., H, W), each rounded to the nearest."""
    pixels: NDArray[np.uint8] = np.rint((frames[..., 0] + 0.5) * 255).astype(np.uint8)
    return pixels


def to_ink(levels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return levels of ink, 0 paper to 255 full, as float32 0 to 1, of the same shape.

    This multiplies where `to_frames` divides, so the last bit may differ from a frame that was
    stored. The readings of drawings depend on that bit: it is to stay as it is.
    """
    return levels * np.float32(1 / 255)
