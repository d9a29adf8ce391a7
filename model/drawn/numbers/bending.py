"""Ink bent and stretched: people write in more ways than there are styles."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Ink = NDArray[np.uint8]
Quad = tuple[tuple[int, int, int, int], tuple[float, ...]]
"""A rectangle of a picture, and the four corners in another picture of what it shows."""

_SHARE = 0.75  # of the sprites that are bent
_TURN, _SHEAR, _WIDER, _HIGHER = 0.07, 0.1, 0.12, 0.05  # standard deviations; radians, and logs
_MOVED = 0.045  # likewise, of the sprite's sides: how far corners and middles move
_ROOM = 5  # pixels around a sprite
_INKED = 60  # of 255: less is paper


def bent(ink: Ink, rng: np.random.Generator) -> Ink:
    """Return a sign, uint8 (H, W), 255 full ink, in another shape of the same size, or as it is.

    It is turned, sheared and stretched a little, and its corners and middles move, each by itself.
    """
    if rng.random() >= _SHARE:
        return ink
    turn, shear, wider, higher = rng.normal(0, (_TURN, _SHEAR, _WIDER, _HIGHER))
    rotated = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    matrix = rotated @ [[1.0, 0.0], [shear, 1.0]] @ np.diag(np.exp([-wider, -higher]))
    height, width = ink.shape[0] + 2 * _ROOM, ink.shape[1] + 2 * _ROOM
    columns, rows = (np.array([0, side // 2, side]) for side in (width, height))
    aims = np.stack(np.meshgrid(columns, rows), axis=-1).astype(np.float64)
    middle = np.array([width / 2, height / 2])
    aims += rng.normal(0, _MOVED, aims.shape) * ink.shape[::-1]
    corners = (aims - middle) @ matrix + middle - _ROOM
    shown = Image.fromarray(ink).transform(
        (width, height),
        Image.Transform.MESH,
        quads(columns, rows, corners),
        Image.Resampling.BILINEAR,
    )
    return cut(np.asarray(shown))


def quads(
    columns: NDArray[np.int64], rows: NDArray[np.int64], corners: NDArray[np.float64]
) -> list[Quad]:
    """Return what Pillow's mesh wants for a grid: each cell with the corners of what it shows.

    columns, rows: where the lines of the grid are, in pixels. corners: (rows, columns, 2), the
    column and row of the other picture that each crossing shows.
    """
    # Pillow wants upper left, lower left, lower right, upper right.
    each = np.concatenate(
        [corners[:-1, :-1], corners[1:, :-1], corners[1:, 1:], corners[:-1, 1:]], axis=-1
    ).tolist()
    (*lefts, _), (*tops, _) = columns.tolist(), rows.tolist()
    (_, *rights), (_, *bottoms) = columns.tolist(), rows.tolist()
    return [
        ((left, top, right, bottom), tuple(each[row][column]))
        for row, (top, bottom) in enumerate(zip(tops, bottoms, strict=True))
        for column, (left, right) in enumerate(zip(lefts, rights, strict=True))
    ]


def cut(ink: Ink) -> Ink:
    """Return ink without the empty rows and columns around it; all of it if it is empty."""
    rows, columns = (np.flatnonzero(ink.max(axis=axis) > _INKED) for axis in (1, 0))
    if not rows.size:
        return ink
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
