"""One command over many items: from paths to a table or to lines for people."""

import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, TextIO

from model.bulk.cluster import score_on_cluster
from model.bulk.items import Item
from model.bulk.processes import CHUNK, score_here, score_in_processes
from model.bulk.rows import Row, Scorer, Task, printable
from model.bulk.sources import Inputs
from model.bulk.table import Table
from model.errors import CommandError

Engine = Literal["processes", "ray"]
"""Who reads: processes of this machine, or a cluster of machines."""
_QUIET_SECONDS = 30.0  # between two lines of progress where nobody looks at a terminal


def say_all(
    task: Task,
    paths: Sequence[str],
    *,
    engine: Engine = "processes",
    processes: int | None = None,
) -> int:
    """Print what is read in all items of the paths, and on standard error what cannot be read.

    Returns how many could not be. Raises CommandError if a path is missing or there are no items.
    """
    scorer, inputs = Scorer(task), Inputs(paths)
    total = _total(inputs)
    failed = 0
    for rows in _scored(scorer, inputs.items(), total, engine, processes):
        for row in rows:
            failed += row.failed
            print(f"error: {row.said}" if row.failed else row.said, file=_stream(row))
    return failed


def _stream(row: Row) -> TextIO:
    return sys.stderr if row.failed else sys.stdout


def write_all(
    task: Task,
    paths: Sequence[str],
    out: Path,
    *,
    resume: bool = False,
    engine: Engine = "processes",
    processes: int | None = None,
) -> None:
    """Write a table with a row for each item of the paths, and print what came of it.

    Args:
        task: what to read, by which weights.
        paths: pictures, folders, ZIPs, .npy, .npz and IDX files; or URIs of pictures and folders.
        out: a .csv or .parquet file.
        resume: go on with what an earlier run of the same has left, if it has left anything.
        engine: who reads: "processes" of this machine, or a cluster of "ray".
        processes: of this machine, one for each core by default.

    Raises:
        CommandError: if a path is missing, there are no items, the file cannot be written, or what
            an earlier run has left does not fit.
    """
    scorer, inputs = Scorer(task), Inputs(paths)
    total = _total(inputs)
    start = time.monotonic()
    try:
        with Table(out, task.columns, scorer.task.about(), resume=resume) as table:
            items = inputs.items()
            failures = _Failures()
            _skip(table, items, failures)
            with _bar(total, table.there) as bar:
                count = table.there
                for rows in _scored(scorer, items, total - table.there, engine, processes):
                    table.write([row.line for row in rows])
                    failures.add(rows)
                    count += len(rows)
                    bar.update(len(rows))
            table.finish()
    except KeyboardInterrupt:
        print(f"stopped; --resume goes on with {out}", file=sys.stderr)
        raise
    except OSError as error:
        raise CommandError(f"{out} cannot be written ({error.strerror})") from error
    seconds = time.monotonic() - start
    rate = (count - table.there) / seconds
    gone_on = f", {table.there:,} of them earlier" if table.there else ""
    print(f"wrote {out}: {count:,} items{gone_on}, in {seconds:.0f} s ({rate:,.0f} a second)")
    if failures.count:
        print(f"{failures.count:,} could not be read; the first: {failures.first}")
    if inputs.left_out:
        print(
            f"{inputs.left_out:,} things in folders were left out: hidden, text, links to folders"
        )


class _Failures:
    """How many items could not be read, and what was wrong with the first."""

    def __init__(self) -> None:
        self.count = 0
        self.first = ""

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if row.failed:
                self.count += 1
                self.first = self.first or row.said


def _skip(table: Table, items: Iterator[Item], failures: _Failures) -> None:
    """Leave out the items whose rows are there, and see that they are the same.

    Raises:
        CommandError: if they are not.
    """
    for number, (source, *_, error) in enumerate(table.rows_there()):
        item = next(items, None)
        now = None if item is None else printable(item.source)
        if now != source:
            raise CommandError(
                f"what was read in row {number + 1} was {source}, and now it would be {now}; "
                f"the inputs are not those of the unfinished run {table.out} (remove its .partial "
                "folder to begin anew)"
            )
        if error:
            failures.add([Row("", f"{source}: {error}", failed=True)])


def _scored(
    scorer: Scorer, items: Iterator[Item], total: int, engine: Engine, processes: int | None
) -> Iterator[list[Row]]:
    """Yield the rows of items, by a cluster, or by several processes if that is worth it."""
    if engine == "ray":
        return score_on_cluster(scorer.task, items)
    processes = min(processes or os.cpu_count() or 1, -(-total // CHUNK))
    if processes <= 1:
        return score_here(scorer, items)
    return score_in_processes(scorer.task, items, processes)


def _total(inputs: Inputs) -> int:
    """Return how many items there are, about. Raises CommandError if there are none."""
    total = inputs.count()
    if total == 0:
        raise CommandError(f"there are no pictures in {', '.join(inputs.paths[:3])}")
    return total


def _bar(total: int, done: int) -> Any:
    from tqdm import tqdm

    seen = sys.stderr.isatty()
    return tqdm(
        total=total,
        initial=done,
        unit=" items",
        unit_scale=True,
        mininterval=0.5 if seen else _QUIET_SECONDS,
        maxinterval=_QUIET_SECONDS,
    )
