"""Plant mistakes, one at a time, and see which the tests find: `make mutate`.

    python -m tests.mutation --minutes 30 app/drawings model/nn
    python -m tests.mutation static

Results are kept in .mutation/: what was killed stays so until its function changes, what survived
is tried again when a test of its changes. docs/mutation.md has the last figures.
"""

import argparse
import hashlib
import json
import shlex
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from tests.mutation import choice
from tests.mutation.trials import NOTHING_RUN, PASSED, Outcome, Trial, run_all

SCRATCH = choice.ROOT / ".mutation"
RESULTS = SCRATCH / "results.jsonl"
QUIET = SCRATCH / "quiet.json"
FAST = ("-m", "not slow and not browser")


class Mutant(Protocol):
    """One mistake in one file."""

    @property
    def path(self) -> str: ...
    @property
    def key(self) -> str: ...
    def text(self) -> str: ...
    def difference(self) -> tuple[int, str]: ...


@dataclass(frozen=True)
class Candidate:
    """A mistake that may be tried, and pytest's arguments for it: files, the nearest first."""

    mutant: Mutant
    files: tuple[str, ...]
    options: tuple[str, ...]


def of_modules(chosen: list[str], count: int, seed: str) -> list[Candidate]:
    """So many mutants of these modules, chosen by the seed; one of each place when count is 0."""
    from tests.mutation.mutants import mutants_of, sample  # what is planted needs no mutmut

    everything = [one for path in choice.modules(chosen) for one in mutants_of(choice.ROOT, path)]
    picked = sample(everything, seed)
    print(f"{len(everything)} mutants in {len(picked)} places", flush=True)
    return [
        Candidate(mutant, tuple(choice.tests_of(mutant.path)), FAST)
        for mutant in picked[: count or None]
    ]


def of_the_page() -> list[Candidate]:
    """The mistakes planted by hand in static/."""
    found = []
    for one in choice.planted():
        file, *options = shlex.split(one.tests)
        found.append(Candidate(one, (file,), tuple(options)))
    return found


def digest_of(files: Iterable[str]) -> str:
    """The state of these tests."""
    content = b"".join((choice.ROOT / name).read_bytes() for name in files)
    return hashlib.sha256(content).hexdigest()[:16]


def results() -> dict[str, dict[str, str]]:
    """What is known of each mutant, by its key."""
    if not RESULTS.exists():
        return {}
    lines = [json.loads(line) for line in RESULTS.read_text().splitlines()]
    return {one["key"]: one for one in lines}


def to_try(candidates: list[Candidate]) -> list[Candidate]:
    """Those of which nothing is known, or that survived other tests than there are now."""
    known = results()
    return [
        one
        for one in candidates
        if (result := known.get(one.mutant.key)) is None
        or (result["how"] == "survived" and result["tests"] != digest_of(one.files))
    ]


