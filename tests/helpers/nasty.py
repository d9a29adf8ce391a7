"""Files that break picture services, each made here by code.

`pictures()` are honest pictures of a 7 in every mode and format; `nasty_files()` are the others,
each with the statuses that may answer it. No one of them may take long, hang or crash.
"""

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image

from app.drawings.self_test import SELF_TEST_DRAWING
from benchmarks.clients.costly import bmp_of_run_lengths

REFUSED = frozenset({400, 413, 415, 422})
READ = frozenset({200})
EITHER = REFUSED | READ


def seven(side: int = 140) -> Image.Image:
    """A 7, dark on white, mode L."""
    return Image.fromarray(255 - SELF_TEST_DRAWING).resize((side, side), Image.Resampling.NEAREST)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def transparent(ink: int = 0) -> Image.Image:
    """The 7 in ink of one grey on nothing."""
    alpha = Image.eval(seven(), lambda grey: 255 - grey)
    image = Image.new("LA", alpha.size, (ink, 0))
    image.putalpha(alpha)
    return image


def sixteen_bit() -> Image.Image:
    return Image.fromarray(np.asarray(seven()).astype(np.uint16) * 257)


def sixteen_bit_rgba() -> bytes:
    """A PNG, dark on nothing, of a kind that Pillow reads and does not write."""
    ink = (255 - np.asarray(seven())).astype(np.uint16) * 257
    rows = np.stack([np.zeros_like(ink)] * 3 + [ink], axis=2).astype(">u2")
    lines = b"".join(b"\0" + row.tobytes() for row in rows)
    return png(140, 140, png_chunk(b"IDAT", zlib.compress(lines)), depth=16, colour=6)


def pictures() -> Iterator[tuple[str, bytes]]:
    """Every way to say the same drawing."""
    grey = seven()
    for mode in ("1", "L", "P", "RGB", "RGBA", "LA"):
        yield f"png {mode}", encoded(grey.convert(mode), "PNG")
    yield "png 16 bits", encoded(sixteen_bit(), "PNG")
    yield "png 16 bits with a transparent grey", encoded(sixteen_bit(), "PNG", transparency=65535)
    yield "png palette with transparency", encoded(grey.convert("P"), "PNG", transparency=255)
    # Black ink on black paper that is transparent: without its tRNS there is nothing to see.
    black = Image.eval(grey, lambda value: int(value < 128)).convert("L")
    hidden = Image.frombytes("P", black.size, black.tobytes())
    hidden.putpalette([0] * 6)
    yield (
        "png palette of black and transparent black",
        encoded(hidden, "PNG", transparency=b"\0\xff"),
    )
    yield "png grey with a transparent grey", encoded(grey, "PNG", transparency=255)
    yield "png dark on nothing", encoded(transparent(0), "PNG")
    yield "png light on nothing", encoded(transparent(255), "PNG")
    yield "png pale on nothing", encoded(transparent(225).convert("RGBA"), "PNG")
    yield "png light on dark", encoded(Image.eval(grey, lambda value: 255 - value), "PNG")
    yield (
        "png wide",
        encoded(
            Image.fromarray(np.pad(np.asarray(grey), ((0, 0), (300, 900)), constant_values=255)),
            "PNG",
        ),
    )
    yield "png large", encoded(seven(2800), "PNG")
    yield "png of 16 bits in each of four channels", sixteen_bit_rgba()
    yield (
        "png colours with a transparent one",
        encoded(grey.convert("RGB"), "PNG", transparency=(255, 255, 255)),
    )
    shades = grey.quantize(4)
    yield "png of 2 bits, transparent by half", encoded(shades, "PNG", bits=2, transparency=b"\x80")
    head, rest = split_png(encoded(grey.transpose(_TURNS[6]), "PNG"))
    turned = png_chunk(b"eXIf", exif(6).removeprefix(b"Exif\0\0"))
    yield "png turned, told behind its pixels", head + rest[:-12] + turned + rest[-12:]
    for mode in ("L", "RGB", "CMYK"):
        yield f"jpeg {mode}", encoded(grey.convert(mode), "JPEG")
    yield "jpeg progressive", encoded(grey.convert("RGB"), "JPEG", progressive=True)
    yield "jpeg large", encoded(seven(2800).convert("RGB"), "JPEG")
    yield "webp lossy", encoded(grey.convert("RGB"), "WEBP")
    yield "webp lossless", encoded(transparent(0).convert("RGBA"), "WEBP", lossless=True)
    yield (
        "webp animated",
        encoded(grey, "WEBP", save_all=True, append_images=[Image.new("L", grey.size, 255)]),
    )
    yield "gif", encoded(grey, "GIF", interlace=False)
    yield "gif interlaced", encoded(grey, "GIF", interlace=True)
    yield "gif transparent", encoded(grey.convert("P"), "GIF", transparency=255)
    yield (
        "gif animated",
        encoded(grey, "GIF", save_all=True, append_images=[Image.new("L", grey.size, 255)]),
    )
    yield (
        "png animated",
        encoded(grey, "PNG", save_all=True, append_images=[Image.new("L", grey.size, 255)]),
    )
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        yield f"bmp {mode}", encoded(grey.convert(mode), "BMP")
    for orientation, turn in _TURNS.items():
        turned = grey.transpose(turn)
        yield f"jpeg turned {orientation}", encoded(turned, "JPEG", exif=exif(orientation))
        yield f"png turned {orientation}", encoded(turned, "PNG", exif=exif(orientation))
        yield (
            f"webp turned {orientation}",
            encoded(turned.convert("RGB"), "WEBP", exif=exif(orientation)),
        )


