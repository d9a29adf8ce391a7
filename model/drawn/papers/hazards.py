"""What real paper has around a digit, one function for each hazard.

A `Sheet` is the picture in the making: what is printed or lies on the paper, and the digit's ink.
Every hazard changes it in place, with its strength at random within what people read without
effort, and takes all its random numbers from ``rng``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model.drawn.digits.styles import TRAINING
from model.drawn.papers.inks import Levels, of_style

Hazard = Callable[["Sheet", np.random.Generator], None]

HAZARDS: dict[str, Hazard] = {}
"""Every hazard by name."""

_SIDES = ("top", "bottom", "left", "right")


@dataclass
class Sheet:
    """A digit on paper, in the making.

    Attributes:
        ink: coverage by the digit's pen, float32 (H, W), 0 to 1.
        print: what else darkens the paper, in the same measure; above 1 is darker than the ink.
        height, pen: of the digit, in pixels.
        digit: the rows and columns that the digit fills: (top, bottom, left, right).
        contrast: how much the ink takes of the paper's light, 0 to 1.
        blur: standard deviation of what the camera blurs, in pixels.
        noise: standard deviation, in grey levels of 255.
        shade: how much the light varies over the picture, 0 to 1.
        quality: of the JPEG that the picture was kept as; None if it was not.
    """

    ink: Levels
    print: Levels
    height: float
    pen: float
    digit: tuple[int, int, int, int]
    contrast: float
    blur: float = 0.0
    noise: float = 1.0
    shade: float = 0.05
    quality: int | None = None

    def extend(self, side: str, pixels: int) -> None:
        """Add so many rows or columns of empty paper at a side."""
        rows = {"top": (pixels, 0), "bottom": (0, pixels)}.get(side, (0, 0))
        columns = {"left": (pixels, 0), "right": (0, pixels)}.get(side, (0, 0))
        self.ink, self.print = (np.pad(a, (rows, columns)) for a in (self.ink, self.print))
        top, bottom, left, right = self.digit
        self.digit = (top + rows[0], bottom + rows[0], left + columns[0], right + columns[0])

    def trim(self, side: str, pixels: int) -> None:
        """Cut off so many rows or columns at a side, though not more than half of the digit."""
        top, bottom, left, right = self.digit
        height, width = self.ink.shape
        half = ((bottom - top if side in ("top", "bottom") else right - left) - 1) // 2
        pixels = max(0, min(pixels, self.room(side) + half))
        rows = slice(pixels * (side == "top"), height - pixels * (side == "bottom"))
        columns = slice(pixels * (side == "left"), width - pixels * (side == "right"))
        self.ink, self.print = (a[rows, columns].copy() for a in (self.ink, self.print))
        up, over = rows.start, columns.start
        self.digit = (top - up, bottom - up, left - over, right - over)

    def room(self, side: str) -> int:
        """Return the pixels of paper between the digit and a side; below 0 if it is cut."""
        top, bottom, left, right = self.digit
        height, width = self.ink.shape
        rooms: dict[str, int] = {
            "top": top,
            "bottom": height - bottom,
            "left": left,
            "right": width - right,
        }
        return rooms[side]

    def line(
        self, start: tuple[float, float], end: tuple[float, float], width: float, depth: float
    ) -> None:
        """Print a straight line between two points (y, x), antialiased."""
        rows, columns = np.mgrid[: self.ink.shape[0], : self.ink.shape[1]].astype(np.float32)
        (y0, x0), (y1, x1) = start, end
        length = max(float(np.hypot(y1 - y0, x1 - x0)), 1e-6)
        dy, dx = (y1 - y0) / length, (x1 - x0) / length
        across = np.abs((columns - x0) * dy - (rows - y0) * dx)
        along = (rows - y0) * dy + (columns - x0) * dx
        inside = np.clip(width / 2 + 0.5 - across, 0, 1)
        inside *= np.clip(along + 0.5, 0, 1) * np.clip(length - along + 0.5, 0, 1)
        np.maximum(self.print, np.float32(depth) * inside, out=self.print)


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

    At times on a cheque's pattern.
    """
    styles = list(TRAINING.values())
    for side in rng.choice(["left", "right"], int(rng.choice([1, 2])), replace=False):
        other = of_style(
            styles[rng.integers(len(styles))], sheet.height * rng.uniform(0.8, 1.1), rng
        )
        gap = round(sheet.height * rng.uniform(-0.1, 0.15))
        rows, columns = other.shape
        sheet.extend(str(side), max(0, gap + columns - sheet.room(str(side))))
        _, bottom, left, right = sheet.digit
        foot = round(bottom + sheet.height * float(np.clip(rng.normal(0, 0.06), -0.15, 0.15)))
        sheet.extend("bottom", max(0, foot - sheet.ink.shape[0]))
        sheet.extend("top", max(0, rows - foot))
        top = sheet.digit[1] - bottom + foot - rows
        start = right + gap if side == "right" else left - gap - columns
        place = sheet.print[top : top + rows, start : start + columns]
        np.maximum(place, other, out=place)
    _cut_out(sheet, rng)
    if rng.random() < 0.5:
        security(sheet, rng)
    _scanned(sheet, rng)


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
