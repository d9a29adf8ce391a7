"""Telling a digit's strokes from specks and stray dots.

The picture is small here (some 20 to 40 cells a side), and each row of cells is a run of bits in
one long Python integer: a whole picture is then flooded by a few shifts and masks, at a fraction of
a microsecond each.
"""

import numpy as np
from numpy.typing import NDArray

SPECK = 0.02  # of the largest part's ink: as little is a speck wherever it lies
STRAY = 0.10  # of the largest part's ink: as little is a stray mark if it lies far off
FAR = 3  # cells from what is kept


def without_specks(cells: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
    """Which cells to keep, bool (H, W); None if all of them.

    cells is the amount of ink, uint8 (H, W), 0 is paper.
    """
    height, width = cells.shape
    row = width + 1  # one empty cell behind each row, so that nothing flows around the edge
    inked = np.zeros((height, row), dtype=np.bool_)
    inked[:, :width] = cells > 0
    left = int.from_bytes(np.packbits(inked, bitorder="little").tobytes(), "little")
    parts = []
    while left:
        part = _flooded(left & -left, left, row)
        parts.append(part)
        left ^= part
    if len(parts) == 1:
        return None
    masks = [_as_mask(part, inked.shape)[:, :width] for part in parts]
    masses = [int(cells[mask].sum()) for mask in masks]
    largest = max(masses)
    order = sorted(range(len(parts)), key=masses.__getitem__, reverse=True)
    kept, keep = 0, np.zeros(cells.shape, dtype=np.bool_)
    for index in order:
        near = kept
        for _ in range(FAR):
            near = _grown(near, row)
        least = SPECK if near & parts[index] else STRAY
        if masses[index] >= least * largest:
            kept |= parts[index]
            keep |= masks[index]
    return keep


def _grown(bits: int, row: int) -> int:
    """Bits with all their eight neighbours."""
    bits |= bits << 1 | bits >> 1
    return bits | bits << row | bits >> row


def _flooded(seed: int, inked: int, row: int) -> int:
    """All inked cells that are connected with the seed, by sides or corners."""
    while (grown := _grown(seed, row) & inked) != seed:
        seed = grown
    return seed


def _as_mask(bits: int, shape: tuple[int, int]) -> NDArray[np.bool_]:
    count = shape[0] * shape[1]
    packed = np.frombuffer(bits.to_bytes((count + 7) // 8, "little"), dtype=np.uint8)
    return np.unpackbits(packed, count=count, bitorder="little").reshape(shape).astype(np.bool_)
