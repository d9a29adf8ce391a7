"""One item becomes one row: read by the network, and written down.

A row is one line of CSV, whatever its source is called: in names, what cannot be printed is
escaped. So the lines of a table that was broken off can be counted.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from model.bulk.items import Item, picture_of
from model.errors import EmptyDrawing, FileError, WeightsError
from model.frame.paper import Grey
from model.number_reader import NumberReader
from model.recognizer import DIGITS, Recognizer
from model.second_look import read_drawing
from model.weights import load_numbers, load_weights

DIGIT_COLUMNS = (
    "source",
    "digit",
    *(f"p{digit}" for digit in range(DIGITS)),
    "is_digit",
    "verdict",
    "error",
)
"""Of the table of single digits: ``p0`` to ``p9`` are the probabilities, ``error`` is empty, or why
the item could not be read, in which case all but ``source`` are empty."""
NUMBER_COLUMNS = ("source", "number", "confidence", "verdict", "error")
"""Of the table of numbers; ``confidence`` is the probability that all digits are right."""


class Row(NamedTuple):
    """What became of one item.

    line: of the table, without its end.
    said: the same for people, in one or more lines.
    failed: whether the item could not be read, and `said` is why.
    """

    line: str
    said: str
    failed: bool


@dataclass(frozen=True)
class Task:
    """What to read, and by which weights: enough to do it in another process.

    Attributes:
        weights: of the network for single digits.
        numbers: of the network for numbers; None for single digits without its opinion.
        length: how many digits each number has, 1 to 20, if that is known.
        reads_numbers: whether numbers are read, or single digits.
        digests: SHA-256 of these files, hexadecimal, in this order.
    """

    weights: Path
    numbers: Path | None = None
    length: int | None = None
    reads_numbers: bool = False
    digests: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the table's columns."""
        return NUMBER_COLUMNS if self.reads_numbers else DIGIT_COLUMNS

    def about(self) -> dict[str, Any]:
        """Return what decides the rows, JSON-able."""
        return {"columns": list(self.columns), "length": self.length, "digests": [*self.digests]}


class Scorer:
    """Networks that read items.

    Attributes:
        task: with the digests of the weights that were loaded.

    Raises:
        WeightsError: if the weights cannot be loaded, or are others than the task says.
    """

    def __init__(self, task: Task) -> None:
        self._recognizer = load_weights(task.weights)
        self._reader: NumberReader | None = None
        digests = [self._recognizer.digest]
        if task.numbers is not None:
            self._reader = load_numbers(task.numbers, self._recognizer)
            digests.append(self._reader.digest)
        if task.digests and [*task.digests] != digests:
            raise WeightsError(f"{task.weights} has changed; let a run end before you replace it")
        self.task = replace(task, digests=tuple(digests))

    def row(self, item: Item) -> Row:
        """Read one item; whatever is wrong with it is said in its row."""
        source = printable(item.source)
        try:
            grey = picture_of(item)
            if self._reader is not None and self.task.reads_numbers:
                return _number_row(self._reader, source, grey, self.task.length)
            return _digit_row(self._recognizer, self._reader, source, grey)
        except FileError as error:
            return self._failed(source, str(error), f"{source} {error}")
        except EmptyDrawing as error:
            return self._failed(source, str(error), f"{source}: {error}")
        except Exception as error:  # noqa: BLE001 - one item, whatever it holds, costs only its row
            reason = f"cannot be read ({printable(repr(error))})"
            return self._failed(source, reason, f"{source} {reason}")

    def _failed(self, source: str, reason: str, said: str) -> Row:
        empty = [""] * (len(self.task.columns) - 2)
        return Row(csv_line([source, *empty, reason]), said, failed=True)


def _digit_row(
    recognizer: Recognizer, numbers: NumberReader | None, source: str, grey: Grey
) -> Row:
    answer = read_drawing(recognizer, grey, numbers)
    probabilities = answer.reading.probabilities[0].tolist()
    is_digit = answer.reading.is_digit
    cells = [
        source,
        str(answer.digit),
        *(f"{p:.6f}" for p in probabilities),
        "" if is_digit is None else f"{is_digit[0]:.6f}",
        answer.verdict,
        "",
    ]
    shown = " ".join(f"{digit}:{p:.3f}" for digit, p in enumerate(probabilities))
    said = [f"{source}: {answer.digit} ({answer.verdict})  {shown}"]
    said += [
        f"{source}: left out {width} x {height} pixels, {left} from left, {top} from top"
        for left, top, width, height in answer.ignored
    ]
    return Row(csv_line(cells), "\n".join(said), failed=False)


def _number_row(reader: NumberReader, source: str, grey: Grey, length: int | None) -> Row:
    reading = reader.read(grey, length)
    line = csv_line([source, reading.number, f"{reading.confidence:.6f}", reading.verdict, ""])
    others = " ".join(f"{one.number}:{one.probability:.3f}" for one in reading.alternatives[1:])
    said = f"{source}: {reading.number} ({reading.verdict}, {reading.confidence:.3f})  {others}"
    return Row(line, said.rstrip(), failed=False)


def printable(text: str) -> str:
    """Return a text with what cannot be printed escaped, ends of lines and lone bytes included."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def csv_line(cells: Sequence[str]) -> str:
    """Return one line of CSV (RFC 4180), without its end."""
    file = io.StringIO()
    csv.writer(file, lineterminator="").writerow(cells)
    return file.getvalue()
