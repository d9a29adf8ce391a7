"""The pieces of a strip in which its digits lie, once it is known which columns spoke of them.

A span is a pair of columns of the strip: the first one, and the one behind the last.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.errors import EmptyDrawing
from model.frame.numbers.strip import INK_ROWS, MARGIN, ROWS, TALL, Strip
from model.frame.paper import Grey
from model.frame.parts import Box
from model.frame.preprocess import frame_drawing

Span = tuple[int, int]

INKED = 64  # of 255: less is paper
_WIDEST = 4 * INK_ROWS  # pixels of a strip: what is wider is a rule, or most of the number
_BESIDE = 3  # pixels of a strip by which what speaks of a digit may miss its ink


def cuts(ink: Grey, found: Sequence[Span], others: Sequence[Span] = ()) -> list[Span]:
    """Return for each digit the span of the strip in which its ink lies.

    ``found`` are the spans in which something spoke of each digit, ``others`` those of ink that is
    no digit's. Between two of all these the strip is cut where there is least ink.
    """
    profile = ink.astype(np.int64).sum(axis=0)
    spoke = sorted([*((span, True) for span in found), *((span, False) for span in others)])
    middles = [(first + last) // 2 for (first, last), _ in spoke]
    edges = [0]
    for left, right in pairwise(middles):
        between = profile[left : max(right, left + 1)]
        lowest = np.flatnonzero(between == between.min())
        edges.append(left + int(lowest[len(lowest) // 2]))
    edges.append(ink.shape[1])
    return [span for span, (_, of_digit) in zip(pairwise(edges), spoke, strict=True) if of_digit]


def inked(ink: Grey, span: tuple[int, int]) -> tuple[slice, slice] | None:
    """Return rows and columns of the ink in a piece of a strip, stops beside it left out."""
    left, right = span
    piece = ink[:, left:right] > INKED
    columns = np.flatnonzero(piece.any(axis=0))
    if not columns.size:
        return None
    first, last = int(columns[0]), int(columns[-1]) + 1
    if last - first > columns.size:  # in several runs
        first, last = _without_marks(piece, columns)
    rows = np.flatnonzero(piece[:, first:last].any(axis=1))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(left + first, left + last)


def box_of(strip: Strip, span: Span, size: tuple[int, ...]) -> Box:
    """Return a piece of the strip's ink as a box in pixels of the picture, whose size is (H, W).

    A piece without ink may lie in the paper that the strip has besides: its box is at the border.
    """
    rows, columns = inked(strip.ink, span) or (slice(0, strip.ink.shape[0]), slice(*span))
    height, width = size
    left = min(max(0, round(strip.left + columns.start * strip.scale)), width - 1)
    top = min(max(0, round(strip.top + rows.start * strip.scale)), height - 1)
    right = round(strip.left + columns.stop * strip.scale)
    bottom = round(strip.top + rows.stop * strip.scale)
    return Box(left, top, min(max(left + 1, right), width), min(max(top + 1, bottom), height))


def _without_marks(piece: NDArray[np.bool_], columns: NDArray[np.intp]) -> tuple[int, int]:
    """Return from which to which column a piece has ink, without runs of little of it at its ends.

    columns: those with ink, in rising order.
    """
    runs = np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1)
    masses = [int(piece[:, run].sum()) for run in runs]
    heights = [int(np.ptp(np.flatnonzero(piece[:, run].any(axis=1)))) for run in runs]
    kept = [
        run
        for run, mass, height in zip(runs, masses, heights, strict=True)
        if mass > 0.15 * max(masses) or height > 0.4 * max(heights)
    ]
    return int(kept[0][0]), int(kept[-1][-1]) + 1


def stands_apart(ink: Grey, span: tuple[int, int]) -> bool:
    """Say whether no ink runs from a piece of a strip into those beside it."""
    left, right = span
    at_left = left > 0 and bool((np.minimum(ink[:, left - 1], ink[:, left]) > INKED).any())
    at_right = right < ink.shape[1] and bool(
        (np.minimum(ink[:, right - 1], ink[:, right]) > INKED).any()
    )
    return not (at_left or at_right)


def tall_spans(strip: Strip) -> list[Span]:
    """Return the spans of ink that is as tall as a digit and hangs together."""
    spans = []
    for part in strip.parts:
        left, right = ((x - strip.left) / strip.scale for x in (part.left, part.right))
        top, bottom = ((y - strip.top) / strip.scale for y in (part.top, part.bottom))
        in_line = bottom > MARGIN and top < ROWS - MARGIN
        if in_line and bottom - top >= TALL * INK_ROWS and right - left < _WIDEST:
            spans.append((round(left), round(right)))
    return spans


def left_out(spans: Sequence[Span], found: Sequence[Span]) -> list[Span]:
    """Return those of the spans in which none of those lies that spoke of a digit, ``found``."""
    return [
        (left, right)
        for left, right in spans
        if all(last <= left - _BESIDE or first >= right + _BESIDE for first, last in found)
    ]


def piece_frame(ink: Grey, span: Span) -> NDArray[np.float32] | None:
    """Return a piece of a strip, uint8 (ROWS, W), as `frame_or_none` does, cut to its ink."""
    found = inked(ink, span)
    return None if found is None else frame_or_none(255 - np.pad(ink[found], 6))


def frame_or_none(grey: Grey) -> NDArray[np.float32] | None:
    """Return a picture of a digit, uint8 (H, W), as its network wants it; None without ink.

    That is float32 (28, 28, 1), -0.5 paper to +0.5 ink.
    """
    try:
        return frame_drawing(grey).frame
    except EmptyDrawing:
        return None
