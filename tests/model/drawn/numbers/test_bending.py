import numpy as np

from model.drawn.numbers.bending import bent
from model.drawn.numbers.sprites import frame_sprites, pen_sprites


def an_l() -> np.ndarray:
    ink = np.zeros((30, 20), np.uint8)
    ink[:, :4] = ink[-4:] = 255
    return ink


def test_a_sign_is_bent_but_stays_the_same_sign():
    ink = an_l()
    shapes = [bent(ink, np.random.default_rng(seed)) for seed in range(200)]
    changed = [shape for shape in shapes if shape is not ink]
    assert 120 < len(changed) < 180
    heights, widths = np.array([shape.shape for shape in changed]).T
    assert heights.min() > 22
    assert heights.max() < 40
    assert len(set(widths)) > 5
    for shape in changed:
        assert 0.7 < shape.astype(float).sum() / ink.sum() < 1.4
        assert shape.max(axis=0).min() > 60  # no empty column
        assert shape.max(axis=1).min() > 60
        height, width = shape.shape
        assert shape[: height // 3, 2 * width // 3 :].mean() < 30  # still no bar at the top


def test_the_same_generator_bends_alike():
    one, other = (bent(an_l(), np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_nothing_comes_of_nothing():
    empty = np.zeros((10, 10), np.uint8)
    assert not any(bent(empty, np.random.default_rng(seed)).any() for seed in range(5))


def test_drawn_digits_and_images_are_bent(monkeypatch):
    bends = []
    monkeypatch.setattr("model.drawn.numbers.sprites.bent", lambda ink, _: bends.append(1) or ink)
    frames = np.zeros((400, 28, 28), np.uint8)
    frames[:, 4:24, 12:16] = 255
    frame_sprites(frames, np.ones(400, np.int64), np.random.default_rng(0))
    assert len(bends) == 400
    pen_sprites(1, 0, processes=1)
    assert len(bends) == 420
