"""What an evaluation measured: the dataclasses that table, plots and model card are made from.

Every error, accuracy, share and probability in them is from 0 to 1.
"""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from model.recognizer import Verdict


class DigitSet(StrEnum):
    """The sets of digits that a network is measured on."""

    MNIST_TEST = "mnist_test"
    PEN_DRAWINGS = "pen_drawings"
    DRAWN_DIGITS = "drawn_digits"


TITLES = {
    DigitSet.MNIST_TEST: "MNIST test",
    DigitSet.PEN_DRAWINGS: "pen drawings",
    DigitSet.DRAWN_DIGITS: "drawn digits",
}


@dataclass(frozen=True)
class LayerDescription:
    """One row of an architecture: the layer's class, its options, and the shape that it gives."""

    name: str
    options: dict[str, bool | int | float | str]
    output: tuple[int, ...]


@dataclass(frozen=True)
class NetworkDescription:
    """Which network was measured.

    Attributes:
        digest: SHA-256 of the weights file, hexadecimal.
        recipe, seed: what it was trained with; None if the file does not say.
        parameters: how many numbers were trained.
        multiply_adds: how many a reading takes.
        temperature: what the logits are divided by before the softmax.
        layers: the architecture.
        data: SHA-256 of the data that it was trained on, by name.
    """

    digest: str
    recipe: str | None
    seed: int | None
    parameters: int
    multiply_adds: int
    temperature: float
    layers: tuple[LayerDescription, ...]
    data: dict[str, str]


@dataclass(frozen=True)
class Reliability:
    """How often what was predicted came true, in bins of equal width over 0..1.

    Attributes:
        error: the expected calibration error, the mean over all predictions of the distance
            between the two numbers of their bin.
        share: of all predictions, in each bin.
        predicted: mean probability in each bin; None if the bin is empty.
        observed: frequency with which it came true; None if the bin is empty.
    """

    error: float
    share: tuple[float, ...]
    predicted: tuple[float | None, ...]
    observed: tuple[float | None, ...]


@dataclass(frozen=True)
class DigitScores:
    """How a set of digits was read.

    Attributes:
        count, errors: how many there are, and how many were misread.
        error: their share.
        error_interval: its 95 % interval, from low to high.
        accuracy_by_digit: of the digits that the set has.
        confusion_matrix: counts, rows by what it is, columns by what was read.
        calibration: of the confidence.
        verdicts: the share of each; None from a network that cannot tell what is a digit.
    """

    count: int
    errors: int
    error: float
    error_interval: tuple[float, float]
    accuracy_by_digit: dict[str, float]
    confusion_matrix: tuple[tuple[int, ...], ...]
    calibration: Reliability
    verdicts: dict[Verdict, float] | None


@dataclass(frozen=True)
class PenScores:
    """What the pen drawings tell beyond the scores of all of them.

    Attributes:
        mean_accuracy: the mean of `accuracy_by_pen`, the score that the set's README defines.
        accuracy_by_pen: of the pens in `pen_drawings.PENS`.
        accuracy_by_writer: of their drawings with the usual pen.
    """

    mean_accuracy: float
    accuracy_by_pen: dict[str, float]
    accuracy_by_writer: dict[str, float]

    @property
    def worst_writer(self) -> float:
        """The lowest accuracy of a writer."""
        return min(self.accuracy_by_writer.values())

    @property
    def best_writer(self) -> float:
        """The highest accuracy of a writer."""
        return max(self.accuracy_by_writer.values())


@dataclass(frozen=True)
class NonDigitScores:
    """What drawings that are no digit were called.

    Attributes:
        count: how many there are.
        verdicts: the share of each.
        called_digit_by_kind: of each kind of non-digit, the share with the verdict "digit".
    """

    count: int
    verdicts: dict[Verdict, float]
    called_digit_by_kind: dict[str, float]

    def worst_kinds(self) -> list[tuple[str, float]]:
        """Return the eight kinds that are called digits most often, and how often."""
        kinds = sorted(self.called_digit_by_kind.items(), key=lambda item: -item[1])
        return [(kind, share) for kind, share in kinds[:8] if share > 0]


@dataclass(frozen=True)
class IsDigitScores:
    """How well digits are told from what is none.

    Attributes:
        not_a_digit_below, digit_above, confident_above: the verdict's thresholds.
        auroc: of each set of digits against the non-digits, the area under the ROC curve.
        calibration: of the probability of being a digit, digits and non-digits weighing the same.
        non_digits: of kinds that training does not draw.
        lookalikes: letters and symbols that look like digits.
    """

    not_a_digit_below: float
    digit_above: float
    confident_above: float
    auroc: dict[DigitSet, float]
    calibration: Reliability
    non_digits: NonDigitScores
    lookalikes: NonDigitScores


@dataclass(frozen=True)
class PaperScores:
    """How digits on paper were read, by a second look where the first is not enough.

    Attributes:
        count: how many there are.
        right: the share of those that were read right, whatever they were called.
        usable: read right, and called a digit.
        unsure, refused: called unsure, and not a digit or empty.
        confident_errors: misread, and called a digit.
    """

    count: int
    right: float
    usable: float
    unsure: float
    refused: float
    confident_errors: float


