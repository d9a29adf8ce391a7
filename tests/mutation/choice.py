"""Which tests are tried on which module, and the mistakes that were planted by hand."""

import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


@dataclass(frozen=True)
class Planted:
    """A mistake planted by hand: an old text that becomes a new one, and pytest's arguments."""

    path: str
    old: str
    new: str
    tests: str

    @property
    def key(self) -> str:
        """The same only for the same mistake."""
        return hashlib.sha256(f"{self.path}\n{self.old}\n{self.new}".encode()).hexdigest()[:16]

    def text(self) -> str:
        """The whole file with this mistake."""
        whole = (ROOT / self.path).read_text()
        if whole.count(self.old) != 1:
            raise ValueError(f"planted.toml: {self.old!r} is not once in {self.path}")
        return whole.replace(self.old, self.new)

    def difference(self) -> tuple[int, str]:
        """The line of the mistake, and what differs."""
        before = (ROOT / self.path).read_text().partition(self.old)[0]
        return before.count("\n") + 1, f"-{self.old}\n+{self.new}"


def rooms() -> dict[str, list[str]]:
    """The tests of rooms, by the beginning of their modules' paths."""
    return tomllib.loads((HERE / "rooms.toml").read_text())["tests"]


def planted() -> list[Planted]:
    """The mistakes of the page."""
    return [Planted(**one) for one in tomllib.loads((HERE / "planted.toml").read_text())["mistake"]]


def equal() -> dict[tuple[str, str], str]:
    """Mutants that change nothing anyone could see: (path, difference) -> why."""
    listed = tomllib.loads((HERE / "equal.toml").read_text()).get("mutant", [])
    return {(one["path"], one["difference"].strip()): one["why"] for one in listed}


def modules(chosen: list[str]) -> list[str]:
    """The modules that are meant by paths of modules and rooms, each once."""
    found: dict[str, None] = {}
    for name in chosen:
        path = ROOT / name
        if not path.exists():
            raise SystemExit(f"There is no {name}; MODULES are paths such as app/drawings.")
        files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        found |= dict.fromkeys(str(file.relative_to(ROOT)) for file in files)
    return list(found)


def tests_of(module: str) -> list[str]:
    """The files of tests for a module, the nearest first: its own, then its room's."""
    folder = ROOT / "tests" / Path(module).parent
    near = [folder / f"test_{Path(module).stem}.py"]
    row = max((room for room in rooms() if module.startswith(room)), key=len, default="")
    for name in rooms()[row] if row else [f"tests/{Path(module).parent}"]:
        path = ROOT / name
        near += sorted(path.glob("test_*.py")) if path.is_dir() else [path]
    there = [str(path.relative_to(ROOT)) for path in near if path.exists()]
    return list(dict.fromkeys(there))
