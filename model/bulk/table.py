"""Rows become a CSV or Parquet file: whole under its name, or in a folder that can be gone on from.

While a run goes on, its rows lie as CSV in the folder ``<name>.partial``, beside a note of what
decides them. Each chunk of rows is handed to the operating system at once, so that a process that
is killed loses none that it has written; a failure of power costs the last `_SYNC_SECONDS`. In the
end the rows are moved into place, or rewritten as Parquet.
"""

import csv
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from model.bulk.rows import csv_line
from model.errors import CommandError
from model.files import write_whole

FORMATS = (".csv", ".parquet")
_SYNC_SECONDS = 5.0  # of work that a failure of power costs
_TEXT, _WHOLE = ("source", "number", "verdict", "error"), ("digit",)  # columns; others are numbers


class Table:
    """A table that is being written; with `with`, for it holds a file and a lock.

    Attributes:
        out: the file that it becomes.
        there: how many rows an earlier run has left, 0 in a new run.
    """

    def __init__(self, out: Path, columns: Sequence[str], about: dict[str, Any], *, resume: bool):
        """Begin, or with ``resume`` go on if there is something to go on with.

        ``about`` is what decides the rows, JSON-able.

        Raises:
            CommandError: if the format is none of `FORMATS`, there is an unfinished table and
                ``resume`` was not said, that one is of another run, or another process writes it.
            OSError: if the folder cannot be written.
        """
        _check_format(out)
        self.out = out
        self.there = 0
        self._columns = list(columns)
        self._folder = out.with_name(f"{out.name}.partial")
        self._rows, note = self._folder / "rows.csv", self._folder / "run.json"
        header = f"{csv_line(columns)}\n".encode()
        going_on = self._rows.exists()
        if going_on and not resume:
            raise CommandError(
                f"{self._folder} is what an unfinished run has left; go on with --resume, or "
                "remove it to begin anew"
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        if not going_on:
            write_whole(note, json.dumps(about, indent=1).encode())
        self._file = self._rows.open("a+b")
        try:
            self._lock()
            if going_on:
                if json.loads(note.read_bytes()) != json.loads(json.dumps(about)):
                    raise CommandError(
                        f"{self._folder} is of a run with other weights or another question; "
                        "remove it to begin anew"
                    )
                self.there = self._whole_rows(header)
            if self._file.tell() == 0:
                self._file.write(header)
            self._file.flush()
        except BaseException:
            self._file.close()
            raise
        self._synced = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"another run is writing {self._folder} now") from None

    def _whole_rows(self, header: bytes) -> int:
        """Count the rows that are whole, and cut off what follows; leave the file at its end."""
        self._file.seek(0)
        first = self._file.readline()
        if first != header and first.endswith(b"\n"):
            raise CommandError(f"{self._rows} begins with other columns; remove {self._folder}")
        count, end = 0, len(first) if first == header else 0
        for line in self._file:
            if line.endswith(b"\n"):
                count, end = count + 1, end + len(line)
        self._file.seek(end)
        self._file.truncate()
        return count

    def rows_there(self) -> Iterator[list[str]]:
        """Yield the cells of the rows that an earlier run has left."""
        with self._rows.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            next(rows)  # the header
            for _, row in zip(range(self.there), rows, strict=False):
                yield row

    def write(self, lines: Sequence[str]) -> None:
        """Add rows, lines of CSV without their ends. Raises OSError, as where a disk is full."""
        self._file.write("".join(f"{line}\n" for line in lines).encode())
        self._file.flush()
        if time.monotonic() - self._synced > _SYNC_SECONDS:
            os.fsync(self._file.fileno())
            self._synced = time.monotonic()

    def finish(self) -> None:
        """Put the whole table into place. Raises OSError if that cannot be."""
        os.fsync(self._file.fileno())
        whole = self._rows
        if self.out.suffix == ".parquet":
            whole = self._folder / "rows.parquet"
            _write_parquet(self._rows, whole, self._columns)
        whole.replace(self.out)
        shutil.rmtree(self._folder)


def _check_format(out: Path) -> None:
    if out.suffix not in FORMATS:
        raise CommandError(f"{out} is neither .csv nor .parquet, which are what can be written")
    if out.suffix == ".parquet" and find_spec("pyarrow") is None:
        raise CommandError(
            "pyarrow is not installed, which writes Parquet; run `pip install -e .[bulk]`, or "
            "write .csv"
        )
    if out.is_dir():
        raise CommandError(f"{out} is a folder; name a file to write")


def _write_parquet(rows: Path, path: Path, columns: Sequence[str]) -> None:
    """Write a CSV file as Parquet, a few megabytes at a time."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    def kind(column: str) -> pa.DataType:
        if column in _TEXT:
            return pa.string()
        return pa.int8() if column in _WHOLE else pa.float32()

    schema = pa.schema([(column, kind(column)) for column in columns])
    options = pyarrow.csv.ConvertOptions(
        column_types=schema, null_values=[""], strings_can_be_null=True
    )
    with (
        pyarrow.csv.open_csv(rows, convert_options=options) as batches,
        pyarrow.parquet.ParquetWriter(path, schema) as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)
