"""The page in a real browser, on a service that answers as it is told."""

from collections.abc import Iterator

import pytest
from browser import CHROMIUM, ScriptedService, launch, problem
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no Chromium at {CHROMIUM}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launch() as browser:
        yield browser


@pytest.fixture
def scripted() -> Iterator[ScriptedService]:
    service = ScriptedService()
    service.start()
    yield service
    service.stop()


@pytest.fixture
def page(browser: Browser, scripted: ScriptedService) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1100, "height": 800})
    page = context.new_page()
    page.goto(scripted.url)
    yield page
    context.close()


def draw(page: Page, *points: tuple[float, float]) -> None:
    """Draw one stroke with the mouse; points in units of the paper, 0..280."""
    box = page.locator("#pad").bounding_box()
    assert box
    unit = box["width"] / 280
    places = [(box["x"] + x * unit, box["y"] + y * unit) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=5)
    page.mouse.up()


def ink(page: Page) -> str:
    """All pixels of the pad, once it was painted."""
    return page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame("
        "() => done(document.getElementById('pad').toDataURL()))))"
    )


SEVEN = [(80, 60), (200, 60), (130, 230)]


def test_reads_a_drawing_and_clears_it(page: Page) -> None:
    blank = ink(page)
    draw(page, *SEVEN)
    expect(page.locator("#digit")).to_have_text("7")
    expect(page.locator("[role=meter][aria-label='7']")).to_have_attribute("aria-valuenow", "99.6")
    assert ink(page) != blank
    page.locator("#clear").click()
    expect(page.locator("#digit")).to_have_text("")
    assert ink(page) == blank


def test_undo_and_redo_give_back_the_same_pixels(page: Page) -> None:
    states = [ink(page)]
    for stroke in (SEVEN, [(100, 140), (180, 150)]):
        draw(page, *stroke)
        states.append(ink(page))
    assert len(set(states)) == 3
    page.locator("#undo").click()
    assert ink(page) == states[1]
    page.keyboard.press("Control+z")
    assert ink(page) == states[0]
    page.keyboard.press("Control+Shift+z")
    assert ink(page) == states[1]
    page.locator("#redo").click()
    assert ink(page) == states[2]


def test_says_so_when_the_service_is_away_and_recovers(
    page: Page, scripted: ScriptedService
) -> None:
    scripted.stop()
    draw(page, *SEVEN)
    expect(page.locator("#message")).to_contain_text("cannot be reached")
    scripted.start()
    expect(page.locator("#digit")).to_have_text("7", timeout=10_000)
    expect(page.locator("#message")).to_have_text("")


def test_refused_drawing_says_why(page: Page, scripted: ScriptedService) -> None:
    async def refuse(n: int, png: bytes):
        return problem(422, "It has no ink that can be framed.")

    scripted.answer = refuse
    draw(page, *SEVEN)
    expect(page.locator("#message")).to_contain_text("It has no ink that can be framed.")
