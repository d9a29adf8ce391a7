"""A report as text for a terminal: two columns, what was measured and what that gave."""

from collections.abc import Iterator

from model.evaluation.report import (
    TITLES,
    DigitScores,
    IsDigitScores,
    NumberScores,
    NumbersReport,
    OwnNumbers,
    OwnReport,
    PaperScores,
    PapersReport,
    PenScores,
    Report,
    mean_confident_errors,
    mean_usable,
    percent,
    worst_usable,
)
from model.recognizer import Verdict

Row = tuple[str, str]
_BLANK = ("", "")
_MOST_MISREAD = 20  # of one's own drawings; the others stand in the JSON


def table(report: Report | OwnReport) -> str:
    """Return the lines of a report."""
    network = report.network
    rows = [("network", f"{network.parameters:,} parameters, SHA-256 {network.digest[:12]}")]
    rows += _rows(report) if isinstance(report, Report) else _own_rows(report)
    width = max(len(what) for what, _ in rows)
    return "\n".join(f"{what:<{width}}  {value}".rstrip() for what, value in rows)


def _rows(report: Report) -> Iterator[Row]:
    for name, scores in report.digits.items():
        yield _BLANK
        yield from _digit_rows(TITLES[name], scores)
    if report.pens is not None:
        yield _BLANK
        yield from _pen_rows(report.pens)
    if report.is_digit is not None:
        yield _BLANK
        yield from _is_digit_rows(report.is_digit)
    if report.papers is not None:
        yield _BLANK
        yield from _paper_rows(report.papers)
    if report.numbers is not None:
        yield _BLANK
        yield from _number_rows(report.numbers)
    yield _BLANK
    for sweep in report.robustness:
        points = zip(sweep.amounts, sweep.accuracies, strict=True)
        values = "  ".join(f"{amount:g}: {percent(accuracy)}" for amount, accuracy in points)
        yield f"{sweep.name} ({sweep.unit})", values


def _digit_rows(title: str, scores: DigitScores) -> Iterator[Row]:
    low, high = scores.error_interval
    yield (
        f"{title}: error",
        f"{percent(scores.error)} ({scores.errors} of {scores.count}; "
        f"95 % interval {percent(low)} to {percent(high)})",
    )
    yield f"{title}: calibration error", percent(scores.calibration.error)
    yield f"{title}: accuracy by digit", _listed(scores.accuracy_by_digit)
    if scores.verdicts is not None:
        yield f"{title}: verdicts", _listed(scores.verdicts)


def _pen_rows(pens: PenScores) -> Iterator[Row]:
    yield "pen drawings: mean over the pens", percent(pens.mean_accuracy)
    for pen, accuracy in pens.accuracy_by_pen.items():
        yield f"pen drawings: {pen}", percent(accuracy)
    yield "pen drawings: worst writer, usual pen", percent(pens.worst_writer)
    writers = sorted(pens.accuracy_by_writer.items(), key=lambda item: item[1])
    yield "pen drawings: by writer, usual pen", _listed(dict(writers))


def _is_digit_rows(scores: IsDigitScores) -> Iterator[Row]:
    for name, area in scores.auroc.items():
        yield f"AUROC, {TITLES[name]} against non-digits", f"{area:.4f}"
    yield "is_digit: calibration error", percent(scores.calibration.error)
    for title, others in (("non-digits", scores.non_digits), ("look-alikes", scores.lookalikes)):
        yield f"{title}: verdicts", _listed(others.verdicts)
        yield f"{title}: most often called a digit", _listed(dict(others.worst_kinds())) or "none"


def _paper_rows(papers: PapersReport) -> Iterator[Row]:
    for title, scores in papers.rows():
        yield f"on paper: {title}", _paper(scores)
    for title, scored in (("drawn digits", papers.drawn), ("pen drawings", papers.pen_drawings)):
        if scored:
            hazard, least = worst_usable(scored)
            yield (
                f"on paper: {title}, mean",
                f"usable {percent(mean_usable(scored))} (worst: {hazard}, {percent(least)})  "
                f"confident errors {percent(mean_confident_errors(scored))}",
            )
    count, called = papers.non_digits
    yield "non-digits, looked at twice: called a digit", f"{percent(called)}  ({count})"
    count, called = papers.letters
    yield "letters on paper: called a digit", f"{percent(called)}  ({count})"


def _paper(scores: PaperScores) -> str:
    return (
        f"right {percent(scores.right)}  usable {percent(scores.usable)}  "
        f"unsure {percent(scores.unsure)}  refused {percent(scores.refused)}  "
        f"confident errors {percent(scores.confident_errors)}  ({scores.count})"
    )


def _number_rows(numbers: NumbersReport) -> Iterator[Row]:
    for title, scores in numbers.sets.items():
        yield f"numbers: {title}", _number(scores)
    share, count = numbers.others
    yield "numbers: drawings without one, called a number", f"{percent(share)}  ({count})"
    if numbers.growing is not None:
        kept, steps = numbers.growing.kept, numbers.growing.steps
        yield "numbers: whole digits stay while the next is drawn", f"{percent(kept)}  ({steps})"


def _number(scores: NumberScores) -> str:
    of_called = scores.right_of_called
    right_of_called = "none" if of_called is None else percent(of_called)
    return (
        f"exactly right {percent(scores.right)}  called a number {percent(scores.called)}  "
        f"right of those {right_of_called}  "
        f"calibration error {percent(scores.calibration_error)} "
        f"(by chance {percent(scores.error_by_chance)})  ({scores.count})"
    )


def _own_rows(report: OwnReport) -> Iterator[Row]:
    yield _BLANK
    if report.digits is not None:
        yield from _digit_rows("own drawings", report.digits)
    if report.non_digits is not None:
        called = report.non_digits.verdicts[Verdict.DIGIT]
        yield "own drawings: non-digits called a digit", percent(called)
    for mistake in report.misread[:_MOST_MISREAD]:
        yield f"own drawings: {mistake.name}", f"is {mistake.label}, read {mistake.read}"
    if report.numbers is not None:
        yield from _own_number_rows(report.numbers)


def _own_number_rows(numbers: OwnNumbers) -> Iterator[Row]:
    yield "network for numbers", f"SHA-256 {numbers.digest[:12]}"
    yield "own numbers", _number(numbers.scores)
    for mistake in numbers.misread[:_MOST_MISREAD]:
        read = "nothing was read"
        if mistake.read is not None:
            read = f"read {mistake.read}, {percent(mistake.confidence)} sure, {mistake.verdict}"
        yield f"own numbers: {mistake.name}", f"is {mistake.label}, {read}"


def _listed(shares: dict[str, float] | dict[Verdict, float]) -> str:
    return "  ".join(f"{name}: {percent(share)}" for name, share in shares.items())
