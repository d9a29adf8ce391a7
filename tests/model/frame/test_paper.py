"""What paper looks like where a picture shows little of it."""

import numpy as np
import pytest

from model.drawn.strokes import polyline, render
from model.frame.paper import Paper, find_paper, flatten


@pytest.mark.parametrize("dark_ink", [True, False])
def test_a_small_picture_has_the_paper_that_is_farthest_from_its_ink(dark_ink):
    # An eight of a few pixels with grey edges all around: no pixel is clear of ink on all sides.
    picture = np.array(
        [
            [250, 180, 60, 180, 250],
            [180, 60, 180, 60, 180],
            [250, 180, 60, 180, 250],
            [180, 60, 180, 60, 180],
            [250, 180, 60, 180, 250],
        ],
        np.uint8,
    )
    paper = find_paper(picture if dark_ink else 255 - picture)
    assert paper == Paper(250 if dark_ink else 5, 0, dark_ink)


@pytest.mark.parametrize("dark_ink", [True, False])
def test_in_a_photograph_ink_is_what_stands_out_most(dark_ink):
    strokes = [polyline((0, 0), (0.6, 0), (0.2, 1))]
    ink = 255 - render(strokes, size=140, height=84, line_width=9).astype(np.float64)
    light = np.linspace(90, 180, 140)
    paper = light if dark_ink else 255 - light
    picture = paper + (-0.3 if dark_ink else 0.3) * ink
    flat, found = flatten(np.clip(picture, 0, 255).astype(np.uint8))
    assert found.dark_ink == dark_ink
    inked = flat < 128 if dark_ink else flat >= 128
    assert inked.mean() == pytest.approx((ink > 128).mean(), rel=0.3)
