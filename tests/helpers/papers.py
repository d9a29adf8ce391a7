"""The project's papers: README, CONTRIBUTING, CHANGELOG and all of docs/, taken apart for tests."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")), *DOCS]

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"([A-Z_]+=\S+ )*(make|python|docker|\.venv/bin/[\w-]+) \S")


class Block(NamedTuple):
    """A block of code: its page and line, its language, its text.

    ``shown`` is the content of a block of JSON that follows at once, None if there is none.
    """

    page: Path
    line: int
    language: str
    text: str
    shown: object


def name_of(page: Path) -> str:
    """Return a page's path in the project."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> Iterator[Block]:
    """Yield every block of a page."""
    text = page.read_text()
    for found in _BLOCK.finditer(text):
        answer = re.match(r"\n\n```json\n(.*?)^```$", text[found.end() :], re.MULTILINE | re.DOTALL)
        shown = json.loads(answer[1]) if answer else None
        yield Block(page, text.count("\n", 0, found.start()) + 2, found[1], found[2], shown)


def prose(page: Path) -> str:
    """Return a page without its blocks."""
    return _BLOCK.sub("", page.read_text())


def quoted(page: Path) -> list[str]:
    """Return everything that a page has between backticks, its blocks apart."""
    return re.findall(r"`([^`]+)`", prose(page))


def commands(page: Path) -> list[str]:
    """Return every command of a page, from its blocks of bash and from its text."""
    lines = [
        line
        for block in blocks(page)
        if block.language == "bash"
        for line in block.text.splitlines()
    ]
    return [*lines, *(text for text in quoted(page) if _COMMAND.match(text))]


def words(command: str) -> list[str]:
    """Return a command's words, without the variables that are set before it."""
    split = shlex.split(command)
    while re.match(r"[A-Z_]+=", split[0]):
        del split[0]
    return split


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def section(page: Path, heading: str) -> str:
    """Return what stands below a heading, up to the next one; empty without such a heading."""
    return page.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """Return the cells of every row of the tables in a text, their headings left out."""
    lines = re.findall(r"^\| (.*) \|$", text, re.MULTILINE)
    table = [[cell.strip() for cell in line.split(" | ")] for line in lines]
    rules = [index for index, cells in enumerate(table) if set("".join(cells)) <= set(":-")]
    return [cells for index, cells in enumerate(table) if not {index, index + 1} & {*rules}]
