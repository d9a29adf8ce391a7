"""Where several workers keep their counters together.

Apart from `metrics`, since this comes first: prometheus_client looks at the environment when it
is imported.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def shared_metrics() -> Iterator[None]:
    """Provide an empty folder in which workers share their counters.

    It is in memory where the system has such a place: it may be the only one that is writable.
    """
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="digits-metrics-", dir=place)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
