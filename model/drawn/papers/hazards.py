"""What real paper has around a digit, one function for each hazard.

Every hazard changes a `Sheet` in place, with its strength at random within what people read without
effort, and takes all its random numbers from ``rng``.
"""

from collections.abc import Callable

import numpy as np

from model.drawn.digits.styles import TRAINING
from model.drawn.numbers.links import Placed, link
from model.drawn.papers.inks import Levels, of_style
from model.drawn.papers.sheet import Sheet
from model.frame.pen_width import pen_width

Hazard = Callable[[Sheet, np.random.Generator], None]

HAZARDS: dict[str, Hazard] = {}
"""Every hazard by name."""

_SIDES = ("top", "bottom", "left", "right")
# Of the digits in a row: those that are linked to their neighbours, and those that lean with them.
_LINKED, _LEANING = 0.35, 0.5
_HIDDEN = 0.4  # of a digit's ink, the most that lies on its neighbour's: with more it is neither


def hazard(function: Hazard) -> Hazard:
    """Register a function that changes a sheet as a hazard, named after it."""
    HAZARDS[function.__name__.replace("_", " ")] = function
    return function


def _thickness(sheet: Sheet, rng: np.random.Generator) -> float:
    return float(max(1.0, sheet.height * rng.uniform(0.012, 0.055)))


@hazard
def clean(sheet: Sheet, rng: np.random.Generator) -> None:
    """A scan or a photo of the digit alone, with light that falls off."""
    sheet.shade = rng.uniform(0, 0.3)
    sheet.noise = rng.uniform(0, 4)


@hazard
def frame(sheet: Sheet, rng: np.random.Generator) -> None:
    """A form's box around the digit, thin to bold, at times with a side out of the picture."""
    height, width = sheet.ink.shape
    depth, thick = rng.uniform(0.35, 1.15), _thickness(sheet, rng)
    y0 = sheet.room("top") * rng.uniform(-0.1, 0.8)
    y1 = height - 1 - sheet.room("bottom") * rng.uniform(-0.1, 0.8)
    x0 = sheet.room("left") * rng.uniform(-0.1, 0.8)
    x1 = width - 1 - sheet.room("right") * rng.uniform(-0.1, 0.8)
    tilt = rng.normal(0, 0.012) * np.array([height, width]) if rng.random() < 0.5 else (0.0, 0.0)
    corners = [(y0, x0), (y0 + tilt[1], x1), (y1 + tilt[1], x1 - tilt[0]), (y1, x0 - tilt[0])]
    missing = int(rng.integers(4)) if rng.random() < 0.3 else -1
    over = rng.uniform(0, 0.3) * sheet.height if rng.random() < 0.2 else 0.0  # combs go on
    for side in range(4):
        if side != missing:
            a, b = np.array(corners[side]), np.array(corners[(side + 1) % 4])
            ahead = (b - a) / max(float(np.hypot(*(b - a))), 1e-6) * over
            sheet.line(tuple(a - ahead), tuple(b + ahead), thick, depth)


@hazard
def rule(sheet: Sheet, rng: np.random.Generator) -> None:
    """One or two lines: above, below, beside the digit, or through its foot or head."""
    height, width = sheet.ink.shape
    top, bottom, left, right = sheet.digit
    places = ["above", "below", "foot", "head", "left", "right"]
    count = int(rng.choice([1, 1, 2]))
    for place in rng.choice(places, count, replace=False, p=[0.2, 0.25, 0.25, 0.06, 0.12, 0.12]):
        depth, thick = rng.uniform(0.35, 1.15), _thickness(sheet, rng)
        tilt = rng.normal(0, 0.012)
        at = {
            "above": top * rng.uniform(0, 0.85),
            "below": height - 1 - (height - bottom) * rng.uniform(0, 0.85),
            "foot": top + (bottom - top) * rng.uniform(0.84, 1.02),
            "head": top + (bottom - top) * rng.uniform(-0.02, 0.12),
            "left": left * rng.uniform(0, 0.85),
            "right": width - 1 - (width - right) * rng.uniform(0, 0.85),
        }[str(place)]
        if place in ("left", "right"):
            sheet.line((-2, at), (height + 2, at + tilt * height), thick, depth)
        else:
            sheet.line((at, -2), (at + tilt * width, width + 2), thick, depth)


