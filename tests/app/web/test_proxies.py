"""The service below a path of a proxy: nginx and HAProxy as docs/operate.md sets them up, and
proxies that say nothing, or take nothing away."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

import httpx
import numpy as np
import pytest
from browser import SEVEN, Hand, digit, open_page
from nasty import encoded, seven
from PIL import Image
from playwright.sync_api import Browser, expect
from proxies import configuration, proxy
from running import service_with

PNG = encoded(seven(), "PNG")
PICTURE = {"content": PNG, "headers": {"Content-Type": "image/png"}}
HAPROXY = configuration("haproxy")
SAID = "    http-request set-header X-Forwarded-Prefix /digits\n"
TAKEN_AWAY = "    http-request replace-path /digits/?(.*) /\\1\n"
PROXIES = {  # program, configuration, settings of the service
    "nginx": ("nginx", configuration("nginx"), {}),
    "haproxy": ("haproxy", HAPROXY, {}),
    "says nothing": ("haproxy", HAPROXY.replace(SAID, ""), {"root_path": "/digits"}),
    "takes nothing away": (
        "haproxy",
        HAPROXY.replace(SAID, "").replace(TAKEN_AWAY, ""),
        {"root_path": "/digits/"},
    ),
}


@pytest.fixture(scope="module", params=PROXIES)
def outside(request, tmp_path_factory, weights_path) -> Iterator[str]:
    """The address of the page below a proxy's path, without the final slash."""
    program, text, settings = PROXIES[request.param]
    folder = tmp_path_factory.mktemp("proxy")
    settings |= {"weights": weights_path, "forwarded_allow_ips": "127.0.0.1"}
    with (
        service_with(folder, **settings) as running,
        proxy(program, folder, running.port, text) as address,
    ):
        yield f"{address}/digits"


def named_in(page: httpx.Response) -> list[str]:
    """Every address that a page names, as a browser would complete it."""
    base = "".join(re.findall(r'<base href="([^"]*)">', page.text))
    text = page.text.replace("<base href", "")
    named = re.findall(r'(?:src|href)="(?!data:|#)([^"#]+)"', text)
    return [urljoin(urljoin(str(page.url), base), name) for name in named]


def test_the_configuration_has_the_lines_that_are_left_out_here():
    assert SAID in HAPROXY
    assert TAKEN_AWAY in HAPROXY


@pytest.mark.parametrize("path", ["", "/", "/docs", "/docs/"])
def test_all_that_a_page_names_is_there(outside, path):
    with httpx.Client(follow_redirects=True) as client:
        page = client.get(outside + path)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        named = named_in(page)
        assert len(named) > 2
        for address in named:
            assert address.startswith(f"{outside}/"), address
            assert client.get(address).status_code == 200, address


def test_the_interface_and_its_description(outside):
    read = httpx.post(f"{outside}/predict?detail=true", **PICTURE)
    assert read.json()["digit"] == 7
    document = httpx.get(f"{outside}/openapi.json").json()
    assert document["servers"] == [{"url": "."}]  # beside the document
    assert httpx.get(f"{outside}/v2/models/digits").json()["name"] == "digits"
    wrong = httpx.get(f"{outside}/v2/models/other")
    assert (wrong.status_code, list(wrong.json())) == (404, ["error"])
    assert httpx.get(f"{outside}/nothing").headers["content-type"] == "application/problem+json"


def test_bodies_are_bounded_by_the_service_not_by_the_proxy(outside):
    noise = np.random.default_rng(0).integers(0, 256, (2250, 2250, 3), np.uint8)
    large = encoded(Image.fromarray(noise), "PNG")
    assert 15e6 < len(large) < 16 * 2**20
    headers = {"Content-Type": "image/png"}
    read = httpx.post(f"{outside}/predict", content=large, headers=headers, timeout=60)
    assert read.status_code in (200, 422)
    refused = httpx.post(f"{outside}/predict", content=bytes(17_000_000), headers=headers)
    assert refused.status_code == 413
    assert refused.headers["content-type"] == "application/problem+json"
    assert httpx.post(f"{outside}/predict", content=bytes(18_500_000)).status_code == 413


