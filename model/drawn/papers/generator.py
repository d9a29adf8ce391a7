"""Digits drawn by code on the paper that cameras and scanners bring: pictures by the thousand."""

import io
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.drawn.digits.styles import HELD_OUT, TRAINING, Style
from model.drawn.digits.writer import draw
from model.drawn.papers.hazards import HAZARDS, Levels, Sheet, blurred_by, resized

Picture = NDArray[np.uint8]  # (H, W), 0 black to 255 white


class PaperDigits(NamedTuple):
    """Digits on paper.

    pictures: uint8 (H, W) each, of many sizes.
    labels: int64 (N,), 0 to 9.
    """

    pictures: list[Picture]
    labels: NDArray[np.int64]


def generate(count: int, seed: int, hazard: str, *, held_out: bool = False) -> PaperDigits:
    """Draw ``count`` digits, all ten equally likely, on paper with a hazard of `HAZARDS`.

    With ``held_out``, only in the styles that training never draws. The result depends on the
    arguments alone.
    """
    rng = np.random.default_rng([seed, list(HAZARDS).index(hazard), int(held_out)])
    styles = list((HELD_OUT if held_out else TRAINING).values())
    weights = np.array([style.weight for style in styles])
    for digit in range(10):
        of_digit = np.array([style.digit == digit for style in styles])
        weights[of_digit] /= weights[of_digit].sum() * 10
    chosen = [styles[i] for i in rng.choice(len(styles), count, p=weights)]
    pictures = [on_paper(style, hazard, rng) for style in chosen]
    return PaperDigits(pictures, np.array([style.digit for style in chosen], np.int64))


def on_paper(style: Style, hazard: str, rng: np.random.Generator) -> Picture:
    """Draw a digit of a style on paper with a hazard, seen by a scanner or a camera."""
    return seen(sheet_of(style, hazard, rng), rng)


def sheet_of(style: Style, hazard: str, rng: np.random.Generator) -> Sheet:
    """Draw a digit of a style on paper with a hazard, as it is before anything has seen it."""
    low, high = {"blurred": (22, 48), "broken": (18, 40), "tight": (20, 60)}.get(hazard, (26, 150))
    height = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    ink = _ink(style, height, rng)
    top, bottom, left, right = (max(3, round(height * rng.uniform(0.15, 0.5))) for _ in range(4))
    sheet = Sheet(
        ink=np.pad(ink, ((top, bottom), (left, right))),
        print=np.zeros((ink.shape[0] + top + bottom, ink.shape[1] + left + right), np.float32),
        height=height,
        pen=max(1.0, height * 0.09),
        digit=(top, top + ink.shape[0], left, left + ink.shape[1]),
        contrast=rng.uniform(0.5, 0.92),
        noise=rng.uniform(0, 4),
    )
    HAZARDS[hazard](sheet, rng)
    return sheet


def contact_sheet(*, held_out: bool = False, columns: int = 12, seed: int = 0) -> Image.Image:
    """Return a picture to look at: a row for each hazard, a column for each sample."""
    side, label, margin = 90, 80, 6  # pixels
    sheet = Image.new("L", (label + columns * side, margin + len(HAZARDS) * side), 255)
    pen = ImageDraw.Draw(sheet)
    for row, hazard in enumerate(HAZARDS):
        pen.text((4, row * side + side // 2 - 6), hazard, fill=0)
        drawn = generate(columns, seed, hazard, held_out=held_out)
        for column, picture in enumerate(drawn.pictures):
            scale = (side - margin) / max(picture.shape)
            height, width = (max(1, round(edge * scale)) for edge in picture.shape)
            tile = Image.fromarray(picture).resize((width, height))
            sheet.paste(tile, (label + column * side, margin + row * side))
    return sheet


def _ink(style: Style, height: float, rng: np.random.Generator) -> Levels:
    """Return a digit's coverage, float32 (H, W) in 0..1, cut out, its longest side ``height``."""
    drawn = 1 - draw(style, rng).astype(np.float32) / 255
    rows, columns = (np.flatnonzero(drawn.max(axis=axis) > 0.1) for axis in (1, 0))
    cut = drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = height / max(cut.shape)
    rows_wanted, columns_wanted = (max(1, round(side * scale)) for side in cut.shape)
    return resized(np.asarray(cut, np.float32), rows_wanted, columns_wanted)


def seen(sheet: Sheet, rng: np.random.Generator) -> Picture:
    """Return what a camera makes of a sheet: light that falls off, blur and noise."""
    height, width = sheet.ink.shape
    darkness = sheet.contrast * np.maximum(sheet.ink, sheet.print)
    rows, columns = np.mgrid[:height, :width] / max(height, width)
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 + sheet.shade * (np.cos(angle) * (columns - 0.5) + np.sin(angle) * (rows - 0.5))
    level = rng.uniform(165, 250)
    reflected = (level * light * (1 - np.minimum(darkness, 0.97))).astype(np.float32)
    seen = blurred_by(reflected, sheet.blur) + rng.normal(0, sheet.noise, reflected.shape)
    picture = np.asarray(np.clip(np.rint(seen), 0, 255), dtype=np.uint8)
    if sheet.quality is None:
        return picture
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=sheet.quality)
    return np.asarray(Image.open(file))
