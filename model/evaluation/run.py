"""What a network reads and what it does not: error, calibration, confusions, robustness, refusals.

`evaluate` measures, prints a table, and writes `evaluation.json` and pictures. Everything in the
report is a JSON number or a share from 0 to 1, under a name that says what it is.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from model.data.mnist import Mnist
from model.data.own_drawings import OwnDrawings, load_own_drawings
from model.data.pen_drawings import PENS, PenDrawings, draw_with_pen, load_pen_drawings
from model.drawn.digits.writer import digits
from model.drawn.generator import Purpose, generate
from model.drawn.non_digits.families import non_digits
from model.evaluation.model_card import write_model_card
from model.evaluation.plots import draw_evaluation, draw_training_report
from model.evaluation.readings import (
    Readings,
    Tile,
    joined,
    misread,
    read_all,
    refused_digits,
    shares,
    taken,
    taken_for_digits,
)
from model.evaluation.report import Report, table
from model.evaluation.robustness import SWEEPS, sweep_frames
from model.evaluation.scores import (
    Reliability,
    auroc,
    confusion_matrix,
    reliability,
    wilson_interval,
)
from model.nn.base import Array
from model.recognizer import DIGITS, Recognizer
from model.samples import NON_DIGIT_LABEL
from model.training.trainer import Epoch
from model.weights import load_weights

SEED = 20_261  # of what is drawn here: not a seed that a training draws its validation from


class Sizes(NamedTuple):
    """How much of what is drawn from code to measure with."""

    drawn: int = 5000  # digits, and non-digits: a share near 1 % is then known to 0.3 points
    lookalikes: int = 2000
    swept: int = 1000  # digits at each amount of each sweep


DEFAULT_SIZES = Sizes()


def evaluate(
    weights: Path,
    mnist: Mnist,
    *,
    out: Path,
    pen_drawings: Path | None = None,
    card: Path | None = None,
    sizes: Sizes = DEFAULT_SIZES,
    say: Callable[[str], None] = print,
) -> Report:
    """Measure a network, print a table, write `evaluation.json` and pictures into a folder.

    `pen_drawings` defaults to the folder that `PEN_DRAWINGS` names, if it does. `card` is a model
    card to write, with the pictures that it shows beside it. Raises WeightsError, DrawingsError or
    PicturesError.
    """
    recognizer = load_weights(weights)
    if pen_drawings is None and os.environ.get("PEN_DRAWINGS"):
        pen_drawings = Path(os.environ["PEN_DRAWINGS"])
    drawings = load_pen_drawings(pen_drawings) if pen_drawings else None
    evaluation = _Evaluation(recognizer, say)
    evaluation.read_mnist_test(mnist)
    if drawings is not None:
        evaluation.read_pen_drawings(drawings)
    evaluation.read_drawn_digits(sizes.drawn)
    if recognizer.network.shapes[-1] > (DIGITS,):
        evaluation.read_non_digits(sizes.drawn, sizes.lookalikes)
    evaluation.read_changed_digits(sizes.swept)
    evaluation.write(out)
    if card is not None:
        write_model_card(evaluation.report, recognizer, out, card)
        say(f"wrote {card}")
    return evaluation.report


def evaluate_own(
    weights: Path, mine: Path, *, out: Path, say: Callable[[str], None] = print
) -> Report:
    """Measure a network on one's own drawings, see `own_drawings`, as `evaluate` does."""
    evaluation = _Evaluation(load_weights(weights), say)
    evaluation.read_own_drawings(load_own_drawings(mine))
    evaluation.write(out)
    return evaluation.report


