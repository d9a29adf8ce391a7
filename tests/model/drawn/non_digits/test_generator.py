"""Drawings that are not one digit: reproducible, varied, balanced, and apart from validation."""

from collections import Counter

import numpy as np
import pytest

from model.drawn.non_digits.generator import (
    FAMILIES,
    NonDigits,
    contact_sheet,
    frame,
    generate,
    generate_lookalikes,
    is_bar,
    kinds,
)
from model.drawn.non_digits.glyphs import parse, write
from model.drawn.non_digits.kinds import Purpose

EVERY_KIND = [kind for purpose in Purpose for kind in kinds(purpose)]


@pytest.fixture(scope="module")
def many() -> NonDigits:
    """Drawings for training, enough, to count in."""
    return generate(1200, seed=2)


def test_same_seed_gives_the_same_drawings_whatever_the_number_of_processes() -> None:
    alone = generate(260, seed=3, processes=1)
    together = generate(260, seed=3, processes=2)
    assert np.array_equal(alone.frames, together.frames)
    assert np.array_equal(alone.kinds, together.kinds)


def test_seeds_and_purposes_give_different_drawings() -> None:
    first, second = generate(40, seed=0, processes=1), generate(40, seed=1, processes=1)
    held_out = generate(40, seed=0, held_out=True, processes=1)
    assert not np.array_equal(first.frames, second.frames)
    assert not np.array_equal(first.frames, held_out.frames)


def test_frames_and_progress() -> None:
    reports: list[tuple[int, int]] = []
    drawn = generate(260, seed=0, processes=1, progress=lambda *report: reports.append(report))
    assert drawn.frames.shape == (260, 28, 28)
    assert drawn.frames.dtype == np.uint8
    assert len(drawn.kinds) == 260
    assert reports == [(250, 260), (260, 260)]
    assert (drawn.frames[:, [0, -1]].mean(axis=(1, 2)) < 25).all(), "paper lies around the ink"


def test_no_drawings_are_no_drawings() -> None:
    none = generate(0, seed=0)
    assert none.frames.shape == (0, 28, 28)
    assert none.kinds.shape == (0,)


def test_every_kind_comes_out_as_ink_in_a_frame_of_its_own() -> None:
    for index, kind in enumerate(EVERY_KIND):
        first, second = (frame(kind, np.random.default_rng([index, sample])) for sample in (0, 1))
        assert first.max() > 100, f"{kind.family}/{kind.name} is blank"
        assert not np.array_equal(first, second), f"{kind.family}/{kind.name} never varies"


def test_no_kind_has_two_purposes_or_an_unknown_family() -> None:
    names = Counter((kind.family, kind.name) for kind in EVERY_KIND)
    assert max(names.values()) == 1
    assert {kind.family for kind in EVERY_KIND} == set(FAMILIES)


def test_about_a_quarter_of_all_kinds_and_some_of_each_family_are_held_out() -> None:
    training, held_out = kinds(Purpose.TRAINING), kinds(Purpose.HELD_OUT)
    assert 0.2 < len(held_out) / (len(training) + len(held_out)) < 0.3
    assert {kind.family for kind in held_out} == set(FAMILIES)
    assert {kind.family for kind in training} == set(FAMILIES)


def test_each_generator_draws_its_own_kinds_alone(many: NonDigits) -> None:
    drawn = {
        Purpose.TRAINING: many,
        Purpose.HELD_OUT: generate(300, seed=1, held_out=True),
        Purpose.LOOKALIKE: generate_lookalikes(300, seed=1),
    }
    for purpose, drawings in drawn.items():
        allowed = {f"{kind.family}/{kind.name}" for kind in kinds(purpose)}
        assert allowed >= set(drawings.kinds), purpose


def test_letters_that_look_like_digits_are_lookalikes() -> None:
    names = {kind.name for kind in kinds(Purpose.LOOKALIKE) if kind.family == "latin"}
    assert names >= set("OolIZzSsBqbg")


def test_families_are_as_common_as_they_should_be(many: NonDigits) -> None:
    assert sum(FAMILIES.values()) == 100
    drawn = Counter(str(name).split("/")[0] for name in many.kinds)
    for family, share in FAMILIES.items():
        expected = len(many.kinds) * share / 100
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


def test_nothing_for_training_comes_out_as_a_bar(many: NonDigits) -> None:
    bars = [
        name for image, name in zip(many.frames, many.kinds, strict=True) if is_bar(image / 255)
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


def test_the_contact_sheet_shows_every_kind_of_the_chosen_families() -> None:
    shown = [kind for kind in kinds(Purpose.HELD_OUT) if kind.family in ("blob", "specks")]
    sheet = contact_sheet(
        purpose=Purpose.HELD_OUT, families=["blob", "specks"], columns=1, samples=2
    )
    side = sheet.height // len(shown)
    for row in range(len(shown)):
        picture = np.asarray(sheet)[row * side : (row + 1) * side, -2 * side :]
        assert (picture < 100).any(), shown[row].name
