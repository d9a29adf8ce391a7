"""The card's figures are the report's and the recipe's, and its links lead somewhere."""

import re
from dataclasses import asdict, replace
from pathlib import Path

import made_report
import pytest

from model.evaluation import model_card
from model.evaluation.model_card import HISTORY, PICTURES, write_model_card
from model.training.recipes import RECIPES

REPORT = made_report.report()
DATA = RECIPES["default"].data
RECIPE = replace(
    RECIPES["default"],
    data=replace(
        DATA,
        validation=1_789,
        digits=replace(DATA.digits, count=271_828),
        non_digits=replace(DATA.non_digits, count=31_415),
    ),
)
COMMITTED = Path(__file__).parents[3] / "weights" / "MODEL_CARD.md"
NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")
IN_WORDS = re.compile(
    r"\b(two|three|four|five|six|seven|eight|nine|eleven|twelve|dozen|twenty|hundred|thousand)\b",
    re.IGNORECASE,
)
TERMS = (  # with numbers that are no figures
    "SHA-256",
    "95 % interval",
    "0 to 9",
    "| drawings | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 |",
)


@pytest.fixture
def card(monkeypatch):
    monkeypatch.setitem(RECIPES, "default", RECIPE)
    return model_card.model_card(REPORT, list(PICTURES))


def leaves(value):
    if isinstance(value, dict):
        value = [*value.values(), *(key for key in value if not str(key).isdecimal())]
    if isinstance(value, list | tuple):
        for one in value:
            yield from leaves(one)
    else:
        yield value


def typed_in(card):
    """The numbers of a card that are neither the report's nor the recipe's, in any form."""
    known = {str(len(REPORT.pens.accuracy_by_writer))}
    for leaf in [*leaves(asdict(REPORT)), *leaves(asdict(RECIPE))]:
        if isinstance(leaf, str):
            card = card.replace(f"`{leaf}`", "")  # a digest, or a recipe's name
            known |= set(NUMBER.findall(leaf)) | set(IN_WORDS.findall(leaf.replace("_", " ")))
        elif isinstance(leaf, int | float):
            forms = f"{leaf:,} {leaf:g} {leaf:.3f} {leaf:.4f} {100 * leaf:.2f} {leaf / 1e6:.1f}"
            known |= set(forms.split())
    for term in TERMS:
        card = card.replace(term, "")
    return [found for found in NUMBER.findall(card) + IN_WORDS.findall(card) if found not in known]


def test_every_figure_is_the_reports_or_the_recipes(card):
    assert len(NUMBER.findall(card)) > 100
    assert typed_in(card) == []


@pytest.mark.parametrize("figure", ["98.7", "21", "15,000", "-4", "three"])
def test_a_figure_that_is_typed_in_is_found(card, figure):
    assert typed_in(f"{card}\nIt was measured {figure} times.") == [figure]


def test_the_card_has_the_figures_of_report_and_recipe(card):
    mnist = REPORT.digits["mnist_test"]
    low, high = (f"{100 * bound:.2f} %" for bound in mnist.error_interval)
    assert (
        f"| MNIST test images | {mnist.count:,} | {100 * mnist.error:.2f} % | {low} to {high} "
        f"| {100 * mnist.calibration.error:.2f} % |"
    ) in card
    assert "python -m model train --recipe default --seed 4711" in card
    assert "the training images of MNIST but the last 1,789, and on 271,828 digits" in card
    assert "| Conv2D(bias=False, filters=37, rate=0.0625) | 41 x 43 |" in card
    assert "| drawn | `deadbeef` |" in card
    assert "`is_digit` below 0.1234" in card


def test_a_digit_that_a_set_does_not_have_keeps_its_column():
    mnist = replace(REPORT.digits["mnist_test"], accuracy_by_digit={"1": 0.5, "9": 0.25})
    card = model_card.model_card(replace(REPORT, digits={"mnist_test": mnist}), [])
    row = f"| MNIST test images | none | 50.00 % |{' none |' * 7} 25.00 % |"
    assert row in card.splitlines()


def test_a_recipe_that_this_version_does_not_have_is_no_error():
    network = replace(REPORT.network, recipe="grandmother's")
    card = model_card.model_card(replace(REPORT, network=network), [])
    assert "Its recipe is not one of this version's." in card


def test_the_pictures_are_copied_to_its_side(tmp_path):
    (tmp_path / "out").mkdir()
    for name in ("confusions.png", "misread-mnist.png"):
        (tmp_path / "out" / name).write_bytes(b"a picture")
    write_model_card(REPORT, tmp_path / "out", tmp_path / "new" / "CARD.md")
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"CARD.md", "confusions.png"}
    assert (tmp_path / "new" / "CARD.md").read_text().count("![") == 1


def test_the_links_of_the_committed_card_lead_to_files():
    links = re.findall(r"\]\(([^)]+)\)", COMMITTED.read_text())
    assert set(links) == {*PICTURES, HISTORY}
    assert not [link for link in links if not (COMMITTED.parent / link).is_file()]
