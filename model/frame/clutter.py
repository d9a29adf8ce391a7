"""A second look at a picture that holds other ink than the digit's: forms, rulings, neighbours.

What is the digit's cannot always be told without reading it. So the picture is taken apart in two
ways, with all ink or only what is as strong as a pen's, and whoever reads the frames decides.
`model.second_look` does the reading.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.errors import EmptyDrawing
from model.frame.lines import Line, depth, find_lines, remove_line
from model.frame.parts import NOISE, Box, Choice, Part, choose, label, parts_of
from model.frame.preprocess import frame_ink
from model.frame.strength import Grey, Levels, Strength, full_level, measure

ACROSS, DOWN = 0.72, 0.78  # of the picture's side that a line fills; a 1 is a line down
ANY, WEAK = 0.3, 0.2  # of full ink: what may be a line, and what may be a weak one
ALL, STRONG = 0.3, 0.6  # of full ink: what a frame begins to show
SHOWN = 0.8  # of full ink: what a frame shows as black
BEYOND = 0.08  # of the digit's size, that a line goes on at both sides of it
MIDDLE = 0.15, 0.85  # of the digit's height or width: a line between these goes through it
WEAKER = 0.72  # of full ink: a line through the digit's middle that is no stroke of it
NEAR = 0.05  # of the picture's side: as near to a border is at it
MOST_CUT = 0.48  # of the picture's side: a dark area as deep is its shadow, not its border
LEAST = 8  # pixels of ink
# Of ink, dots of dotted paper among them, and of what is larger: of more, none stands out.
MOST_PARTS, MOST_LARGE_PARTS = 220, 60


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

    candidates: one or two; where lines were found in the picture, only those without them.
    cut: the largest share of the picture's height or width, 0 to 1, that was cut off at a border
        as a dark area.
    """

    candidates: list[Candidate]
    cut: float


def look_again(grey: Grey, *, tight: bool) -> SecondLook | None:
    """Take a picture apart, uint8 (H, W), 0 black to 255 white.

    Returns None if nothing stands out in it, or if a dark area at a border is nearly half of it.
    ``tight``: the digit fills the picture, so what touches the border may be its own.
    """
    strength = measure(grey)
    if strength is None:
        return None
    lines = _find_lines(strength, ANY)
    cleared = _without_lines(strength, lines, tight)
    # Beside other lines weak ones hardly count, and looking for both takes half as long again.
    weak_lines = [] if lines else _find_lines(strength, WEAK)
    ways = [
        (ALL, cleared),
        (STRONG, _without_lines(strength, weak_lines, tight) if weak_lines else cleared),
    ]
    # Where there are lines, ink that still has them says nothing, unless nothing else is left.
    ways.sort(key=lambda way: not way[1].lines)
    candidates: list[Candidate] = []
    for ink_from, cleared in ways:
        if candidates and candidates[0].lines_removed and not cleared.lines:
            break
        candidate = _candidate(strength, ink_from, cleared, tight, grey.shape)
        if candidate is not None:
            candidates.append(candidate)
    if not candidates:
        return None
    height, width = strength.levels.shape
    top, bottom, left, right = strength.cut
    cut = max(max(top, bottom) / (top + height + bottom), max(left, right) / (left + width + right))
    return SecondLook(candidates, cut) if cut < MOST_CUT else None


class _PlacedLine(NamedTuple):
    axis: int  # 0: across the picture; 1: down, a line of the transposed one
    line: Line


class _Split(NamedTuple):
    """The parts of ink: the digit's among them, all labels (H, W), and the level of full ink."""

    choice: Choice
    labels: NDArray[np.intp]
    full: float


class _Cleared(NamedTuple):
    """Ink without lines: levels (H, W), those lines, and how all of it splits, if that is known."""

    levels: Levels
    lines: list[_PlacedLine]
    split: _Split | None


def _find_lines(strength: Strength, least: float) -> list[_PlacedLine]:
    mask = strength.levels > max(least, 4 * strength.noise)
    return [
        _PlacedLine(axis, line)
        for axis, turned, share in ((0, mask, ACROSS), (1, mask.T, DOWN))
        for line in find_lines(turned, share)
    ]


