"""Fixtures and hands of the browser tests: Chromium, the page, and pens to draw on it."""

import base64
import io
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Playwright, expect, sync_playwright
from scripted_service import ScriptedService

# Debian's Chromium for use without a window takes half of the processor time of the other.
CHROMIUMS = [Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")]
CHROMIUM = next(filter(Path.exists, CHROMIUMS), CHROMIUMS[-1])
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAPER = 280  # units that the paper is high
WIDE = {"width": 1280, "height": 860}
VIOLATIONS = "axe.run().then(({ violations }) => violations)"  # the rest is large

Stroke = Sequence[Sequence[float]]
SEVEN: Stroke = [(80, 60), (140, 58), (200, 60), (165, 145), (130, 230)]


_running: list[tuple[Playwright, Browser]] = []  # one, from the first test that needs it


@pytest.fixture
def browser() -> Browser:
    """Debian's Chromium, without a window."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    if not _running:
        playwright = sync_playwright().start()
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        _running.append((playwright, launched))
    return _running[0][1]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """End the browser before a test without one, in whose way Playwright's event loop would be."""
    if item.get_closest_marker("browser") is None:
        _end_browser()


def pytest_sessionfinish() -> None:
    """End the browser with the last test."""
    _end_browser()


def _end_browser() -> None:
    while _running:
        playwright, browser = _running.pop()
        browser.close()
        playwright.stop()


_example: list[bytes] = []  # the picture that the page has read while its paper is empty


@pytest.fixture
def scripted(browser: Browser) -> Iterator[ScriptedService]:
    """A service that answers as the test tells it; at first that everything is a 7."""
    service = ScriptedService()
    service.start()
    if not _example:
        page = browser.new_page()
        page.goto(service.url)
        page.locator("#digit[data-example='7']").wait_for()
        _example.append(service.questions.pop()[0])
        page.close()
    service.example = _example[0]
    yield service
    service.stop()


@pytest.fixture
def page(browser: Browser, scripted: ScriptedService) -> Iterator[Page]:
    """The page of the scripted service, in a wide window. A fault in its scripts fails the test."""
    with open_page(browser, scripted.url, viewport=WIDE) as page:
        page.locator("#digit[data-example='3']").wait_for()
        yield page


@contextmanager
def open_page(browser: Browser, url: str, **context: Any) -> Iterator[Page]:
    """Open the page at a URL; at the end, check that nothing went wrong in its scripts.

    Unless the context says otherwise, samples are there at once, without writing themselves.
    """
    faults: list[str] = []
    opened = browser.new_context(**{"reduced_motion": "reduce"} | context)
    page = opened.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(url)
    yield page
    opened.close()
    assert faults == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which knows the rules of accessible pages."""
    default = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
    path = Path(os.environ.get("AXE_CORE", default))
    if not path.exists():
        pytest.skip(f"there is no axe-core at {path}; `make node_modules` gets it")
    return path.read_text()


class Hand:
    """Draws on the pad as a mouse, a stylus ("pen") or a finger ("touch") does."""

    def __init__(self, page: Page, kind: str = "mouse") -> None:
        self.kind = kind
        self._session = page.context.new_cdp_session(page)
        box = page.locator("#pad").bounding_box()
        assert box is not None
        self._box = box

    def place(self, x: float, y: float) -> tuple[float, float]:
        """CSS pixels of the window, from units of the paper."""
        scale = self._box["height"] / PAPER
        return self._box["x"] + x * scale, self._box["y"] + y * scale

    def down(self, x: float, y: float, **more: Any) -> None:
        """Touch the paper."""
        if self.kind == "touch":
            self._touch("touchStart", x, y, **more)
        else:
            self._mouse("mouseMoved", x, y, button="none", buttons=0, force=0)
            self._mouse("mousePressed", x, y, **more)

    def move(self, x: float, y: float, **more: Any) -> None:
        """Draw a line to a point."""
        if self.kind == "touch":
            self._touch("touchMove", x, y, **more)
        else:
            self._mouse("mouseMoved", x, y, **more)

    def up(self, x: float, y: float) -> None:
        """Lift the pen."""
        if self.kind == "touch":
            self._session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        else:
            self._mouse("mouseReleased", x, y, buttons=0)

    def cancel(self) -> None:
        """Let the browser take the finger's way for something else: it ends, and is no touch."""
        self._session.send("Input.dispatchTouchEvent", {"type": "touchCancel", "touchPoints": []})

    def draw(self, stroke: Stroke, seconds_a_point: float = 0.0, **more: Any) -> None:
        """Draw a stroke, at the pace at which a person drew it."""
        start = time.monotonic()
        self.down(*stroke[0], **more)
        for i, point in enumerate(stroke[1:], start=1):
            time.sleep(max(0.0, start + i * seconds_a_point - time.monotonic()))
            self.move(*point, **more)
        self.up(*stroke[-1])

    def _mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        left, top = self.place(x, y)
        force = {"force": 0.5} if self.kind == "pen" else {}
        event = {"type": kind, "x": left, "y": top, "button": "left", "buttons": 1, "clickCount": 1}
        event |= {"pointerType": self.kind} | force | more
        self._session.send("Input.dispatchMouseEvent", event)

    def _touch(self, kind: str, x: float, y: float, **more: Any) -> None:
        left, top = self.place(x, y)
        points = [{"x": left, "y": top, "radiusX": 8, "radiusY": 8} | more]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def sample(page: Page, digit: int) -> None:
    """Start from a sample, and wait for its reading."""
    page.locator("#samples button").nth(digit).click()
    wait_until_read(page)


def expect_state(page: Page, name: str) -> None:
    """Wait until the page is in a state."""
    expect(page.locator("main")).to_have_attribute("data-state", name)


def expect_strip(page: Page, captions: Sequence[str]) -> None:
    """Wait until the strip shows drawings with these captions, the newest first."""
    expect(page.locator("#strip li span")).to_have_text(list(captions))


def column(page: Page, label: int) -> Locator:
    """The column, and button, of a digit; 10 stands for none."""
    return page.locator("#columns button").nth(label)


def digit(page: Page) -> Locator:
    """The element that shows the reading: the number, which may have one digit."""
    return page.locator("#digit")


def wait_until_read(page: Page) -> None:
    """Wait for the reading of the drawing as it is now."""
    page.locator("#reading[aria-busy=false]").wait_for()


def ink(page: Page) -> str:
    """All pixels of the pad, once it is painted."""
    return page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame("
        "() => done(document.getElementById('pad').toDataURL()))))"
    )


def darkness(page: Page) -> np.ndarray:
    """How much ink each pixel of the pad has, uint8 (H, W), 255 = ink."""
    picture = base64.b64decode(ink(page).partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(picture)).getchannel("A"))