# What a camera held otherwise has stored: the inverse of what its orientation asks for.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colour: int = 0) -> bytes:
    """A PNG of any stated size, with whatever chunks."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = b"".join(chunks)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + body + png_chunk(b"IEND", b"")


def split_png(data: bytes) -> tuple[bytes, bytes]:
    """A PNG's bytes up to its header's end, and behind."""
    return data[:33], data[33:]


def jpeg_of_many_scans(side: int, scans: int) -> bytes:
    """A progressive JPEG whose last scan is repeated: small, and slow to decode."""
    data = encoded(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    return data[:start] + data[start:-2] * scans + data[-2:]


def nasty_files() -> Iterator[tuple[str, bytes, frozenset[int]]]:
    yield from _png_files()
    yield from _jpeg_files()
    yield from _other_files()
    for name, data in (
        ("png", encoded(seven().convert("RGBA"), "PNG")),
        ("jpeg", encoded(seven(), "JPEG")),
        ("progressive jpeg", encoded(seven().convert("RGB"), "JPEG", progressive=True)),
        ("webp", encoded(seven().convert("RGB"), "WEBP")),
        ("gif", encoded(seven(), "GIF")),
        ("bmp", encoded(seven(), "BMP")),
    ):
        for part in (0.01, 0.1, 0.5, 0.9):
            yield f"{name} cut at {part}", data[: int(len(data) * part)], REFUSED
        yield f"{name} without its last bytes", data[:-6], REFUSED
        yield f"{name} with a tail of rubbish", data + b"\0rubbish" * 100, READ
        yield f"{name} of zeros behind its magic", data[:16].ljust(len(data), b"\0"), REFUSED


def _png_files() -> Iterator[tuple[str, bytes, frozenset[int]]]:
    good = encoded(seven(), "PNG")
    head, rest = split_png(good)
    nothing = png_chunk(b"IDAT", zlib.compress(b""))
    bomb = zlib.compress(bytes(2**24), 9)
    yield "png of 60000 x 60000", png(60000, 60000, nothing), frozenset({413})
    yield "png of 2^31 - 1 squared", png(2**31 - 1, 2**31 - 1, nothing), frozenset({413})
    yield "png of no width", png(0, 100, nothing), REFUSED
    yield "png of 16000 x 1 that is empty", png(16000, 1, nothing), REFUSED
    yield "png of one pixel", encoded(Image.new("L", (1, 1)), "PNG"), frozenset({422})
    yield "png all white", encoded(Image.new("L", (280, 280), 255), "PNG"), frozenset({422})
    yield "png all transparent", encoded(Image.new("RGBA", (280, 280)), "PNG"), frozenset({422})
    yield "png whose data inflate to 16 MB", png(28, 28, png_chunk(b"IDAT", bomb)), EITHER
    yield (
        "png with a text that inflates to 16 MB",
        head + png_chunk(b"zTXt", b"k\0\0" + bomb) + rest,
        READ,
    )
    yield (
        "png with a profile that inflates to 16 MB",
        head + png_chunk(b"iCCP", b"k\0\0" + bomb) + rest,
        READ,
    )
    yield "png with a broken profile", head + png_chunk(b"iCCP", b"k\0\0nonsense") + rest, READ
    yield "png with broken EXIF", head + png_chunk(b"eXIf", b"II*\0\xff\xff\xff\xff") + rest, READ
    loop = b"II*\0\x08\0\0\0\xff\xff" + bytes(12) * 5
    yield "png with EXIF that says 65535 tags", head + png_chunk(b"eXIf", loop) + rest, READ
    yield "png of 19000 small chunks", head + png_chunk(b"tEXt", b"a\0b") * 19_000 + rest, READ
    yield (
        "png of 200000 empty chunks",
        head + png_chunk(b"prVt", b"") * 200_000 + rest,
        frozenset({413}),
    )
    yield "png of 10000 empty IDAT", head + png_chunk(b"IDAT", b"") * 10_000 + rest, EITHER
    yield "png with a wrong checksum", good.replace(b"IDAT", b"IDAT\1", 1), REFUSED
    yield "png with no picture", png(28, 28), REFUSED
    yield "png with a palette missing", png(28, 28, nothing, colour=3), REFUSED
    yield "png of an impossible depth", png(28, 28, nothing, depth=3), REFUSED
    yield "png whose chunk has 4 GB", head + b"\xff\xff\xff\xffIDAT", REFUSED
    yield (
        "png whose animation lies",
        head + png_chunk(b"acTL", struct.pack(">II", 2**31, 0)) + rest,
        READ,
    )


def _jpeg_files() -> Iterator[tuple[str, bytes, frozenset[int]]]:
    good = encoded(seven(), "JPEG")
    too_much = frozenset({413})
    yield "jpeg of 600 scans", jpeg_of_many_scans(2000, 600), too_much
    yield "jpeg of 15 scans of 4 megapixels", jpeg_of_many_scans(2000, 14), too_much
    yield "jpeg of 15 scans of a small picture", jpeg_of_many_scans(280, 9), EITHER
    frame = good.index(b"\xff\xc0")
    huge = good[: frame + 5] + struct.pack(">HH", 65535, 65535) + good[frame + 9 :]
    yield "jpeg of 65535 x 65535", huge, too_much
    yield "jpeg of no height", good[: frame + 5] + b"\0\0" + good[frame + 7 :], REFUSED
    comments = b"\xff\xfe\0\x02" * 19_000
    yield "jpeg of 19000 comments", good[:2] + comments + good[2:], READ
    yield "jpeg of 200000 comments", good[:2] + b"\xff\xfe\0\x02" * 200_000 + good[2:], too_much
    yield "jpeg with fill bytes", good[:2] + b"\xff" * 50_000 + good[2:], READ
    yield "jpeg whose segment has no length", good[:2] + b"\xff\xfe\0\0" + good[2:], EITHER
    yield "jpeg of no tables", good[:2] + good[frame:], REFUSED
    broken = b"\xff\xe1\0\x20Exif\0\0" + b"MM\0*\xff\xff\xff\xff".ljust(24, b"\xff")
    yield "jpeg with broken EXIF", good[:2] + broken + good[2:], READ
    yield "jpeg of two end markers", good + b"\xff\xd9", READ
    yield "jpeg header alone", b"\xff\xd8\xff\xd9", REFUSED


def _other_files() -> Iterator[tuple[str, bytes, frozenset[int]]]:
    gif = encoded(seven(), "GIF")
    gif_head = gif[: 13 + 3 * 2 ** ((gif[10] & 7) + 1)]
    unread = frozenset({415})
    yield "gif of 65535 x 65535", gif[:6] + b"\xff\xff\xff\xff" + gif[10:], frozenset({413})
    yield (
        "gif of 1000000 comment bytes, one a block",
        gif_head + b"\x21\xfe" + b"\x01a" * 1_000_000 + b"\0" + gif[len(gif_head) :],
        frozenset({413}),
    )
    yield (
        "gif of 15000 comments",
        gif_head + b"\x21\xfe\x01a\0" * 9_000 + gif[len(gif_head) :],
        READ,
    )
    yield "gif of no picture", gif_head + b";", REFUSED
    yield (
        "gif whose frame lies outside",
        gif_head + b"\x2c\xff\xff\xff\xff\xff\xff\xff\xff\0\x08\0;",
        REFUSED,
    )
    webp = encoded(transparent().convert("RGBA"), "WEBP")
    canvas = b"VP8X\x0a\0\0\0\x10\0\0\0" + b"\xff\xff\xff" * 2
    yield (
        "webp of 2^24 squared",
        b"RIFF" + struct.pack("<I", 4 + len(canvas)) + b"WEBP" + canvas,
        frozenset({413}),
    )
    yield "webp of unknown chunks", webp[:12] + b"XXXX\0\0\0\0" * 100_000 + webp[12:], REFUSED
    bmp = encoded(seven(), "BMP")
    yield (
        "bmp of 2^31 - 1 squared",
        bmp[:18] + struct.pack("<ii", 2**31 - 1, 2**31 - 1) + bmp[26:],
        frozenset({413}),
    )
    yield "bmp of negative width", bmp[:18] + struct.pack("<i", -140) + bmp[22:], REFUSED
    yield "bmp of a huge header", bmp[:14] + b"\xff\xff\xff\x7f" + bmp[18:], REFUSED
    yield "bmp of run lengths", bmp_of_run_lengths(16_384, 1024), unread
    yield "bmp of run lengths of 4 bits", bmp_of_run_lengths(140, 140, 2), unread
    yield "nothing but zeros", bytes(1000), unread
    yield "one byte", b"\x89", unread
    yield (
        "svg",
        b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        unread,
    )
    yield "pdf", b"%PDF-1.7\n" + bytes(100), unread
    yield "postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 28 28\n", unread
    for kind in ("TIFF", "ICO", "PPM", "TGA", "PCX", "ICNS"):
        yield kind.lower(), encoded(seven(128).convert("RGB"), kind), unread
    yield "png called jpeg inside", b"\xff\xd8\xff" + encoded(seven(), "PNG"), REFUSED
