"""Digits drawn by code on the paper that cameras and scanners bring: pictures by the thousand."""

import io
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.drawn.digits.styles import HELD_OUT, TRAINING
from model.drawn.digits.writer import shares
from model.drawn.papers.hazards import HAZARDS, Sheet, blurred_by
from model.drawn.papers.inks import Ink, of_style

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
    chosen = [styles[i] for i in rng.choice(len(styles), count, p=shares(styles))]
    pictures = [on_paper(partial(of_style, style), hazard, rng) for style in chosen]
    return PaperDigits(pictures, np.array([style.digit for style in chosen], np.int64))


def on_paper(ink: Ink, hazard: str, rng: np.random.Generator) -> Picture:
    """Write a digit on paper with a hazard, seen by a scanner or a camera."""
    return seen(sheet_of(ink, hazard, rng), rng)


def sheet_of(write: Ink, hazard: str, rng: np.random.Generator) -> Sheet:
    """Write a sign on paper with a hazard, as it is before anything has seen it."""
    low, high = {
        "blurred": (22, 48),
        "broken": (18, 40),
        "tight": (20, 60),
        "in a row": (20, 60),
    }.get(hazard, (26, 150))
    height = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    ink = write(height, rng)
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
