"""How much memory large pictures take while they are decoded, all together."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Memory:
    """Bytes that may be taken at once; who wants more waits until others have given some back."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._free = limit
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """Take bytes for a while, all there are if more are wanted. It blocks: not for the loop."""
        size = min(size, self._limit)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            with self._changed:
                self._free += size
                self._changed.notify_all()
