"""What a client has sent and the parser has not been given yet.

httptools parses all that it is given, and neither stops where a request ends nor says where that
was. So it is given no more than what belongs to one request: a body of known length by that
length, and anything else up to the next empty line, since heads and chunked bodies end with one.
What follows waits here until the answer is complete.
"""

from uvicorn.protocols.http.flow_control import FlowControl

_EMPTY_LINE = b"\r\n\r\n"
_OVERLAP = len(_EMPTY_LINE) - 1


class Incoming:
    """The bytes of one connection that wait to be parsed."""

    def __init__(self) -> None:
        self.at_empty_line = False  # what was taken last ends with one
        self._data = b""
        self._begin = 0  # where the part of the message begins in which an empty line is looked for
        self._next = 0  # the first byte that has not been taken

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return self._next < len(self._data)

    def add(self, data: bytes) -> None:
        """Keep what came behind what waits."""
        # Of what has been taken only what may be the beginning of an empty line is kept.
        keep = max(self._begin, self._next - _OVERLAP)
        self._data = self._data[keep:] + data
        self._next -= keep
        self._begin = 0

    def begin(self) -> None:
        """Look for empty lines only in what has not been taken: something new begins there."""
        self._begin = self._next

    def take_up_to_empty_line(self) -> memoryview:
        """Take what waits up to the end of the next empty line, or all if there is none."""
        start = max(self._begin, self._next - _OVERLAP)
        found = self._data.find(_EMPTY_LINE, start)
        self.at_empty_line = found >= 0
        return self._take(found + len(_EMPTY_LINE) if found >= 0 else len(self._data))

    def take(self, count: int) -> memoryview:
        """Take so many bytes, or all if there are fewer."""
        piece = self._take(min(self._next + count, len(self._data)))
        self.begin()
        return piece

    def skip_empty_lines(self) -> None:
        """Drop empty lines, which may precede a request (RFC 9112, section 2.2)."""
        if self._data[self._next : self._next + 1] in (b"\r", b"\n"):
            self._data = self._data[self._next :].lstrip(b"\r\n")
            self._next = 0
        self.begin()

    def clear(self) -> None:
        """Drop everything."""
        self._data = b""
        self._begin = self._next = 0

    def _take(self, end: int) -> memoryview:
        piece = memoryview(self._data)[self._next : end]
        self._next = end
        return piece


class Flow(FlowControl):
    """Reads no more, whoever asks for it, while what has come waits to be parsed."""

    held = False

    def resume_reading(self) -> None:
        """Read on, unless the connection is held."""
        if not self.held:
            super().resume_reading()

    def hold(self, held: bool) -> None:
        """Stop reading, or go on."""
        self.held = held
        if held:
            self.pause_reading()
        else:
            self.resume_reading()
