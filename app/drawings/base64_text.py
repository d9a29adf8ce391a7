"""Base64 as libraries write it, and data URLs -> bytes."""

import binascii
import re

from app.errors import Problem

_DATA_URL = re.compile(
    r"data:(?:image/[a-z0-9+.-]{1,20}|application/octet-stream)?(?:;[^;,]{1,100}){0,8}?;base64,",
    re.IGNORECASE,
)
_STANDARD = bytes.maketrans(b"-_", b"+/")  # of the letters for URLs (RFC 4648, section 5)
_BREAKS = b" \t\r\n"


def decode_base64(text: object, name: str) -> bytes:
    """Return the bytes of base64, in either alphabet, with or without padding and line breaks.

    name: of the value in the body, as a JSON pointer has it. Raises Problem (422) for all else.
    """
    if not isinstance(text, str):
        raise _wrong(name, "must be a string of base64")
    if text[:5].lower() == "data:":
        prefix = _DATA_URL.match(text)
        if prefix is None:
            raise _wrong(name, "must be a data URL that begins like data:image/png;base64, instead")
        text = text[prefix.end() :]
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        pass
    try:
        plain = text.encode("ascii").translate(_STANDARD, _BREAKS).rstrip(b"=")
        return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4), strict_mode=True)
    except ValueError:
        wrong = "is no base64: it has other characters, or its length cannot be right"
        raise _wrong(name, wrong) from None


def _wrong(name: str, what: str) -> Problem:
    return Problem("invalid", f"`{name}` {what}.", pointer=f"#/{name}")
