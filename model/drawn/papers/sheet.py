"""The picture in the making: what is printed or lies on the paper, and the digit's ink."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from model.drawn.papers.inks import Levels


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

    def lean(self, shear: float) -> None:
        """Make all that is on the paper lean to the right, by so many pixels per pixel up."""
        height = len(self.ink)
        reach = round(abs(shear) * height / 2) + 1
        self.ink, self.print = (np.pad(a, ((0, 0), (reach, reach))) for a in (self.ink, self.print))
        matrix = (1.0, shear, -shear * height / 2, 0.0, 1.0, 0.0)
        self.ink, self.print = (
            np.asarray(
                Image.fromarray(a).transform(
                    a.shape[::-1], Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
                )
            )
            for a in (self.ink, self.print)
        )
        rows, columns = (np.flatnonzero(self.ink.max(axis=axis) > 0.1) for axis in (1, 0))
        self.digit = (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1)

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
