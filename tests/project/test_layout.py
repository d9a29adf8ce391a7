"""The files around the code: versions that agree, pins, what make has."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def read(name: str) -> str:
    return (ROOT / name).read_text()


PROJECT = tomllib.loads(read("pyproject.toml"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def requirements() -> list[Requirement]:
    """Every package that the project asks for, its own extras left out."""
    listed = [*PROJECT["dependencies"], *(one for extra in EXTRAS.values() for one in extra)]
    return [one for one in map(Requirement, listed) if one.name != PROJECT["name"]]


def pins() -> dict[str, str]:
    lines = read("constraints.txt").splitlines()
    pinned = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pinned}


def test_one_version_everywhere():
    # The first heading of a version: what is not released yet stands above it.
    changelog = re.search(r"^## (\d\S+)", read("CHANGELOG.md"), re.MULTILINE)
    label = re.search(r'image\.version="(.*)"', read("Dockerfile"))
    assert changelog is not None
    assert label is not None
    assert changelog[1] == label[1] == PROJECT["version"]
    assert f'return "{PROJECT["version"]}"' in read("app/main.py")  # as the image has no metadata


@pytest.mark.parametrize("wanted", requirements(), ids=str)
def test_every_package_is_pinned_to_a_version_that_fits(wanted):
    pinned = pins()[canonicalize_name(wanted.name)]
    assert wanted.specifier.contains(pinned, prereleases=True)


@pytest.mark.parametrize("name", ["uvicorn", "mutmut"])
def test_a_package_whose_inside_is_used_is_bounded_to_the_tested_minor(name):
    [wanted] = [one for one in requirements() if one.name == name]
    major, minor, _ = map(int, pins()[name].split("."))
    others = [f"{major}.{minor - 1}.0", f"{major}.{minor + 1}.0"]
    assert not list(wanted.specifier.filter(others))


def test_every_package_says_what_it_is_for():
    lists = read("pyproject.toml").partition("\ndependencies")[2].partition("[project.scripts]")[0]
    listed = re.findall(r'^    "(?!digit-recognizer).*$', lists, re.MULTILINE)
    assert len(listed) == len(requirements())
    assert not [line for line in listed if not re.search(r"# \w.{8,}$", line)]


LOCKS = ["deploy/requirements/image.txt", "deploy/requirements/sbom.txt"]


def locked(name: str) -> dict[str, tuple[str, int]]:
    """Each package of a file that `make lock` wrote: its version, and how many hashes it has."""
    lines = re.sub(r"^#.*\n", "", read(name), flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    packages = {}
    for line in lines:
        wanted = Requirement(line.partition(" --hash=")[0])
        version = str(wanted.specifier).removeprefix("==")
        packages[canonicalize_name(wanted.name)] = version, line.count("--hash=sha256:")
    return packages


@pytest.mark.parametrize("name", LOCKS)
def test_what_the_image_installs_has_hashes_and_the_version_that_is_tested(name):
    assert locked(name).items()
    assert all(hashes for _, hashes in locked(name).values())
    versions = {package: version for package, (version, _) in locked(name).items()}
    assert versions.items() <= pins().items()


def test_the_image_installs_what_the_service_and_its_traces_need():
    needed = [Requirement(one) for one in (*PROJECT["dependencies"], *EXTRAS["otel"])]
    assert {canonicalize_name(one.name) for one in needed} <= locked(LOCKS[0]).keys()


def test_the_base_image_is_named_by_its_digest():
    named = r"^ARG PYTHON=[\d.]+-slim@sha256:[0-9a-f]{64}$"
    bases = re.findall(r"^FROM (\S+)", read("Dockerfile"), re.MULTILINE)
    assert re.search(named, read("Dockerfile"), re.MULTILINE)
    assert set(bases) == {"python:${PYTHON}"}


@pytest.mark.parametrize(
    "name", ["pyproject.toml", "constraints.txt", "Makefile", "Dockerfile", *LOCKS]
)
def test_packages_are_asked_for_by_name_not_by_address(name):
    elsewhere = [url for url in re.findall(r"https?://\S+", read(name)) if "127.0.0.1" not in url]
    assert not elsewhere


@pytest.mark.parametrize("extra", ["train", "bulk", "onnx", "test", "dev", "mutate", "bench"])
def test_the_image_gets_no_package_of(extra):
    service = {Requirement(one).name for one in PROJECT["dependencies"]}
    assert not service & {Requirement(one).name for one in EXTRAS[extra]}


@pytest.mark.parametrize("target", ["serve", "test", "check", "format", "train", "evaluate"])
def test_make_lists_what_there_is(target):
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert f"make {target} " in told.stdout
