"""Requests that are cheap to send and were, or might be, costly to answer; each made here by code.

Every one stands for its kind: what a picture may hold that is slow to decode, what JSON may hold
that is slow to parse, and what a connection may do. None has more than 4 MiB, but the photograph.
"""

import enum
import io
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.clients.load import request

SIDE = 4096  # pixels of the largest pictures that are read
PIPELINED = 1000  # requests sent at once without waiting for an answer
_PREDICT, _INFER = "/predict", "/v2/models/digits/infer"
_JSON = "application/json"


class Manner(enum.Enum):
    """What a client does with a request."""

    ASK = enum.auto()
    LEAVE = enum.auto()
    FLOOD = enum.auto()


class Kind(NamedTuple):
    """A kind of costly request.

    sent: the bytes of one; answers: how many it is to get;
    large: whether it is a photograph of 48 megapixels, which may take longer;
    manner: ASK and read the answer, LEAVE at once, or FLOOD: send on and on, and read nothing;
    held: connections that the attackers open besides, and say nothing on.
    """

    name: str
    sent: bytes
    answers: int = 1
    large: bool = False
    manner: Manner = Manner.ASK
    held: int = 0


def kinds() -> Iterator[Kind]:
    """Yield every kind."""
    png = _post(png_of(SIDE, SIDE, depth=8))
    yield Kind("BMP of run lengths", _post(bmp_of_run_lengths(16_384, 1024)))
    yield Kind("PNG of 16 megapixels", png)
    yield Kind("PNG of 8 megapixels, 16 bits", _post(png_of(SIDE, SIDE // 2, depth=16)))
    yield Kind("PNG of 16 megapixels, 16 bits", _post(png_of(SIDE, SIDE, depth=16)))
    yield Kind("PNG of 16 megapixels, unread", png, manner=Manner.LEAVE)
    yield Kind("PNG in 19,000 pieces", _post(png_of(1024, 1024, depth=8, pieces=19_000)))
    yield Kind("WebP of 12 megapixels", _post(webp_of(SIDE, 3008)))
    yield Kind("WebP of 16 megapixels", _post(webp_of(SIDE, SIDE)))
    yield Kind("JPEG of 48 megapixels", _post(jpeg_of_phone()), large=True)
    yield Kind("JPEG of 20 scans", _post(jpeg_of_scans(1580, 20)))
    yield Kind("form full of boundaries", _form_of_boundaries())
    noise, specks = (_batch(64, draw) for draw in (noise_of, specks_of))
    yield Kind("batch of 64 pictures of noise", noise)
    yield Kind("batch of 64 pictures of specks", specks)
    yield Kind("JSON of empty lists", _json(_PREDICT, b'{"pixels":[[]', b",[]", b"]}"))
    yield Kind("JSON of nested lists", _json(_INFER, b"[0", b",[[[[]]]]", b"]"))
    yield Kind("JSON of long numbers", _json(_PREDICT, b'{"pixels":[0', b"," + b"9" * 4290, b"]}"))
    yield Kind("JSON of 512 x 512 fractions", _pixels(512))
    yield Kind("13 drawings of 529 dots", _tensor(_dots(13)))
    yield Kind("64 drawings of 529 dots", _tensor(_dots(64)))
    yield Kind("64 drawings in shadow", _tensor(_shadows(64)))
    probes = request("GET", "/livez") * PIPELINED
    yield Kind("1,000 pipelined probes", probes, answers=PIPELINED)
    yield Kind("the same, unread", probes, answers=PIPELINED, manner=Manner.FLOOD)
    yield Kind("900 silent connections", request("GET", "/livez"), held=900)


def bmp_of_run_lengths(width: int, height: int, compression: int = 1) -> bytes:
    """Return a BMP of one pixel a row: 5 kB, of which Pillow fills every row byte by byte."""
    colours = b"".join(bytes([i, i, i, 0]) for i in range(256 if compression == 1 else 16))
    rows = b"\1\7\0\0" * height + b"\0\1"
    start = 54 + len(colours)
    bits = 8 if compression == 1 else 4
    return (
        b"BM"
        + struct.pack("<IHHI", start + len(rows), 0, 0, start)
        + struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, *[0] * 5)
        + colours
        + rows
    )


def png_of(width: int, height: int, *, depth: int, pieces: int = 1) -> bytes:
    """Return a transparent PNG that compresses well and is predicted by Paeth's slow filter."""
    row = b"\4" + (bytes(range(256)) * (width * depth // 512 + 1))[: width * depth // 2]
    if pieces > 1:  # so many bytes as to have one for each piece
        rng = np.random.default_rng(0)
        row = b"\4" + rng.integers(0, 256, len(row) - 1, np.uint8).tobytes()
    data = zlib.compress(row * height, 9)
    step = -(-len(data) // pieces)
    header = struct.pack(">IIBBBBB", width, height, depth, 6, 0, 0, 0)
    cut = b"".join(_chunk(b"IDAT", data[at : at + step]) for at in range(0, len(data), step))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + cut + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def webp_of(width: int, height: int) -> bytes:
    """Return a WebP with alpha."""
    alpha = Image.fromarray(np.tile(np.arange(256, dtype=np.uint8), (height, width // 256)))
    grey = Image.new("L", alpha.size)
    return _encoded(Image.merge("RGBA", [grey, grey, grey, alpha]), "WEBP", method=0)


def jpeg_of_scans(side: int, scans: int) -> bytes:
    """Return a progressive JPEG of noise, its last scan repeated."""
    noise = np.random.default_rng(0).normal(128, 20, (side, side, 3)).clip(0, 255).astype(np.uint8)
    data = _encoded(Image.fromarray(noise), "JPEG", progressive=True, quality=50, subsampling=0)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * (scans - data.count(b"\xff\xda") + 1) + data[-2:]


def jpeg_of_phone() -> bytes:
    """Return a colour JPEG of 8064 x 6048, 16 MiB, as a phone's sharpest photographs have them."""
    noise = np.random.default_rng(0).normal(128, 25, (756, 1008, 3)).clip(0, 255).astype(np.uint8)
    return _encoded(Image.fromarray(np.tile(noise, (8, 8, 1))), "JPEG", quality=77)


def _encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _post(picture: bytes) -> bytes:
    return request("POST", _PREDICT, picture, "image/png")  # the service looks at the bytes


def _form_of_boundaries() -> bytes:
    start = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
    body = _filled(start, b"\r\n--b\r", b"\r\n--b--\r\n")
    return request("POST", _PREDICT, body, "multipart/form-data; boundary=b")


def noise_of(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a picture that is looked at twice, and has very many parts of ink."""
    return rng.integers(0, 256, (240, 240), np.uint8)


def specks_of(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw a picture that is looked at twice, with about as many parts as are still sorted."""
    picture = np.full((240, 240), 255, np.uint8)
    for y, x in np.ndindex(2, 2):
        picture[y::16, x::16] = 0
    picture[85:155, 85:155] = rng.integers(0, 100)
    return picture


def _batch(count: int, draw: Callable[[np.random.Generator], NDArray[np.uint8]]) -> bytes:
    rng = np.random.default_rng(0)
    start = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
    parts = [start + _encoded(Image.fromarray(draw(rng)), "PNG") for _ in range(count)]
    body = b"\r\n".join(parts) + b"\r\n--b--\r\n"
    return request("POST", "/batch", body, "multipart/form-data; boundary=b")


def _json(path: str, start: bytes, piece: bytes, end: bytes) -> bytes:
    return request("POST", path, _filled(start, piece, end), _JSON)


def _filled(start: bytes, piece: bytes, end: bytes) -> bytes:
    """Return the start and the end, with the piece between them as often as 4 MiB allow."""
    return start + piece * ((2**22 - len(start) - len(end)) // len(piece)) + end


def _pixels(side: int) -> bytes:
    rows = np.random.default_rng(0).random((side, side)).round(2) + 17
    return request("POST", _PREDICT, json.dumps({"pixels": rows.tolist()}).encode(), _JSON)


def _dots(count: int) -> np.ndarray[Any, Any]:
    drawings = np.zeros((count, 47, 47), np.uint8)
    drawings[:, 1::2, 1::2] = np.arange(100, 629).reshape(23, 23) % 256
    return drawings


def _shadows(count: int) -> np.ndarray[Any, Any]:
    y, x = np.mgrid[:60, :60]
    ring = np.abs(np.hypot(x - 30, y - 30) - 14) < 3
    return np.stack([(x * 3 + 60 * ring).astype(np.uint8)] * count)


def _tensor(drawings: np.ndarray[Any, Any]) -> bytes:
    tensor = {
        "name": "image",
        "shape": [*drawings.shape, 1],
        "datatype": "UINT8",
        "data": drawings.ravel().tolist(),
    }
    body = json.dumps({"inputs": [tensor]}, separators=(",", ":")).encode()
    return request("POST", _INFER, body, _JSON)
