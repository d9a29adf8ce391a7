"""A second look at a picture that holds other ink than the digit's: forms, rulings, neighbours.

What is the digit's cannot always be told without reading it. So the picture is taken apart in up to
four ways, and whoever reads the frames decides: lines removed or left, and all ink or only what is
as strong as a pen's. `model.second_look` does the reading.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.frame.lines import Line, depth, find_lines, remove_line
from model.frame.parts import Box, Choice, Part, choose, label, parts_of
from model.frame.preprocess import frame_ink
from model.frame.strength import Grey, Levels, Strength, full_level, measure

ACROSS, DOWN = 0.72, 0.78  # of the picture's side that a line fills; a 1 is a line down
ANY, WEAK = 0.3, 0.2  # of full ink: what may be a line, and what may be a weak one
ALL, STRONG = 0.3, 0.6  # of full ink: what a frame begins to show
BEYOND = 0.08  # of the digit's size, that a line goes on at both sides of it
WEAKER = 0.72  # of full ink: a line through the digit's middle that is no stroke of it
LEAST = 8  # pixels of ink


class Candidate(NamedTuple):
    """One way to take a picture apart.

    frame: float32 (28, 28, 1), as `preprocess` gives it.
    lines_removed: how many lines were taken out.
    strong_only: whether weak ink was left out.
    doubtful: whether ink was left out that may be meant as well.
    ignored: boxes of what was left out, in pixels of the picture.
    """

    frame: NDArray[np.float32]
    lines_removed: int
    strong_only: bool
    doubtful: bool
    ignored: list[Box]


class SecondLook(NamedTuple):
    """What a second look gives.

    candidates: at least one.
    border_cut: whether a dark area along a border was cut off.
    """

    candidates: list[Candidate]
    border_cut: bool


def look_again(grey: Grey, *, tight: bool) -> SecondLook | None:
    """Take a picture apart, uint8 (H, W), 0 black to 255 white; None if nothing stands out in it.

    ``tight``: the digit fills the picture, so what touches the border may be its own.
    """
    strength = measure(grey)
    if strength is None:
        return None
    lines = _proper_lines(strength, ANY, tight)
    weak_lines = _proper_lines(strength, WEAK, tight)
    ways = [(ALL, [])] if not lines else [(ALL, lines), (ALL, [])]
    ways += [(STRONG, [])] if not weak_lines else [(STRONG, weak_lines), (STRONG, [])]
    found = [_candidate(strength, least, removed, tight, grey.shape) for least, removed in ways]
    candidates = [candidate for candidate in found if candidate is not None]
    return SecondLook(candidates, any(strength.cut)) if candidates else None


class _Placed(NamedTuple):
    axis: int  # 0: across the picture; 1: down, a line of the transposed one
    line: Line


def _without(levels: Levels, lines: list[_Placed]) -> Levels:
    left = levels.copy()
    for axis, line in lines:
        remove_line(left.T if axis else left, line)
    return left


def _proper_lines(strength: Strength, least: float, tight: bool) -> list[_Placed]:
    """Return the lines that are surely none of the digit's strokes.

    They go on beyond the digit at both sides; and they pass it by, or are weaker than it.
    """
    levels = strength.levels
    mask = levels > max(least, 4 * strength.noise)
    placed = [_Placed(0, line) for line in find_lines(mask, ACROSS)]
    placed += [_Placed(1, line) for line in find_lines(mask.T, DOWN)]
    if not placed:
        return []
    left = _without(levels, placed)
    choice = _choice(left, ALL, strength.noise, tight)[0]
    if choice is None:
        return []
    spans = ((choice.top, choice.bottom), (choice.left, choice.right))
    size = max(last - first for first, last in spans) + 1
    proper = []
    for axis, line in placed:
        first, last = spans[1 - axis]
        room = min(first, levels.shape[1 - axis] - 1 - last)
        start, end = spans[axis]
        place = (float(np.median(line.middle)) - start) / max(end - start, 1)
        passes = not 0.15 < place < 0.85
        of_line = levels.T if axis else levels
        if room >= BEYOND * size and (passes or depth(of_line, line) < WEAKER):
            proper.append(_Placed(axis, line))
    return proper


def _choice(
    levels: Levels, least: float, noise: float, tight: bool
) -> tuple[Choice | None, NDArray[np.intp], float]:
    """Return the digit's parts, the labels of all parts (H, W), and the level of full ink."""
    full = full_level(levels)
    mask = levels > max((least + 0.15) * full, 4 * noise)
    labels, count = label(mask)
    if count == 0:
        return None, labels, full
    return choose(parts_of(labels, count, levels / full), levels.shape, tight=tight), labels, full


def _candidate(
    strength: Strength,
    least: float,
    lines: list[_Placed],
    tight: bool,
    shape: tuple[int, ...],
) -> Candidate | None:
    levels = _without(strength.levels, lines)
    choice, labels, full = _choice(levels, least, strength.noise, tight)
    if choice is None:
        return None
    kept = np.isin(labels, choice.kept)
    if np.count_nonzero(kept) < LEAST:
        return None
    ink = np.clip((levels / full - least) * (255 / (0.8 - least)), 0, 255)
    frame = frame_ink(np.asarray(ink * _with_edges(kept), np.uint8))
    return Candidate(
        frame,
        len(lines),
        least == STRONG,
        choice.doubtful,
        _boxes(strength, choice.ignored, lines, shape),
    )


def _with_edges(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask (H, W) with the pixels at its sides, which hold its antialiased edge."""
    wide = mask.copy()
    wide[1:] |= mask[:-1]
    wide[:-1] |= mask[1:]
    wide[:, 1:] |= mask[:, :-1]
    wide[:, :-1] |= mask[:, 1:]
    return wide


def _boxes(
    strength: Strength, parts: list[Part], lines: list[_Placed], shape: tuple[int, ...]
) -> list[Box]:
    """Return what was left out, in pixels of the whole picture of ``shape``."""
    top, bottom, left, right = strength.cut
    height, width = strength.levels.shape
    rows, columns = top + height + bottom, left + width + right
    here = [(0, top, 0, columns), (rows - bottom, rows, 0, columns)]
    here += [(0, rows, 0, left), (0, rows, columns - right, columns)]
    for part in parts:
        here.append(
            (top + part.top, top + part.bottom + 1, left + part.left, left + part.right + 1)
        )
    for axis, line in lines:
        first = int(line.middle.min()) - line.above
        last = int(line.middle.max()) + line.below + 1
        if axis:
            here.append((top, top + height, left + first, left + last))
        else:
            here.append((top + first, top + last, left, left + width))
    boxes = []
    for y0, y1, x0, x1 in here:
        y0, y1 = (min(max(y * strength.factor, 0), shape[0]) for y in (y0, y1))
        x0, x1 = (min(max(x * strength.factor, 0), shape[1]) for x in (x0, x1))
        if y1 > y0 and x1 > x0:
            boxes.append(Box(x0, y0, x1 - x0, y1 - y0))
    return boxes
