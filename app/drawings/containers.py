"""What a picture's file holds, read from its bytes before anything is decoded.

A file is walked block by block: that gives its format, width and height and number of scans, so
that a limit is known to hold before a decoder is asked to work. What no decoder needs for the
first frame (texts, colour profiles, thumbnails, further frames) is left out, so it can neither
cost anything nor break the answer. Sources: PNG 3rd edition, ITU T.81, GIF89a, RFC 9649.
"""

import re
import struct
from collections.abc import Callable
from typing import NamedTuple

from model.frame.decoding import exif_orientation


class BrokenPicture(ValueError):
    """The file is damaged or cut short; the message says how."""


class TooManyBlocks(ValueError):
    """The file has more blocks than any honest picture of its size."""


class RareCoding(ValueError):
    """The file is coded in a way that hardly any program writes; the message says how.

    Each is left out because it costs too much: Pillow decodes run lengths in Python.
    """


class Container(NamedTuple):
    """A picture's file.

    kind: "PNG", "JPEG", "WEBP", "GIF" or "BMP"; data: the file with only what decoding needs;
    width, height: pixels; scans: passes of a progressive JPEG over the picture, else 1;
    orientation: of EXIF, 1 to 8, 1 upright; deep: a PNG of colours with 16 bits each;
    pixel_bytes: of memory that decoding takes for each pixel, at most.
    """

    kind: str
    data: bytes
    width: int
    height: int
    scans: int = 1
    orientation: int = 1
    deep: bool = False
    pixel_bytes: int = 5  # Pillow has four a pixel, and what is grey already

    @property
    def decoding_bytes(self) -> int:
        """Return the bytes of memory that decoding takes, at most."""
        return self.width * self.height * self.pixel_bytes


def open_container(data: bytes, max_blocks: int) -> Container | None:
    """Walk the file; None if it is of no format that the service reads.

    Raises BrokenPicture, TooManyBlocks and RareCoding.
    """
    for magic, walk in _WALKS:
        if magic.match(data):
            try:
                return walk(data, max_blocks)
            except (struct.error, IndexError):
                raise BrokenPicture("it ends too early") from None
    return None


def is_picture(data: bytes) -> bool:
    """Whether the first bytes are those of a format that the service reads."""
    # Most of what is none is JSON.
    return data[:1] != b"{" and any(magic.match(data) for magic, _ in _WALKS)