class _Evaluation:
    """A report in the making, and the sheets of mistakes that go with it."""

    def __init__(self, recognizer: Recognizer, say: Callable[[str], None]) -> None:
        self._recognizer, self._say = recognizer, say
        self.report: Report = {"weights": describe(recognizer)}
        self._sheets: dict[str, list[Tile]] = {}
        self._digits: dict[str, Readings] = {}  # of each set of real or drawn digits

    def read_mnist_test(self, mnist: Mnist) -> None:
        self._say("reading the MNIST test images")
        readings = read_all(self._recognizer, mnist.test_images, mnist.test_labels)
        self._digits["MNIST test"] = readings
        self.report["MNIST test"] = score(readings)
        self._sheets["misread-mnist"] = misread(readings)

    def read_pen_drawings(self, drawings: PenDrawings) -> None:
        self._say("drawing and reading the pen drawings with five pens")
        by_pen = {
            name: read_all(self._recognizer, draw_with_pen(drawings, pen), drawings.labels)
            for name, pen in PENS.items()
        }
        readings = joined(list(by_pen.values()))
        self._digits["pen drawings"] = readings
        self.report["pen drawings"] = score_pens(by_pen, drawings.writers)
        self._sheets["misread-pens"] = misread(readings)

    def read_drawn_digits(self, count: int) -> None:
        self._say("drawing and reading digits in styles left out of training")
        drawn = generate(digits, count, SEED, Purpose.HELD_OUT)
        readings = read_all(self._recognizer, drawn.frames, drawn.labels)
        by_style = shares(drawn.names, readings.right)
        self._digits["drawn digits"] = readings
        self.report["drawn digits"] = {**score(readings), "accuracy by style": by_style}
        self._sheets["misread-drawn"] = misread(readings)

    def read_non_digits(self, count: int, lookalikes: int) -> None:
        self._say("drawing and reading what is not a digit")
        others = generate(non_digits, count, SEED, Purpose.HELD_OUT)
        alike = generate(non_digits, lookalikes, SEED, Purpose.LOOKALIKE)
        refused, likely = (
            read_all(self._recognizer, drawn.frames, drawn.labels) for drawn in (others, alike)
        )
        self.report["is digit"] = score_is_digit(self._digits, refused, others.names)
        self.report["look-alikes"] = by_verdict(likely, alike.names)
        self._sheets["taken-for-digits"] = taken_for_digits(refused, others.names)
        self._sheets["refused-digits"] = refused_digits(self._digits)

    def read_changed_digits(self, count: int) -> None:
        self._say("moving, turning, blurring, ... digits drawn from code, and reading them")
        self.report["robustness"] = score_sweeps(self._recognizer, count)

    def read_own_drawings(self, own: OwnDrawings) -> None:
        readings = read_all(self._recognizer, own.frames, own.labels)
        self.report["own drawings"] = score_own(readings, own.names)
        self._sheets["misread-own"] = misread(readings)

    def write(self, out: Path) -> None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "evaluation.json").write_text(json.dumps(self.report, indent=1) + "\n")
        draw_evaluation(self.report, self._sheets, out)
        self._say(table(self.report))
        self._say(f"wrote {out}/evaluation.json and the pictures beside it")


def describe(recognizer: Recognizer) -> Report:
    """Return which network it is."""
    about = recognizer.about
    return {
        "SHA-256": recognizer.digest,
        "recipe": about.get("recipe"),
        "seed": about.get("seed"),
        "parameters": int(recognizer.network.vector.size),
        "multiply-adds": recognizer.network.multiply_adds(),
        "temperature": recognizer.temperature,
    }


def score(readings: Readings) -> Report:
    """Score readings of digits: error with its 95 % interval, confusions, calibration, verdicts."""
    count, errors = len(readings.labels), int((~readings.right).sum())
    calibration = reliability(readings.confidence, readings.right)
    report: Report = {
        "count": count,
        "errors": errors,
        "error": errors / count,
        "error, 95 % interval": wilson_interval(errors, count),
        "accuracy by digit": shares(readings.labels, readings.right),
        "confusion matrix": confusion_matrix(readings.labels, readings.digits).tolist(),
        "calibration error": calibration.error,
        "reliability": curve(calibration),
    }
    if readings.is_digit is not None:
        report |= verdicts(readings)
    return report