@pytest.mark.browser
def test_a_drawing_is_read(outside, browser: Browser):
    with open_page(browser, outside) as page:  # without the final slash, which is harder
        Hand(page).draw(SEVEN)
        expect(digit(page)).to_have_text("7")


def test_the_prefix_is_believed_of_known_proxies_alone(service):
    page = httpx.get(f"{service}/", headers={"X-Forwarded-Prefix": "/elsewhere"})
    assert "<base" not in page.text
    assert "base-uri 'none'" in page.headers["content-security-policy"]


@pytest.fixture(scope="module")
def trusting(tmp_path_factory, weights_path) -> Iterator[str]:
    """A service that believes whoever is on this machine."""
    folder = tmp_path_factory.mktemp("trusting")
    with service_with(folder, weights=weights_path, forwarded_allow_ips="127.0.0.1") as running:
        yield running.url


@pytest.mark.parametrize(
    ("said", "base"),
    [
        (["/digits"], "/digits/"),
        (["/a/b/"], "/a/b/"),
        (["/a", "/b"], "/a/b/"),  # two proxies, one behind the other
        (["/a, /b"], "/a/b/"),
        ([""], None),
        (["/"], None),
        (["digits"], None),
        (["//elsewhere.example"], None),
        (['/"><script>'], None),
        (["/a b"], None),
        (["/a?b"], None),
        (["/" + "a" * 300], None),
    ],
)
def test_what_a_proxy_may_say_of_its_path(trusting, said, base):
    headers = [("X-Forwarded-Prefix", value) for value in said]
    page = httpx.get(f"{trusting}/", headers=headers)
    assert re.findall(r'<base href="([^"]*)">', page.text) == ([base] if base else [])
    policy = page.headers["content-security-policy"]
    assert ("base-uri 'self'" if base else "base-uri 'none'") in policy


def test_a_path_that_is_called_like_a_route(trusting):
    headers = {"X-Forwarded-Prefix": "/predict", "Content-Type": "image/png"}
    read = httpx.post(f"{trusting}/predict", content=PNG, headers=headers)
    assert read.json()["digit"] == 7


def test_probes_are_quiet_below_a_path_too(tmp_path, weights_path):
    with service_with(tmp_path, weights=weights_path, root_path="/digits") as running:
        for path in ("/livez", "/digits/livez", "/digits/readyz", "/digits"):
            assert httpx.get(running.url + path).status_code == 200
        for path in ("/digitsx", "/digit", "/digits/digits"):
            assert httpx.get(running.url + path).status_code == 404
        assert "livez" not in running.log
        metrics = httpx.get(f"{running.url}/digits/metrics").text
        assert 'digits_requests_total{method="GET",route="/livez",status="2xx"} 2.0' in metrics


def test_a_page_is_framed_by_the_origins_that_are_listed(tmp_path, service, weights_path):
    friends = "https://friend.example,https://*.school.example"
    with service_with(tmp_path, weights=weights_path, frame_origins=friends) as running:
        for path in ("/", "/docs"):
            policy = httpx.get(running.url + path).headers["content-security-policy"]
            allowed = "frame-ancestors https://friend.example https://*.school.example"
            assert policy.split("; ")[-1] == allowed
        policy = httpx.get(f"{running.url}/model").headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy


@pytest.mark.browser
def test_a_browser_shows_the_page_in_a_listed_origins_frame_alone(
    tmp_path, service, weights_path, browser: Browser
):
    mine = service.replace("127.0.0.1", "localhost")  # another origin, with a page of its own
    with service_with(tmp_path, weights=weights_path, frame_origins=mine) as running:
        page = browser.new_page(bypass_csp=True)
        page.goto(f"{mine}/livez")
        frame = '<iframe src="{}/" width=900 height=700></iframe>'
        with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
            page.set_content(frame.format(service))
        page.set_content(frame.format(running.url))
        expect(page.frame_locator("iframe").locator("#pad")).to_be_visible()
        page.close()
