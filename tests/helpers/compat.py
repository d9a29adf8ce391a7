"""What browsers of the last four years lack, by MDN's browser-compat-data.

The page has to work in the oldest that are named here, which no Debian of today can start. So what
they lack is looked up: `absent_builtins` is to be taken away from a newer browser, `newer_css` and
`newer_syntax` find it in a source.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

OLDEST = {
    "chrome": (100,),
    "chrome_android": (100,),
    "firefox": (100,),
    "safari": (15, 4),
    "safari_ios": (15, 4),
}
DATA = Path(__file__).parents[2] / "node_modules" / "@mdn" / "browser-compat-data" / "data.json"

HARMLESS = (
    "cursor",
    "forced-color-adjust",
    "user-select",
    "-webkit-",
)  # a browser without it loses nothing


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(DATA.read_text())
    return data


def _is_newer(feature: dict[str, Any]) -> bool:
    """Whether one of them lacks a feature, or has it only behind a flag or with a prefix."""
    support = feature["__compat"]["support"]
    return any(not _has(support.get(name, []), version) for name, version in OLDEST.items())


def _has(support: Any, version: tuple[int, ...]) -> bool:
    return any(
        _number(each["version_added"]) <= version < _number(each.get("version_removed"))
        for each in (support if isinstance(support, list) else [support])
        if not {"flags", "prefix", "alternative_name"} & each.keys()
    )


def _number(version: Any) -> tuple[int, ...]:
    """A version to compare; above all where it is none: true, false, "preview", null."""
    text = str(version).removeprefix("≤")
    return tuple(map(int, text.split("."))) if re.fullmatch(r"[\d.]+", text) else (10**6,)


def absent_builtins() -> list[list[str]]:
    """Paths to what they lack from the global object: ["Array", "prototype", "toSorted"]."""
    found = []
    for owner, members in [*_data()["api"].items(), *_data()["javascript"]["builtins"].items()]:
        if "__compat" in members and _is_newer(members):
            found.append([owner])
            continue
        for name, member in members.items():
            if name in ("__compat", owner) or "__compat" not in member or not _is_newer(member):
                continue
            if name.endswith("_static"):
                found.append([owner, name.removesuffix("_static")])
            elif not name.endswith(("_event", "_parameter")):
                found.append([owner, "prototype", name])
    return found


def newer_syntax(module: str) -> list[str]:
    """What of a module's syntax they cannot parse; of all that is newer, what one might write."""
    newer = {
        "static block": r"\bstatic\s*\{",
        "lookbehind": r"\(\?<[=!]",
        "flag v": r"/\w*v\w*[,;)]",
    }
    return [name for name, pattern in newer.items() if re.search(pattern, module)]


def newer_css(source: str) -> list[str]:
    """What of a style sheet they do not know.

    A declaration counts only where none before it in its block sets the same property in an older
    way. Nor do media queries count: what is in one that they do not know is left out, as what
    @supports guards.
    """
    source = re.sub(r"/\*.*?\*/|\"[^\"]*\"", "", source, flags=re.DOTALL)
    source = re.sub(r"@supports[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", source)
    css = _data()["css"]
    rules = [
        *((name, css["at-rules"][name]) for name in re.findall(r"@([\w-]+)", source)),
        *((name, css["selectors"][name]) for name in _selectors(source)),
    ]
    found = [name for name, feature in rules if _is_newer(feature)]
    for block in re.findall(r"\{([^{}]*)\}", source):
        settled = set()
        for declaration in filter(str.strip, block.split(";")):
            name, _, value = (part.strip() for part in declaration.partition(":"))
            if name in settled or name.startswith(HARMLESS) or not any(_newer_parts(name, value)):
                settled.add(name)
            else:
                found.append(declaration.strip())
    return found


def _selectors(source: str) -> Iterator[str]:
    for prelude in re.findall(r"([^{};]+)\{", source):
        if "@" not in prelude:
            yield from re.findall(r":([a-z][\w-]*)", prelude)


def _newer_parts(name: str, value: str) -> Iterator[bool]:
    known = {} if name.startswith("--") else _data()["css"]["properties"][name]
    if known:
        yield _is_newer(known)
    yield re.search(r"\d[dsl]v[hwib]\b", value) is not None
    for word in re.findall(r"(?<![\w-])[a-z][a-z-]*", value):
        feature = known.get(word) or _functions().get(word)
        if feature and "__compat" in feature:
            yield _is_newer(feature)


@cache
def _functions() -> dict[str, dict[str, Any]]:
    """CSS's functions, such as min() and color-mix(), by name."""

    def within(node: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, each in node.items():
            if name != "__compat":
                if "__compat" in each and f"{name}()" in each["__compat"].get("description", ""):
                    yield name, each
                yield from within(each)

    return dict(within(_data()["css"]["types"]))
