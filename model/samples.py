"""Frames beside what they are: what training learns from and evaluation measures with."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NON_DIGIT_LABEL = -1
"""The label of a drawing that is not one digit."""


class Samples(NamedTuple):
    """N drawings as they are stored.

    Attributes:
        frames: uint8 (N, 28, 28), 0 paper to 255 ink.
        labels: int64 (N,), 0 to 9, or `NON_DIGIT_LABEL`.
    """

    frames: NDArray[np.uint8]
    labels: NDArray[np.int64]