def _png(data: bytes, max_blocks: int) -> Container:
    width, height, depth, colours = struct.unpack_from(">IIBB", data, 16)
    deep = depth == 16 and bool(colours & 2)
    exif = b""
    kept = []
    position = 8
    for _ in range(max_blocks):
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if end > len(data):
            raise BrokenPicture("it ends too early")
        if kind == b"IHDR" and position > 8:
            raise BrokenPicture("it has two headers")
        if kind in (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"):
            kept.append(data[position:end])
        elif kind == b"eXIf":
            exif = data[position + 8 : end - 4]
        position = end
        if kind == b"IEND":
            whole = data[:8] + b"".join(kept)
            return Container("PNG", whole, width, height, 1, exif_orientation(exif), deep)
    raise TooManyBlocks


# The next marker in entropy-coded data: 0xFF there is followed by 0, or by a restart marker.
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_COMMON_FRAMES = frozenset({0xC0, 0xC1, 0xC2})  # Huffman codes: baseline, extended, progressive


def _jpeg(data: bytes, max_blocks: int) -> Container:
    width = height = components = scans = 0
    exif = b""
    kept = [data[:2]]
    position = 2
    for _ in range(max_blocks):
        found = _JPEG_MARKER.search(data, position)
        if found is None:
            raise BrokenPicture("it ends too early")
        start, position = found.span()
        marker = data[start + 1]
        if marker == 0xD9:  # end of image
            if not scans or not width or not height:
                raise BrokenPicture("it has no picture")
            whole = b"".join(kept) + b"\xff\xd9"
            # All coefficients of a picture in several scans are kept, two bytes each. Of one scan
            # luminance alone is decoded, unless it is mixed of four inks.
            pixel_bytes = 2 * components + 1 if scans > 1 else 5 if components > 3 else 1
            upright = exif_orientation(exif)
            return Container("JPEG", whole, width, height, scans, upright, False, pixel_bytes)
        position += struct.unpack_from(">H", data, position)[0]
        segment = data[start:position]
        if marker in _JPEG_FRAMES:
            if marker not in _COMMON_FRAMES:
                raise RareCoding("The JPEG has arithmetic or lossless codes")
            height, width, components = struct.unpack_from(">HHB", segment, 5)
        elif marker == 0xDA:  # start of scan: its data reach to the next marker
            scans += 1
            following = _JPEG_MARKER.search(data, position)
            position = following.start() if following else len(data)
            segment = data[start:position]
        elif marker == 0xE1 and segment[4:10] == b"Exif\0\0":
            exif = exif or segment[4:]
        # Of the application's segments only JFIF's and Adobe's tell how to decode.
        if marker in (0xE0, 0xEE) or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            kept.append(segment)
    raise TooManyBlocks


def _gif(data: bytes, max_blocks: int) -> Container:
    width, height = struct.unpack_from("<HH", data, 6)
    position = 13 + _gif_colours(data[10])
    header = data[:position]
    control = b""
    for _ in range(max_blocks):
        start = position
        introducer = data[start]
        if introducer == 0x21:  # an extension; only "graphic control" says what is transparent
            position, max_blocks = _gif_data(data, start + 2, max_blocks)
            if data[start + 1] == 0xF9:
                control = data[start:position]
        elif introducer == 0x2C:  # the first image
            left, top, w, h, flags = struct.unpack_from("<HHHHB", data, start + 1)
            position, _ = _gif_data(data, start + 11 + _gif_colours(flags), max_blocks)
            frame = data[start:position]
            size = max(width, left + w), max(height, top + h)
            return Container("GIF", header + control + frame + b";", *size)
        else:
            raise BrokenPicture("it has no picture")
    raise TooManyBlocks


def _gif_colours(flags: int) -> int:
    """Return the bytes of a colour table."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_data(data: bytes, position: int, max_blocks: int) -> tuple[int, int]:
    """Skip sub-blocks and their terminator; return where they end and the blocks still allowed."""
    while length := data[position]:
        position += 1 + length
        max_blocks -= 1
        if max_blocks < 0:
            raise TooManyBlocks
    return position + 1, max_blocks


def _webp(data: bytes, max_blocks: int) -> Container:
    width = height = 0
    exif = b""
    position = 12
    end = min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    for _ in range(max_blocks):
        if position + 8 > end:
            break
        kind, length = struct.unpack_from("<4sI", data, position)
        body = position + 8
        if kind == b"VP8X" and not width:
            low, middle, high, *rest = struct.unpack_from("<6B", data, body + 4)
            width = 1 + (low | middle << 8 | high << 16)
            height = 1 + (rest[0] | rest[1] << 8 | rest[2] << 16)
        elif kind == b"VP8 " and not width:
            width, height = (n & 0x3FFF for n in struct.unpack_from("<HH", data, body + 6))
        elif kind == b"VP8L" and not width:
            bits = struct.unpack_from("<I", data, body + 1)[0]
            width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        elif kind == b"EXIF":
            exif = data[body : body + length]
        position = body + length + (length & 1)
    else:
        raise TooManyBlocks
    if not width or not height:
        raise BrokenPicture("it has no picture")
    # Four bytes a pixel, four times: a canvas, what is decoded, what Python gets, the picture.
    return Container("WEBP", data, width, height, 1, exif_orientation(exif), False, 17)


def _bmp(data: bytes, max_blocks: int) -> Container:
    header = struct.unpack_from("<I", data, 14)[0]
    width, height = struct.unpack_from("<HH" if header == 12 else "<ii", data, 18)
    if width <= 0 or height == 0:
        raise BrokenPicture("it has no picture")
    if header >= 40 and struct.unpack_from("<I", data, 30)[0] in (1, 2):
        raise RareCoding("The BMP is compressed by run lengths")
    return Container("BMP", data, width, abs(height))


_WALKS: tuple[tuple[re.Pattern[bytes], Callable[[bytes, int], Container]], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), _png),
    (re.compile(rb"\xff\xd8\xff"), _jpeg),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), _webp),
    (re.compile(rb"GIF8[79]a"), _gif),
    (re.compile(rb"BM.{12}", re.DOTALL), _bmp),
)
