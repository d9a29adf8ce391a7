"""Grey values in JSON -> an array, in the nestings and scales that libraries have them."""

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from app.errors import Problem
from app.settings import Settings
from model.frame.preprocess import FRAME

if TYPE_CHECKING:
    from numpy.typing import NDArray

_USAGE = (
    "must be rows of numbers from 0 to 255, or from 0 to 1 (the largest is ink), all of one "
    f"length, at least {FRAME} x {FRAME}"
)


class Pixels(NamedTuple):
    """A drawing of grey values.

    Attributes:
        grey: uint8 (H, W), 0 to 255.
        from_0_to_1: whether the values came as 0 to 1.
    """

    grey: "NDArray[np.uint8]"
    from_0_to_1: bool = False

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.grey.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.grey.shape[0])

    @property
    def decoding_bytes(self) -> int:
        """As of `containers.Container`: there is nothing to decode."""
        return 0


def read_pixels(values: Any, name: str, settings: Settings, *, exact: bool = False) -> Pixels:
    """Return the drawing of rows of numbers, or of the same numbers nested as libraries do.

    Where the largest is at most 1 they are taken as 0 to 1. name: of the values in the body, as a
    JSON pointer has it. `exact`: no element is known to be a boolean.
    Raises Problem (422, with the pointer to what is wrong; 413 for too many pixels).
    """
    if type(values) is not list or not values:
        raise _wrong(name)
    first = values[0]
    in_rows = type(first) is list and len(first) != 1 and not (first and type(first[0]) is list)
    if not in_rows or len(values) < FRAME:
        return _scaled(_without_axes_of_one(values, name, settings))
    width = len(first)
    for y, row in enumerate(values):
        if type(row) is not list or len(row) != width or width < FRAME:
            raise _wrong(name, y, more=f"; row {y} is not")
    _check_size(len(values) * width, name, settings)
    if exact:
        try:  # bytes() takes integers from 0 to 255 only, and is the fastest check there is
            # A row at a time: in between, another thread may run.
            flat = np.frombuffer(b"".join([bytes(row) for row in values]), np.uint8)
            return _scaled(flat.reshape(-1, width))
        except (ValueError, TypeError):
            pass  # a fraction, or a value that is wrong: look at each
    for y, row in enumerate(values):
        for x, value in enumerate(row):
            if type(value) not in (int, float) or not 0 <= value <= 255:
                raise _wrong(name, y, x, more=f"; value {x} of row {y} is not")
    return _scaled(np.array(values, np.float64))


def array_of(values: Any) -> "NDArray[Any] | None":
    """Return numbers in lists, however deep, as an array of their shape.

    None for what is no such list: lists of different lengths, texts, booleans, huge numbers.
    """
    if type(values) is not list:
        return None
    # NumPy sees only numbers: of texts it would make an array as wide as the longest of them, and
    # to it `true` is a number.
    inner = values
    while (kinds := set(map(type, inner))) == {list}:
        inner = list(chain.from_iterable(inner))
    if not kinds or not kinds <= {int, float}:
        return None
    try:
        array = np.array(values)
    except ValueError:  # lists of different lengths, or more than 64 brackets around a number
        return None
    return array if array.dtype.kind in "iuf" else None


def _without_axes_of_one(values: list[Any], name: str, settings: Settings) -> "NDArray[Any]":
    """Return rows that are nested deeper, as [1, 28, 28, 1] is, or 28 x 28 numbers in one list."""
    array = array_of(values)
    sides = [] if array is None else [side for side in array.shape if side > 1]
    if sides == [FRAME * FRAME]:
        sides = [FRAME, FRAME]
    if array is None or len(sides) != 2 or min(sides) < FRAME:
        raise _wrong(name, more="; POST /batch takes several drawings" if len(sides) > 2 else "")
    _check_size(array.size, name, settings)
    wrong = np.argwhere((array < 0) | (array > 255))
    if wrong.size:
        raise _wrong(name, *wrong[0].tolist())
    return array.reshape(sides)


def _scaled(values: "NDArray[Any]") -> Pixels:
    """Return numbers from 0 to 255, or from 0 to 1, (H, W), as a drawing."""
    from_0_to_1 = bool(values.max() <= 1)
    if from_0_to_1:
        values = values * 255
    grey = values if values.dtype == np.uint8 else np.rint(values).astype(np.uint8)
    return Pixels(grey, from_0_to_1)


def _check_size(count: int, name: str, settings: Settings) -> None:
    if count > settings.image_pixels:
        detail = f"`{name}` has more than {settings.image_pixels} values."
        raise Problem("image-too-large", detail, pointer=f"#/{name}")


def _wrong(name: str, *place: int, more: str = "") -> Problem:
    pointer = "/".join(["#", name, *map(str, place)])
    return Problem("invalid", f"`{name}` {_USAGE}{more}.", pointer=pointer)
