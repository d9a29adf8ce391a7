"""Fail where a test was skipped: `python tests/ci/no_skips.py REPORT`, pytest's JUnit report.

On a machine that lacks MNIST or a browser a skipped test is in order; where everything is there, it
would hide that something was never tried.
"""

import sys
from xml.etree import ElementTree


def skipped(report: str) -> list[str]:
    """Each skipped test of a JUnit report with its reason."""
    cases = ElementTree.parse(report).iter("testcase")
    return [
        f"{case.get('classname')}::{case.get('name')}: {skip.text or skip.get('message')}"
        for case in cases
        for skip in case.iter("skipped")
        if skip.get("type") != "pytest.xfail"  # that one has run
    ]


if __name__ == "__main__":
    names = skipped(sys.argv[1])
    if names:
        sys.exit("Skipped, but nothing may be skipped here:\n" + "\n".join(names))
