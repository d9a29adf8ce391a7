"""Where several workers keep their counters together.

Apart from `metrics`, since this comes first: prometheus_client looks at the environment when it
is imported.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator

from app.settings import SettingsError

MEMORY = "/dev/shm"


@contextlib.contextmanager
def shared_metrics() -> Iterator[None]:
    """Provide an empty folder in which workers share their counters.

    It is in memory where the system has such a place: it may be the only one that is writable.
    Raises SettingsError if nowhere is.
    """
    folder = _new_folder()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _new_folder() -> str:
    for place in (MEMORY, None):  # None: where TMPDIR says, /tmp and others
        with contextlib.suppress(OSError):
            return tempfile.mkdtemp(prefix="digits-metrics-", dir=place)
    raise SettingsError(
        f"several workers share their counters in a folder, and neither {MEMORY} nor a folder for "
        "temporary files can be written; mount one of them to be writable, or set DIGITS_WORKERS "
        "to 1."
    )
