"""The walls of the house: what stands where, and which module imports which.

Every function takes the root of a source tree, this project's or one that a test has made, and
returns a sentence for each thing that is not as it should be.

A *room* is a package, written as its path (``model/nn/``). Directly below ``model/`` and ``app/``
each module is a room of its own (``model/weights.py``).
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

Rules = Mapping[str, set[str]]  # room -> the rooms it may import, the lowest floor first

_MAP_LINE = re.compile(r"^    ([a-z_]\w*/?) {2,}\S", re.MULTILINE)


def modules(root: Path, package: str) -> dict[str, Path]:
    """Return the modules of a package by their dotted names; a package itself by its own."""
    found = {}
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted names of all that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"{path} has a relative import; imports name the whole path here")
            yield from (f"{node.module}.{name.name}" for name in node.names)


def below(name: str, prefixes: Iterable[str]) -> bool:
    """Whether a dotted name is one of the prefixes, or inside one of them."""
    return any(f"{name}.".startswith(f"{prefix}.") for prefix in prefixes)


def strangers(
    root: Path, package: str, allowed: Iterable[str], but: Iterable[str] = ()
) -> list[str]:
    """Look for imports outside the allowed prefixes, and for those that are taken out again."""
    allowed, but = list(allowed), list(but)
    return [
        f"{module} imports {name}"
        for module, path in modules(root, package).items()
        for name in imports(path)
        if not below(name, allowed) or below(name, but)
    ]


def room_of(module: str, path: Path) -> str:
    """Return the room of a module, of its dotted name and its file."""
    parts = module.split(".")
    if path.name != "__init__.py":
        parts = parts[:-1]
    return f"{parts[0]}/{path.name}" if len(parts) == 1 else "/".join(parts) + "/"


def _imported_modules(root: Path, packages: Iterable[str]) -> dict[str, tuple[str, set[str]]]:
    """Return each module's room, and which modules of these packages it imports."""
    known = {name: path for package in packages for name, path in modules(root, package).items()}
    found = {}
    for module, path in known.items():
        names = set()
        for name in imports(path):
            # `from model.nn import base` imports a module, `from model.nn.base import Layer` a name
            names |= {name} & known.keys() or {name.rpartition(".")[0]} & known.keys()
        found[module] = (room_of(module, path), names - {module})
    return found


def out_of_bounds(root: Path, packages: Iterable[str], rules: Rules) -> list[str]:
    """Compare what the rooms import with what they may, and the rules with the rooms there are."""
    found = _imported_modules(root, packages)
    rooms = {module: room for module, (room, _) in found.items()}
    complaints = [f"there are no rules for {room}" for room in sorted({*rooms.values()} - {*rules})]
    complaints += [f"there is no room {room}" for room in sorted({*rules} - {*rooms.values()})]
    for module, (room, names) in found.items():
        wrong = {rooms[name] for name in names} - {room} - rules.get(room, set())
        complaints += [f"{module} imports {other}" for other in sorted(wrong)]
    return complaints


def upwards(rules: Rules) -> list[str]:
    """Look for rules that lead to a higher floor; a room inside another has no floor of its own."""
    order = list(rules)
    return [
        f"{room} may import {other}, which is not below it"
        for index, room in enumerate(order)
        for other in sorted(rules[room] - {*order[:index]})
        if not (other != room and other.startswith(room))
    ]


def circles(root: Path, packages: Iterable[str]) -> list[str]:
    """Look for modules that import each other round in a circle."""
    found = _imported_modules(root, packages)
    try:
        TopologicalSorter({module: names for module, (_, names) in found.items()}).prepare()
    except CycleError as error:
        return [" imports ".join(reversed(error.args[1]))]
    return []


def unmapped(root: Path, package: str) -> list[str]:
    """Compare the map in each package's docstring with what is in its folder."""
    complaints = []
    for path in sorted((root / package).rglob("__init__.py")):
        folder = path.parent
        inside = {
            f"{item.name}/" if item.is_dir() else item.stem
            for item in folder.iterdir()
            if item.name not in ("__init__.py", "__pycache__")
        }
        docstring = ast.get_docstring(ast.parse(path.read_text()), clean=False)
        listed = _MAP_LINE.findall(docstring or "")
        name = folder.relative_to(root)
        complaints += [f"the map of {name} lacks {one}" for one in sorted(inside - {*listed})]
        complaints += [f"the map of {name} has {one}" for one in sorted({*listed} - inside)]
        complaints += [
            f"the map of {name} has {one} twice"
            for one in sorted({*listed})
            if listed.count(one) > 1
        ]
    return complaints


def crowded(root: Path, folders: Iterable[str], most: int) -> list[str]:
    """Look for folders with more Python modules than that."""
    counts: dict[Path, int] = {}
    for folder in folders:
        for path in (root / folder).rglob("*.py"):
            counts[path.parent] = counts.get(path.parent, 0) + 1
    return [
        f"{folder.relative_to(root)} has {count} modules"
        for folder, count in sorted(counts.items())
        if count > most
    ]


def long(root: Path, folders: Iterable[str], most: int) -> list[str]:
    """Look for modules with more lines than that, in Python or JavaScript."""
    return [
        f"{path.relative_to(root)} has {lines} lines"
        for folder in folders
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in (".py", ".js") and (lines := len(path.read_text().splitlines())) > most
    ]


def not_mirrored(root: Path, packages: Iterable[str]) -> list[str]:
    """Look for folders of tests/ that mirror no room."""
    return [
        f"{folder.relative_to(root)} mirrors no room"
        for package in packages
        for folder in sorted((root / "tests" / package).rglob("*"))
        if folder.is_dir()
        and folder.name != "__pycache__"
        and not (root / folder.relative_to(root / "tests") / "__init__.py").exists()
    ]