def _rulings(sheet: Sheet, rng: np.random.Generator, step: float, both: bool) -> None:
    height, width = sheet.ink.shape
    depth, thick, tilt = rng.uniform(0.15, 0.7), _thickness(sheet, rng), rng.normal(0, 0.012)
    reach = abs(tilt) * max(height, width)
    for y in np.arange(rng.uniform(0, step) - reach, height + reach, step):
        sheet.line((y, -2), (y + tilt * width, width + 2), thick, depth)
    if both:
        for x in np.arange(rng.uniform(0, step) - reach, width + reach, step):
            sheet.line((-2, x), (height + 2, x - tilt * height), thick, depth)
    sheet.blur, sheet.shade = rng.uniform(0.3, 1.1), rng.uniform(0, 0.3)
    sheet.noise = rng.uniform(0, 4)


@hazard
def squared(sheet: Sheet, rng: np.random.Generator) -> None:
    """Squared paper, photographed."""
    for side in _SIDES:
        sheet.extend(side, round(sheet.height * rng.uniform(0.2, 1.2)))
    _rulings(sheet, rng, sheet.height * rng.uniform(0.3, 1.2), both=True)


@hazard
def ruled(sheet: Sheet, rng: np.random.Generator) -> None:
    """Ruled paper, photographed."""
    for side in _SIDES:
        sheet.extend(side, round(sheet.height * rng.uniform(0.2, 1.2)))
    _rulings(sheet, rng, sheet.height * rng.uniform(0.6, 1.5), both=False)


@hazard
def edge(sheet: Sheet, rng: np.random.Generator) -> None:
    """A dark area along one or two borders: a gutter, the table, a scanner's lid."""
    for side in rng.choice(_SIDES, int(rng.choice([1, 1, 1, 2])), replace=False):
        deep = round(sheet.height * rng.choice([0.02, 0.08, 0.3, 0.9]) * rng.uniform(0.7, 1.3)) + 1
        sheet.extend(str(side), max(0, deep - round(0.6 * sheet.room(str(side)))))
        height, width = sheet.ink.shape
        rows, columns = np.mgrid[:height, :width].astype(np.float32)
        distance = {
            "top": rows,
            "bottom": height - 1 - rows,
            "left": columns,
            "right": width - 1 - columns,
        }[str(side)]
        along = columns if side in ("top", "bottom") else rows
        lean = rng.normal(0, 0.03) if rng.random() < 0.5 else 0.0
        border = deep + lean * (along - along.max() / 2)
        soft = rng.uniform(0.5, 0.12 * sheet.height) if rng.random() < 0.3 else 0.5
        dark = np.clip((border - distance) / soft + 0.5, 0, 1) * rng.uniform(0.7, 1.3)
        np.maximum(sheet.print, dark.astype(np.float32), out=sheet.print)
    sheet.blur = rng.uniform(0.3, 1.1)


@hazard
def neighbour(sheet: Sheet, rng: np.random.Generator) -> None:
    """Ink of what is written beside the digit, cut in at the border."""
    for side in rng.choice(
        _SIDES, int(rng.choice([1, 1, 2])), replace=False, p=[0.1, 0.1, 0.4, 0.4]
    ):
        height, width = sheet.ink.shape
        long = height if side in ("left", "right") else width
        start = rng.uniform(-0.1, 0.6) * long
        end = start + sheet.height * rng.uniform(0.15, 0.8)
        points = np.linspace(start, end, 6)
        depth = np.cumsum(rng.normal(0, 0.03, 6)) + rng.uniform(-0.02, 0.1)
        depth = np.clip(depth * sheet.height, -sheet.pen, 0.7 * sheet.room(str(side)) - sheet.pen)
        rows, columns = np.mgrid[:height, :width].astype(np.float32)
        far = {"top": rows, "bottom": height - 1 - rows}.get(str(side))
        if far is None:
            far = columns if side == "left" else width - 1 - columns
        along = rows if side in ("left", "right") else columns
        piece = np.clip(sheet.pen / 2 + 0.5 - np.abs(far - np.interp(along, points, depth)), 0, 1)
        piece *= np.clip(along - start + 0.5, 0, 1) * np.clip(end - along + 0.5, 0, 1)
        np.maximum(sheet.print, piece.astype(np.float32), out=sheet.print)


