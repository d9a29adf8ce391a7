"""The files around the code: versions that agree, pins, the direction of the imports."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def read(name: str) -> str:
    return (ROOT / name).read_text()


PROJECT = tomllib.loads(read("pyproject.toml"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PACKAGES_OF_TRAINING = {"matplotlib", "tqdm"}


def requirements() -> list[Requirement]:
    """Every package that the project asks for, its own extras left out."""
    listed = [*PROJECT["dependencies"], *(one for extra in EXTRAS.values() for one in extra)]
    return [one for one in map(Requirement, listed) if one.name != PROJECT["name"]]


def pins() -> dict[str, str]:
    lines = read("constraints.txt").splitlines()
    pinned = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pinned}


def imports(module: Path) -> Iterator[str]:
    """The top-level packages that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            yield (node.module or "").split(".")[0]


def test_one_version_everywhere():
    changelog = re.search(r"^## (\S+)", read("CHANGELOG.md"), re.MULTILINE)
    label = re.search(r'image\.version="(.*)"', read("Dockerfile"))
    assert changelog is not None
    assert label is not None
    assert changelog[1] == label[1] == PROJECT["version"]
    assert f'return "{PROJECT["version"]}"' in read("app/main.py")  # as the image has no metadata


@pytest.mark.parametrize("wanted", requirements(), ids=str)
def test_every_package_is_pinned_to_a_version_that_fits(wanted):
    pinned = pins()[canonicalize_name(wanted.name)]
    assert wanted.specifier.contains(pinned, prereleases=True)


def test_every_package_says_what_it_is_for():
    lists = read("pyproject.toml").partition("\ndependencies")[2].partition("[project.scripts]")[0]
    listed = re.findall(r'^    "(?!digit-recognizer).*$', lists, re.MULTILINE)
    assert len(listed) == len(requirements())
    assert not [line for line in listed if not re.search(r"# \w.{8,}$", line)]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt", "Makefile", "Dockerfile"])
def test_packages_are_asked_for_by_name_not_by_address(name):
    elsewhere = [url for url in re.findall(r"https?://\S+", read(name)) if "127.0.0.1" not in url]
    assert not elsewhere


@pytest.mark.parametrize("extra", ["train", "test", "dev", "bench"])
def test_the_image_gets_no_package_of(extra):
    service = {Requirement(one).name for one in PROJECT["dependencies"]}
    assert not service & {Requirement(one).name for one in EXTRAS[extra]}


@pytest.mark.parametrize("target", ["serve", "test", "check", "format", "train", "evaluate"])
def test_make_lists_what_there_is(target):
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert f"make {target} " in told.stdout


def test_the_network_knows_nothing_of_http():
    allowed = {*sys.stdlib_module_names, "numpy", "PIL", "model", *PACKAGES_OF_TRAINING}
    for module in (ROOT / "model").rglob("*.py"):
        assert set(imports(module)) <= allowed, module


def test_the_service_knows_nothing_of_training():
    for module in (ROOT / "app").rglob("*.py"):
        assert not set(imports(module)) & PACKAGES_OF_TRAINING, module


def test_making_the_service_loads_neither_training_nor_weights():
    code = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: event == 'open' and opened.append(str(args[0])))\n"
        "import app.main\n"
        "app.main.create_app()\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('matplotlib', 'tqdm')\n"
        "       or name == 'model.training.trainer'])\n"
        "print([name for name in opened if name.endswith('.npz')])\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["[]", "[]"]


def test_a_module_is_one_idea():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for folder in ("app", "model", "static", "benchmarks")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".js")
    }
    assert not {path: lines for path, lines in lengths.items() if lines > 400}
