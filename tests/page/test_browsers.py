"""The page in other browsers: those of the last four years, and Firefox."""

import json
from pathlib import Path

import compat
import pytest
from browser import PAPER, SEVEN, WIDE, Hand, column, digit, wait_until_read
from firefox import Firefox, open_firefox
from playwright.sync_api import Browser, expect
from running import PROJECT
from scripted_service import ScriptedService

STATIC = PROJECT / "static"
SEVEN_PNG = PROJECT / "docs" / "seven.png"

TAKE_AWAY = """
for (const path of PATHS) {
  const name = path.pop();
  let owner = globalThis;
  for (const step of path) owner = owner?.[step];
  if (owner) delete owner[name];
}
"""


@pytest.fixture
def absent() -> list[list[str]]:
    """What Chrome 100, Firefox 100 or Safari 15.4 lacks."""
    if not compat.DATA.exists():
        pytest.skip("there is no browser-compat-data; `make node_modules` gets it")
    return compat.absent_builtins()


def test_what_older_browsers_lack_is_known(absent: list[list[str]]) -> None:
    assert ["AbortSignal", "any"] in absent
    assert ["AbortSignal", "timeout"] in absent
    assert ["Array", "prototype", "toSorted"] in absent
    assert ["Array", "prototype", "at"] not in absent
    assert compat.newer_css(
        "a:has(b) { color: red } @media print { b { scale: 2; gap: 1px } }"
    ) == [
        "has",
        "scale: 2",
    ]
    guarded = "@supports (height: 1dvh) { a { height: 1dvh } } b { rotate: 1deg }"
    assert compat.newer_css(guarded) == ["rotate: 1deg"]
    assert compat.newer_css("a { height: 100vh; height: 100dvh; width: 5dvw }") == ["width: 5dvw"]
    assert compat.newer_syntax("class A { static { } }") == ["static block"]


@pytest.mark.browser
def test_works_without_what_older_browsers_lack(
    browser: Browser, scripted: ScriptedService, absent: list[list[str]]
) -> None:
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.add_init_script(TAKE_AWAY.replace("PATHS", json.dumps(absent)))
    page.goto(scripted.url)
    assert page.evaluate("[typeof AbortSignal.any, typeof [].toSorted]") == ["undefined"] * 2
    Hand(page).draw(SEVEN)
    wait_until_read(page)
    expect(digit(page)).to_have_text("7")
    expect(page.locator("#why")).to_contain_text("speaks for a 7")
    column(page, 4).click()
    page.reload()
    wait_until_read(page)
    expect(page.locator("#strip span")).to_have_text("7, was 4")
    picture = {"name": "7.png", "mimeType": "image/png", "buffer": SEVEN_PNG.read_bytes()}
    page.locator("#file").set_input_files([picture])  # type: ignore[list-item]
    expect(page.locator("#paper")).to_have_class("pictured")
    wait_until_read(page)
    page.locator("#samples button").nth(4).click()
    wait_until_read(page)
    page.locator("#pad").press("Backspace")
    page.locator("#pad").press(" ")
    page.locator("#pad").press("ArrowDown")
    page.locator("#pad").press(" ")
    wait_until_read(page)
    with page.expect_download():
        page.locator("#export").click()
    page.locator("#remove-all").click()
    page.locator("#undo-removal").click()
    context.close()
    assert faults == []


def test_sources_name_nothing_that_older_browsers_lack(absent: list[list[str]]) -> None:
    """Syntax and style, which cannot be taken away from a browser."""
    for path in STATIC.rglob("*.js"):
        assert compat.newer_syntax(path.read_text()) == [], path
    for path in STATIC.rglob("*.css"):
        assert compat.newer_css(path.read_text()) == [], path


def draw_in_firefox(firefox: Firefox, url: str) -> None:
    """Open the page, draw a 7, and wait for its reading."""
    firefox.open(url)
    left, top, height = json.loads(
        firefox.evaluate(
            "(({ left, top, height }) => JSON.stringify([left, top, height]))"
            "(document.getElementById('pad').getBoundingClientRect())"
        )
    )
    firefox.draw([(left + x * height / PAPER, top + y * height / PAPER) for x, y in SEVEN])
    firefox.wait_for("document.getElementById('digit').textContent", "7")


@pytest.mark.browser
@pytest.mark.parametrize("resist", [False, True], ids=["as it comes", "resisting fingerprinting"])
def test_firefox_draws_and_reads(service: str, tmp_path: Path, resist: bool) -> None:
    """The real service reads what Firefox sends, even where it fakes what a canvas gives back."""
    with open_firefox(tmp_path, privacy__resistFingerprinting=resist) as firefox:
        draw_in_firefox(firefox, service)
        firefox.wait_for("document.getElementById('words').textContent.includes('7')", True)
        faked = firefox.evaluate(
            """(() => {
              const context = document.createElement("canvas").getContext("2d");
              context.fillRect(0, 0, 9, 9);
              return String(context.getImageData(0, 0, 1, 1).data) !== "0,0,0,255";
            })()"""
        )
        assert faked == resist


@pytest.mark.browser
def test_a_fault_of_the_page_is_not_called_the_networks(
    browser: Browser, scripted: ScriptedService
) -> None:
    """As in a browser that lacks something which the page needs in order to ask."""
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(scripted.url)
    page.evaluate("() => { globalThis.Request = class { constructor() { throw Error('no') } } }")
    Hand(page).draw(SEVEN)
    expect(page.locator("#message")).to_contain_text("This page has a fault")
    page.wait_for_timeout(1500)
    context.close()
    assert scripted.questions == []
    assert set(faults) == {"no"}
