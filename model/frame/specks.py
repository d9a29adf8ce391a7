"""Telling a digit's strokes from specks and stray dots.

The picture is small here, 20 to 50 cells a side. All its cells are the bits of one Python integer,
row after row. So a part of the drawing is found by a few shifts and masks of the whole picture,
each in a fraction of a microsecond.
"""

import numpy as np
from numpy.typing import NDArray

SPECK = 0.02  # of the largest part's ink: as little is a speck wherever it lies
STRAY = 0.10  # of the largest part's ink: as little is a stray mark if it lies far off
FAR = 3  # cells from what is kept


def without_specks(cells: NDArray[np.uint8], least: int) -> NDArray[np.bool_] | None:
    """Return which cells to keep, bool (H, W); None if there is no ink in any other.

    A part of the drawing is a set of inked cells that touch by sides or corners. The part with the
    most ink is kept, and every other that is no speck beside it. The cells around what is kept are
    kept too, since they may hold its edges.

    Args:
        cells: the amount of ink, uint8 (H, W), 0 paper.
        least: a cell is inked if it has more than this.
    """
    height, width = cells.shape
    row = width + FAR  # empty cells behind each row, so that nothing grows around the edge
    padded = np.zeros((height, row), dtype=np.uint8)
    padded[:, :width] = cells
    parts = _parts(_as_bits(padded > least), row)
    kept = _grown(parts[0] if len(parts) == 1 else _strokes(parts, _planes(padded), row), row)
    if not _as_bits(padded > 0) & ~kept:
        return None
    return _as_mask(kept, padded.shape)[:, :width]


def _strokes(parts: list[int], planes: list[int], row: int) -> int:
    """The parts that are strokes, together: the heavy ones, then lighter ones near any of these.

    There may be hundreds of parts in a small drawing, so each step takes about a microsecond.
    """
    masses = [
        sum((part & plane).bit_count() << bit for bit, plane in enumerate(planes)) for part in parts
    ]
    largest = max(masses)
    strokes, lighter = 0, []
    for mass, part in zip(masses, parts, strict=True):
        if mass >= STRAY * largest:
            strokes |= part
        elif mass >= SPECK * largest:
            lighter.append((mass, part))
    near = _around(strokes, row)
    for _, part in sorted(lighter, reverse=True):
        if near & part:
            strokes |= part
            near |= _around(part, row)
    return strokes


def _around(bits: int, row: int) -> int:
    """Bits with all that lie up to FAR cells away."""
    for _ in range(FAR):
        bits = _grown(bits, row)
    return bits


def _planes(cells: NDArray[np.uint8]) -> list[int]:
    """Which cells have the first, second, ... eighth bit set in their amount of ink."""
    bits = np.unpackbits(cells.reshape(1, -1), axis=0, bitorder="little")
    packed = np.packbits(bits, axis=1, bitorder="little")
    return [int.from_bytes(plane.tobytes(), "little") for plane in packed]


def _parts(bits: int, row: int) -> list[int]:
    """Return the connected parts of all set bits."""
    parts = []
    while bits:
        part = bits & -bits
        while (grown := _grown(part, row) & bits) != part:
            part = grown
        parts.append(part)
        bits ^= part
    return parts


def _grown(bits: int, row: int) -> int:
    """Return the set bits and the eight neighbours of each."""
    bits |= bits << 1 | bits >> 1
    return bits | bits << row | bits >> row


def _as_bits(mask: NDArray[np.bool_]) -> int:
    return int.from_bytes(np.packbits(mask, bitorder="little").tobytes(), "little")


def _as_mask(bits: int, shape: tuple[int, int]) -> NDArray[np.bool_]:
    count = shape[0] * shape[1]
    bits &= (1 << count) - 1  # what has grown beyond the last row
    packed = np.frombuffer(bits.to_bytes((count + 7) // 8, "little"), dtype=np.uint8)
    return np.unpackbits(packed, count=count, bitorder="little").reshape(shape).astype(np.bool_)
