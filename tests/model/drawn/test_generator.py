"""Drawings by the thousand: that they repeat, and that they are what was asked for."""

import numpy as np
import pytest

from model.drawn.digits.writer import digits
from model.drawn.generator import CHUNK, Purpose, contact_sheet, generate
from model.drawn.non_digits.families import non_digits

BOTH = pytest.mark.parametrize("subjects", [digits, non_digits])


@BOTH
def test_shapes_types_and_names(subjects):
    drawn = generate(subjects, 260, seed=5, processes=1)
    assert drawn.frames.dtype == np.uint8
    assert drawn.frames.shape == (260, 28, 28)
    assert drawn.labels.dtype == np.int64
    label_of = {subject.name: subject.label for subject in subjects(Purpose.TRAINING)}
    assert drawn.labels.tolist() == [label_of[name] for name in drawn.names.tolist()]
    assert (drawn.frames[:, [0, -1]].mean(axis=(1, 2)) < 25).all(), "paper lies around the ink"


@BOTH
def test_shares_add_up_and_names_are_unique(subjects):
    for purpose in (Purpose.TRAINING, Purpose.HELD_OUT):
        chosen = subjects(purpose)
        assert sum(subject.share for subject in chosen) == pytest.approx(1)
        assert len({subject.name for subject in chosen}) == len(chosen)


@BOTH
def test_the_number_of_processes_changes_nothing(subjects):
    count = CHUNK + 17
    alone = generate(subjects, count, seed=9, processes=1)
    together = generate(subjects, count, seed=9, processes=2)
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one, other)


@BOTH
def test_seeds_and_purposes_give_different_drawings(subjects):
    first = generate(subjects, 50, seed=1, processes=1)
    for other in (
        generate(subjects, 50, seed=2, processes=1),
        generate(subjects, 50, seed=1, purpose=Purpose.HELD_OUT, processes=1),
    ):
        assert not np.array_equal(first.frames, other.frames)
        assert not np.array_equal(first.names, other.names)


@BOTH
def test_nothing_that_is_held_out_is_drawn_for_training(subjects):
    training = {subject.name for subject in subjects(Purpose.TRAINING)}
    held_out = generate(subjects, 300, seed=5, purpose=Purpose.HELD_OUT)
    assert not training & set(held_out.names.tolist())


@BOTH
def test_progress_counts_to_the_end(subjects):
    calls = []
    generate(
        subjects, CHUNK + 1, seed=3, processes=1, progress=lambda *report: calls.append(report)
    )
    assert calls == [(CHUNK, CHUNK + 1), (CHUNK + 1, CHUNK + 1)]


@BOTH
def test_none_at_all(subjects):
    nothing = generate(subjects, 0, seed=0)
    assert nothing.frames.shape == (0, 28, 28)
    assert nothing.labels.shape == nothing.names.shape == (0,)


@BOTH
def test_the_contact_sheet_shows_every_subject(subjects):
    shown = subjects(Purpose.HELD_OUT)
    sheet = contact_sheet(shown, columns=1, samples=2)
    assert sheet.height == len(shown) * 84
    tiles = np.asarray(sheet)[:, -168:].reshape(len(shown), 84, 2, 84)
    assert (tiles.min(axis=(1, 3)) < 100).all()
    names = np.asarray(sheet)[:, :-168].reshape(len(shown), 84, -1)
    assert (names.min(axis=(1, 2)) < 100).all()


def test_the_contact_sheet_fills_its_columns():
    shown = digits(Purpose.TRAINING)[:3]
    sheet = contact_sheet(shown, columns=2, samples=1)
    assert sheet.height == 2 * 84
    fields = np.asarray(sheet).reshape(2, 84, 2, -1)
    assert (fields.min(axis=(1, 3)) < 100).tolist() == [[True, True], [True, False]]
