import numpy as np

from model.data.pen_numbers import NumberPicture
from model.evaluation.numbers import NumberResults, mistakes_sheet


def test_the_sheet_of_mistakes_has_room_for_all():
    grey = np.full((40, 90), 120, np.uint8)
    for wrong, rows in ((0, 1), (5, 1), (6, 2), (11, 3)):
        results = NumberResults([NumberPicture(grey, "17")] * wrong, [None] * wrong)
        sheet = np.asarray(mistakes_sheet([results], columns=5))
        assert sheet.shape == (106 * rows, 5 * 220)
        assert (sheet == 120).sum() >= wrong * grey.size
