"""A picture of a number becomes the strip that the network for numbers reads.

As for a single digit, what lies on the paper is found first. Its parts, the pieces of ink that
hang together, tell where the line of digits is: the tall ones are digits, and their rows decide
the scale. So full stops, dashes and specks change nothing, and two lines can be told from one.
"""

import math
from typing import NamedTuple

import numpy as np
from PIL import Image

from model.errors import EmptyDrawing
from model.frame.numbers.boxes import boxes_of_parts
from model.frame.paper import LEAST_CONTRAST, Grey, find_paper
from model.frame.parts import Box
from model.frame.strength import percentiles

ROWS = 36  # pixels, height of a strip
INK_ROWS = 28  # pixels of that for the digits
MARGIN = 4  # pixels of paper around them
WIDTHS = (48, 72, 96, 120, 144, 192, 240, 336, 480, 672)  # pixels, of strips
CELLS = 24  # rows of cells, at least, in which parts are looked for
TALL = 0.45  # of the tallest part: a part as tall may be a digit, and is no mark
LARGEST = 1200  # pixels, longest side on which paper is looked at place by place
_NOISY = 10  # grey levels: paper that varies by more is looked at place by place
_FAINT, _FULL = 0.22, 0.7  # of a photographed number's usual ink: paper, and full ink


class Strip(NamedTuple):
    """A number ready to be read.

    ink: uint8 (ROWS, W), 255 full ink, 0 paper; W is one of `WIDTHS`.
    scale: pixels of the picture for one of the strip.
    left, top: where the strip's upper left corner lies in the picture, in pixels.
    end: the column of the strip behind the last ink.
    lines: how many lines of writing there seem to be.
    inverted: whether dark ink on light paper was inverted.
    seen: whether a camera or a scanner saw the picture, as `Paper.seen`.
    parts: the pieces of ink, in pixels of the picture.
    """

    ink: Grey
    scale: float
    left: float
    top: float
    end: int
    lines: int
    inverted: bool
    seen: bool
    parts: list[Box]


