"""Draws digits that the network misreads, for the page about it: `python tests/helpers/misread.py`.

They are in styles that it was not trained on. Of those that it takes for another digit it is surest
of come first; they replace the pictures in static/about/. Run it for new weights.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

PROJECT = Path(__file__).parents[2]
FOLDER = PROJECT / "static" / "about"
MOST = 8  # pictures
SEED = 2027  # not one that training or evaluation draws with
EACH = 400  # drawings in each style


def main() -> None:
    """Write the pictures, each named after what it was meant to be."""
    sys.path.insert(0, str(PROJECT))
    from model.drawn.digits.styles import HELD_OUT
    from model.drawn.digits.writer import draw
    from model.recognizer import Verdict
    from model.second_look import read_drawing
    from model.weights import load_weights

    recognizer = load_weights(PROJECT / "weights" / "digits.npz")
    found = []
    for k, style in enumerate(HELD_OUT.values()):
        rng = np.random.default_rng([SEED, k])
        for _ in range(EACH):
            grey = draw(style, rng)
            answer = read_drawing(recognizer, grey)
            if answer.verdict is Verdict.DIGIT and answer.digit != style.digit:
                sure = float(answer.reading.probabilities.max())
                found.append((sure, style.digit, grey))
    found.sort(key=lambda one: -one[0])
    for old in FOLDER.glob("*.png"):
        old.unlink()
    for n, (sure, digit, grey) in enumerate(found[:MOST], start=1):
        Image.fromarray(grey).save(FOLDER / f"{digit}-{n}.png", optimize=True)
        print(f"{digit}-{n}.png, {grey.shape[0]} pixels, sure by {sure:.3f}")


if __name__ == "__main__":
    main()
