"""The address that a request asks for, which a proxy may have put below a path of its own."""

import re

import httptools

from app.settings import PATH

_PREFIX = re.compile(PATH.encode())
_PREFIX_BYTES = 200


def with_path(url: bytes) -> bytes:
    """Put a path into an address that has none, as `http://host` (RFC 9112, section 3.2.2)."""
    if not url.startswith(b"/"):
        parsed = httptools.parse_url(url)
        if parsed.path is None:
            return b"/" if parsed.query is None else b"/?" + parsed.query
    return url


def below(url: bytes, prefix: str) -> bytes:
    """Leave the path out below which a proxy serves us, if the proxy has not done so."""
    if not prefix:
        return url
    rest = url.removeprefix(prefix.encode())
    if len(rest) == len(url) or rest[:1] not in (b"", b"/", b"?"):
        return url
    return rest if rest.startswith(b"/") else b"/" + rest


def forwarded_prefix(headers: list[tuple[bytes, bytes]]) -> str:
    """Return the path that a proxy says it has left out; "" if it says none that can be one.

    Of several proxies, one behind the other, the outermost has written first.
    """
    values = [value for name, value in headers if name == b"x-forwarded-prefix"]
    parts = [part.strip().rstrip(b"/") for value in values for part in value.split(b",")]
    prefix = b"".join(parts)
    fits = len(prefix) <= _PREFIX_BYTES and _PREFIX.fullmatch(prefix)
    return prefix.decode() if fits else ""
