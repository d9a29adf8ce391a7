"""What paper looks like where a picture shows little of it."""

import numpy as np
import pytest

from model.frame.paper import Paper, find_paper


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