def frame_strip(grey: Grey) -> Strip:
    """Find the line of digits in a picture, uint8 (H, W), 0 black to 255 white, of any polarity.

    Raises ValueError for anything but a uint8 picture, and EmptyDrawing when it holds no ink.
    """
    if not isinstance(grey, np.ndarray) or grey.dtype != np.uint8 or grey.ndim != 2:
        kind = f"{grey.dtype} {grey.shape}" if isinstance(grey, np.ndarray) else type(grey).__name__
        raise ValueError(f"A drawing is a two-dimensional array of uint8, not {kind}.")
    if grey.size == 0:
        raise ValueError("A drawing has at least one pixel, not zero.")
    paper = find_paper(grey)
    if paper is not None and paper.noise <= _NOISY:
        reduced, inverted = 1, paper.dark_ink
        top, left, levels = _cut_out(paper.ink(grey), 2 * paper.noise)
        levels = _strengthened(levels)
    else:
        reduced = math.ceil(max(grey.shape) / LARGEST)
        small = np.asarray(Image.fromarray(grey).reduce(reduced)) if reduced > 1 else grey
        levels, inverted = _ink_on_uneven_paper(small)
        top, left, levels = _cut_out(levels, 60)
    parts = boxes_of_parts(levels, max(1, min(levels.shape) // CELLS))
    if not parts:  # single pixels, which are paper to the cells that parts are looked for in
        raise EmptyDrawing
    line, lines = _line(parts, levels.shape)
    placed = _placed(levels, line)
    return placed._replace(
        scale=placed.scale * reduced,
        left=(placed.left + left) * reduced,
        top=(placed.top + top) * reduced,
        lines=lines,
        inverted=inverted,
        seen=paper is None or paper.seen,
        parts=[part.moved(left, top).scaled(reduced) for part in parts],
    )


def _cut_out(levels: Grey, least: int) -> tuple[int, int, Grey]:
    """Return top and left of the part of the picture that holds ink, and that part."""
    by_row, by_column = levels.max(axis=1), levels.max(axis=0)
    least = max(least, int(0.12 * int(by_row.max())))
    rows, columns = np.flatnonzero(by_row > least), np.flatnonzero(by_column > least)
    if not rows.size:
        raise EmptyDrawing
    top, left = int(rows[0]), int(columns[0])
    return top, left, levels[top : rows[-1] + 1, left : columns[-1] + 1]


def _strengthened(levels: Grey) -> Grey:
    """Ink with the level of strong strokes, and all above, brought to 255."""
    strongest = int(levels.max())
    inked = levels[levels > strongest // 8]
    full = int(percentiles(inked, 90)[0]) if inked.size > 1 else strongest
    if full > 240:
        return levels
    return np.asarray(np.minimum(levels * np.float32(255 / max(full, 1)), 255), dtype=np.uint8)


def _ink_on_uneven_paper(grey: Grey) -> tuple[Grey, bool]:
    """Return ink, uint8 (H, W), of a scan or a photo, and whether it was darker than its paper.

    Paper is what most pixels around a place are. Ink takes away a part of its light.
    """
    picture = grey.astype(np.float32)
    dark_ink = float(np.median(picture)) > (float(picture.min()) + float(picture.max())) / 2
    if not dark_ink:
        picture = 255 - picture
    side = max(8, min(grey.shape) // 3)
    rows, columns = (max(1, round(length / side)) for length in grey.shape)
    edges = [
        np.linspace(0, n, k + 1).astype(int)
        for n, k in zip(grey.shape, (rows, columns), strict=True)
    ]
    tiles = np.array(
        [
            [
                percentiles(picture[top:bottom:2, left:right:2], 65)[0]
                for left, right in zip(edges[1][:-1], edges[1][1:], strict=True)
            ]
            for top, bottom in zip(edges[0][:-1], edges[0][1:], strict=True)
        ],
        np.float32,
    )
    size = (grey.shape[1], grey.shape[0])
    paper = np.asarray(Image.fromarray(tiles).resize(size, Image.Resampling.BILINEAR))
    ink = 1 - picture / np.maximum(paper, 1)
    [strongest] = percentiles(ink, 99.5)
    if strongest * 255 < LEAST_CONTRAST:
        raise EmptyDrawing
    usual = float(np.median(ink[ink > 0.5 * strongest]))
    levels = np.clip((ink / usual - _FAINT) * (255 / (_FULL - _FAINT)), 0, 255)
    return levels.astype(np.uint8), dark_ink


def _line(parts: list[Box], shape: tuple[int, ...]) -> tuple[Box, int]:
    """Return the box around the line of digits, and how many lines there are."""
    rows, columns = shape
    # What runs along an edge, or across the whole picture without being tall, is no digit.
    inner = [part for part in parts if not _is_rule(part, rows, columns)] or parts
    tallest = max(part.height for part in inner)
    tall = [part for part in inner if part.height >= TALL * tallest]
    groups = _lines(tall)
    line = max(groups, key=lambda group: sum(part.height for part in group))
    box = Box.around(line)
    # Marks and strokes beside and between the digits belong to the line, those far above do not.
    reach = 0.15 * box.height
    near = [
        part for part in inner if part.top >= box.top - reach and part.bottom <= box.bottom + reach
    ]
    return Box.around([box, *near]), len(groups)


def _is_rule(part: Box, rows: int, columns: int) -> bool:
    long_and_low = part.width > 8 * part.height and part.width > 0.3 * columns
    at_edge = part.top == 0 or part.bottom >= rows
    return long_and_low or (at_edge and part.height < 0.2 * rows)


def _lines(tall: list[Box]) -> list[list[Box]]:
    """Return tall parts in groups that share rows; groups beside each other are one line."""
    groups: list[list[Box]] = []
    for part in sorted(tall, key=lambda part: part.top):
        if groups:
            last = Box.around(groups[-1])
            shared = min(last.bottom, part.bottom) - max(last.top, part.top)
            beside = min(last.right, part.right) <= max(last.left, part.left)
            if shared > 0.2 * part.height or beside:
                groups[-1].append(part)
                continue
        groups.append([part])
    return groups


def _placed(levels: Grey, line: Box) -> Strip:
    """Scale the line's ink into a strip of the smallest width that holds it."""
    scale = max(line.height / INK_ROWS, line.width / (WIDTHS[-1] - 2 * MARGIN), 1e-6)
    # The strip's rows, as rows of the picture; what the picture lacks is paper.
    spare = (ROWS - line.height / scale) / 2
    top, left = line.top - spare * scale, line.left - MARGIN * scale
    right, bottom = line.right + MARGIN * scale, top + ROWS * scale
    first_row, last_row = max(0, math.floor(top)), min(levels.shape[0], math.ceil(bottom))
    first, last = max(0, math.floor(left)), min(levels.shape[1], math.ceil(right))
    cut = levels[first_row:last_row, first:last]
    rows, columns = (max(1, round(side / scale)) for side in cut.shape)
    rows, columns = min(rows, ROWS), min(columns, WIDTHS[-1] - 1)
    small = Image.fromarray(cut).resize((columns, rows), Image.Resampling.BICUBIC, reducing_gap=2.0)
    at_row = min(max(0, round((first_row - top) / scale)), ROWS - rows)
    at_column = max(0, round((first - left) / scale))
    end = min(at_column + columns, WIDTHS[-1])
    width = next(width for width in WIDTHS if width >= min(end + MARGIN, WIDTHS[-1]))
    ink = np.zeros((ROWS, width), np.uint8)
    ink[at_row : at_row + rows, at_column:end] = _strengthened(np.asarray(small))[
        :, : end - at_column
    ]
    return Strip(
        ink=ink,
        scale=scale,
        left=first - at_column * scale,
        top=first_row - at_row * scale,
        end=end,
        lines=1,
        inverted=False,
        seen=False,
        parts=[],
    )


def with_room(strip: Strip, width: int) -> Strip:
    """Return the strip with paper behind its end, so that it is at least so many pixels wide.

    width: at most the last of `WIDTHS`.
    """
    missing = next(each for each in WIDTHS if each >= width) - strip.ink.shape[1]
    if missing <= 0:
        return strip
    return strip._replace(ink=np.pad(strip.ink, ((0, 0), (0, missing))))


def shrunk(ink: Grey, size: float) -> Grey:
    """Return a strip of ink, uint8 (ROWS, W), with all that it holds smaller, in its old rows."""
    rows, columns = ink.shape
    above = (rows - rows * size) / 2
    return np.asarray(
        Image.fromarray(ink).transform(
            (columns, rows),
            Image.Transform.AFFINE,
            (1 / size, 0, 0, 0, 1 / size, -above / size),
            resample=Image.Resampling.BILINEAR,
        )
    )
