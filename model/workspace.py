"""Memory that is handed out again and again instead of being allocated anew.

A training step needs the same large temporaries each time. Fresh ones cost more than the
arithmetic on them, because the operating system clears every page; a `Workspace` keeps them.
"""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_ALIGNMENT = 64  # bytes: a cache line, and the widest vector register
_current = threading.local()


class Workspace:
    """A block of memory from which `empty` cuts arrays while the workspace is in use.

    Everything cut from it is valid until the next ``with workspace.reused()``, which starts again
    at the front. What does not fit is allocated as usual, and the block is as large as was needed
    the next time. One workspace serves one thread at a time.
    """

    def __init__(self) -> None:
        self._block = np.empty(0, np.uint8)
        self._used = 0

    @contextmanager
    def reused(self) -> Iterator[None]:
        """Within this context, `empty` cuts from the front of the block, in this thread."""
        if self._used > self._block.nbytes:
            self._block = np.empty(self._used + _ALIGNMENT, np.uint8)
        self._used = -self._block.ctypes.data % _ALIGNMENT
        outer = getattr(_current, "workspace", None)
        _current.workspace = self
        try:
            yield
        finally:
            _current.workspace = outer

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Return an uninitialised array of ``shape`` and ``dtype``."""
        dtype = np.dtype(dtype)
        start = self._used
        size = math.prod(shape) * dtype.itemsize
        self._used += size + -size % _ALIGNMENT
        if self._used > self._block.nbytes:
            return np.empty(shape, dtype)
        return np.ndarray(shape, dtype, self._block, start)


def empty(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Return an uninitialised array, from the workspace in use in this thread if there is one."""
    workspace: Workspace | None = getattr(_current, "workspace", None)
    return np.empty(shape, dtype) if workspace is None else workspace.empty(shape, dtype)
