"""The walls of the house: who may import whom, a map in each room, no room too full.

The rules are the tables of docs/architecture.md. What looks for breaches is `walls` among the
helpers; it is tried here on trees that have one.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import walls

ROOT = Path(__file__).parents[2]
PACKAGES = ("model", "app")
MOST_MODULES, MOST_LINES = 13, 400
CROWDED_ON_PURPOSE = "model/drawn/digits/styles"  # a module for each digit

SERVES_HTTP = ("http.server", "socketserver", "wsgiref", "xmlrpc")  # of the standard library
MODEL_MAY_IMPORT = (
    *sys.stdlib_module_names, "model",
    "numpy", "PIL", "tqdm", "matplotlib", "pyarrow", "onnx", "ray",
)  # fmt: skip
# What the service needs of the network: reading alone, and the types of what it reads.
SERVED = (
    "model.recognizer",
    "model.number_reader",
    "model.second_look",
    "model.weights",
    "model.errors",
    "model.frame",
    "model.nn",
)
NEVER_SERVED = ("model.training", "model.evaluation", "model.drawn", "model.data", "model.bulk")
PACKAGES_OF_THE_SERVICE = (
    "fastapi", "starlette", "uvicorn", "pydantic", "pydantic_core", "numpy",
    "PIL", "python_multipart", "prometheus_client", "opentelemetry", "httptools",
)  # fmt: skip


def rules(text: str) -> dict[str, set[str]]:
    """Read the tables of docs/architecture.md: rows of a room, what it is, what it may import."""
    rows = re.findall(r"^\| `((?:model|app)/[\w/.]*)` \|.*\| ([^|]*) \|$", text, re.MULTILINE)
    return {room: set(re.findall(r"`([^`]+)`", allowed)) for room, allowed in rows}


RULES = rules((ROOT / "docs" / "architecture.md").read_text())


def all_is_well(complaints: list[str]) -> None:
    assert not complaints, "\n".join(complaints)


def tree(root: Path, **files: str) -> Path:
    """Make a source tree of files such as ``model__nn__base="import os"``; packages have maps."""
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for folder in path.relative_to(root).parents[:-1]:
            (root / folder / "__init__.py").touch()
    return root


def test_the_model_imports_nothing_that_serves():
    all_is_well(walls.strangers(ROOT, "model", MODEL_MAY_IMPORT, but=SERVES_HTTP))


def test_the_service_imports_of_the_model_what_reading_needs_and_never_training():
    service = (*sys.stdlib_module_names, *PACKAGES_OF_THE_SERVICE, "app", *SERVED)
    imported = walls.strangers(ROOT, "app", service)
    # `import model` itself pins BLAS to one thread, and loads nothing else.
    all_is_well([line for line in imported if line != "app imports model"])


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import fastapi", "fastapi"),
        ("import http.server", "http.server"),
        ("from http import server", "http.server"),
        ("import http.server as anything", "http.server"),
        ("def late():\n    from starlette.types import Scope", "starlette.types.Scope"),
        ("import modelling", "modelling"),
    ],
)
def test_a_stranger_is_seen(tmp_path, line, name):
    tree(tmp_path, model__nn__base=f"import os, http.client\n{line}\n")
    found = walls.strangers(tmp_path, "model", MODEL_MAY_IMPORT, but=SERVES_HTTP)
    assert found == [f"model.nn.base imports {name}"]


@pytest.mark.parametrize("line", ["import model.augmentation", "from model.training import pools"])
def test_training_in_the_service_is_seen(tmp_path, line):
    tree(tmp_path, app__main=f"{line}\nfrom model.frame.preprocess import frame_drawing\n")
    assert len(walls.strangers(tmp_path, "app", SERVED)) == 1


def test_a_relative_import_is_refused(tmp_path):
    with pytest.raises(ValueError, match="relative"):
        walls.strangers(tree(tmp_path, app__main="from . import errors"), "app", ["app"])


def loaded(root: Path) -> set[str]:
    """Return the names of all modules that are there once the service is made, and weights read."""
    code = (
        "import sys\n"
        "sys.addaudithook(lambda event, args: event == 'open' and str(args[0]).endswith('.npz')\n"
        "                 and print(args[0]))\n"
        "import app.main\n"
        "app.main.create_app()\n"
        "print(*sys.modules, sep='\\n')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines())


def not_to_be_loaded(names: set[str]) -> list[str]:
    kept_out = (*NEVER_SERVED, "matplotlib", "tqdm")
    return sorted(name for name in names if walls.below(name, kept_out) or name.endswith(".npz"))


def test_making_the_service_loads_neither_training_nor_weights():
    names = loaded(ROOT)
    assert {"model.recognizer", "model.frame.preprocess"} <= names
    all_is_well(not_to_be_loaded(names))


def test_what_is_loaded_behind_an_import_is_seen(tmp_path):
    tree(
        tmp_path,
        app__main="import model.recognizer\ndef create_app():\n    open('digits.npz')\n",
        model__recognizer="import model.data.mnist\n",
        model__data__mnist="",
    )
    (tmp_path / "digits.npz").touch()
    assert not_to_be_loaded(loaded(tmp_path)) == ["digits.npz", "model.data", "model.data.mnist"]


def test_every_room_imports_what_its_row_allows():
    all_is_well(walls.out_of_bounds(ROOT, PACKAGES, RULES))


def test_rooms_out_of_bounds_are_seen(tmp_path):
    tree(
        tmp_path,
        model__weights="from model.nn.base import Layer\n",
        model__nn__base="from model import weights\n",
        model__new__one="",
    )
    of_the_tree = {
        "model/__init__.py": set(),
        "model/nn/": set(),
        "model/old/": set(),
        "model/weights.py": {"model/nn/"},
    }
    assert walls.out_of_bounds(tmp_path, ["model"], of_the_tree) == [
        "there are no rules for model/new/",
        "there is no room model/old/",
        "model.nn.base imports model/weights.py",
    ]


def test_no_room_may_import_one_above_it():
    all_is_well(walls.upwards(RULES))


def test_a_rule_that_runs_back_up_is_seen():
    table = (
        "| `model/nn/` | layers | `model/nn/fast/`, `model/data/` |\n"
        "| `model/nn/fast/` | faster | `model/nn/` |\n"
        "| `model/data/` | files | nothing |\n"
    )
    assert walls.upwards(rules(table)) == [
        "model/nn/ may import model/data/, which is not below it"
    ]


def test_no_modules_import_each_other_in_a_circle():
    all_is_well(walls.circles(ROOT, PACKAGES))


def test_a_circle_is_seen(tmp_path):
    tree(
        tmp_path,
        model__one="from model import two\n",
        model__two="def late():\n    import model.three\n",
        model__three="from model.one import anything\n",
    )
    [circle] = walls.circles(tmp_path, ["model"])
    assert {"model.one", "model.two", "model.three"} == set(circle.split(" imports "))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_room_has_a_map_of_what_is_in_it(package):
    all_is_well(walls.unmapped(ROOT, package))


def test_a_wrong_map_is_seen(tmp_path):
    tree(tmp_path, model__nn__base="", model__nn__layers="", model__nn__fast__matmul="")
    (tmp_path / "model" / "__init__.py").write_text(
        '"""The network.\n\n    N    images\n    f(x)  a function\n    nn/  layers\n"""\n'
    )
    (tmp_path / "model" / "nn" / "__init__.py").write_text(
        '"""Layers.\n\n    base    what a layer is\n    base    again\n    losses  how wrong\n'
        '    fast/   the same,\n            faster\n"""\n'
    )
    assert walls.unmapped(tmp_path, "model") == [
        "the map of model/nn lacks layers",
        "the map of model/nn has losses",
        "the map of model/nn has base twice",
        "the map of model/nn/fast lacks matmul",
    ]


