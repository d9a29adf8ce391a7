"""The page and the documentation: a few files, read once at start and served from memory.

Only what was found then can be asked for, so no path can lead anywhere else. Each file goes out
compressed where that helps, with an ETag of its content: a browser that has it gets a 304.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from app.notes import notes_of
from app.settings import PROJECT

_IN_A_WHEEL = PROJECT / "app" / "static"
STATIC = _IN_A_WHEEL if _IN_A_WHEEL.is_dir() else PROJECT / "static"
DOCUMENTATION = Path(__file__).parent / "documentation"
# Of this package nothing is used but the files that it brings.
SWAGGER_UI = Path(str(files("fastapi_swagger"))) / "resources"

_TYPES = {".js": "text/javascript"}  # whatever the system's table of types says
_HEADERS = {
    "Cache-Control": "no-cache",  # keep it, but ask each time whether it is still the same
    "Vary": "Accept-Encoding",
}
DOCUMENT_HEADERS = {  # a browser looks for them at what it shows, not at what that loads
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Page(NamedTuple):
    """A file in memory; `compressed` is None where it would not be smaller."""

    content: bytes
    compressed: bytes | None
    media_type: str
    etag: str


def read_pages(folder: Path) -> dict[str, Page]:
    """Read every file below a folder, by its path there; hidden ones and code are left out."""
    pages = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith((".", "__")) for part in name.split("/"))
        if path.is_file() and not hidden:
            pages[name] = _page(path)
    return pages


def page_router(folder: Path, prefix: str, frame_origins: Sequence[str] = ()) -> APIRouter:
    """Serve a folder below a prefix, a route for each file, its index.html at the prefix itself.

    frame_origins: those whose pages may show ours in a frame.
    """
    router = APIRouter(include_in_schema=False)
    for name, page in read_pages(folder).items():
        path = f"{prefix}/{name}".removesuffix("/index.html") or "/"
        endpoint = _endpoint(page, frame_origins)
        router.add_api_route(path, endpoint, methods=["GET"])
        if name == "index.html" and prefix:
            router.add_api_route(f"{prefix}/", endpoint, methods=["GET"])
    return router


def _endpoint(page: Page, frame_origins: Sequence[str]) -> Callable[[Request], Awaitable[Response]]:
    headers = dict(DOCUMENT_HEADERS)
    if frame_origins:
        policy = headers["Content-Security-Policy"]
        allowed = f"frame-ancestors {' '.join(frame_origins)}"
        headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", allowed)

    async def answer(request: Request) -> Response:
        notes_of(request.scope).is_page = True
        base = _base(request.scope)
        if base is None or not page.content.startswith(b"<!doctype html>"):
            return _answer(page, request, headers)
        policy = headers["Content-Security-Policy"].replace("base-uri 'none'", "base-uri 'self'")
        return _answer(
            _with_base(page, base), request, headers | {"Content-Security-Policy": policy}
        )

    return answer


def _base(scope: Scope) -> str | None:
    """Return what a page's addresses are relative to, where that is not the page's own address.

    Below a proxy's path the page may have been asked for without the final slash, or with one that
    it should not have: then its own address is of another folder.
    """
    if scope["root_path"]:
        return f"{scope['root_path']}/"
    return "../" if scope["raw_path"].endswith(b"/") and scope["raw_path"] != b"/" else None


@lru_cache(maxsize=16)
def _with_base(page: Page, base: str) -> Page:
    content = page.content.replace(b"<head>", b'<head><base href="%s">' % base.encode(), 1)
    return _packed(content, page.media_type)


def _page(path: Path) -> Page:
    media_type = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    if media_type is not None and media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    return _packed(path.read_bytes(), media_type or "application/octet-stream")


def _packed(content: bytes, media_type: str) -> Page:
    # At level 9 it would be 2 % smaller, and each start would take a twentieth longer.
    compressed = gzip.compress(content, compresslevel=5, mtime=0)
    return Page(
        content,
        compressed if len(compressed) < len(content) else None,
        media_type,
        hashlib.sha256(content).hexdigest()[:16],
    )


def _answer(page: Page, request: Request, document_headers: dict[str, str]) -> Response:
    gzipped = page.compressed is not None and accepts_gzip(request)
    etag = f'"{page.etag}-gzip"' if gzipped else f'"{page.etag}"'
    headers = {**_HEADERS, "ETag": etag}
    if not page.media_type.startswith(("text/javascript", "text/css")):
        headers |= document_headers
    # A weak tag is as good here (RFC 9110, section 13.1.2); proxies that compress make ours weak.
    known = request.headers.get("if-none-match", "").split(",")
    if {tag.strip().removeprefix("W/") for tag in known} & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    if gzipped:
        headers["Content-Encoding"] = "gzip"
    content = page.compressed if gzipped else page.content
    return Response(content, headers=headers, media_type=page.media_type)


def accepts_gzip(request: Request) -> bool:
    """Whether a client takes an answer that is compressed with gzip."""
    for choice in request.headers.get("accept-encoding", "").split(","):
        name, _, quality = choice.replace(" ", "").lower().partition(";q=")
        if name == "gzip":
            return quality.strip("0.") != "" if quality else True
    return False
