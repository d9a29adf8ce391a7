"""The evaluation's figures are right for readings made by hand, and it runs from end to end."""

import gzip
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.data.mnist import Mnist
from model.errors import DrawingsError
from model.evaluation import model_card
from model.evaluation.readings import (
    Readings,
    joined,
    misread,
    read_all,
    refused_digits,
    taken_for_digits,
)
from model.evaluation.report import table
from model.evaluation.run import (
    Sizes,
    evaluate,
    evaluate_own,
    score,
    score_is_digit,
    score_own,
    score_pens,
    training_report,
)
from model.frame.pixels import to_frames
from model.recognizer import Recognizer
from model.training.recipes import default_network
from model.training.trainer import Epoch
from model.weights import load_weights, save_weights


def readings(labels, digits, confidence=0.9, is_digit=None, verdicts="digit"):
    """Readings made by hand; a single value stands for all."""
    count = len(labels)
    return Readings(
        np.full((count, 28, 28), 7, np.uint8),
        np.array(labels),
        np.array(digits),
        np.broadcast_to(np.array(confidence, float), (count,)),
        None if is_digit is None else np.broadcast_to(np.array(is_digit, float), (count,)),
        np.broadcast_to(np.array(verdicts), (count,)),
    )


@pytest.fixture(scope="module")
def noise():
    """Noise in the place of MNIST."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, 60, 28, 28), dtype=np.uint8)
    labels = rng.integers(0, 10, (2, 60), dtype=np.uint8)
    return Mnist(images[0], labels[0], images[1], labels[1])


@pytest.fixture(scope="module")
def weights(tmp_path_factory, noise):
    """An untrained network's weights."""
    network = default_network(1)
    network.calibrate(to_frames(noise.train_images))
    about = {"recipe": "default", "seed": 1, "data": {"training images": "ab12"}, "scores": {}}
    path = tmp_path_factory.mktemp("weights") / "digits.npz"
    save_weights(path, Recognizer(network, 1.5, 1.0, 0.0, about))
    return path


RENDER = """
from PIL import Image, ImageDraw

def render_strokes(strokes, size=280, digit_height=200, line_width=20, ink=0, paper=255):
    picture = Image.new("L", (size, size), paper)
    pen = ImageDraw.Draw(picture)
    for stroke in strokes:
        corner = (size - digit_height) / 2
        points = [(x * digit_height + corner, y * digit_height + corner) for x, y in stroke]
        pen.line(points, fill=ink, width=line_width)
    return picture
"""


@pytest.fixture(scope="module")
def pen_folder(tmp_path_factory):
    """Three drawings of two writers, one of them ambiguous, in the form of the pen drawings."""
    one = [[[0.5, 0.0], [0.5, 1.0]]]
    seven = [[[0.2, 0.0], [0.8, 0.0], [0.4, 1.0]]]
    drawings = [
        {"label": 1, "writer": "p1", "flag": "", "strokes": one},
        {"label": 7, "writer": "p1", "flag": "ambiguous", "strokes": seven},
        {"label": 7, "writer": "p2", "flag": "", "strokes": seven},
    ]
    folder = tmp_path_factory.mktemp("pens")
    (folder / "drawings.json.gz").write_bytes(gzip.compress(json.dumps(drawings).encode()))
    (folder / "render.py").write_text(RENDER)
    return folder


# ---- figures -----------------------------------------------------------------------------------


def test_score_counts_errors_by_digit_and_by_confusion():
    labels = [0, 0, 1, 1, 1, 1, 2, 2, 2, 2]
    scores = score(readings(labels, [0, 0, 1, 1, 1, 7, 2, 2, -1, 2]))
    assert (scores["count"], scores["errors"], scores["error"]) == (10, 2, 0.2)
    assert scores["accuracy by digit"] == {"0": 1, "1": 0.75, "2": 0.75}
    assert scores["confusion matrix"][1][7] == 1
    assert np.sum(scores["confusion matrix"]) == 9, "a drawing without ink is in no column"
    assert scores["calibration error"] == pytest.approx(0.1), "0.9 given, 0.8 came true"
    assert "called unsure" not in scores, "this network does not tell what is a digit"


def test_pen_score_is_the_mean_over_the_pens_and_the_worst_of_pens_and_writers():
    labels = [1, 2, 3, 4]
    by_pen = {
        "usual": readings(labels, [1, 2, 3, 9]),
        "marker": readings(labels, [1, 2, 9, 9]),
    }
    scores = score_pens(by_pen, np.array(["a", "a", "a", "b"]))
    assert scores["accuracy, mean over the pens"] == 0.625
    assert scores["worst pen"] == 0.5
    assert scores["accuracy by writer, usual pen"] == {"a": 1, "b": 0}
    assert scores["worst writer, usual pen"] == 0
    assert scores["count"] == 8


