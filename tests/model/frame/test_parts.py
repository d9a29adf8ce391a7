import numpy as np
import pytest

from model.frame.parts import Part, choose, label, parts_of


def flooded(mask: np.ndarray) -> np.ndarray:
    """Labels by flooding from pixel to pixel: the definition, slowly."""
    labels = np.zeros(mask.shape, int)
    for start in zip(*np.nonzero(mask), strict=True):
        if labels[start]:
            continue
        number = labels.max() + 1
        waiting = [start]
        while waiting:
            y, x = waiting.pop()
            if 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1] and mask[y, x]:
                if labels[y, x]:
                    continue
                labels[y, x] = number
                waiting += [(y + i, x + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return labels


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.8])
def test_parts_are_what_flooding_finds(share):
    rng = np.random.default_rng(1)
    for _ in range(20):
        mask = rng.random(tuple(rng.integers(1, 40, 2))) < share
        labels, count = label(mask)
        wanted = flooded(mask)
        assert count == wanted.max(initial=0)
        pairs = {*zip(labels.ravel().tolist(), wanted.ravel().tolist(), strict=True)}
        assert len(pairs) == count + (not mask.all())  # each of ours is one of theirs


def test_a_spiral_is_one_part():
    mask = np.zeros((41, 41), bool)
    y = x = 20
    for turn in range(38):
        dy, dx = ((0, 1), (1, 0), (0, -1), (-1, 0))[turn % 4]
        for _ in range(turn // 2 * 2 + 2):
            if 0 <= y < 41 and 0 <= x < 41:
                mask[y, x] = True
            y, x = y + dy, x + dx
    assert label(mask)[1] == flooded(mask).max() == 1


def test_boxes_and_masses():
    levels = np.zeros((6, 8), np.float32)
    levels[1:3, 1:4] = 0.5
    levels[5, 7] = 3
    parts = parts_of(*label(levels > 0), levels)
    assert parts == [Part(1, 1, 2, 1, 3, 3.0), Part(2, 5, 5, 7, 7, 1.0)]


def digit(**changes: float) -> Part:
    return Part(1, 20, 80, 30, 70, 400.0)._replace(**changes)


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        (Part(2, 5, 60, 5, 7, 5000.0), True),  # more than 55 % of the height
        (Part(2, 5, 58, 5, 7, 5000.0), False),
        (Part(2, 92, 94, 10, 59, 5000.0), True),  # half of the width
        (Part(2, 92, 94, 10, 58, 5000.0), False),
        (Part(2, 5, 94, 48, 50, 5000.0), False),  # through the middle: a 1
        (Part(2, 5, 64, 5, 24, 5000.0), False),  # too thick
    ],
)
def test_a_long_thin_line_along_a_side_is_never_the_digit(line, is_one):
    choice = choose([line, digit()], (100, 100), tight=False)
    assert (choice.kept[0] == 1) == is_one


def test_a_heavier_part_at_the_border_or_beside_the_middle_is_not_the_digit():
    gutter = Part(2, 0, 99, 0, 5, 700.0)
    corner = Part(3, 2, 12, 84, 97, 450.0)
    for others in ([gutter], [corner], [gutter, corner]):
        choice = choose([*others, digit()], (100, 100), tight=False)
        assert choice.kept[0] == 1
    assert choose([digit(), digit(label=2, mass=401.0)], (100, 100), tight=False).kept[0] == 2


def test_a_neighbour_at_the_border_is_left_out_and_no_reason_to_doubt():
    cut_off = Part(2, 30, 70, 96, 99, 120.0)
    choice = choose([digit(), cut_off], (100, 100), tight=False)
    assert (choice.kept, choice.ignored, choice.doubtful) == ([1], [cut_off], False)


def test_a_second_digit_is_a_reason_to_doubt():
    second = Part(2, 20, 80, 82, 95, 300.0)
    choice = choose([digit(right=50), second], (100, 120), tight=False)
    assert choice.doubtful
    assert 2 not in choice.kept


def test_a_full_stop_is_left_out_and_no_reason_to_doubt():
    stop = Part(2, 76, 81, 84, 89, 30.0)
    choice = choose([digit(), stop], (100, 120), tight=False)
    assert (choice.kept, choice.doubtful) == ([1], False)


def test_the_bar_of_a_five_belongs_to_it():
    bar = Part(2, 14, 18, 40, 75, 60.0)
    assert sorted(choose([digit(), bar], (100, 100), tight=False).kept) == [1, 2]


def test_the_dot_of_an_i_is_a_reason_to_doubt():
    dot = Part(2, 8, 12, 48, 52, 20.0)
    choice = choose([digit(top=30), dot], (120, 100), tight=False)
    assert choice.kept == [1]
    assert choice.doubtful


def test_the_side_of_a_frame_is_not_the_digit():
    side = Part(2, 4, 95, 88, 90, 270.0)
    choice = choose([digit(), side], (100, 100), tight=False)
    assert choice.kept == [1]
    assert not choice.doubtful