@dataclass(frozen=True)
class PapersReport:
    """Digits on the paper that cameras and scanners bring.

    Attributes:
        drawn: digits drawn by code, by hazard, in styles left out of training.
        pen_drawings: those on paper, by hazard; empty if there were none.
        cheque_digits: in their boxes; None if there were none.
        non_digits: how many drawings without a digit, of kinds left out of training, were read in
            the same way, and the share of them that was called a digit.
        letters: likewise, of letters and other signs on the paper of drawn digits.
    """

    drawn: dict[str, PaperScores]
    pen_drawings: dict[str, PaperScores]
    cheque_digits: PaperScores | None
    non_digits: tuple[int, float]
    letters: tuple[int, float]

    def rows(self) -> list[tuple[str, PaperScores]]:
        """Return every set of pictures with its title."""
        rows = [(f"drawn digits, {hazard}", scores) for hazard, scores in self.drawn.items()]
        rows += [(f"pen drawings, {name}", scores) for name, scores in self.pen_drawings.items()]
        if self.cheque_digits is not None:
            rows.append(("cheque digits in their boxes", self.cheque_digits))
        return rows


CLEAN = "clean"
"""The paper that has no hazard, for comparison; means are taken without it."""


def mean_usable(by_hazard: dict[str, PaperScores]) -> float:
    """Return the mean share of usable digits over the hazards."""
    shares = [scores.usable for hazard, scores in by_hazard.items() if hazard != CLEAN]
    return sum(shares) / len(shares)


def mean_confident_errors(by_hazard: dict[str, PaperScores]) -> float:
    """Return the mean share of confident errors over the hazards."""
    shares = [scores.confident_errors for hazard, scores in by_hazard.items() if hazard != CLEAN]
    return sum(shares) / len(shares)


def worst_usable(by_hazard: dict[str, PaperScores]) -> tuple[str, float]:
    """Return the hazard with the smallest share of usable digits, and that share."""
    return min(((name, one.usable) for name, one in by_hazard.items()), key=lambda pair: pair[1])


@dataclass(frozen=True)
class NumberScores:
    """How pictures of numbers were read.

    Attributes:
        count: how many there are.
        right: the share that was read exactly right, whatever it was called.
        called: the share that was called a number.
        right_of_called: the share of those that is exactly right; None if there are none.
        calibration_error, error_by_chance: of the confidence, and if it were exact; see `metrics`.
    """

    count: int
    right: float
    called: float
    right_of_called: float | None
    calibration_error: float
    error_by_chance: float


@dataclass(frozen=True)
class Growing:
    """Numbers read again and again while they are drawn.

    Attributes:
        kept: the share of steps at which the number still begins with its whole digits as read.
        steps: how many there are.
    """

    kept: float
    steps: int


@dataclass(frozen=True)
class NumbersReport:
    """How numbers of several digits are read.

    Attributes:
        digest: SHA-256 of the weights of the network for numbers, hexadecimal.
        recipe, seed: what it was trained with; None if the file does not say.
        behind: the same of each network that is asked where it leaves a doubt.
        parameters: how many numbers were trained, of each.
        sets: the scores of each set of numbers, by its title.
        others: the share of drawings without a number that are called one, and how many they are.
        growing: pen drawings in rows while they are drawn; None if there were none.
    """

    digest: str
    recipe: str | None
    seed: int | None
    behind: tuple[tuple[str | None, int | None], ...]
    parameters: int
    sets: dict[str, NumberScores]
    others: tuple[float, int]
    growing: Growing | None


@dataclass(frozen=True)
class SweepScores:
    """Accuracy at each amount of one change to the drawings, in the change's unit."""

    name: str
    unit: str
    amounts: tuple[float, ...]
    accuracies: tuple[float, ...]


@dataclass(frozen=True)
class Report:
    """An evaluation.

    Attributes:
        network: what was measured.
        digits: the scores of each set that was read.
        pens: more about the pen drawings; None if there were none.
        accuracy_by_style: of the drawn digits.
        is_digit: None from a network that cannot tell what is a digit.
        robustness: one for each change.
        papers: None from a network that cannot tell what is a digit.
        numbers: None where no network for numbers lies beside the weights.
    """

    network: NetworkDescription
    digits: dict[DigitSet, DigitScores]
    pens: PenScores | None
    accuracy_by_style: dict[str, float]
    is_digit: IsDigitScores | None
    robustness: tuple[SweepScores, ...]
    papers: PapersReport | None
    numbers: NumbersReport | None


@dataclass(frozen=True)
class Misreading:
    """A drawing of one's own that was misread: its name, the digit that was meant, and the read."""

    name: str
    label: int
    read: int


@dataclass(frozen=True)
class MisreadNumber:
    """A drawing of a number that was not read exactly.

    Attributes:
        name, label: the drawing, and the number that was meant.
        read: the number that was read; None where no ink was found.
        confidence: that all of it is right; 0 without a reading.
        verdict: "number", "unsure" or "not a number"; None without a reading.
    """

    name: str
    label: str
    read: str | None
    confidence: float
    verdict: str | None


@dataclass(frozen=True)
class OwnNumbers:
    """How somebody's own numbers were read.

    Attributes:
        digest: SHA-256 of the weights of the network for numbers, hexadecimal.
        scores: of all of them.
        misread: every number that was not read exactly.
    """

    digest: str
    scores: NumberScores
    misread: tuple[MisreadNumber, ...]


@dataclass(frozen=True)
class OwnReport:
    """An evaluation on somebody's own drawings.

    Attributes:
        network: what was measured.
        count: how many drawings there are.
        digits: those that were meant to be digits; None if there are none.
        non_digits: those that were meant to be none; None if there are none.
        misread: every misread digit.
        numbers: those of several digits; None if there are none.
    """

    network: NetworkDescription
    count: int
    digits: DigitScores | None
    non_digits: NonDigitScores | None
    misread: tuple[Misreading, ...]
    numbers: OwnNumbers | None


def to_json(report: Report | OwnReport) -> str:
    """Return a report as JSON, an object with the names of its attributes."""
    return json.dumps(asdict(report), indent=1, allow_nan=False) + "\n"


def percent(share: float) -> str:
    """Return a share, 0 to 1, as per cent with two decimals."""
    return f"{100 * share:.2f} %"
