"""The evaluation runs from end to end, and writes what it says."""

import gzip
import hashlib
import json
import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pydantic import TypeAdapter
from running import PROJECT

from model.data import cheque_fields
from model.data.cheque_fields import load_cheque_digits
from model.data.pen_drawings import PENS, draw_on_paper, draw_with_pen, load_pen_drawings
from model.drawn.digits.styles import HELD_OUT
from model.drawn.generator import Purpose
from model.drawn.non_digits.families import kinds
from model.drawn.papers.hazards import HAZARDS
from model.drawn.strokes import polyline, render
from model.errors import DrawingsError, WeightsError
from model.evaluation.report import MisreadNumber, OwnReport, Report, percent
from model.evaluation.run import Sizes, evaluate, evaluate_own, training_report
from model.evaluation.table import table
from model.recognizer import Recognizer
from model.training.recipes import RECIPES
from model.training.trainer import Epoch
from model.weights import load_numbers, load_weights, save_weights

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


PAPER = """
from render import render_strokes

HAZARDS = {"none": "clean", "coffee": "a stain"}

def on_paper(strokes, hazard, rng):
    picture = render_strokes(strokes, size=60, digit_height=40, line_width=4)
    picture.putpixel((rng.randrange(60), 0), 0)
    return picture
"""


