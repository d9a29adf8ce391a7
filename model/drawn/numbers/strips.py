"""Rows of digits as the network gets them: strips of one height, with the text that they hold.

A strip is uint8 ink (ROWS, W), 255 full ink, 0 paper. What is drawn here imitates what
`model.frame.numbers.strip` makes of pictures: the ink of a canvas fills the strip's height but for
a margin, and what a camera sends has paper behind it, rules, neighbours, and fits less well.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.drawn.numbers.bending import Quad, quads
from model.drawn.numbers.marks import MARKS, Mark
from model.drawn.numbers.papers import rule, sheets
from model.drawn.numbers.rows import INK_ROWS, Row
from model.drawn.numbers.sprites import HEIGHT, Sprites

Ink = NDArray[np.uint8]

ROWS = 36  # pixels, height of a strip
MARGIN = 4  # pixels of paper around the ink
COLUMN = 4  # pixels of a strip that one column of the network's output stands for
CELL = 12  # pixels of a strip, sides of the squares that are bent each by itself
LONGEST = 12  # digits in a strip that is drawn here
LEANING = 0.3  # of the rows
FRONT_FROM = 96  # pixels, width of a strip in which a mark may stand before the number
_BENT_SHARE, _BENT = 0.6, 0.7  # of the strips; pixels, scale of how far corners of cells move
_ROUND = {False: 0.12, True: 0.25}  # of the numbers on a canvas and on paper: they end in zeros
_TOGETHER_SHARE, _TOGETHER = 0.4, (-0.12, 0.04)  # of those; heights between such zeros at most
# Rows of a strip that the ink takes on paper: where the line was found well, and where it was not.
_USUAL_ROWS, _ANY_ROWS, _USUAL_SHARE = (24, 29), (19, 30), 0.65
_CLEANED_SHARE = 0.7  # of the strips of paper; the others are of paper that hardly varies
_NO_SIGN = -1
# Between the boxes of digits, in heights.
GAPS = {"apart": (0.15, 0.6), "close": (0.0, 0.15), "touching": (-0.2, 0.02)}
_GAP_SHARES = (0.33, 0.25, 0.42)  # of the rows; those that touch are the hardest to learn
OTHER_GAPS = (0.02, 0.5)
_ENDINGS = (
    ("stop",),
    ("stop", "dash"),
    ("dash",),
    ("equals",),
    ("comma", "dash"),
    ("stop", "equals"),
    ("colon",),
)
# Of the marks before a number; where number signs were as frequent as dashes, fours that stand
# first were left out on cheques.
_FRONTS = {"equals": 0.35, "dash": 0.35, "colon": 0.25, "hash": 0.05}


class Strips(NamedTuple):
    """Strips of one width. ink: uint8 (N, ROWS, W). texts: int (N, LONGEST), -1 behind the end."""

    ink: Ink
    texts: NDArray[np.int64]


class Pool(NamedTuple):
    """Digits, and how often a number is made of them, beside other pools."""

    sprites: Sprites
    on_canvas: float
    on_paper: float


class Shares(NamedTuple):
    """How often, of all strips, what happens."""

    other: float = 0.12  # of those on a canvas: no number at all
    paper: float = 0.42  # of a camera or a scanner, not of a canvas
    other_on_paper: float = 0.06  # of those on paper: no number at all


class StripMaker:
    """Puts strips together out of pools of sprites."""

    def __init__(
        self,
        digits: Sequence[Pool],
        others: Sprites,
        rng: np.random.Generator,
        shares: Shares | None = None,
    ) -> None:
        """Digits come from several pools, each with its shares; ``rng`` draws paper and marks."""
        self._pools = [pool.sprites for pool in digits]
        weights = np.array([(pool.on_canvas, pool.on_paper) for pool in digits])
        self._pool_shares = (weights / weights.sum(axis=0)).T  # on a canvas and on paper
        self._others = others
        self._shares = shares or Shares()
        self._sheets = sheets(240, rng)
        self._marks = {name: [draw(rng) for _ in range(60)] for name, draw in MARKS.items()}

    def strips(self, count: int, width: int, rng: np.random.Generator) -> Strips:
        """Draw so many strips of a width, a multiple of `COLUMN`."""
        ink = np.zeros((count, ROWS, width), np.uint8)
        texts = np.full((count, LONGEST), _NO_SIGN)
        papers = rng.random(count) < self._shares.paper
        for strip, text, paper in zip(ink, texts, papers, strict=True):
            row = self.row(width, paper, rng)
            text[: len(row.text)] = row.text
            end = _placed(row, strip, paper, rng)
            if paper:
                self._on_paper(strip, end, rng)
        _other_pens(ink, rng)
        _blurred(ink, rng, papers)
        _cleaned(ink, rng, papers)
        return Strips(ink, texts)

    # ---- rows ----------------------------------------------------------------------------------

    def row(
        self,
        width: int,
        paper: bool,
        rng: np.random.Generator,
        *,
        gaps: tuple[float, float] | None = None,
        is_number: bool | None = None,
    ) -> Row:
        """Put digits of one writer side by side, or other signs, with what stands between them.

        They fit a strip of that width. ``gaps``: the range of the distances between digits, in
        heights; by default a range from `GAPS`. ``is_number``: False for other signs; by default
        as often as the shares say.
        """
        row = Row(rng)
        other = self._shares.other_on_paper if paper else self._shares.other
        chance = rng.random() >= other
        is_number = chance if is_number is None else is_number
        pool = self._others
        if is_number:
            pool = self._pools[rng.choice(len(self._pools), p=self._pool_shares[int(paper)])]
        own = pool.writers[rng.integers(len(pool.writers))]
        low, high = OTHER_GAPS
        if is_number:
            low, high = gaps or list(GAPS.values())[rng.choice(3, p=_GAP_SHARES)]
        usual = rng.uniform(low, high)
        stretch = float(np.exp(np.clip(rng.normal(0, 0.1), -0.25, 0.25)))
        room = (width - 2 * MARGIN) / stretch
        most = LONGEST if rng.random() < 0.7 else int(rng.integers(1, 5))
        stops = rng.random() < (0.35 if paper else 0.12)
        zeros = own[pool.labels[own] == 0]
        before_zeros, together = LONGEST, rng.random() < _TOGETHER_SHARE
        if zeros.size and rng.random() < _ROUND[paper]:
            before_zeros = int(rng.integers(1, 4))
            most = before_zeros + int(rng.integers(1, 5))
        if is_number and width >= FRONT_FROM and rng.random() < (0.12 if paper else 0.04):
            name = str(rng.choice(list(_FRONTS), p=list(_FRONTS.values())))
            row.front_mark(self._mark(name, rng), rng)
        while len(row.text) + row.others < most:
            choice = own if len(row.text) < before_zeros else zeros
            index = choice[rng.integers(len(choice))]
            if _columns([*row.text, int(pool.labels[index])]) > width // COLUMN:
                break
            sprite = pool.cut(index)
            gap = HEIGHT * float(np.clip(usual + rng.normal(0, 0.05), low - 0.05, high + 0.1))
            if together and len(row.text) > before_zeros:
                gap = min(gap, HEIGHT * rng.uniform(*_TOGETHER))
            if is_number and stops and row.text and rng.random() < 0.35:
                gap = max(gap, 0) + row.mark(
                    self._mark("stop" if rng.random() < 0.7 else "comma", rng)
                )
            if not row.add(sprite, gap, int(pool.labels[index]), room, paper, rng):
                break
        if is_number and rng.random() < (0.25 if paper else 0.1):
            for name in _ENDINGS[rng.integers(len(_ENDINGS))]:
                row.end_mark(self._mark(name, rng), room, paper, rng)
        row.stretch = stretch
        return row

    def _mark(self, name: str, rng: np.random.Generator) -> Mark:
        """A full stop, a comma or a dash, and how far above the baseline its foot is, in pixels."""
        marks = self._marks[name]
        return marks[rng.integers(len(marks))]

    # ---- paper ---------------------------------------------------------------------------------

    def _on_paper(self, strip: Ink, end: int, rng: np.random.Generator) -> None:
        """Put rules, neighbours and paper behind and beside the ink, which ends at ``end``."""
        end = min(strip.shape[1], end + int(rng.integers(0, 14)))
        strip[:] = (strip * rng.uniform(0.75, 1.0)).astype(np.uint8)
        seen = strip[:, :end]
        if rng.random() < 0.55:  # a rule below or above, seldom through the digits
            row = rng.choice(
                (rng.uniform(29, 35), rng.uniform(0, 5), rng.uniform(5, 29)), p=(0.65, 0.2, 0.15)
            )
            rule(seen, row, rng.normal(0, 0.008), rng.uniform(0.7, 2.2), int(rng.uniform(60, 230)))
        if rng.random() < 0.08:  # ruled or squared paper
            apart, first = rng.uniform(8, 20), rng.uniform(0, 8)
            level, thickness = int(rng.uniform(30, 130)), rng.uniform(0.6, 1.3)
            for row in np.arange(first, ROWS, apart):
                rule(seen, row, 0.0, thickness, level)
            if rng.random() < 0.5:
                for column in np.arange(first, end, apart):
                    rule(seen.T, column, 0.0, thickness, level)
        if rng.random() < 0.14:  # the sides of a frame, or the left one alone
            sides = (rng.uniform(0, 2), end - rng.uniform(1, 3))
            for column in sides if rng.random() < 0.5 else sides[:1]:
                rule(
                    seen.T,
                    column,
                    rng.normal(0, 0.01),
                    rng.uniform(0.7, 2),
                    int(rng.uniform(80, 240)),
                )
        if rng.random() < 0.2:  # the tops or feet of another line of writing
            self._other_line(seen, rng)
        for side in (slice(0, int(rng.integers(1, 5))), slice(end - int(rng.integers(1, 6)), end)):
            if rng.random() < 0.12 and not seen[:, side].any():
                self._neighbour(seen[:, side], rng)
        top, left = (
            int(rng.integers(0, whole - part + 1))
            for whole, part in zip(self._sheets.shape[1:], seen.shape, strict=True)
        )
        sheet = self._sheets[rng.integers(len(self._sheets))][top : top + ROWS, left : left + end]
        strength = rng.uniform(0, 1) ** 1.5
        np.maximum(seen, (sheet * strength).astype(np.uint8), out=seen)

    def _neighbour(self, edge: Ink, rng: np.random.Generator) -> None:
        """Put a slice of a sign that stands beside the number into the columns at an edge."""
        pool = self._others if rng.random() < 0.5 else self._pools[0]
        sprite = pool.cut(int(rng.integers(len(pool.ink))))[: ROWS - 4]
        part = sprite[:, : edge.shape[1]] if rng.random() < 0.5 else sprite[:, -edge.shape[1] :]
        top = int(rng.integers(0, ROWS - len(part)))
        target = edge[top : top + len(part), : part.shape[1]]
        np.maximum(target, part, out=target)

    def _other_line(self, seen: Ink, rng: np.random.Generator) -> None:
        reach = int(rng.integers(2, 7))
        below = rng.random() < 0.75
        pool = self._others if rng.random() < 0.7 else self._pools[0]
        strength = rng.uniform(0.4, 1)
        column = int(rng.integers(0, 20))
        for _ in range(rng.integers(1, 7)):
            sprite = pool.cut(int(rng.integers(len(pool.ink))))
            part = sprite[:reach] if below else sprite[-reach:]
            rows = slice(ROWS - len(part), ROWS) if below else slice(0, len(part))
            target = seen[rows, column : column + part.shape[1]]
            np.maximum(target, (part[:, : target.shape[1]] * strength).astype(np.uint8), out=target)
            column += part.shape[1] + int(rng.integers(2, 12))


def _columns(text: Sequence[int]) -> int:
    """Return how many columns CTC needs for a text: one more between two equal signs."""
    return len(text) + sum(a == b for a, b in pairwise(text))


def _placed(row: Row, strip: Ink, paper: bool, rng: np.random.Generator) -> int:
    """Scale a row into a strip, in place; return the column in which it ends."""
    height = max(row.bottom - row.top, 4)
    width = strip.shape[1]
    canvas = row.canvas[:, : row.right + 60]
    lean = _lean(rng)
    left, right = _leaning_ends(row, canvas, lean)
    most = (width - 2 * MARGIN) / ((right - left) * row.stretch)  # pixels for a pixel
    if paper:
        rows = _USUAL_ROWS if rng.random() < _USUAL_SHARE else _ANY_ROWS
        scale = min(rng.uniform(*rows) / height, most)
        spare = ROWS - scale * height
        first_row = np.clip(spare / 2 + rng.normal(0, 2.0), min(1, spare), max(spare - 1, 0))
        first_column = rng.uniform(1, MARGIN + 4)
    else:
        scale = min(INK_ROWS * rng.uniform(0.95, 1.03) / height, most)
        first_row = (ROWS - scale * height) / 2 + rng.normal(0, 0.4)
        first_column = MARGIN + rng.normal(0, 0.5)
    across = scale * row.stretch
    tilt = rng.normal(0, 0.01)
    if scale < 0.65:  # the pixels that are left out have their part too
        canvas = _smoothed(canvas)
    # Column and row of the canvas for those of the strip, both from their upper left corners.
    down = 1 / scale
    start_row = row.top - first_row * down
    start_column = left - first_column / across + lean * (start_row - _middle(row))
    matrix = np.array([[1 / across, lean * down, start_column], [tilt, down, start_row]])
    placed = Image.fromarray(canvas).transform(
        (width, ROWS), Image.Transform.MESH, _mesh(matrix, width, rng), Image.Resampling.BILINEAR
    )
    strip[:] = np.asarray(placed)
    return int(min(width, first_column + (right - left) * across + 2))


def _mesh(matrix: NDArray[np.float64], width: int, rng: np.random.Generator) -> list[Quad]:
    """Return for each cell of a strip the four corners on the canvas that it shows.

    matrix (2, 3) leads from column and row of the strip to those of the canvas. In most strips the
    corners are moved a little, each by itself, so that what lies between bends and stretches.
    """
    columns, rows = (np.arange(0, end + 1, CELL) for end in (width, ROWS))
    x, y = np.meshgrid(columns, rows)
    amount = abs(rng.normal(0, _BENT)) if rng.random() < _BENT_SHARE else 0.0
    moved = np.stack([x, y], axis=-1) + amount * rng.normal(0, 1, (*x.shape, 2))
    return quads(columns, rows, moved @ matrix[:, :2].T + matrix[:, 2])


def _lean(rng: np.random.Generator) -> float:
    """Return how far a row leans beyond its writers' slant: pixels to the right per pixel up.

    Most are as their digits are; on cheques one in three leans, by up to 40 degrees.
    """
    lean = rng.normal(0, 0.1)
    if rng.random() < LEANING:
        lean += rng.uniform(0, 0.65)
    return float(lean)


def _leaning_ends(row: Row, canvas: Ink, lean: float) -> tuple[float, float]:
    """Return the columns where a row's ink begins and ends once it leans."""
    inked = canvas[row.top : row.bottom] > 64
    rows = np.flatnonzero(inked.any(axis=1))
    if not rows.size:
        return row.left, row.right
    first = inked[rows].argmax(axis=1)
    last = inked.shape[1] - inked[rows, ::-1].argmax(axis=1)
    shift = lean * (_middle(row) - row.top - rows)
    return float((first + shift).min()), float((last + shift).max())