def test_no_folder_is_crowded():
    found = walls.crowded(ROOT, [*PACKAGES, "benchmarks"], MOST_MODULES)
    all_is_well([line for line in found if not line.startswith(f"{CROWDED_ON_PURPOSE} ")])


def test_a_crowded_folder_is_seen(tmp_path):
    tree(tmp_path, **{f"model__nn__number_{n}": "" for n in range(3)})
    assert walls.crowded(tmp_path, ["model"], 3) == ["model/nn has 4 modules"]


def test_a_module_is_one_idea():
    all_is_well(walls.long(ROOT, [*PACKAGES, "benchmarks", "static"], MOST_LINES))


def test_a_long_module_is_seen(tmp_path):
    tree(tmp_path, model__short="1\n" * 400, model__long="1\n" * 401)
    assert walls.long(tmp_path, ["model"], 400) == ["model/long.py has 401 lines"]


def test_the_folders_of_tests_mirror_the_rooms():
    all_is_well(walls.not_mirrored(ROOT, PACKAGES))


def test_a_folder_of_tests_without_a_room_is_seen(tmp_path):
    tree(tmp_path, model__nn__base="")
    for folder in ("nn", "nn/fast"):
        (tmp_path / "tests" / "model" / folder).mkdir(parents=True)
    assert walls.not_mirrored(tmp_path, ["model"]) == ["tests/model/nn/fast mirrors no room"]
