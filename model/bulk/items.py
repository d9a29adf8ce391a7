"""One item of those that are to be read: where it is, and how it becomes a picture.

An item is small and can be sent to another process, which then reads the file. What is wrong with
one is a FileError, whatever it is, so that it costs no more than its own row.
"""

import io
import warnings
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from model.bulk.remote import RemoteFile, read_remote
from model.bulk.zips import Member, read_member
from model.errors import FileError
from model.files import read_whole
from model.frame.decoding import decode
from model.frame.paper import Grey

MOST_BYTES = 2**28
"""Of a picture's file: more than any picture of as many pixels as are decoded has."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
"""What is decoded: no format for which Pillow starts another program."""


class PictureFile(NamedTuple):
    """A file that should be a picture. ``source``: what the table calls it."""

    source: str
    path: str


class PackedPicture(NamedTuple):
    """A member of a ZIP that should be a picture."""

    source: str
    archive: str
    member: Member


class ArrayPicture(NamedTuple):
    """A picture out of an array, uint8 (H, W), 0 black to 255 white."""

    source: str
    grey: Grey


class Unreadable(NamedTuple):
    """What is no picture, as was seen before any was decoded; ``reason`` as of a FileError."""

    source: str
    reason: str


Item = PictureFile | PackedPicture | ArrayPicture | RemoteFile | Unreadable


def picture_of(item: Item) -> Grey:
    """Return the picture of an item, uint8 (H, W), 0 black to 255 white, upright.

    Raises:
        FileError: if it cannot be read, for whatever reason.
    """
    match item:
        case ArrayPicture():
            return item.grey
        case Unreadable():
            raise FileError(item.reason)
        case PictureFile():
            return decode_picture(read_whole(Path(item.path), MOST_BYTES))
        case RemoteFile():
            return decode_picture(read_remote(item, MOST_BYTES))
        case PackedPicture():
            return decode_picture(read_member(item.archive, item.member, MOST_BYTES))


def decode_picture(data: bytes) -> Grey:
    """Return the picture that a file's bytes are, uint8 (H, W), 0 black to 255 white, upright.

    Raises:
        FileError: if they are none, or one of more pixels than Pillow takes to be honest.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is odd about a picture that can be read
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                return decode(picture)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise FileError(f"has more than {Image.MAX_IMAGE_PIXELS} pixels") from None
    except Exception:  # noqa: BLE001 - Pillow fails on bad bytes in many undocumented ways
        raise FileError("is not a picture that can be read") from None