def quiet_seconds(runs: set[tuple[str, ...]], workers: int) -> dict[tuple[str, ...], float]:
    """How long each run of tests takes where there is no mistake; those that fail are told.

    What is known stays until the code changes, or the tests of the run.
    """
    code = subprocess.run(
        ["git", "ls-files", "--", "app", "model", "static"],
        cwd=choice.ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    files = [name for name in code.stdout.splitlines() if (choice.ROOT / name).is_file()]
    kept = json.loads(QUIET.read_text()) if QUIET.exists() else {}
    states = {run: digest_of([*files, run[0]]) for run in runs}
    found = {}
    for run, state in states.items():
        if kept.get(" ".join(run), [""])[0] == state:
            found[run] = kept[" ".join(run)][1]
    planned = (Trial(" ".join(run), list(run), 900) for run in sorted(runs - found.keys()))
    for outcome in run_all(planned, choice.ROOT, SCRATCH, workers):
        run = tuple(outcome.trial.arguments)
        if outcome.skipped:
            print(f"{outcome.skipped} skipped here: {outcome.trial.name}", flush=True)
        if outcome.code == PASSED:
            found[run] = outcome.seconds
            kept[outcome.trial.name] = [states[run], round(outcome.seconds, 1)]
            QUIET.write_text(json.dumps(kept, indent=1))
        elif outcome.code != NOTHING_RUN:
            print(f"fails without a mistake: {outcome.trial.name} ({outcome.by})", flush=True)
    return found


def how(outcome: Outcome) -> str:
    """What became of a mutant."""
    if outcome.code is None:
        return "hung"
    if outcome.code == PASSED:
        return "survived"
    return "killed" if "::" in outcome.by else "import"


def run(candidates: list[Candidate], minutes: float, workers: int) -> None:
    """Try what is not known yet, in this order, until the time is over."""
    left = to_try(candidates)
    print(f"{len(candidates)} chosen, {len(left)} to be tried", flush=True)
    end = time.monotonic() + 60 * minutes
    runs = {(name, *one.options) for one in left for name in one.files}
    quiet = quiet_seconds(runs, workers)
    by_key = {one.mutant.key: one for one in left}

    def planned() -> Iterator[Trial]:
        for one in left:
            files = [name for name in one.files if (name, *one.options) in quiet]
            if files and time.monotonic() < end:
                limit = 60 + 3 * sum(quiet[name, *one.options] for name in files)
                mutant = one.mutant
                arguments = [*files, *one.options]
                yield Trial(mutant.key, arguments, limit, mutant.path, mutant.text())

    with RESULTS.open("a") as file:
        for outcome in run_all(planned(), choice.ROOT, SCRATCH, workers):
            one = by_key[outcome.trial.name]
            result = {
                "key": one.mutant.key, "how": how(outcome), "by": outcome.by,
                "path": one.mutant.path, "seconds": round(outcome.seconds, 1),
                "tests": digest_of(one.files),
            }  # fmt: skip
            file.write(json.dumps(result) + "\n")
            file.flush()
            skipped = f"({outcome.skipped} skipped)" if outcome.skipped else ""
            print("{path} {how} {seconds} s {by}".format_map(result), skipped, flush=True)


def room_of(path: str) -> str:
    """The folder of a module, or directly below app/ and model/ the module."""
    folder = path.rpartition("/")[0]
    return path if folder in ("app", "model") else folder + "/"


def report(candidates: list[Candidate]) -> None:
    """Print each room's score, and the mistakes that no test has found."""
    known, equal = results(), choice.equal()
    counts: dict[str, Counter[str]] = {}
    for one in candidates:
        mutant = one.mutant
        if (result := known.get(mutant.key)) is None:
            continue
        what = result["how"]
        if what == "survived":
            line, difference = mutant.difference()
            if (mutant.path, difference) in equal:
                what = "equal"
            else:
                print(f"\n{mutant.path}:{line}\n{difference}")
        for room in (room_of(mutant.path), "all"):
            counts.setdefault(room, Counter())[what] += 1
    print("\n| room | tried | equal in effect | killed | of them by the import, by time | score |")
    print("| :--- | ---: | ---: | ---: | ---: | ---: |")
    for room in sorted(counts, key=lambda room: (room == "all", room)):
        count = counts[room]
        killed = count["killed"] + count["import"] + count["hung"]
        tried = killed + count["survived"]
        print(
            f"| `{room}` | {tried + count['equal']} | {count['equal']} | {killed} "
            f"| {count['import']}, {count['hung']} | {killed / max(tried, 1):.0%} |"
        )


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument(
        "modules", nargs="+", help="paths of modules and rooms; static for the page"
    )
    parser.add_argument("--minutes", type=float, default=30, help="no new mutant after these")
    parser.add_argument("--sample", type=int, default=0, help="mutants to choose; 0: one a place")
    parser.add_argument("--seed", default="1", help="chooses other ones")
    parser.add_argument("--workers", type=int, default=2, help="mutants at once")
    parser.add_argument("--report", action="store_true", help="only show what is known")
    chosen = parser.parse_args()
    SCRATCH.mkdir(exist_ok=True)
    python = [name for name in chosen.modules if name.rstrip("/") != "static"]
    candidates = of_the_page() if len(python) < len(chosen.modules) else []
    candidates += of_modules(python, chosen.sample, chosen.seed) if python else []
    if not chosen.report:
        run(candidates, chosen.minutes, chosen.workers)
    report(candidates)


if __name__ == "__main__":
    main()
