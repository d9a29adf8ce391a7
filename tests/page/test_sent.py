"""The picture that is sent: the pixels of the strokes, as a PNG, without asking a canvas."""

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
from browser import SEVEN
from PIL import Image
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

CURVE = [[60 + 70 * np.cos(a), 140 + 90 * np.sin(a)] for a in np.linspace(0, 5, 25)]


def marks(*strokes: Any, width: float = 20, erase: bool = False) -> list[dict[str, Any]]:
    """Strokes as the page has them."""
    return [
        {"points": [{"x": x, "y": y, "width": width} for x, y in stroke], "erase": erase}
        for stroke in strokes
    ]


def decoded(text: str) -> np.ndarray:
    """The grey values of a picture in base64."""
    picture = Image.open(io.BytesIO(base64.b64decode(text)))
    assert picture.mode == "L"
    return np.asarray(picture)


PICTURES = [
    np.full((1, 1), 7),
    np.full((280, 280), 255),
    np.random.default_rng(0).integers(0, 256, (57, 91)),
    np.arange(300 * 3).reshape(3, 300) // 4 % 256,
    *(np.repeat([[0, 9, 200]], n, axis=1) for n in (2, 3, 4, 10, 11, 12, 130, 257, 258, 259, 600)),
]


def test_the_png_holds_the_pixels(page: Page) -> None:
    for pixels in PICTURES:
        height, width = pixels.shape
        text = page.evaluate(
            """async ([width, height, grey]) => {
              const { encodePng } = await import("/question/png.js");
              const bytes = encodePng({ width, height, grey: Uint8Array.from(grey) });
              return btoa(String.fromCharCode(...bytes));
            }""",
            [width, height, pixels.ravel().tolist()],
        )
        assert (decoded(text) == pixels).all(), pixels.shape


DRAWINGS = {
    "line": marks(SEVEN),
    "broad": marks(SEVEN, width=32),
    "curve": marks(CURVE, [[200, 60], [200, 220]], width=12),
    "dot": marks([[140, 140]]),
    "over the edge": marks([[10, 10], [270, 270]], [[-20, 140], [300, 140]]),
    "erased": marks(CURVE)
    + marks([[0, 140], [140, 140]], width=36, erase=True)
    + marks([[60, 140]]),
    "pressure": [
        {"points": [{"x": 40 + 10 * i, "y": 140, "width": 14 + i / 2} for i in range(20)]}
    ],
}


def test_it_looks_as_the_canvas_does(page: Page) -> None:
    for name, drawn in DRAWINGS.items():
        own, canvas = page.evaluate(
            """async (marks) => {
              const { toPng } = await import("/question/sent.js");
              const { paintCanvas } = await import("/paper/ink.js");
              const sheet = { width: 280, height: 280, marks };
              const png = toPng(sheet);
              const canvas = document.createElement("canvas");
              canvas.width = canvas.height = new DataView(png.buffer).getUint32(16);
              paintCanvas(canvas, sheet);
              const context = canvas.getContext("2d");
              context.globalCompositeOperation = "destination-over";
              context.fillStyle = "#fff";
              context.fillRect(0, 0, 280, 280);
              return [btoa(String.fromCharCode(...png)), canvas.toDataURL().split(",")[1]];
            }""",
            json.loads(json.dumps(drawn)),
        )
        ours = decoded(own).astype(int)
        theirs = np.asarray(Image.open(io.BytesIO(base64.b64decode(canvas))).convert("L")).astype(
            int
        )
        assert ours.min() < 30, name
        assert abs(ours - theirs).mean() < 0.5, name
        # At the seams of two widths they differ.
        assert (abs(ours - theirs) > 64).mean() < 0.001, name
