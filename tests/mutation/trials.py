"""Trials: the tests of a module, run in a copy of the tree that has one mistake in it.

Each trial is a fork of this process, which has imported the libraries but nothing of ours, so that
a trial begins at once. What it leaves running is ended: a mark in the environment tells.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_MARK = "TRIAL_OF_A_MUTANT"
LIBRARIES = (
    "pytest", "numpy", "numpy.testing", "PIL.Image", "httpx", "anyio", "hypothesis",
    "schemathesis.pytest.plugin", "fastapi", "fastapi_swagger", "uvicorn", "pydantic",
    "prometheus_client", "python_multipart", "playwright.sync_api",
)  # fmt: skip
PASSED, NOTHING_RUN = 0, 5  # pytest's exit codes; every other one says that something failed


@dataclass
class Trial:
    """What is to be run: pytest's arguments, and one file with another text (or none)."""

    name: str
    arguments: list[str]
    seconds: float  # after which the tests count as hanging
    path: str = ""
    text: str = ""


@dataclass
class Outcome:
    """How it ended: pytest's exit code (None when it hung), the first test that failed, and how
    many were skipped."""

    trial: Trial
    code: int | None
    by: str
    skipped: int
    seconds: float


@dataclass
class _Worker:
    """One copy of the tree, and the trial that runs in it."""

    folder: Path
    trial: Trial | None = None
    process: int = 0
    began: float = 0.0
    original: bytes = b""

    @property
    def log(self) -> Path:
        return self.folder.with_suffix(".log")

    def start(self, trial: Trial) -> None:
        self.trial, self.began = trial, time.monotonic()
        if trial.path:
            self.original = (self.folder / trial.path).read_bytes()
            (self.folder / trial.path).write_text(trial.text)
        self.process = os.fork()
        if not self.process:
            _run(self.folder, self.log, trial)

    def finished(self) -> Outcome | None:
        """The outcome, once there is one."""
        assert self.trial is not None
        ended, status = os.waitpid(self.process, os.WNOHANG)
        seconds = time.monotonic() - self.began
        if not ended and seconds < self.trial.seconds:
            return None
        if not ended:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
        self._end_all()
        trial, self.trial = self.trial, None
        if trial.path:
            file = self.folder / trial.path
            file.write_bytes(self.original)
            # Nothing that was compiled of it may be taken for the next mutant's.
            for compiled in file.parent.glob(f"__pycache__/{file.stem}.*.pyc"):
                compiled.unlink()
        code = os.waitstatus_to_exitcode(status) if ended else None
        log = self.log.read_text(errors="replace")
        failed = re.search(r"^(?:FAILED|ERROR) (\S+)", log, re.MULTILINE)
        skipped = re.search(r"(\d+) skipped", log)
        return Outcome(
            trial, code, failed[1] if failed else "", int(skipped[1]) if skipped else 0, seconds
        )

    def stop(self) -> None:
        """End the trial that runs."""
        if self.trial is not None:
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)
            self._end_all()

    def _end_all(self) -> None:
        """End what the trial has left running, such as servers, whatever session they are of."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                marked = process.environ().get(_MARK) == str(self.folder)
                if marked or os.getsid(process.pid) == self.process:
                    process.kill()


def _run(folder: Path, log: Path, trial: Trial) -> None:
    """The child: run pytest and never return."""
    code = 3
    try:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ[_MARK] = str(folder)
        os.environ.pop("OPENBLAS_NUM_THREADS")  # the tests look at who sets it
        os.chdir(folder)
        sys.path.insert(0, str(folder))
        import pytest

        code = int(pytest.main([*_OPTIONS, f"--basetemp={folder}.tmp", *trial.arguments]))
    except BaseException:  # noqa: BLE001 - into the log, and never up into what was forked
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


_OPTIONS = [
    "-x", "-q", "--no-header", "--tb=short", "-p", "no:cacheprovider", "--timeout=60",
    # Libraries with plugins of pytest are imported before it could look into their assertions.
    "-W", "ignore::pytest.PytestAssertRewriteWarning",
]  # fmt: skip


def _copy(root: Path, folder: Path) -> None:
    """Copy what git knows of, and what it would not ignore."""
    shutil.rmtree(folder, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)
    for name in (".venv", "node_modules"):
        if (root / name).exists():
            (folder / name).symlink_to((root / name).resolve())


def run_all(
    trials: Iterator[Trial],
    root: Path,
    scratch: Path,
    workers: int,
    libraries: Sequence[str] = LIBRARIES,
) -> Iterator[Outcome]:
    """Run trials, so many at a time, each in a copy of the tree below `scratch`.

    libraries: what the tests import that is not ours; it is imported once.
    """
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # no threads, so that a fork is whole
    for name in libraries:
        __import__(name)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # which stops what runs, see below
    crew = [_Worker(scratch / f"worker-{number}") for number in range(workers)]
    for worker in crew:
        _copy(root, worker.folder)
    try:
        while True:
            for worker in crew:
                if worker.trial is None and (trial := next(trials, None)):
                    worker.start(trial)
            if all(worker.trial is None for worker in crew):
                return
            time.sleep(0.02)
            for worker in crew:
                if worker.trial and (outcome := worker.finished()):
                    yield outcome
    finally:
        for worker in crew:
            worker.stop()