def score_pens(by_pen: dict[str, Readings], writers: Array) -> Report:
    """Score the pen drawings: the mean accuracy over the pens, by pen, by writer, by digit."""
    accuracies = {name: float(readings.right.mean()) for name, readings in by_pen.items()}
    by_writer = shares(writers, by_pen["usual"].right)
    return {
        "accuracy, mean over the pens": sum(accuracies.values()) / len(accuracies),
        "accuracy by pen": accuracies,
        "worst pen": min(accuracies.values()),
        "accuracy by writer, usual pen": by_writer,
        "worst writer, usual pen": min(by_writer.values()),
        **score(joined(list(by_pen.values()))),
    }


def score_is_digit(real: dict[str, Readings], refused: Readings, kinds: Array) -> Report:
    """Score telling digits from what is none: AUROC, calibration, verdicts on both sides."""
    assert refused.is_digit is not None
    report: Report = {
        "AUROC": {
            name: auroc(readings.is_digit, refused.is_digit)
            for name, readings in real.items()
            if readings.is_digit is not None
        },
        "non-digits": by_verdict(refused, kinds),
    }
    digits = np.concatenate([r.is_digit for r in real.values() if r.is_digit is not None])
    probabilities = np.concatenate([digits, refused.is_digit])
    outcomes = np.repeat([1.0, 0.0], [len(digits), len(refused.is_digit)])
    # Digits and non-digits count the same, as when the probability was calibrated.
    weights = np.where(outcomes == 1, 0.5 / len(digits), 0.5 / len(refused.is_digit))
    calibration = reliability(probabilities, outcomes, weights)
    report["calibration error"] = calibration.error
    report["reliability"] = curve(calibration)
    return report


def by_verdict(readings: Readings, kinds: Array) -> Report:
    """Return how what is not a digit was called, in all and by kind."""
    return {
        "count": len(readings.verdicts),
        **verdicts(readings),
        "called digit, by kind": shares(kinds, readings.verdicts == "digit"),
    }


def verdicts(readings: Readings) -> Report:
    """Return the share of drawings with each verdict."""
    return {
        f"called {verdict}": float((readings.verdicts == verdict).mean())
        for verdict in ("digit", "unsure", "not a digit")
    }


def score_sweeps(recognizer: Recognizer, count: int) -> Report:
    """Return accuracy along every sweep, and the points between its best and its worst."""
    frames, labels = sweep_frames(count, SEED)
    report: Report = {}
    for name, sweep in SWEEPS.items():
        accuracies = [
            float(read_all(recognizer, at_amount, labels).right.mean())
            for at_amount in frames[name]
        ]
        report[name] = {
            "unit": sweep.unit,
            "amounts": list(sweep.amounts),
            "accuracy": accuracies,
            "best to worst": max(accuracies) - min(accuracies),
        }
    return report


def score_own(readings: Readings, names: list[str]) -> Report:
    """Score one's own drawings: digits by reading, others by verdict; and list the mistakes."""
    digits = readings.labels != NON_DIGIT_LABEL
    report: Report = {"count": len(names)}
    if digits.any():
        report["digits"] = score(taken(readings, digits))
    if not digits.all():
        others = taken(readings, ~digits)
        report["non-digits"] = by_verdict(others, np.full(len(others.labels), "own"))
    report["misread"] = [
        {"name": names[i], "label": int(readings.labels[i]), "read": int(readings.digits[i])}
        for i in np.flatnonzero(digits & ~readings.right)
    ]
    return report


def training_report(recognizer: Recognizer, history: list[Epoch], mnist: Mnist, path: Path) -> None:
    """Draw a training on one page: learning curves, confusions and misread MNIST test images."""
    test = read_all(recognizer, mnist.test_images, mnist.test_labels)
    draw_training_report(history, score(test), misread(test), path)


def curve(calibration: Reliability) -> Report:
    """Return a reliability diagram's points; None in an empty bin."""
    return {
        name: [None if np.isnan(value) else value for value in values.tolist()]
        for name, values in calibration._asdict().items()
    }