@hazard
def mark(sheet: Sheet, rng: np.random.Generator) -> None:
    """A full stop, a comma or a dash beside the digit."""
    side = "right" if rng.random() < 0.8 else "left"
    gap, radius = (
        sheet.height * rng.uniform(0.1, 0.35),
        max(0.9, sheet.pen * rng.uniform(0.4, 0.95)),
    )
    sheet.extend(side, round(gap + 0.5 * sheet.height))
    _, bottom, left, right = sheet.digit
    away = 1 if side == "right" else -1
    x = right + gap if side == "right" else left - gap
    kind = rng.choice(["stop", "comma", "dash"])
    if kind == "dash":
        y = bottom - sheet.height * rng.uniform(0.35, 0.65)
        length = sheet.height * rng.uniform(0.15, 0.4)
        sheet.line((y, x), (y + rng.normal(0, 0.05) * length, x + away * length), sheet.pen, 1.0)
    elif kind == "comma":
        sheet.line((bottom - radius, x), (bottom + 2 * radius, x - radius), radius, 1.0)
    else:
        sheet.line((bottom - radius, x), (bottom - radius, x + 0.01), 2 * radius, 1.0)


@hazard
def tight(sheet: Sheet, rng: np.random.Generator) -> None:
    """Cut out at the digit's own edges, or a little inside them, as where a field was cut up.

    At times with a rule at the foot, a cheque's pattern, or a neighbour's ink at one side.
    """
    _cut_out(sheet, rng)
    if rng.random() < 0.5:
        sheet.extend(str(rng.choice(["left", "right"])), round(0.12 * sheet.height))
        neighbour(sheet, rng)
    if rng.random() < 0.5:
        security(sheet, rng)
    _scanned(sheet, rng)


def _cut_out(sheet: Sheet, rng: np.random.Generator) -> None:
    for side in _SIDES:
        sheet.trim(side, sheet.room(side) - round(rng.uniform(-2.4, 1 + 0.08 * sheet.height)))


def _scanned(sheet: Sheet, rng: np.random.Generator) -> None:
    sheet.blur, sheet.noise = rng.uniform(0.2, 0.9), rng.uniform(0, 4)
    sheet.quality = int(rng.integers(50, 96)) if rng.random() < 0.6 else None


@hazard
def security(sheet: Sheet, rng: np.random.Generator) -> None:
    """The wavy pattern of a cheque, and perhaps a rule."""
    rows, columns = np.mgrid[: sheet.ink.shape[0], : sheet.ink.shape[1]] / sheet.height
    for _ in range(int(rng.choice([1, 2]))):
        angle, period = rng.uniform(0, np.pi), rng.uniform(0.05, 0.22)
        wave = rng.uniform(0, 0.15) * np.sin(columns * rng.uniform(1, 4) + rows * rng.uniform(1, 4))
        phase = 2 * np.pi * (columns * np.cos(angle) + rows * np.sin(angle) + wave) / period
        sheet.print += (rng.uniform(0.06, 0.3) * np.clip(np.sin(phase), 0, 1)).astype(np.float32)
    if rng.random() < 0.4:
        rule(sheet, rng)


@hazard
def faint(sheet: Sheet, rng: np.random.Generator) -> None:
    """Pencil: little contrast, uneven light, noise."""
    for side in _SIDES:
        sheet.extend(side, round(sheet.height * rng.uniform(0.1, 1.2)))
    sheet.contrast = rng.uniform(0.09, 0.2)
    sheet.blur, sheet.shade, sheet.noise = (
        rng.uniform(0.3, 1.1),
        rng.uniform(0, 0.3),
        rng.uniform(0, 1.5),
    )


@hazard
def blurred(sheet: Sheet, rng: np.random.Generator) -> None:
    """Out of focus."""
    sheet.blur = sheet.height * rng.uniform(0.035, 0.09)
    sheet.noise = rng.uniform(0, 4)


