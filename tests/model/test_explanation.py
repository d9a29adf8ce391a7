"""An explanation marks the strokes on which a reading hangs."""

import numpy as np
import pytest

from model.drawn.digits.writer import digits
from model.drawn.generator import Purpose, generate
from model.explanation import influence
from model.recognizer import Recognizer
from model.weights import load_weights

SHARE = 0.25  # of the ink, that is erased


@pytest.fixture(scope="module")
def recognizer(weights_path) -> Recognizer:
    return load_weights(weights_path)


@pytest.fixture(scope="module")
def frames() -> np.ndarray:
    """Sixty digits in styles that were not trained on, float32 (N, 28, 28, 1)."""
    drawn = generate(digits, 60, 11, Purpose.HELD_OUT, processes=1)
    return drawn.frames[..., np.newaxis].astype(np.float32) / 255 - 0.5


def erased(frame: np.ndarray, order: np.ndarray) -> np.ndarray:
    """A frame without a share of its ink: that of the pixels which come first."""
    ink = frame.ravel() + 0.5
    before = np.cumsum(ink[order]) - ink[order]
    gone = order[before < SHARE * ink.sum()]
    ink[gone] = 0
    return ink.reshape(frame.shape) - 0.5


def test_erasing_what_it_marks_changes_more_readings_than_erasing_other_ink(recognizer, frames):
    """As much ink each time: what it marks most, what it marks least, and pieces at random."""
    rng = np.random.default_rng(0)
    changed = {"most": 0, "least": 0, "random": 0}
    read = recognizer.read(frames).probabilities.argmax(axis=1)
    for frame, digit in zip(frames, read, strict=True):
        marked = recognizer.explain(frame).influence.ravel()
        ink = frame.ravel() + 0.5
        row, column = np.divmod(rng.choice(784, p=ink / ink.sum()), 28)
        away = np.hypot(*(np.indices((28, 28)) - np.array([row, column])[:, None, None])).ravel()
        # A piece at random is one piece, too; pixels here and there would be missed less.
        orders = {"most": -marked, "least": marked, "random": np.where(ink > 0, away, np.inf)}
        for name, value in orders.items():
            value = np.where(ink > 0, value, np.inf)
            rest = erased(frame, np.argsort(value, kind="stable"))
            changed[name] += recognizer.read(rest[np.newaxis]).probabilities.argmax() != digit
    print(f"of {len(frames)} readings changed: {changed}")
    assert changed["most"] > changed["random"]
    assert changed["most"] > 2 * changed["least"]


def test_what_is_marked_are_pieces_of_strokes_not_single_pixels(recognizer, frames):
    """Neighbours within the ink differ little: the signs do not alternate as on a chequerboard."""
    for frame in frames[:10]:
        marked = recognizer.explain(frame).influence
        both = (frame[:, 1:, 0] > 0.3) & (frame[:, :-1, 0] > 0.3)
        apart = np.abs(marked[:, 1:] - marked[:, :-1])[both]
        assert apart.mean() < 0.25
        assert np.abs(marked).max() == pytest.approx(1)
        assert (marked[frame[:, :, 0] == -0.5] == 0).all()


def test_a_piece_that_decides_is_marked():
    """A network that looks at two places alone: one speaks for the digit, the other against it."""

    def predict(frames):
        logits = np.zeros((len(frames), 10))
        logits[:, 3] = 8 * frames[:, 6, 6, 0] - 8 * frames[:, 20, 20, 0]
        return logits

    frame = np.full((28, 28, 1), -0.5, np.float32)
    frame[4:24, 4:24] = 0.5
    marked = influence(predict, frame, 3)
    assert marked[6, 6] > 0.5
    assert marked[20, 20] < -0.5
    assert abs(marked[6, 20]) < 0.1
