"""Fuzz the service for long: python -m tests.fuzz --cases 1000000

It runs tests/app/api/test_fuzz.py again and again, each time with other inputs, and prints how
many cases have been tried. A run that was broken off goes on where it was; one that finds a fault
ends there, with the test's own report, which says by which inputs it is found again.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
TESTS = "tests/app/api/test_fuzz.py"
ROUND_SECONDS = 120  # about how long a run of the tests takes: this much is lost at most


def main() -> int:
    """Fuzz; return 0 if so many cases were tried and nothing was found, 1 if something was."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, required=True, help="how many to try in all")
    parser.add_argument(
        "--state",
        type=Path,
        default=Path(tempfile.gettempdir()) / "digit-recognizer-fuzz.json",
        help="where it keeps how far it has come (default: %(default)s)",
    )
    parser.add_argument("--round-seconds", type=int, default=ROUND_SECONDS)
    options = parser.parse_args()
    rounds, cases = _state(options.state)
    if rounds:
        print(f"goes on after {cases:,} cases in {rounds} rounds", flush=True)
    start, before = time.monotonic(), cases
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", TESTS]
    while cases < options.cases:
        done = subprocess.run(
            [*command, f"--hypothesis-seed={rounds}"],
            cwd=PROJECT,
            env=os.environ | {"FUZZ_SECONDS": str(options.round_seconds)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        tried = re.search(r"^fuzzing tried (\d+) cases", done.stdout, re.MULTILINE)
        if done.returncode or tried is None:
            print(done.stdout)
            print(f"round {rounds} found something (--hypothesis-seed={rounds})")
            return 1
        rounds, cases = rounds + 1, cases + int(tried[1])
        options.state.write_text(json.dumps({"rounds": rounds, "cases": cases}))
        rate = (cases - before) / (time.monotonic() - start)
        left = max(0, options.cases - cases) / rate / 60
        print(
            f"{cases:,} of {options.cases:,} cases, nothing found; {rate:.0f} a second, "
            f"{left:.0f} min left",
            flush=True,
        )
    options.state.unlink(missing_ok=True)
    return 0


def _state(path: Path) -> tuple[int, int]:
    """Return how many rounds an earlier run has done, and the cases in them."""
    if not path.exists():
        return 0, 0
    state = json.loads(path.read_text())
    return state["rounds"], state["cases"]


if __name__ == "__main__":
    raise SystemExit(main())
