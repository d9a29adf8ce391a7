"""Put what the benchmarks printed last into the README: python -m benchmarks.readme"""

import re

from benchmarks.report import RESULTS

BLOCKS = {
    "training": "training speed",
    "inference": "inference speed",
    "serving": "serving",
    "resilience": "resilience",
}


def main() -> None:
    """Replace the figures of each program that has been run, between their marks."""
    path = RESULTS.parent.parent / "README.md"
    text = path.read_text()
    for name, block in BLOCKS.items():
        result = RESULTS / f"{name}.md"
        if not result.exists():
            continue
        figures = result.read_text().partition("\n\npicture:")[0]
        first, last = f"<!-- figures: {block} -->\n", "\n<!-- /figures -->"
        marked = re.compile(f"{re.escape(first)}.*?{re.escape(last)}", re.DOTALL)
        shown = f"{first}`make bench BENCHMARKS={name}`: {figures}{last}"
        text, count = marked.subn(lambda _, shown=shown: shown, text)
        if count != 1:
            raise SystemExit(f"{path} has no figures marked {block!r}")
    path.write_text(text)


if __name__ == "__main__":
    main()
