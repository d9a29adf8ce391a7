"""Drawings that are not one digit: reproducible, varied, balanced, and apart from validation."""

from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sheets import assert_as_committed, drawn_by

from model.drawn.generator import Drawings, Purpose, generate
from model.drawn.non_digits.families import FAMILIES, frame, is_bar, kinds, non_digits
from model.drawn.non_digits.glyphs import parse, write
from model.samples import NON_DIGIT_LABEL

EVERY_KIND = [kind for purpose in Purpose for kind in kinds(purpose)]


@pytest.fixture(scope="module")
def many() -> Drawings:
    """Drawings for training, enough, to count in."""
    return generate(non_digits, 1200, seed=2)


def test_no_kind_has_two_purposes_or_an_unknown_family() -> None:
    names = Counter((kind.family, kind.name) for kind in EVERY_KIND)
    assert max(names.values()) == 1
    assert {kind.family for kind in EVERY_KIND} == set(FAMILIES)


def test_about_a_quarter_of_all_kinds_and_some_of_each_family_are_held_out() -> None:
    training, held_out = kinds(Purpose.TRAINING), kinds(Purpose.HELD_OUT)
    assert 0.2 < len(held_out) / (len(training) + len(held_out)) < 0.3
    assert {kind.family for kind in held_out} == set(FAMILIES)
    assert {kind.family for kind in training} == set(FAMILIES)


def test_each_purpose_draws_its_own_kinds_alone(many: Drawings) -> None:
    drawn = {
        Purpose.TRAINING: many,
        Purpose.HELD_OUT: generate(non_digits, 150, seed=1, purpose=Purpose.HELD_OUT),
        Purpose.LOOKALIKE: generate(non_digits, 150, seed=1, purpose=Purpose.LOOKALIKE),
    }
    for purpose, drawings in drawn.items():
        allowed = {f"{kind.family}/{kind.name}" for kind in kinds(purpose)}
        assert allowed >= set(drawings.names), purpose
        assert (drawings.labels == NON_DIGIT_LABEL).all(), purpose


def test_letters_that_look_like_digits_are_lookalikes() -> None:
    names = {kind.name for kind in kinds(Purpose.LOOKALIKE) if kind.family == "latin"}
    assert names >= set("OolIZzSsBqbg")


def test_families_are_as_common_as_they_should_be(many: Drawings) -> None:
    assert sum(FAMILIES.values()) == 100
    drawn = Counter(str(name).split("/")[0] for name in many.names)
    for family, share in FAMILIES.items():
        expected = len(many.names) * share / 100
        assert abs(drawn[family] - expected) < 5 * expected**0.5, family


def test_an_upright_bar_is_recognised_and_nothing_else() -> None:
    upright, level, slanted, block = np.zeros((4, 28, 28))
    upright[4:24, 13:16] = 1
    level[13:16, 4:24] = 1
    block[4:24, 8:20] = 1
    slanted[np.arange(4, 24), np.arange(4, 24) // 2 + 7] = 1
    assert is_bar(upright)
    assert is_bar(slanted)
    assert not is_bar(level)
    assert not is_bar(block)


def test_nothing_for_training_comes_out_as_a_bar(many: Drawings) -> None:
    bars = [
        name for image, name in zip(many.frames, many.names, strict=True) if is_bar(image / 255)
    ]
    assert bars == []


def test_notation_of_points_curves_corners_circles_and_marks() -> None:
    plain, held_out, lookalike = parse("A-1: 09 40 89, 26\n | ~09 40! 89\n*b: @443\n?c: 10 ~22 31")
    assert [plain.purpose, held_out.purpose, lookalike.purpose] == [*Purpose]
    assert plain.name == "A-1"
    (lines, dot), (curved,) = plain.variants
    assert lines.points.tolist() == [[0, 9], [4, 0], [8, 9]]
    assert not lines.smooth
    assert dot.points.tolist() == [[2, 6]]
    assert curved.smooth
    assert curved.corners == (1,)
    assert lookalike.variants[0][0].corners == (0,)
    circle = held_out.variants[0][0].points
    assert np.allclose(np.hypot(*(circle - 4).T), 3)


@pytest.mark.parametrize("text", ["A 09 40", "A: 0 9", "A: 09,, 40", "A: ~", "!A: 09 40", "A: @4"])
def test_what_is_not_in_the_notation_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a stroke|not `name: strokes`"):
        parse(text)


def test_a_hand_stays_near_what_it_writes() -> None:
    glyph = parse("L: 00 09 69")[0]
    for seed in range(20):
        points = np.concatenate(write(glyph, np.random.default_rng(seed)))
        assert points.min() > -6
        assert points.max() < 15


@pytest.fixture(scope="module")
def few() -> dict[str, list[NDArray[np.uint8]]]:
    """Three drawings of every kind, at half of their size."""
    kinds_by_name = {f"{kind.family}/{kind.name}": kind for kind in EVERY_KIND}
    return {name: drawn_by(partial(frame, kind), name, 3) for name, kind in kinds_by_name.items()}


def test_every_kind_comes_out_as_ink_and_varies(few: dict[str, list[NDArray[np.uint8]]]) -> None:
    for name, (first, second, third) in few.items():
        assert min(first.max(), second.max(), third.max()) > 80, f"{name} is blank"
        assert not np.array_equal(first, second), f"{name} never varies"


def test_every_kind_is_drawn_as_it_was_when_the_weights_were_trained(
    few: dict[str, list[NDArray[np.uint8]]],
) -> None:
    assert_as_committed(Path(__file__).with_name("kinds.png"), few)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_kind_is_drawn_as_often_as_its_family_says_and_all_kinds_of_one_alike(
    purpose: Purpose,
) -> None:
    shares = Counter[str]()
    of_family: dict[str, list[float]] = {}
    for subject in non_digits(purpose):
        family = subject.name.partition("/")[0]
        shares[family] += subject.share
        of_family.setdefault(family, []).append(subject.share)
    assert all(max(each) == pytest.approx(min(each)) for each in of_family.values())
    total = sum(FAMILIES[family] for family in shares)
    for family, share in shares.items():
        assert share == pytest.approx(FAMILIES[family] / total)
