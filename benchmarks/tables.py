"""Put what the benchmarks printed last into docs/benchmarks.md: python -m benchmarks.tables"""

import re
from pathlib import Path

from benchmarks.report import RESULTS

PAGE = RESULTS.parent.parent / "docs" / "benchmarks.md"
_MARKED = re.compile(
    r"(?P<first><!-- figures: (?P<name>\w+) -->\n).*?(?P<last>\n<!-- /figures -->)", re.DOTALL
)


def with_figures(page: str, results: Path) -> str:
    """Return the page with the figures of each benchmark that has been run, between their marks."""

    def shown(found: re.Match[str]) -> str:
        result = results / f"{found['name']}.md"
        if not result.exists():
            return found[0]
        figures = result.read_text().partition("\n\npicture:")[0].strip()
        command = f"`make bench BENCHMARKS={found['name']}`"
        return f"{found['first']}{command}: {figures}{found['last']}"

    return _MARKED.sub(shown, page)


if __name__ == "__main__":
    PAGE.write_text(with_figures(PAGE.read_text(), RESULTS))
