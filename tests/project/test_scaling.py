"""docs/scaling.md counts with what was measured, and counts right."""

import re

import papers
import pytest
from papers import ROOT

PAGE = ROOT / "docs" / "scaling.md"
TEXT = PAGE.read_text()
MEASURED = (ROOT / "docs" / "benchmarks.md").read_text()
NUMBER = r"\d[\d,]*(?:\.\d+)?"
SUMS = re.findall(rf"({NUMBER}) ([×/]) ({NUMBER}) = ({NUMBER})", TEXT)
ROWS = {  # of the page, and of the benchmark's table
    "the canvas's PNG, 140 x 140": "canvas PNG, 16",
    "a canvas of 280 x 280, RGBA": "280 x 280, RGBA, 16",
    "28x28 values as JSON": "28x28 JSON, 16",
    "`GET /livez`": "GET /livez, 16",
}


def value(text: str) -> float:
    return float(text.replace(",", ""))


def cells(row: str) -> list[str]:
    """The figures of a row of docs/benchmarks.md, by the row's name."""
    first = re.findall(rf"^\| {re.escape(row)} +\|(.*)\|$", MEASURED, re.MULTILINE)[0]
    return [cell.strip() for cell in first.split("|")]


@pytest.mark.parametrize(("left", "sign", "right", "result"), SUMS)
def test_every_sum_is_right(left, sign, right, result):
    exact = value(left) * value(right) if sign == "×" else value(left) / value(right)
    decimals = len(result.partition(".")[2])
    assert f"{exact:.{decimals}f}" == f"{value(result):.{decimals}f}"


def test_the_page_has_its_sums():
    assert len(SUMS) >= 10


def test_rates_are_those_that_were_measured():
    table = papers.rows(papers.section(PAGE, "One core"))
    assert [row[0] for row in table] == list(ROWS)
    for name, rate, cost in table:
        assert rate == cells(ROWS[name])[0]
        assert cost == f"{1000 / value(rate):.2f} ms"


@pytest.mark.parametrize(
    ("said", "row", "column"),
    [
        ("16 megapixels are decoded in {} ms", "PNG of 16 megapixels", 1),
        ("0.6 × {} = ", "canvas PNG, 16", 0),
        ("16 clients got {} answers", "1 worker: requests answered", 0),
        ("and {} from two", "2 workers: requests answered", 0),
        ("HAProxy took {} ms", "HAProxy, for an answer", 0),
        ("twice the load still gives {} peak", "answered at twice that", 0),
    ],
)
def test_figures_are_those_that_were_measured(said, row, column):
    pattern = re.escape(said).replace(r"\{\}", rf"({NUMBER})[ %a-z]*?")
    [found] = re.findall(pattern, " ".join(TEXT.split()))
    assert value(found) == value(re.findall(NUMBER, cells(row)[column])[0])