def test_is_digit_is_scored_on_both_sides_with_equal_weight():
    real = {"MNIST test": readings([1] * 30, [1] * 30, is_digit=[0.95] * 27 + [0.05] * 3)}
    verdicts = ["digit"] * 2 + ["unsure"] * 3 + ["not a digit"] * 5
    none = readings([-1] * 10, [3] * 10, is_digit=[0.95] * 2 + [0.05] * 8, verdicts=verdicts)
    scores = score_is_digit(real, none, np.array(["letter/K"] * 5 + ["shape/star"] * 5))
    called = scores["non-digits"]
    assert called["called digit"] == 0.2
    assert called["called unsure"] == 0.3
    assert called["called not a digit"] == 0.5
    assert called["called digit, by kind"] == {"letter/K": 0.4, "shape/star": 0.0}
    # A digit scores above a non-digit in 0.9 * 0.8 of the pairs and ties in 0.9 * 0.2 + 0.1 * 0.8.
    assert scores["AUROC"]["MNIST test"] == pytest.approx(0.72 + 0.26 / 2)
    # Halves: at 0.95 are 0.9 / 2 digits and 0.2 / 2 others, so 0.45 / 0.55 came true; at 0.05
    # 0.1 / 2 of 0.45.
    expected = 0.55 * (0.95 - 0.45 / 0.55) + 0.45 * (0.05 / 0.45 - 0.05)
    assert scores["calibration error"] == pytest.approx(expected)


def test_own_drawings_are_scored_apart_by_what_they_were_meant_to_be():
    verdicts = ["digit", "digit", "not a digit", "digit"]
    own = readings([7, 7, -1, -1], [7, 1, 4, 4], is_digit=0.9, verdicts=verdicts)
    scores = score_own(own, ["a.png", "b.png", "c.png", "d.png"])
    assert scores["digits"]["error"] == 0.5
    assert scores["non-digits"]["called digit"] == 0.5
    assert scores["misread"] == [{"name": "b.png", "label": 7, "read": 1}]


def test_the_worst_mistakes_come_first():
    wrong = readings([1, 2, 3, -1], [7, 2, 8, 4], confidence=[0.6, 0.9, 0.8, 0.99])
    assert [tile.caption for tile in misread(wrong)] == ["3, read 8\n0.80", "1, read 7\n0.60"]
    none = readings(
        [-1] * 3, [0] * 3, is_digit=[0.91, 0.2, 0.99], verdicts=["digit", "no", "digit"]
    )
    kinds = np.array(["latin/K", "latin/M", "shape/star"])
    captions = [tile.caption for tile in taken_for_digits(none, kinds)]
    assert captions == ["star\n0.99", "K\n0.91"]
    real = readings(
        [1, 2, 3], [1, 2, 3], is_digit=[0.3, 0.1, 0.9], verdicts=["not a digit"] * 2 + ["digit"]
    )
    assert [tile.caption for tile in refused_digits({"MNIST test": real})] == ["2\n0.10", "1\n0.30"]


def test_all_frames_are_read_in_order_and_blank_ones_are_no_digit(weights, noise):
    recognizer = load_weights(weights)
    frames = np.concatenate([noise.test_images] * 20)  # more than one piece
    frames[5] = 0
    read = read_all(recognizer, frames, np.zeros(len(frames)))
    last = recognizer.read(to_frames(frames[-32:]))  # as many as go through the network at once
    np.testing.assert_allclose(read.confidence[-32:], last.probabilities.max(axis=1), atol=1e-6)
    np.testing.assert_array_equal(read.digits[-32:], last.probabilities.argmax(axis=1))
    np.testing.assert_allclose(read.is_digit[-32:], last.is_digit, atol=1e-6)
    assert (read.digits[5], read.verdicts[5]) == (-1, "not a digit")
    assert len(joined([read, read]).labels) == 2 * len(frames)


# ---- from end to end ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def evaluated(weights, noise, pen_folder, tmp_path_factory):
    """An evaluation with everything in it, small: its folder, its report and what it said."""
    folder = tmp_path_factory.mktemp("evaluation")
    said: list[str] = []
    report = evaluate(
        weights,
        noise,
        out=folder / "out",
        pen_drawings=pen_folder,
        card=folder / "card" / "MODEL_CARD.md",
        sizes=Sizes(drawn=60, lookalikes=40, swept=4),
        say=said.append,
    )
    return folder, report, "\n".join(said)


def test_the_report_is_written_as_json_with_every_section(evaluated):
    folder, report, _ = evaluated
    written = json.loads((folder / "out" / "evaluation.json").read_text())
    assert written == json.loads(json.dumps(report))
    assert set(written) == {
        "weights", "MNIST test", "pen drawings", "drawn digits", "is digit", "look-alikes",
        "robustness",
    }  # fmt: skip
    assert written["MNIST test"]["count"] == 60
    assert written["pen drawings"]["count"] == 10, "two drawings, five pens; one is ambiguous"
    for sweep in written["robustness"].values():
        assert len(sweep["amounts"]) == len(sweep["accuracy"]) >= 2