def _middle(row: Row) -> float:
    return (row.top + row.bottom) / 2


def _smoothed(ink: Ink) -> Ink:
    """Ink convolved with (1, 2, 1) / 4 along both of its last axes."""
    wide = ink.astype(np.uint16)
    wide[..., 1:-1, :] = (wide[..., :-2, :] + 2 * wide[..., 1:-1, :] + wide[..., 2:, :]) >> 2
    wide[..., 1:-1] = (wide[..., :-2] + 2 * wide[..., 1:-1] + wide[..., 2:]) >> 2
    return wide.astype(np.uint8)


def _blurred(ink: Ink, rng: np.random.Generator, papers: NDArray[np.bool_]) -> None:
    chosen = np.flatnonzero(rng.random(len(ink)) < np.where(papers, 0.35, 0.12))
    if chosen.size:
        ink[chosen] = _smoothed(ink[chosen])


def _other_pens(ink: Ink, rng: np.random.Generator) -> None:
    """Make the strokes of some strips thicker or thinner, by up to half a pixel on either side."""
    for pick, chance in ((np.maximum, 0.12), (np.minimum, 0.08)):
        chosen = np.flatnonzero(rng.random(len(ink)) < chance)
        if not chosen.size:
            continue
        some = ink[chosen]
        extreme = some.copy()
        extreme[:, 1:-1] = pick(pick(some[:, 2:], some[:, :-2]), some[:, 1:-1])
        extreme[:, :, 1:-1] = pick(pick(extreme[:, :, 2:], extreme[:, :, :-2]), extreme[:, :, 1:-1])
        part = rng.uniform(0.1, 0.6, (chosen.size, 1, 1)).astype(np.float32)
        ink[chosen] = (some + part * (extreme.astype(np.float32) - some)).astype(np.uint8)


def _cleaned(ink: Ink, rng: np.random.Generator, papers: NDArray[np.bool_]) -> None:
    """Take what is faint in most strips of paper for paper, and what is strong for full ink.

    `model.frame.numbers.strip` does so on uneven paper: strokes are crisp then, and of a pattern
    behind them some dots are left.
    """
    chosen = np.flatnonzero(papers & (rng.random(len(ink)) < _CLEANED_SHARE))
    if not chosen.size:
        return
    some = ink[chosen]
    strong = np.maximum(np.percentile(some, 96, axis=(1, 2), keepdims=True), 90)
    shape = (chosen.size, 1, 1)
    faint = strong * rng.uniform(0.1, 0.33, shape)
    full = strong * rng.uniform(0.6, 0.85, shape)
    grain = rng.normal(0, 1, some.shape) * strong * rng.uniform(0, 0.08, shape)
    ink[chosen] = np.clip((some + grain - faint) * (255 / (full - faint)), 0, 255).astype(np.uint8)