@hazard
def broken(sheet: Sheet, rng: np.random.Generator) -> None:
    """A thin pen that skips."""
    sheet.ink *= rng.random(sheet.ink.shape) > rng.uniform(0.02, 0.1)
    sheet.noise = rng.uniform(0, 4)


@hazard
def in_a_row(sheet: Sheet, rng: np.random.Generator) -> None:
    """Cut out of a number: of the digits beside it, parts are in the picture, or touch it.

    They are of the same pen and lean alike, and may be linked to the digit by a stroke. At times on
    a cheque's pattern.
    """
    styles = list(TRAINING.values())
    sheet.pen = max(1.0, pen_width(sheet.ink > 0.5))
    linked = rng.random() < _LINKED
    for side in rng.choice(["left", "right"], int(rng.choice([1, 2])), replace=False):
        height = sheet.height * rng.uniform(0.8, 1.1)
        other = of_style(styles[rng.integers(len(styles))], height, rng, pen=sheet.pen / height)
        _, bottom, left, right = sheet.digit
        digit = sheet.ink[sheet.digit[0] : bottom, left:right]
        foot = round(sheet.height * float(np.clip(rng.normal(0, 0.06), -0.15, 0.15)))
        gap = round(sheet.height * rng.uniform(-0.2, 0.15))
        gap = _readable_gap(gap, digit, other, foot, to_the_right=side == "right")
        rows, columns = other.shape
        sheet.extend(str(side), max(0, gap + columns - sheet.room(str(side))))
        sheet.extend("bottom", max(0, foot - sheet.room("bottom")))
        sheet.extend("top", max(0, rows - foot - sheet.digit[1]))
        top, bottom, left, right = sheet.digit
        start = right + gap if side == "right" else left - gap - columns
        here, there = (
            Placed(column, row, np.asarray(255 * ink, np.uint8))
            for column, row, ink in (
                (left, top, sheet.ink[top:bottom, left:right]),
                (start, bottom + foot - rows, other),
            )
        )
        place = sheet.print[there.top : there.top + rows, start : start + columns]
        np.maximum(place, other, out=place)
        if linked:
            stroke = np.zeros(sheet.ink.shape, np.uint8)
            pair = (here, there) if side == "right" else (there, here)
            link(stroke, *pair, rng, zeros=rng.random() < 0.3, height=sheet.height)
            np.maximum(sheet.print, stroke / np.float32(255), out=sheet.print)
    if rng.random() < _LEANING:
        sheet.lean(rng.uniform(-0.1, 0.6))
    _cut_out(sheet, rng)
    if rng.random() < 0.5:
        security(sheet, rng)
    _scanned(sheet, rng)


def _readable_gap(gap: int, digit: Levels, other: Levels, foot: int, *, to_the_right: bool) -> int:
    """Return the first gap between two boxes, from ``gap`` on, that leaves both signs readable.

    It is below 0 where they overlap. The other's foot is ``foot`` rows below the digit's.
    """
    rows = max(len(digit), len(other)) + abs(foot)
    inks = []
    for ink, end in ((digit, rows - max(foot, 0)), (other, rows - max(-foot, 0))):
        inked = np.zeros((rows, ink.shape[1]), np.bool_)
        inked[end - len(ink) : end] = ink > 0.25
        inks.append(inked if to_the_right else inked[:, ::-1])
    here, there = inks
    most = _HIDDEN * min(np.count_nonzero(here), np.count_nonzero(there))
    for overlap in range(min(-gap, here.shape[1], there.shape[1]), 0, -1):
        if np.count_nonzero(here[:, -overlap:] & there[:, :overlap]) <= most:
            return -overlap
    return max(gap, 0)


def blurred_by(levels: Levels, sigma: float) -> Levels:
    """Return levels (H, W) blurred by a Gaussian of so many pixels, separably."""
    if sigma < 0.2:
        return levels
    reach = int(3 * sigma) + 1
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        pad = [(reach, reach) if a == axis else (0, 0) for a in (0, 1)]
        windows = np.lib.stride_tricks.sliding_window_view(
            np.pad(levels, pad, mode="edge"), 2 * reach + 1, axis=axis
        )
        levels = np.asarray(windows @ weights, dtype=np.float32)
    return levels
