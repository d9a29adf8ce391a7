"""Where a request ends is found however it is cut, and no piece reaches beyond it."""

import httptools
import hypothesis.strategies as st
from hypothesis import given

from app.server.incoming import Incoming

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
BODIES = st.sampled_from([b"", b"\r\n", b"\r\n\r\n", b"\n\r\n\r", b"0\r\n\r\n", b"GET / HTTP/1.1"])


@st.composite
def messages(draw: st.DrawFn) -> tuple[bytes, int | None]:
    """A request, and its length if it declares one."""
    body = draw(BODIES)
    if draw(st.booleans()):
        return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body, len(body)
    chunks = b"".join(b"%x\r\n" % len(body) + body + b"\r\n" for _ in range(2) if body)
    end = draw(st.sampled_from([b"0\r\n\r\n", b"0\r\nTrailer: x\r\n\r\n"]))
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + end, None


class Reader:
    """Parses as the protocol does, and counts what each piece completes."""

    def __init__(self, lengths):
        self.parser = httptools.HttpRequestParser(self)
        self.incoming = Incoming()
        self.lengths = iter(lengths)
        self.left = None
        self.begun = self.complete = 0

    def on_message_begin(self):
        self.begun += 1

    def on_headers_complete(self):
        self.left = next(self.lengths)
        self.incoming.begin()

    def on_body(self, body):
        if self.left is not None:
            self.left -= len(body)

    def on_message_complete(self):
        self.left = None
        self.complete += 1
        self.incoming.begin()

    def add(self, data):
        self.incoming.add(data)
        while self.incoming:
            before = self.complete
            if self.left:
                piece = self.incoming.take(self.left)
            else:
                piece = self.incoming.take_up_to_empty_line()
            assert len(piece) > 0
            self.parser.feed_data(piece)
            assert self.complete <= before + 1
            assert self.complete == before or self.begun == self.complete  # nothing of the next


@given(st.lists(messages(), min_size=1, max_size=5), st.lists(st.integers(0, 600), max_size=6))
def test_a_piece_completes_one_request_at_most(requests, cuts):
    sent = b"".join(data for data, _ in requests)
    reader = Reader([length for _, length in requests])
    places = sorted(min(cut, len(sent)) for cut in cuts)
    for start, end in zip([0, *places], [*places, len(sent)], strict=True):
        reader.add(sent[start:end])
    assert reader.complete == len(requests)


def test_only_what_is_not_taken_is_kept():
    incoming = Incoming()
    for _ in range(1000):
        incoming.add(b"x" * 1000)
        assert bytes(incoming.take_up_to_empty_line()) == b"x" * 1000
        assert not incoming
    assert len(incoming._data) < 1100


def test_empty_lines_before_a_request_are_skipped():
    incoming = Incoming()
    incoming.add(b"\r\n\r\n\nGET / HTTP/1.1\r\n\r\nmore")
    incoming.skip_empty_lines()
    assert bytes(incoming.take_up_to_empty_line()) == b"GET / HTTP/1.1\r\n\r\n"
    assert bytes(incoming.take(99)) == b"more"