def _without_lines(strength: Strength, lines: list[_PlacedLine], tight: bool) -> _Cleared:
    """Take out those lines that are surely none of the digit's strokes.

    They go on beyond the digit at both sides; and they pass it by, or are weaker than it.
    """
    levels = strength.levels
    if not lines:
        return _Cleared(levels, [], None)
    left = _cleared_of(levels, lines)
    split = _split(left, ALL, strength.noise, tight)
    if split is None:
        return _Cleared(levels, [], None)
    proper = [one for one in lines if _is_no_stroke(one, levels, split.choice)]
    if len(proper) == 1 and not _reaches_both_borders(proper[0], levels):
        proper = []  # a rule does; the side of a frame has others beside it; this is a stroke
    if len(proper) == len(lines):
        return _Cleared(left, lines, split)
    return _Cleared(_cleared_of(levels, proper), proper, None)


def _cleared_of(levels: Levels, lines: list[_PlacedLine]) -> Levels:
    left = levels.copy()
    for axis, line in lines:
        remove_line(left.T if axis else left, line)
    return left


def _is_no_stroke(placed: _PlacedLine, levels: Levels, digit: Choice) -> bool:
    axis, line = placed
    spans = ((digit.top, digit.bottom), (digit.left, digit.right))
    size = max(last - first for first, last in spans) + 1
    first, last = spans[1 - axis]
    room = min(first, levels.shape[1 - axis] - 1 - last)
    start, end = spans[axis]
    place = (int(line.middle[len(line.middle) // 2]) - start) / max(end - start, 1)
    passes = not MIDDLE[0] < place < MIDDLE[1]
    return room >= BEYOND * size and (passes or depth(levels.T if axis else levels, line) < WEAKER)


def _reaches_both_borders(placed: _PlacedLine, levels: Levels) -> bool:
    turned = levels.T if placed.axis else levels
    inked = np.flatnonzero(turned[placed.line.middle, np.arange(turned.shape[1])] > WEAK)
    near = NEAR * turned.shape[1]
    return bool(inked.size and inked[0] <= near and inked[-1] >= turned.shape[1] - 1 - near)


def _split(levels: Levels, least: float, noise: float, tight: bool) -> _Split | None:
    full = full_level(levels)
    # A frame begins to show ink at `least`, but a pixel is not a part's before it is half grey.
    labels, count = label(levels > max((least + 0.15) * full, 4 * noise))
    if not 0 < count <= MOST_PARTS:
        return None
    parts = parts_of(labels, count, levels / np.float32(full))
    largest = max(part.mass for part in parts)
    if sum(part.mass >= NOISE * largest for part in parts) > MOST_LARGE_PARTS:
        return None
    return _Split(choose(parts, levels.shape, tight=tight), labels, full)


def _candidate(
    strength: Strength, least: float, cleared: _Cleared, tight: bool, shape: tuple[int, ...]
) -> Candidate | None:
    split = cleared.split
    if split is None or least != ALL:
        split = _split(cleared.levels, least, strength.noise, tight)
    if split is None:
        return None
    is_kept = np.zeros(split.labels.max() + 1, bool)
    is_kept[split.choice.kept] = True
    kept = is_kept[split.labels]
    if np.count_nonzero(kept) < LEAST:
        return None
    ink = (cleared.levels / np.float32(split.full) - least) * np.float32(255 / (SHOWN - least))
    try:
        frame = frame_ink(np.asarray(np.clip(ink, 0, 255) * _with_edges(kept), np.uint8))
    except EmptyDrawing:  # no more than single pixels, of which the usual pen leaves nothing
        return None
    return Candidate(
        frame,
        len(cleared.lines),
        least == STRONG,
        split.choice.doubtful,
        _boxes(strength, split.choice.ignored, cleared.lines, shape),
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
    strength: Strength, parts: list[Part], lines: list[_PlacedLine], shape: tuple[int, ...]
) -> list[Box]:
    """Return where that lies which was left out, in pixels of the whole picture of ``shape``."""
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
    spans = np.minimum(np.maximum(np.array(here) * strength.factor, 0), np.repeat(shape, 2))
    return [Box(x0, y0, x1, y1) for y0, y1, x0, x1 in spans.tolist() if y1 > y0 and x1 > x0]
