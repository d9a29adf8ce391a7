"""The page about the network: its figures are the service's, and its misreadings are misread."""

import re
from collections.abc import Iterator

import httpx
import pytest
from browser import VIOLATIONS, WIDE, digit, open_page, wait_until_read
from playwright.sync_api import Browser, Page, expect
from running import PROJECT

pytestmark = pytest.mark.browser

PICTURES = sorted((PROJECT / "static" / "about").glob("*.png"))


@pytest.fixture
def about(browser: Browser, service: str) -> Iterator[Page]:
    """The page of the real service."""
    with open_page(browser, f"{service}/about", viewport=WIDE) as page:
        yield page


def test_the_figures_are_those_of_the_weights(about: Page, service: str) -> None:
    model = httpx.get(f"{service}/model").json()
    scores = model["about"]["scores"]
    expect(about.locator("#misread")).to_have_text(
        str(int(10_000 * scores["mnist test error"] + 0.5))
    )
    errors = model["numbers"]["about"]["scores"].values()
    wrong = sorted(int(100 * error + 0.5) for error in errors)  # JavaScript rounds a half up
    expect(about.locator("#widths dd").first).to_have_text(str(wrong[0]))
    expect(about.locator("#widths dd")).to_have_count(len(wrong))
    rows = model["about"]["architecture"]
    layers = [each for each in rows if each["layer"] in ("Conv2D", "MaxPool2D", "Dense")]
    expect(about.locator("#layers li")).to_have_count(len(layers))
    expect(about.locator("#layers li").first).to_contain_text(f"{layers[0]['filters']} pictures")
    expect(about.locator("#drawn svg")).to_be_visible()
    expect(about.locator("#size")).to_contain_text(f"{model['about']['multiply_adds']:,}")
    expect(about.locator("#digests")).to_contain_text(model["digest"])


def test_no_figure_of_a_measurement_is_typed_in() -> None:
    """But for what a score is counted by, and the size of a frame."""
    html = (PROJECT / "static" / "about" / "index.html").read_text()
    text = re.sub(r"<[^>]*>|SHA-256", "", html.partition("<main")[2])
    assert set(re.findall(r"\d[\d,.]*", text)) == {"10,000", "100", "28"}


def test_every_picture_is_misread(about: Page) -> None:
    """As the service says on that page, and on the paper when it is opened there."""
    expect(about.locator("#misreadings a")).to_have_count(len(PICTURES))
    assert len(PICTURES) >= 4
    for path in PICTURES:
        link, meant = about.locator(f"#misreadings a[href$='{path.name}']"), path.name[0]
        expect(link).to_have_text(re.compile(rf"^A {meant}, (read as|perhaps) (?!{meant})\d$"))
    for path in PICTURES:
        about.goto(about.url.partition("#")[0].replace("/about", f"/#about/{path.name}"))
        expect(about.locator("#paper")).to_have_class("pictured")
        wait_until_read(about)
        expect(digit(about)).not_to_have_text(path.name[0])
        assert "#" not in about.url
        about.goto(f"{about.url}about")


def test_it_fits_every_window_and_axe_finds_no_violation(about: Page, axe: str) -> None:
    expect(about.locator("#misread")).not_to_have_text("–")
    expect(about.locator("#misreadings a").first).to_contain_text(",")
    about.evaluate(axe)
    for width, height in ((320, 640), (390, 844), (740, 360), (1280, 860), (2560, 1300)):
        about.set_viewport_size({"width": width, "height": height})
        assert about.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, width
        for scheme in ("light", "dark"):
            about.emulate_media(color_scheme=scheme)
            found = about.evaluate(VIOLATIONS)
            violations = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
            assert violations == [], (width, scheme)


def test_without_figures_it_says_so(browser: Browser, service: str) -> None:
    with open_page(browser, f"{service}/docs", viewport=WIDE) as page:
        page.route("**/model", lambda route: route.fulfill(status=503))
        page.goto(f"{service}/about")
        expect(page.locator("#trouble")).to_contain_text("did not tell its figures")
        expect(page.locator("#misread")).to_have_text("–")
