"""The recipes make the networks that are served, layer by layer."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.frame.numbers.strip import WIDTHS
from model.nn.network import Network
from model.training.numbers.recipe import NUMBERS, number_network
from model.training.recipes import RECIPES
from model.weights import describe

WEIGHTS = Path(__file__).parents[3] / "weights"


def about(name: str) -> dict[str, Any]:
    """What a weights file says of itself."""
    with np.load(WEIGHTS / name) as archive:
        return json.loads(archive["about"].tobytes())


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("digits.npz", RECIPES["default"].network(0)),
        ("tutorial.npz", RECIPES["tutorial"].network(0)),
        ("numbers.npz", number_network(0)),
    ],
)
def test_the_network_of_a_recipe_is_the_one_that_is_served(name: str, network: Network):
    served = about(name)
    assert json.loads(json.dumps(describe(network))) == served["architecture"]
    assert network.multiply_adds() == served["multiply_adds"]
    shapes = {key: array["shape"] for key, array in served["arrays"].items()}
    wanted = {key: list(array.shape) for key, array in network.arrays().items()}
    if name == "numbers.npz":  # of three networks
        for behind in ("second", "third"):
            wanted |= {f"{behind}.{key}": list(a.shape) for key, a in network.arrays().items()}
    assert wanted == shapes


def test_the_numbers_network_that_is_served_is_of_the_recipe_as_it_stands():
    """Who changes a value of the recipe trains anew, or the papers tell of another network."""
    served = about("numbers.npz")
    assert served["recipe values"] == json.loads(json.dumps(asdict(NUMBERS)))


def test_the_networks_behind_the_first_are_those_of_the_decision_page():
    page = (WEIGHTS.parent / "docs" / "decisions" / "networks-behind.md").read_text()
    served = about("numbers.npz")
    for name, seed in (("second", 3), ("third", 1)):
        behind = served[name]
        assert (behind["recipe"], behind["seed"]) == (NUMBERS.name, seed)
        told = f"the {name} is of seed {seed}, {behind['recipe values']['steps']:,} steps"
        assert told in " ".join(page.split())


def test_an_epoch_sees_a_part_of_every_pool_that_is_drawn():
    data = RECIPES["default"].data
    for drawn in (data.digits, data.non_digits, data.on_paper, data.papers):
        assert 0 < drawn.an_epoch < drawn.count


def test_training_has_strips_of_widths_that_there_are():
    assert NUMBERS.widths.keys() <= {*WIDTHS}
    assert sum(NUMBERS.widths.values()) == pytest.approx(1)
