import json

import made_report
import pytest
from made_results import results
from pydantic import TypeAdapter

from model.evaluation.report import MisreadNumber, NumberScores, OwnNumbers, percent, to_json
from model.evaluation.scores import score_own
from model.evaluation.table import table

REPORT = made_report.report()
OWN_NUMBERS = OwnNumbers(
    digest="facade" * 10,
    scores=NumberScores(5, 0.41, 0.83, 0.47, 0.11, 0.07),
    misread=(
        MisreadNumber("d.png", "421", "427", 0.97, "number"),
        MisreadNumber("e.png", "88", None, 0.0, None),
    ),
)
NAMES = ["a.png", "b.png", "c.png"]
OWN = score_own(REPORT.network, results([7, 7, -1], [7, 1, 4]), NAMES, OWN_NUMBERS)


@pytest.mark.parametrize("report", [REPORT, OWN], ids=lambda report: type(report).__name__)
def test_a_report_comes_back_from_json_as_it_was(report):
    assert TypeAdapter(type(report)).validate_json(to_json(report)) == report


def test_the_names_in_json_are_those_of_the_attributes():
    written = json.loads(to_json(REPORT))
    assert set(written) == {
        "network", "digits", "pens", "accuracy_by_style", "is_digit", "robustness", "papers",
        "numbers",
    }  # fmt: skip
    assert set(written["digits"]) == {"mnist_test", "pen_drawings", "drawn_digits"}
    assert set(written["is_digit"]["non_digits"]["verdicts"]) == {"digit", "unsure", "not a digit"}
    assert set(json.loads(to_json(OWN))) == {
        "network", "count", "digits", "non_digits", "misread", "numbers",
    }  # fmt: skip


@pytest.mark.parametrize(("share", "shown"), [(0, "0.00 %"), (1, "100.00 %"), (0.00264, "0.26 %")])
def test_shares_are_shown_as_per_cent(share, shown):
    assert percent(share) == shown


def test_the_table_has_every_figure_that_counts_in_its_row():
    rows = dict(line.split("  ", 1) for line in table(REPORT).splitlines() if line)
    rows = {what: value.strip() for what, value in rows.items()}
    mnist = REPORT.digits["mnist_test"]
    low, high = map(percent, mnist.error_interval)
    assert rows["MNIST test: error"] == (
        f"{percent(mnist.error)} ({mnist.errors} of {mnist.count}; 95 % interval {low} to {high})"
    )
    assert rows["MNIST test: calibration error"] == percent(mnist.calibration.error)
    assert rows["pen drawings: mean over the pens"] == percent(REPORT.pens.mean_accuracy)
    assert rows["pen drawings: quill"] == percent(REPORT.pens.accuracy_by_pen["quill"])
    worst = min(REPORT.pens.accuracy_by_writer.values())
    assert rows["pen drawings: worst writer, usual pen"] == percent(worst)
    area = REPORT.is_digit.auroc["drawn_digits"]
    assert rows["AUROC, drawn digits against non-digits"] == f"{area:.4f}"
    called = REPORT.is_digit.lookalikes.verdicts
    assert rows["look-alikes: verdicts"] == "  ".join(
        f"{verdict}: {percent(called[verdict])}" for verdict in ("digit", "unsure", "not a digit")
    )
    paper = REPORT.papers.drawn["coffee"]
    assert rows["on paper: drawn digits, coffee"] == (
        f"right {percent(paper.right)}  usable {percent(paper.usable)}  "
        f"unsure {percent(paper.unsure)}  refused {percent(paper.refused)}  "
        f"confident errors {percent(paper.confident_errors)}  ({paper.count})"
    )
    assert "on paper: cheque digits in their boxes" in rows
    at_ease = percent(REPORT.robustness[0].accuracies[1])
    assert f"  0: {at_ease}  " in rows["tilt (degrees of 77)"]


def test_the_table_of_own_drawings_has_each_mistake():
    text = table(OWN)
    assert "own drawings: error" in text
    assert "50.00 % (1 of 2;" in text
    assert "b.png" in text
    assert "is 7, read 1" in text


def test_the_table_of_own_numbers_has_each_mistake_with_confidence_and_verdict():
    rows = dict(line.split("  ", 1) for line in table(OWN).splitlines() if line)
    rows = {what: value.strip() for what, value in rows.items()}
    assert rows["network for numbers"] == "SHA-256 facadefacade"
    assert rows["own numbers"] == (
        "exactly right 41.00 %  called a number 83.00 %  right of those 47.00 %  "
        "calibration error 11.00 % (by chance 7.00 %)  (5)"
    )
    assert rows["own numbers: d.png"] == "is 421, read 427, 97.00 % sure, number"
    assert rows["own numbers: e.png"] == "is 88, nothing was read"
