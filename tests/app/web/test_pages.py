"""The page and the documentation: headers, caching, and nothing from elsewhere."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from running import PROJECT

CSP = "default-src 'none'"
PATIENCE = 120_000  # ms: Swagger UI takes long to draw itself on a busy machine


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
    directives = dict(one.split(" ", 1) for one in policy.split("; "))
    assert directives["script-src"] == directives["connect-src"] == "'self'"
    allowed = {source for sources in directives.values() for source in sources.split()}
    assert allowed <= {"'none'", "'self'", "data:", "blob:"}  # nothing from elsewhere
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


@pytest.mark.parametrize("path", ["/", "/style.css", "/docs/swagger-ui-bundle.js"])
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


@pytest.fixture
def documentation(service: str, browser: Browser) -> Iterator[Page]:
    """The API's page; at the end, nothing was asked of elsewhere, and nothing went wrong in it."""
    elsewhere: list[str] = []
    wrong: list[str] = []
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda asked: asked.url.startswith(service) or elsewhere.append(asked.url))
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{service}/docs")
    yield page
    page.close()
    assert [url for url in elsewhere if not url.startswith(("data:", "blob:"))] == []
    assert wrong == []


def opened(page: Page, operation: str) -> Locator:
    """An operation of the page, opened to be tried."""
    route = page.locator(f"[id$={operation}]")
    route.locator(".opblock-summary-control").click()
    route.get_by_role("button", name="Try it out").click()
    return route


def executed(route: Locator) -> Locator:
    """What is shown when the operation is tried as it is filled in now."""
    shown = route.locator(".responses-wrapper")
    if route.locator(".live-responses-table").is_visible():
        route.get_by_role("button", name="Clear").click()
        expect(route.locator(".live-responses-table")).to_be_hidden(timeout=PATIENCE)
    route.get_by_role("button", name="Execute").click()
    expect(route.locator(".live-responses-table")).to_contain_text('"digit": 7', timeout=PATIENCE)
    return shown


def choose_seven(route: Locator) -> None:
    route.locator("input[type=file]").set_input_files(PROJECT / "docs" / "seven.png")


@pytest.mark.browser
def test_a_picture_is_uploaded_on_the_page_of_the_api(documentation: Page):
    route = opened(documentation, "predict_predict_post")
    types = route.get_by_label("Request content type")
    for media_type in ("multipart/form-data", "image/png", "application/json"):
        types.select_option(media_type)
        if media_type != "application/json":  # which has an example filled in
            choose_seven(route)
        expect(executed(route)).to_contain_text(f"Content-Type: {media_type}", timeout=PATIENCE)


@pytest.mark.browser
def test_it_asks_beside_itself_wherever_a_proxy_has_put_it(service: str, browser: Browser):
    asked: list[str] = []
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)

    def without_prefix(route: Route) -> None:
        asked.append(route.request.url.removeprefix(service))
        route.continue_(url=route.request.url.replace("/below/", "/"))

    page.route("**", without_prefix)
    page.goto(f"{service}/below/docs")
    route = opened(page, "predict_predict_post")
    choose_seven(route)
    executed(route)
    page.close()
    assert [path for path in asked if not path.startswith("/below/")] == []


@pytest.mark.browser
def test_several_pictures_are_uploaded_on_the_page_of_the_api(documentation: Page):
    route = opened(documentation, "batch_batch_post")
    route.get_by_role("button", name="Add").click()
    files = route.locator("input[type=file]")
    expect(files).to_have_count(2, timeout=PATIENCE)
    for index, name in enumerate(("docs/seven.png", "README.md")):
        files.nth(index).set_input_files(PROJECT / name)
    expect(executed(route)).to_contain_text("unsupported-type", timeout=PATIENCE)
