"""Measures what a network reads, prints a table, and writes `evaluation.json` and the pictures."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from model.data.cheque_fields import load_cheque_digits
from model.data.mnist import Mnist
from model.data.own_drawings import load_own_drawings
from model.data.pen_drawings import (
    PENS,
    PenDrawings,
    draw_on_paper,
    draw_with_pen,
    load_pen_drawings,
)
from model.data.pen_numbers import growing_numbers
from model.drawn.digits.writer import digits as drawn_digits
from model.drawn.generator import Purpose, generate
from model.drawn.non_digits.families import non_digits
from model.drawn.papers import generator as papers
from model.drawn.papers.hazards import HAZARDS
from model.errors import WeightsError
from model.evaluation.mistakes import Tile, misread, refused_digits, taken_for_digits
from model.evaluation.model_card import write_model_card
from model.evaluation.numbers import (
    measure_numbers,
    mistakes_sheet,
    number_sets,
    score_own_numbers,
    score_reader,
)
from model.evaluation.papers import (
    letter_pictures,
    measure_papers,
    non_digit_pictures,
    score_papers,
    worst_on_paper,
)
from model.evaluation.plots import draw_evaluation, draw_sheets, draw_training
from model.evaluation.report import (
    DigitSet,
    IsDigitScores,
    LayerDescription,
    NetworkDescription,
    OwnReport,
    PapersReport,
    Report,
    SweepScores,
    to_json,
)
from model.evaluation.results import Results, concatenate, measure, share_by
from model.evaluation.robustness import SWEEPS, sweep_frames
from model.evaluation.scores import score_digits, score_is_digit, score_own, score_pens
from model.evaluation.table import table
from model.nn.base import Array
from model.number_reader import NumberReader
from model.recognizer import Recognizer, Verdict
from model.samples import NON_DIGIT_LABEL
from model.training.trainer import Epoch
from model.weights import load_numbers, load_weights, numbers_beside

SEED = 20_261  # of what is drawn here: not a seed that a training draws its validation from

_SHEETS = {
    DigitSet.MNIST_TEST: "misread-mnist",
    DigitSet.PEN_DRAWINGS: "misread-pens",
    DigitSet.DRAWN_DIGITS: "misread-drawn",
}


class Sizes(NamedTuple):
    """How much of what is drawn from code to measure with."""

    drawn: int = 5000  # digits, and non-digits: a share near 1 % is then known to 0.3 points
    lookalikes: int = 2000
    swept: int = 1000  # digits at each amount of each sweep
    papers: int = 300  # digits on paper with each hazard
    numbers: int = 1000  # pictures of each kind of number
    growing: int = 100  # numbers that are read while they are drawn
    cheque_fields: int = 1  # each so many-th of them


DEFAULT_SIZES = Sizes()


def evaluate(
    weights: Path,
    mnist: Mnist,
    *,
    out: Path,
    pen_drawings: Path | None = None,
    cheque_fields: Path | None = None,
    numbers: Path | None = None,
    card: Path | None = None,
    sizes: Sizes = DEFAULT_SIZES,
    say: Callable[[str], None] = print,
) -> Report:
    """Measure a network on all that there is.

    Args:
        weights: the file with the network.
        mnist: the test images are read.
        out: the folder to write `evaluation.json` and the pictures into.
        pen_drawings: their folder; by default the one that `PEN_DRAWINGS` names, if it does.
        cheque_fields: likewise; by default the one that `CHEQUE_FIELDS` names.
        numbers: the file with the network for numbers; by default `numbers.npz` beside the
            weights, if there is one.
        card: a model card to write, with the pictures that it shows beside it.
        sizes: how much to draw from code.
        say: shows a line of text.

    Raises:
        WeightsError, DrawingsError: if a file cannot be used.
        PlotError: if pictures cannot be drawn.
    """
    recognizer = load_weights(weights)
    reader = _reader(numbers or numbers_beside(weights), recognizer)
    pen_drawings = pen_drawings or _named("PEN_DRAWINGS")
    drawings = load_pen_drawings(pen_drawings) if pen_drawings else None
    cheque_fields = cheque_fields or _named("CHEQUE_FIELDS")

    say("reading the MNIST test images")
    digits = {DigitSet.MNIST_TEST: measure(recognizer, mnist.test_images, mnist.test_labels)}
    pens = None
    if drawings is not None:
        say("drawing and reading the pen drawings with every pen")
        by_pen = {
            name: measure(recognizer, draw_with_pen(drawings, pen), drawings.labels)
            for name, pen in PENS.items()
        }
        digits[DigitSet.PEN_DRAWINGS] = concatenate(list(by_pen.values()))
        pens = score_pens(by_pen, drawings.writers)
    say("drawing and reading digits in styles left out of training")
    drawn = generate(drawn_digits, sizes.drawn, SEED, Purpose.HELD_OUT)
    digits[DigitSet.DRAWN_DIGITS] = measure(recognizer, drawn.frames, drawn.labels)
    sheets = {_SHEETS[name]: misread(results) for name, results in digits.items()}
    is_digit, on_paper = None, None
    if digits[DigitSet.MNIST_TEST].is_digit is not None:
        say("drawing and reading what is not a digit")
        is_digit, more_sheets = _measure_is_digit(recognizer, digits, sizes)
        sheets |= more_sheets
        say("putting digits on paper with every hazard, and reading them")
        on_paper, sheets["misread-papers"] = _measure_papers(
            recognizer, reader, drawings, cheque_fields, sizes
        )
    read_numbers = None
    if reader is not None:
        say("drawing and reading numbers")
        sets = number_sets(
            mnist,
            drawings,
            cheque_fields,
            count=sizes.numbers,
            every_cheque=sizes.cheque_fields,
            seed=SEED,
        )
        growing = growing_numbers(drawings, sizes.growing, SEED) if drawings else []
        read_numbers, number_sheet = score_reader(reader, sets, growing)
        _save_sheet(number_sheet, out, "misread-numbers")
    say("moving, turning, blurring, ... digits drawn from code, and reading them")
    report = Report(
        network=describe_network(recognizer),
        digits={name: score_digits(results) for name, results in digits.items()},
        pens=pens,
        accuracy_by_style=share_by(drawn.names, digits[DigitSet.DRAWN_DIGITS].right),
        is_digit=is_digit,
        robustness=_measure_robustness(recognizer, sizes.swept),
        papers=on_paper,
        numbers=read_numbers,
    )
    _write(report, sheets, out, say)
    if on_paper is not None:
        papers.contact_sheet(held_out=True, seed=SEED).save(out / "papers.png", optimize=True)
    if card is not None:
        write_model_card(report, out, card)
        say(f"wrote {card}")
    return report


def _reader(numbers: Path | None, recognizer: Recognizer) -> NumberReader | None:
    return None if numbers is None else load_numbers(numbers, recognizer)


def _named(variable: str) -> Path | None:
    """Return the folder that a variable of the environment names, if it does."""
    return Path(os.environ[variable]) if os.environ.get(variable) else None


def evaluate_own(
    weights: Path, mine: Path, *, out: Path, say: Callable[[str], None] = print
) -> OwnReport:
    """Measure a network on one's own drawings, as `evaluate` does on others.

    Numbers are read by the network in `numbers.npz` beside the weights.

    Args:
        weights: the file with the network.
        mine: the file with the drawings, see `own_drawings`.
        out: the folder to write `evaluation.json` and the sheets of misread drawings into.
        say: shows a line of text.

    Raises:
        WeightsError, DrawingsError: if a file cannot be used.
    """
    recognizer = load_weights(weights)
    own = load_own_drawings(mine)
    results = measure(recognizer, own.frames, own.labels) if own.names else None
    numbers = None
    if own.numbers:
        reader = _reader(numbers_beside(weights), recognizer)
        if reader is None:
            beside = weights.with_name("numbers.npz")
            raise WeightsError(
                f"{mine} has numbers in it, and there is no {beside} that reads them; run "
                f"`python -m model train --recipe numbers --out {beside}` to make it"
            )
        read = measure_numbers(reader, own.numbers)
        numbers = score_own_numbers(reader.digest, read, own.number_names)
        _save_sheet(mistakes_sheet([read]), out, "misread-own-numbers")
    report = score_own(describe_network(recognizer), results, own.names, numbers)
    _write(report, {} if results is None else {"misread-own": misread(results)}, out, say)
    return report


def _save_sheet(sheet: Image.Image, out: Path, name: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    sheet.save(out / f"{name}.png", optimize=True)


def training_report(recognizer: Recognizer, history: list[Epoch], mnist: Mnist, path: Path) -> None:
    """Draw a training on one page: learning curves, confusions and misread MNIST test images."""
    results = measure(recognizer, mnist.test_images, mnist.test_labels)
    draw_training(history, score_digits(results), misread(results), path)


def describe_network(recognizer: Recognizer) -> NetworkDescription:
    """Return which network was loaded, with its layers as they were trained."""
    about = recognizer.about
    return NetworkDescription(
        digest=recognizer.digest,
        recipe=about.get("recipe"),
        seed=about.get("seed"),
        parameters=int(recognizer.network.vector.size),
        multiply_adds=recognizer.network.multiply_adds(),
        temperature=recognizer.temperature,
        layers=tuple(
            LayerDescription(
                name=row["layer"],
                options={key: row[key] for key in row if key not in ("layer", "output")},
                output=tuple(row["output"]),
            )
            for row in about["architecture"]
        ),
        data=about.get("data", {}),
    )


def _measure_is_digit(
    recognizer: Recognizer, digits: Mapping[DigitSet, Results], sizes: Sizes
) -> tuple[IsDigitScores, dict[str, list[Tile]]]:
    others = generate(non_digits, sizes.drawn, SEED, Purpose.HELD_OUT)
    alike = generate(non_digits, sizes.lookalikes, SEED, Purpose.LOOKALIKE)
    of_others, of_alike = (
        measure(recognizer, drawn.frames, drawn.labels) for drawn in (others, alike)
    )
    scores = score_is_digit(digits, of_others, others.names, of_alike, alike.names)
    sheets = {
        "taken-for-digits": taken_for_digits(of_others, others.names),
        "refused-digits": refused_digits(digits.values()),
    }
    return scores, sheets


def _measure_papers(
    recognizer: Recognizer,
    reader: NumberReader | None,
    drawings: PenDrawings | None,
    cheque_fields: Path | None,
    sizes: Sizes,
) -> tuple[PapersReport, list[Tile]]:
    """Return the scores, and the worst mistakes among the digits drawn by code."""
    of_drawn = {}
    for hazard in HAZARDS:
        drawn = papers.generate(sizes.papers, SEED, hazard, held_out=True)
        of_drawn[hazard] = measure_papers(recognizer, reader, drawn.pictures, drawn.labels)
    by_hazard = draw_on_paper(drawings, sizes.papers, SEED) if drawings else {}
    cheque_digits = None
    if cheque_fields is not None:
        cheques = load_cheque_digits(cheque_fields, sizes.cheque_fields)
        cheque_digits = score_papers(measure_papers(recognizer, reader, *cheques))
    report = PapersReport(
        drawn={hazard: score_papers(results) for hazard, results in of_drawn.items()},
        pen_drawings={
            hazard: score_papers(measure_papers(recognizer, reader, *one))
            for hazard, one in by_hazard.items()
        },
        cheque_digits=cheque_digits,
        non_digits=_called_digits(recognizer, reader, non_digit_pictures(sizes.drawn // 2, SEED)),
        letters=_called_digits(recognizer, reader, letter_pictures(sizes.drawn // 2, SEED)),
    )
    return report, worst_on_paper(list(of_drawn.values()))


def _called_digits(
    recognizer: Recognizer, reader: NumberReader | None, pictures: Sequence[Array]
) -> tuple[int, float]:
    """Return how many pictures without a digit there are, and the share that is called one."""
    labels = np.full(len(pictures), NON_DIGIT_LABEL)
    answers = measure_papers(recognizer, reader, pictures, labels).answers
    called = [answer is not None and answer.verdict is Verdict.DIGIT for answer in answers]
    return len(called), sum(called) / len(called)


def _measure_robustness(recognizer: Recognizer, count: int) -> tuple[SweepScores, ...]:
    frames, labels = sweep_frames(count, SEED)
    return tuple(
        SweepScores(
            name=name,
            unit=sweep.unit,
            amounts=sweep.amounts,
            accuracies=tuple(
                float(measure(recognizer, at_amount, labels).right.mean())
                for at_amount in frames[name]
            ),
        )
        for name, sweep in SWEEPS.items()
    )


def _write(
    report: Report | OwnReport,
    sheets: Mapping[str, list[Tile]],
    out: Path,
    say: Callable[[str], None],
) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "evaluation.json").write_text(to_json(report))
    if isinstance(report, Report):
        draw_evaluation(report, out)
    draw_sheets(sheets, out)
    say(table(report))
    say(f"wrote {out}/evaluation.json and the pictures beside it")