NUMBERS_DRAWN = """
from PIL import Image
from render import render_strokes

def numbers(drawings, count, spacing):
    made = []
    for first in range(count):
        pair = [drawings[(first + k) % len(drawings)] for k in range(2)]
        picture = Image.new("L", (120, 60), 255)
        for k, one in enumerate(pair):
            picture.paste(render_strokes(one["strokes"], 60, 40, 4), (60 * k, 0))
        made.append(("".join(str(one["label"]) for one in pair), picture))
    return made

GAPS = {"close": (0.1, 0.1)}

def place(drawings, gap, rng):
    return [[(x + i, y) for x, y in s] for i, one in enumerate(drawings) for s in one["strokes"]]

def draw(strokes, height, pen, rng):
    return render_strokes(strokes, size=4 * height, digit_height=height, line_width=round(pen))
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
    (folder / "paper.py").write_text(PAPER)
    (folder / "numbers_drawn.py").write_text(NUMBERS_DRAWN)
    return folder


@pytest.fixture(scope="module")
def cheque_folder(tmp_path_factory):
    """Two fields of two digits, in the form of the cheque fields."""
    folder = tmp_path_factory.mktemp("cheques")
    fields = []
    with zipfile.ZipFile(folder / "fields.zip", "w") as scans:
        for name in ("0.png", "1.png"):
            scan = Image.new("L", (80, 40), 200)
            ImageDraw.Draw(scan).line([(10, 5), (10, 35)], fill=30, width=4)
            ImageDraw.Draw(scan).line([(40, 5), (60, 5), (50, 35)], fill=30, width=4)
            with scans.open(name, "w") as file:
                scan.save(file, "PNG")
            boxes = [[4, 2, 14, 36], [-3, 60, 10, 10], [36, 2, 28, 36]]
            fields.append({"file": name, "number": "107", "boxes": boxes})
    (folder / "fields.json").write_text(json.dumps(fields))
    return folder


@pytest.fixture(scope="module")
def evaluated(weights, noise, pen_folder, cheque_folder, tmp_path_factory):
    """An evaluation with everything in it, small: its folder, its report and what it said."""
    folder = tmp_path_factory.mktemp("evaluation")
    said: list[str] = []
    report = evaluate(
        weights,
        noise,
        out=folder / "out",
        pen_drawings=pen_folder,
        cheque_fields=cheque_folder,
        numbers=PROJECT / "weights" / "numbers.npz",
        card=folder / "card" / "MODEL_CARD.md",
        sizes=Sizes(drawn=60, lookalikes=40, swept=4, papers=2, numbers=3, growing=2),
        say=said.append,
    )
    return folder, report, "\n".join(said)


def test_the_report_is_written_as_json(evaluated):
    folder, report, _ = evaluated
    written = (folder / "out" / "evaluation.json").read_text()
    assert TypeAdapter(Report).validate_json(written) == report


def test_everything_is_measured(evaluated):
    _, report, _ = evaluated
    counts = {name: scores.count for name, scores in report.digits.items()}
    # Of the three pen drawings one is ambiguous; two are drawn with five pens.
    assert counts == {"mnist_test": 60, "pen_drawings": 10, "drawn_digits": 60}
    assert set(report.pens.accuracy_by_writer) == {"p1", "p2"}
    assert len(report.pens.accuracy_by_pen) == 5
    assert len(report.accuracy_by_style) > 5
    assert set(report.accuracy_by_style) <= set(HELD_OUT)
    kinds_left_out = {f"{kind.family}/{kind.name}" for kind in kinds(Purpose.HELD_OUT)}
    assert set(report.is_digit.non_digits.called_digit_by_kind) <= kinds_left_out
    assert report.is_digit.non_digits.count == 60
    assert report.is_digit.lookalikes.count == 40
    assert len(report.is_digit.auroc) == 3
    assert len(report.robustness) == 10
    for sweep in report.robustness:
        assert len(sweep.amounts) == len(sweep.accuracies) >= 2
    assert set(report.papers.drawn) == set(HAZARDS)
    assert {scores.count for scores in report.papers.drawn.values()} == {2}
    assert report.papers.pen_drawings["coffee"].count == 2
    assert report.papers.cheque_digits.count == 4  # a box beside its field holds no digit
    assert {title: scores.count for title, scores in report.numbers.sets.items()} == {
        "drawn numbers, apart": 3,
        "drawn numbers, close": 3,
        "drawn numbers, touching": 3,
        "drawn numbers, paper": 3,
        "pen drawings, apart": 3,
        "pen drawings, close": 3,
        "pen drawings, touching": 3,
        "pen drawings, single": 2,
        "cheques": 2,
        "all that people wrote": 13,
    }
    assert {
        title: scores.right
        for title, scores in report.numbers.sets.items()
        if title.startswith("pen drawings")
    } == {
        "pen drawings, apart": 1,
        "pen drawings, close": 1,
        "pen drawings, touching": 1,
        "pen drawings, single": 1,
    }
    assert report.numbers.others[1] == 6
    assert report.papers.non_digits[0] == report.papers.letters[0] == 30
    assert report.numbers.growing.steps >= 6  # two numbers, of a second digit three thirds each
    for _, scores in report.papers.rows():
        shares = scores.usable, scores.unsure, scores.refused, scores.confident_errors
        assert sum(shares) == pytest.approx(1)
        assert scores.usable <= scores.right


def test_the_network_is_described_as_it_was_trained(evaluated, weights):
    _, report, _ = evaluated
    network = report.network
    assert network.digest == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert (network.recipe, network.seed, network.temperature) == ("default", 1, 1.5)
    assert network.data == {"training images": "ab12"}
    first, *_, last = network.layers
    assert (first.name, first.options["kernel"], first.output) == ("Conv2D", 5, (14, 14, 32))
    assert (last.name, last.output) == ("Dense", (11,))


def test_the_pictures_are_there_and_can_be_read(evaluated):
    folder, _, _ = evaluated
    names = sorted(path.stem for path in (folder / "out").glob("*.png"))
    assert names == [
        "confusions", "misread-drawn", "misread-mnist", "misread-numbers", "misread-papers",
        "misread-pens", "papers", "refused-digits", "reliability", "robustness",
        "taken-for-digits", "verdicts-on-paper",
    ]  # fmt: skip
    for name in names:
        with Image.open(folder / "out" / f"{name}.png") as picture:
            grey = np.asarray(picture.convert("L"))
        assert np.ptp(grey) > 100, f"{name} is blank"
        edges = grey[0], grey[-1], grey[:, 0], grey[:, -1]
        assert (np.concatenate(edges) == 255).all(), f"{name} is cut off"


def test_the_table_is_shown(evaluated):
    _, report, said = evaluated
    assert table(report) in said


def test_the_card_shows_measured_figures_and_no_drawing_of_mnist_or_of_people(evaluated):
    folder, report, _ = evaluated
    card = (folder / "card" / "MODEL_CARD.md").read_text()
    assert f"| {percent(report.digits['mnist_test'].error)} |" in card
    assert "python -m model train --recipe default --seed 1" in card
    assert report.network.digest in card
    beside = {path.name for path in (folder / "card").glob("*.png")}
    assert beside == {
        "confusions.png", "reliability.png", "robustness.png", "misread-drawn.png",
        "misread-numbers.png", "misread-papers.png", "papers.png", "taken-for-digits.png",
        "verdicts-on-paper.png",
    }  # fmt: skip
    for name in beside:
        assert f"]({name})" in card


def test_a_network_without_is_digit_is_evaluated_too(tmp_path, noise, monkeypatch):
    monkeypatch.delenv("PEN_DRAWINGS", raising=False)
    monkeypatch.delenv("CHEQUE_FIELDS", raising=False)
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
    assert report.is_digit is report.pens is report.papers is None
    assert set(report.digits) == {"mnist_test", "drawn_digits"}
    card = (tmp_path / "MODEL_CARD.md").read_text()
    assert "every drawing gets one of the ten readings" in card
    assert "from scratch on the training images of MNIST; on no other data" in card


def test_own_drawings_are_evaluated_alone(tmp_path, weights, noise):
    mine = tmp_path / "mine.npz"
    np.savez(mine, frames=noise.test_images[:4], labels=np.array([0, 1, 2, -1]))
    said: list[str] = []
    report = evaluate_own(weights, mine, out=tmp_path / "out", say=said.append)
    assert (report.count, report.digits.count, report.non_digits.count) == (4, 3, 1)
    written = (tmp_path / "out" / "evaluation.json").read_text()
    assert TypeAdapter(OwnReport).validate_json(written) == report
    assert "own drawings: error" in "\n".join(said)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "evaluation.json",
        "misread-own.png",
    }


def test_own_numbers_are_read_as_numbers(tmp_path, weights_path, weights):
    """By the network beside the weights; without it they are refused, not left out."""
    seven = render([polyline((0, 0), (0.6, 0), (0.2, 1))])
    pictures = {"77.png": np.hstack([seven, seven]), "7.png": seven, "blank.png": seven | 255}
    labels = {"77.png": "77", "7.png": "42", "blank.png": "100"}
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        for name, picture in pictures.items():
            with archive.open(name, "w") as file:
                Image.fromarray(picture).save(file, "PNG")
        listed = [{"file": name, "label": label} for name, label in labels.items()]
        archive.writestr("numbers.json", json.dumps(listed))
    said: list[str] = []
    out = tmp_path / "out"
    report = evaluate_own(weights_path, tmp_path / "mine.zip", out=out, say=said.append)
    reader = load_numbers(weights_path.with_name("numbers.npz"), load_weights(weights_path))
    assert (report.count, report.digits, report.numbers.digest) == (3, None, reader.digest)
    assert report.numbers.scores.right == pytest.approx(1 / 3)
    read = reader.read(seven)
    assert report.numbers.misread == (
        MisreadNumber("7.png", "42", read.number, read.confidence, read.verdict),
        MisreadNumber("blank.png", "100", None, 0.0, None),
    )
    assert TypeAdapter(OwnReport).validate_json((out / "evaluation.json").read_text()) == report
    assert f"is 42, read {read.number}" in "\n".join(said)
    assert {path.name for path in out.iterdir()} == {"evaluation.json", "misread-own-numbers.png"}
    with Image.open(out / "misread-own-numbers.png") as sheet:
        assert np.asarray(sheet).min() < 30
    with pytest.raises(WeightsError, match=r"there is no .*numbers\.npz .* --recipe numbers"):
        evaluate_own(weights, tmp_path / "mine.zip", out=out)


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


def test_a_folder_without_cheque_fields_is_named(tmp_path):
    with pytest.raises(DrawingsError, match=f"{tmp_path} holds no cheque fields"):
        load_cheque_digits(tmp_path)


@pytest.mark.parametrize("damage", ["fields.json", "fields.zip"])
def test_damaged_cheque_fields_are_told(tmp_path, cheque_folder, damage):
    shutil.copytree(cheque_folder, tmp_path, dirs_exist_ok=True)
    whole = (tmp_path / damage).read_bytes()
    (tmp_path / damage).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DrawingsError, match="damaged"):
        load_cheque_digits(tmp_path)


def test_cheque_fields_that_would_not_end_are_told(cheque_folder, monkeypatch):
    monkeypatch.setattr(cheque_fields, "MOST_FIELDS", 0)
    with pytest.raises(DrawingsError, match="a file has more than 0 members"):
        load_cheque_digits(cheque_folder)


@pytest.mark.cheques
def test_the_real_cheque_digits_can_be_cut_out():
    if "CHEQUE_FIELDS" not in os.environ:
        pytest.skip("CHEQUE_FIELDS is not set")
    digits = load_cheque_digits(Path(os.environ["CHEQUE_FIELDS"]), every=40)
    assert len(digits.pictures) == len(digits.labels) > 100
    assert set(digits.labels) == set(range(10))
    assert all(picture.dtype == np.uint8 and picture.size for picture in digits.pictures)


@pytest.mark.pen
def test_the_real_pen_drawings_are_put_on_paper():
    if "PEN_DRAWINGS" not in os.environ:
        pytest.skip("PEN_DRAWINGS is not set")
    drawings = load_pen_drawings(Path(os.environ["PEN_DRAWINGS"]))
    on_paper = draw_on_paper(drawings, 2, 1, processes=1)
    if not on_paper:
        pytest.skip("PEN_DRAWINGS has no paper.py")
    assert len(on_paper) == 11
    for pictures, labels in on_paper.values():
        assert len(pictures) == len(labels) == 2
        assert all(picture.dtype == np.uint8 and picture.ndim == 2 for picture in pictures)


@pytest.mark.pen
def test_the_real_pen_drawings_can_be_drawn_and_framed():
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
