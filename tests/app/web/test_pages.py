"""The page and the documentation: headers, caching, and nothing from elsewhere."""

import gzip
import re

import httpx
import pytest
from playwright.sync_api import Browser, expect
from running import PROJECT

CSP = "default-src 'none'"


@pytest.fixture(scope="module")
def client(service):
    with httpx.Client(base_url=service) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_pages_have_strict_headers(client, path):
    headers = client.get(path).headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    policy = headers["content-security-policy"]
    assert policy.startswith(CSP)
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "permissions-policy" in headers
    assert "strict-transport-security" not in headers  # it came by plain HTTP


def test_answers_of_the_api_are_no_pages(client):
    for path in ("/livez", "/model", "/openapi.json", "/nothing"):
        headers = client.get(path).headers
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/style.css", "/docs/docs.js"])
def test_what_a_browser_has_is_not_sent_again(client, path):
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content  # httpx unpacks it
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert plain.headers["etag"] != packed.headers["etag"]
    for accept, first, weak in (
        ("identity", plain, ""),
        ("gzip", packed, ""),
        ("gzip", packed, "W/"),  # as a proxy that compresses makes of it
    ):
        known = f'"x", {weak}{first.headers["etag"]}'
        again = client.get(path, headers={"Accept-Encoding": accept, "If-None-Match": known})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == first.headers["etag"]
    assert plain.headers["cache-control"] == "no-cache"
    assert plain.headers["vary"] == "Accept-Encoding"


def test_gzip_is_only_sent_to_who_takes_it(client):
    for accept in ("", "br", "gzip;q=0", "gzip; q=0.0"):
        response = client.get("/style.css", headers={"Accept-Encoding": accept})
        assert "content-encoding" not in response.headers
    assert gzip.compress(b"") != b""


def test_every_file_of_the_page_is_served_as_what_it_is(client):
    types = {
        ".html": "text/html",
        ".css": "text/css",
        ".js": "text/javascript",
        ".svg": "image/svg+xml",
        ".png": "image/png",
    }
    static = PROJECT / "static"
    for path in (each for each in static.rglob("*") if each.is_file()):
        name = path.relative_to(static).as_posix()
        response = client.get(f"/{name}".removesuffix("/index.html"))
        assert response.status_code == 200, path
        assert response.content == path.read_bytes()
        assert response.headers["content-type"].startswith(types[path.suffix])


def test_ranges_are_not_served(client):
    response = client.get("/", headers={"Range": "bytes=0-0," + "1-," * 1000})
    assert response.status_code == 200


def test_nothing_is_loaded_from_elsewhere(client):
    for path in ("/", "/docs"):
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', client.get(path).text)


@pytest.mark.browser
def test_the_documentation_works_without_internet(service: str, browser: Browser):
    elsewhere: list[str] = []
    wrong: list[str] = []
    page = browser.new_page()
    page.on(
        "request", lambda request: request.url.startswith(service) or elsewhere.append(request.url)
    )
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{service}/docs")
    route = page.locator("article", has_text="POST /predict")
    expect(route).to_be_visible()
    route.get_by_role("button", name="Send").click()
    expect(route.locator("pre").last).to_contain_text('"digit": 7')
    page.close()
    assert [url for url in elsewhere if not url.startswith("data:")] == []
    assert wrong == []