def test_the_pictures_are_there_and_can_be_read(evaluated):
    folder, _, _ = evaluated
    names = sorted(path.stem for path in (folder / "out").glob("*.png"))
    assert names == [
        "confusions", "misread-drawn", "misread-mnist", "misread-pens",
        "refused-digits", "reliability", "robustness", "taken-for-digits",
    ]  # fmt: skip
    for name in names:
        with Image.open(folder / "out" / f"{name}.png") as picture:
            assert np.ptp(np.asarray(picture.convert("L"))) > 100, f"{name} is blank"


def test_the_table_names_every_figure_that_counts(evaluated):
    _, report, said = evaluated
    text = table(report)
    assert text in said
    for part in (
        "MNIST test: error",
        "95 % interval",
        "calibration error",
        "mean over the pens",
        "tiny digit",
        "worst writer",
        "AUROC",
        "look-alikes",
        "rotation (degrees)",
    ):
        assert part in text


def test_the_card_shows_measured_figures_and_no_drawing_of_mnist_or_of_people(evaluated):
    folder, report, _ = evaluated
    card = (folder / "card" / "MODEL_CARD.md").read_text()
    assert f"| {100 * report['MNIST test']['error']:.2f} % |" in card
    assert "python -m model train --recipe default --seed 1" in card
    assert report["weights"]["SHA-256"] in card
    assert f"measured {model_card.PEN_DRAWINGS_LOOKS} times" in card
    beside = {path.name for path in (folder / "card").glob("*.png")}
    assert beside == {
        "confusions.png", "reliability.png", "robustness.png", "misread-drawn.png",
        "taken-for-digits.png",
    }  # fmt: skip
    for name in beside:
        assert f"]({name})" in card


def test_a_network_without_is_digit_is_evaluated_too(tmp_path, noise, monkeypatch):
    from model.training.recipes import RECIPES

    monkeypatch.delenv("PEN_DRAWINGS", raising=False)
    about = {"recipe": "tutorial", "seed": 1, "data": {}, "scores": {}}
    recognizer = Recognizer(RECIPES["tutorial"].network(1), 1.0, 1.0, 0.0, about)
    save_weights(tmp_path / "tutorial.npz", recognizer)
    report = evaluate(
        tmp_path / "tutorial.npz",
        noise,
        out=tmp_path,
        card=tmp_path / "MODEL_CARD.md",
        sizes=Sizes(drawn=60, lookalikes=40, swept=4),
        say=lambda text: None,
    )
    assert "is digit" not in report
    assert "pen drawings" not in report
    assert "every drawing gets one of the ten readings" in (tmp_path / "MODEL_CARD.md").read_text()


def test_own_drawings_are_evaluated_alone(tmp_path, weights, noise):
    mine = tmp_path / "mine.npz"
    np.savez(mine, frames=noise.test_images[:4], labels=np.array([0, 1, 2, -1]))
    said: list[str] = []
    report = evaluate_own(weights, mine, out=tmp_path / "out", say=said.append)
    assert set(report) == {"weights", "own drawings"}
    assert report["own drawings"]["digits"]["count"] == 3
    assert report["own drawings"]["non-digits"]["count"] == 1
    assert "own drawings: error" in "\n".join(said)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "evaluation.json",
        "misread-own.png",
    }


def test_a_training_is_reported_on_one_page(tmp_path, weights, noise):
    history = [
        Epoch(epoch, 1 / epoch, 1 - 0.1 / epoch, 2.0, {"mnist": 0.1 / epoch}) for epoch in (1, 2, 3)
    ]
    training_report(load_weights(weights), history, noise, tmp_path / "training.png")
    with Image.open(tmp_path / "training.png") as page:
        assert page.width < page.height < 2000
        assert np.ptp(np.asarray(page.convert("L"))) > 100


def test_a_folder_without_pen_drawings_is_named(weights, noise, tmp_path):
    with pytest.raises(DrawingsError, match=f"{tmp_path} holds no pen drawings"):
        evaluate(weights, noise, out=tmp_path, pen_drawings=tmp_path)


@pytest.mark.pen
def test_the_real_pen_drawings_can_be_drawn_and_framed():
    from model.data.pen_drawings import PENS, draw_with_pen, load_pen_drawings

    if "PEN_DRAWINGS" not in os.environ:
        pytest.skip("PEN_DRAWINGS is not set")
    drawings = load_pen_drawings(Path(os.environ["PEN_DRAWINGS"]))
    assert len(drawings.strokes) == len(drawings.labels) == len(drawings.writers) > 8
    assert set(drawings.labels) == set(range(10))
    few = drawings._replace(strokes=drawings.strokes[:8])
    for pen in PENS.values():
        frames = draw_with_pen(few, pen, processes=1)
        assert frames.shape == (8, 28, 28)
        assert (frames.max(axis=(1, 2)) > 100).all()
