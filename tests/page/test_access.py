"""The page for everyone: keyboard, screen reader, contrast, touch, windows, directions."""

import io
import os
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from browser import (
    SEVEN,
    VIOLATIONS,
    WIDE,
    Hand,
    column,
    darkness,
    digit,
    expect_state,
    ink,
    open_page,
    sample,
    wait_until_read,
)
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from scripted_service import ScriptedService, number, problem, reading

pytestmark = pytest.mark.browser

SIZES = [(320, 640), (390, 844), (768, 1024), (740, 360), (640, 320), (1280, 860), (2560, 1300)]
WINDOWS: dict[str, Any] = {
    "wide": {"width": 1280, "height": 836},
    "phone": {"width": 390, "height": 844},
    "sideways": {"width": 740, "height": 360},
    "narrow": {"width": 320, "height": 640},
}
NOT_A_DIGIT = {"verdict": "not a digit", "is_digit": 0.01}
CLOSE = {
    "verdict": "unsure",
    "confidence": 0.5,
    "probabilities": [0.0, 0.0, 0.05, 0.0, 0.5, 0.0, 0.0, 0.05, 0.0, 0.4],
}


def press(page: Page, key: str, times: int = 1) -> None:
    """Press a key of the keyboard, again and again."""
    for _ in range(times):
        page.keyboard.press(key)


class Script:
    """Answers that lead the page through its states."""

    def __init__(self, page: Page, scripted: ScriptedService) -> None:
        self._page, self._scripted = page, scripted
        self._answer: Any = reading(7)
        scripted.answer = self._next

    async def _next(self, n: int) -> Any:
        return self._answer

    def go_to(self, name: str) -> None:
        """Bring the page, whose paper is empty, into a state."""
        page = self._page
        if name == "drawing":
            hand = Hand(page)
            for point in SEVEN:
                (hand.down if point == SEVEN[0] else hand.move)(*point)
                page.wait_for_timeout(80)
            expect(page.locator("#words")).to_contain_text("So far 7")
        elif name == "news":
            page.evaluate(
                """document.dispatchEvent(
                  new ClipboardEvent("paste", { clipboardData: new DataTransfer() }))"""
            )
            expect(page.locator("#message")).to_contain_text("no picture")
        elif name == "trouble":
            Hand(page).draw(SEVEN)
            wait_until_read(page)
            self._answer = problem(503, "It is busy.", "overloaded", **{"Retry-After": "9"})
            Hand(page).draw([(90, 140), (170, 150)])
            expect(page.locator("#message")).to_contain_text("The service is busy.")
        elif name != "empty":
            self._answer = {
                "unsure": reading(4, **CLOSE),
                "not-a-digit": reading(8, **NOT_A_DIGIT),
                "number": reading(8, **NOT_A_DIGIT),
                "doubtful-number": reading(8, **NOT_A_DIGIT),
                "left-out": reading(7, ignored=[LEFT_OUT]),
            }.get(name, reading(7))
            if name.endswith("number"):
                changes = DOUBT if name == "doubtful-number" else {}
                self._scripted.answer_number = lambda: number("427", BOXES, **changes)
            Hand(page).draw(SEVEN)
            wait_until_read(page)
        if name == "corrected":
            column(page, 4).click()
        if name == "removed":
            page.get_by_role("button", name="Remove all").click()


STATES = [
    *("empty", "drawing", "digit", "number", "unsure", "not-a-digit", "trouble"),
    *("doubtful-number", "left-out", "news", "corrected", "removed"),
]
BOXES = [(30, 30, 30, 85), (70, 30, 30, 85), (110, 30, 30, 85)]  # in the picture that is sent
LEFT_OUT = {"left": 5, "top": 120, "width": 120, "height": 5}
DOUBT = {
    "verdict": "unsure",
    "confidence": 0.6,
    "alternatives": [
        {"number": "427", "probability": 0.6},
        {"number": "421", "probability": 0.3},
    ],
}


def places(page: Page) -> list[Any]:
    """Where paper, tools, reading and columns are, and how high."""
    parts = [
        "#pad",
        "#clear",
        "#number",
        "#says",
        "#chips",
        "#columns",
        "#frame",
        "#maps",
        "#samples",
    ]
    return page.evaluate(
        """(parts) => parts.map((part) => {
          const box = document.querySelector(part).getBoundingClientRect();
          const isText = part === "#says";
          return [part, isText ? 0 : box.left, box.top + scrollY, isText ? 0 : box.height];
        })""",
        parts,
    )


@pytest.mark.parametrize("window", WINDOWS)
def test_in_every_state_axe_finds_no_violation_and_nothing_has_jumped(
    browser: Browser, scripted: ScriptedService, axe: str, window: str
) -> None:
    """And there is a picture of it for those who want to look, in the folder STATES."""
    folder = os.environ.get("STATES")
    # Colours are the same in all windows; who wants to look sees all.
    schemes = ("light", "dark") if window == "wide" or folder else ("light",)
    seen = {}
    with open_page(browser, scripted.url, viewport=WINDOWS[window]) as page:
        for name in STATES:
            page.evaluate("sessionStorage.clear()")
            page.goto(scripted.url)
            expect(page.locator("#maps canvas")).to_have_count(4)
            scripted.answer_number = None
            Script(page, scripted).go_to(name)
            if name in STATES[:7]:
                expect_state(page, name)
            page.evaluate(axe)
            for scheme in schemes:
                page.emulate_media(color_scheme=scheme)
                page.wait_for_timeout(200)  # until the columns have grown: axe looks at colours
                if folder:
                    page.screenshot(path=Path(folder) / f"{window}-{scheme}-{name}.png")
                found = page.evaluate(VIOLATIONS)
                violations = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
                assert violations == [], (name, scheme)
            seen[name] = places(page)
            page.mouse.up()  # of the pen that is down while it is drawn
    for before, after in pairwise(seen):
        assert seen[before] == seen[after], (before, after)


def test_the_page_can_be_read_before_any_module(
    browser: Browser, scripted: ScriptedService, axe: str
) -> None:
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.route("**/*.js", lambda route: route.abort())
    page.goto(scripted.url)
    text = page.locator("body").inner_text()
    for words in (
        "Write a number here",
        "A neural network reads it",
        "New",
        "Open a picture",
        "Try",
    ):
        assert words in text
    page.evaluate(axe)
    found = page.evaluate(VIOLATIONS)
    assert [each["id"] for each in found] == []
    context.close()


def test_draws_by_keyboard_alone(page: Page) -> None:
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "pad":
            break
    expect(page.locator("#cursor")).to_be_visible()
    expect(page.locator("#pad-help")).to_have_css("opacity", "1")
    press(page, "ArrowUp", 8)
    press(page, "Space")
    expect(page.locator("#announcement")).to_have_text("Pen down.")
    press(page, "ArrowDown", 16)
    press(page, "Space")
    wait_until_read(page)
    expect(digit(page)).to_have_text("7")
    expect(page.locator("#announcement")).to_contain_text("This is a 7.")
    marks = darkness(page)
    height, width = marks.shape
    rows = (marks[:, width // 2] > 127).nonzero()[0] * 280 / height
    assert rows.min() == pytest.approx(50, abs=2)
    assert rows.max() == pytest.approx(230, abs=2)

    one = ink(page)
    press(page, "Delete")
    assert not darkness(page).any()
    press(page, "Control+z")
    assert ink(page) == one


def test_the_keyboard_pen_is_held_down_or_switched(page: Page) -> None:
    """Space held while the cursor moves draws one stroke and lifts with the key."""
    page.locator("#pad").focus()
    page.keyboard.down("Space")
    press(page, "ArrowRight", 3)
    page.keyboard.up("Space")
    wait_until_read(page)
    held = ink(page)
    press(page, "ArrowDown", 5)
    assert ink(page) == held
    press(page, "Space")
    press(page, "Shift+ArrowDown", 5)
    press(page, "End")
    press(page, "Space")
    assert ink(page) != held
    press(page, "Control+z")
    assert ink(page) == held


def test_two_arrows_at_once_go_diagonally(page: Page) -> None:
    page.locator("#pad").focus()
    press(page, "Space")
    page.keyboard.down("ArrowDown")
    page.keyboard.down("ArrowRight")
    for _ in range(7):
        page.keyboard.down("ArrowRight")  # as the keyboard repeats it
    page.keyboard.up("ArrowDown")
    page.keyboard.up("ArrowRight")
    press(page, "Space")
    marks = darkness(page)
    rows, columns = (marks > 127).nonzero()
    assert rows.max() * 280 / marks.shape[0] == pytest.approx(140 + 90 + 10, abs=2)
    assert columns.max() * 280 / marks.shape[0] == pytest.approx(200 + 80 + 10, abs=2)


def test_the_keyboard_pen_is_lifted_when_the_paper_is_left(page: Page) -> None:
    page.locator("#pad").focus()
    press(page, "Space")
    press(page, "ArrowDown", 5)
    expect_state(page, "drawing")
    press(page, "Tab")
    expect_state(page, "digit")
    expect(page.locator("#cursor")).not_to_have_class(re.compile("used|down"))
    left = ink(page)
    page.locator("#pad").focus()
    press(page, "ArrowRight", 5)
    assert ink(page) == left


def test_the_cursor_stays_on_the_paper_with_all_of_its_pen(page: Page) -> None:
    page.locator("#pad").focus()
    press(page, "ArrowLeft", 40)
    press(page, "ArrowUp", 40)
    press(page, "Space")
    press(page, "Space")
    marks = darkness(page)
    rows, columns = (marks > 127).nonzero()
    unit = marks.shape[0] / 280
    assert rows.max() - rows.min() == pytest.approx(20 * unit, abs=2 * unit)  # all of the dot
    assert columns.max() - columns.min() == pytest.approx(20 * unit, abs=2 * unit)


def test_every_control_is_reached_within_ten_tabs_and_shows_focus(page: Page) -> None:
    """A group is one stop; arrows, Home and End go on within it."""
    Hand(page).draw(SEVEN)
    wait_until_read(page)
    page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    stops = []
    for _ in range(10):
        page.keyboard.press("Tab")
        stops.append(focused(page))
    assert [name for name, _ in stops] == [
        "The model",
        "API",
        "Paper",
        "Pen",
        "Wrong? Type it",
        "0",
        "Sample 0",
        "Open a picture",
        "Drawing, 7",
        "Export as ZIP",
    ]
    assert {outline for _, outline in stops} == {"solid"}

    reached = set()
    for group in ("#tools", "#chips", "#columns", "#samples", "#files", "#kept-acts"):
        page.locator(f"{group} button:visible").first.focus()
        for _ in range(page.locator(f"{group} button:visible").count()):
            name, outline = focused(page)
            assert outline == "solid", name
            reached.add(name.partition(",")[0])
            page.keyboard.press("ArrowRight")
    tools = {"Pen", "Eraser", "Pen width: medium", "Undo", "Redo", "New"}
    assert tools | {"9", "no digit", "Sample 9", "Copy as curl", "Remove this one"} <= reached
    assert "Remove all" in reached
    page.keyboard.press("End")
    assert focused(page)[0] == "Remove all"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert focused(page)[0] == "Remove all"  # where it was left


def focused(page: Page) -> tuple[str, str]:
    """The name of what has the keyboard's focus, and the outline that shows it."""
    name, outline = page.evaluate(
        """(() => {
          const active = document.activeElement;
          if (active === document.body) return ["", ""];
          const ring = active.id === "pad" ? document.getElementById("overlay") : active;
          const named = active.querySelector(".name") ?? active;
          const name = active.getAttribute("aria-label") ?? named.textContent;
          return [name, getComputedStyle(ring).outlineStyle];
        })()"""
    )
    return name, outline


def test_a_pointer_leaves_no_focus_ring_on_the_paper(page: Page) -> None:
    Hand(page).draw(SEVEN)
    expect(page.locator("#overlay")).to_have_css("outline-style", "none")


def test_digits_correct_the_reading(page: Page) -> None:
    """On the paper and on the columns; elsewhere they do nothing."""
    Hand(page).draw(SEVEN)
    wait_until_read(page)
    columns = page.locator("#columns button")
    page.locator("#pad").press("4")
    expect(columns.nth(4)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#announcement")).to_have_text("Kept as a 4.")
    columns.nth(4).press("9")
    expect(columns.nth(9)).to_have_attribute("aria-pressed", "true")
    for modifier in ("Control", "Alt", "Meta"):  # which are the browser's, as for its tabs
        page.locator("#pad").press(f"{modifier}+1")
        expect(columns.nth(9)).to_have_attribute("aria-pressed", "true")
    page.locator("#open").press("1")
    expect(columns.nth(1)).to_have_attribute("aria-pressed", "false")
    expect(page.locator("#words")).to_have_text("You say it is a 9.")
    expect(page.locator("#overlay span")).to_have_text("9")


def test_readings_are_announced_only_when_the_pen_lifts(page: Page) -> None:
    hand = Hand(page)
    hand.down(*SEVEN[0])
    for point in SEVEN:
        hand.move(*point)
        page.wait_for_timeout(80)
    expect(digit(page)).to_have_text("7")
    announcement = page.locator("#announcement")
    expect(announcement).to_have_attribute("aria-live", "polite")
    expect(announcement).to_have_text("")
    hand.up(*SEVEN[-1])
    expect(announcement).to_have_text("This is a 7. >99 % sure.")
    column(page, 4).click()
    expect(announcement).to_have_text("Kept as a 4.")
    live = "[aria-live], output, [role=status], [role=alert], [role=log], [role=timer]"
    assert page.locator(live).count() == 1


def overflow(page: Page) -> int:
    """How many pixels of the page lie beside the window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_fits_the_window_with_targets_for_fingers(
    browser: Browser, scripted: ScriptedService
) -> None:
    with open_page(browser, scripted.url, has_touch=True) as page:
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            page.locator("#clear").click()
            Hand(page).draw(SEVEN)
            wait_until_read(page)
            assert overflow(page) <= 0, width
            pad = page.locator("#pad").bounding_box()
            assert pad
            assert pad["y"] + pad["height"] <= height, width
            assert 1.1 < pad["width"] / pad["height"] < 1.5, width
            boxes = page.evaluate(
                """[...document.querySelectorAll("button, nav a")]
                  .filter((each) => each.offsetParent)
                  .map((each) => {
                    const { width, height } = each.getBoundingClientRect();
                    const least = each.closest("#columns, nav") ? 24 : 44;
                    return [each.outerHTML.slice(0, 60), least, width, height];
                  })"""
            )
            # Eleven columns side by side are narrow on a phone, as keys of a piano are, but tall.
            small = [each for each in boxes if each[2] < each[1] - 0.1 or each[3] < 43.9]
            assert small == [], width


@pytest.mark.parametrize("name", ["digit", "number", "not-a-digit", "trouble", "removed"])
def test_nothing_lies_beside_the_window(
    browser: Browser, scripted: ScriptedService, name: str
) -> None:
    """From 320 to 2560 pixels, sideways, and at 200 % zoom, which halves the window."""
    sizes = [(width, 800) for width in (320, 360, 480, 600, 640, 768, 959, 960, 1024, 1440, 2560)]
    sizes += [(740, 360), (667, 375), (640, 320), (640, 430), (512, 384)]
    with open_page(browser, scripted.url, viewport=WIDE) as page:
        Script(page, scripted).go_to(name)
        for width, height in sizes:
            page.set_viewport_size({"width": width, "height": height})
            assert overflow(page) <= 0, (width, height)


def test_large_default_fonts_make_nothing_overflow(
    browser: Browser, scripted: ScriptedService
) -> None:
    """As who reads with 32 pixels instead of 16 has set it in the browser."""
    with open_page(browser, scripted.url) as page:
        session = page.context.new_cdp_session(page)
        session.send("Page.setFontSizes", {"fontSizes": {"standard": 32}})
        for width, height in ((320, 640), (390, 844), (740, 360), (640, 320), (1280, 860)):
            page.set_viewport_size({"width": width, "height": height})
            page.goto(scripted.url)
            assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
            sample(page, 7)
            assert overflow(page) <= 0, (width, height)
            pad = page.locator("#pad").bounding_box()
            assert pad
            assert pad["width"] >= 150


def test_a_phone_shows_the_paper_the_reading_and_all_columns_at_once(
    browser: Browser, scripted: ScriptedService
) -> None:
    for width, height, end in ((390, 844, 750), (360, 740, 740), (375, 667, 667)):
        with open_page(
            browser, scripted.url, viewport={"width": width, "height": height}, has_touch=True
        ) as page:
            sample(page, 7)
            bottom = page.locator("#inside h2").bounding_box()
            assert bottom
            assert bottom["y"] + bottom["height"] <= end
    with open_page(
        browser, scripted.url, viewport={"width": 740, "height": 360}, has_touch=True
    ) as page:
        for part in ("#pad", "#tools", "#number", "#columns"):
            box = page.locator(part).bounding_box()
            assert box
            assert box["y"] + box["height"] <= 360


@pytest.mark.parametrize("size", [(320, 640), (1280, 860)], ids=["narrow", "wide"])
def test_right_to_left_does_not_break_it(
    browser: Browser, scripted: ScriptedService, size: tuple[int, int]
) -> None:
    width, height = size
    with open_page(browser, scripted.url, viewport={"width": width, "height": height}) as page:
        page.evaluate("document.documentElement.dir = 'rtl'")
        Hand(page).draw([(60, 60), (60, 220)])  # left on the paper stays left
        wait_until_read(page)
        marks = darkness(page)
        assert marks[marks.shape[0] // 2, marks.shape[0] * 60 // 280] > 200
        tab, pad = (page.locator(each).bounding_box() for each in ("#overlay span", "#pad"))
        assert tab
        assert pad
        assert tab["x"] + tab["width"] / 2 == pytest.approx(
            pad["x"] + pad["height"] * 60 / 280, abs=2
        )
        assert overflow(page) <= 0
        first, last = (page.locator("#columns button").nth(i).bounding_box() for i in (0, 10))
        assert first
        assert last
        assert last["x"] < first["x"]
        page.locator("#pen").focus()
        page.keyboard.press("ArrowLeft")
        assert focused(page)[0] == "Eraser"


def test_without_motion_nothing_slides(browser: Browser, scripted: ScriptedService) -> None:
    duration = """["#columns .bar", "#ghost path"].map((each) => {
      const pseudo = each.endsWith("bar") ? "::before" : null;
      const part = getComputedStyle(document.querySelector(each), pseudo);
      return [part.transitionDuration, part.animationName];
    })"""
    still = [["0s", "none"], ["0s", "none"]]
    moving = [["0.12s", "none"], ["0s", "write"]]
    for motion, expected in (("reduce", still), ("no-preference", moving)):
        context: dict[str, Any] = {"viewport": WIDE, "reduced_motion": motion}
        with open_page(browser, scripted.url, **context) as page:
            assert page.evaluate(duration) == expected


def test_forced_colours_keep_columns_and_choices_visible(
    browser: Browser, scripted: ScriptedService
) -> None:
    with open_page(browser, scripted.url, viewport=WIDE, forced_colors="active") as page:
        Hand(page).draw(SEVEN)
        wait_until_read(page)
        column(page, 4).click()
        colours = page.evaluate(
            """(() => {
              const colour = (selector, part) =>
                getComputedStyle(document.querySelector(selector), part).backgroundColor;
              return [
                colour(".wins .bar", "::before"),
                colour("#columns button:not(.wins) .bar", "::before"),
                colour("#columns [aria-pressed=true] .name"),
                colour("#columns [aria-pressed=false] .name"),
                colour("#pen"),
                colour("#eraser"),
              ];
            })()"""
        )
        wins, other, chosen, not_chosen, pen, eraser = colours
        assert wins != other
        assert chosen != not_chosen
        assert pen != eraser


def test_a_dark_page_prints_dark_ink_on_white(browser: Browser, scripted: ScriptedService) -> None:
    with open_page(browser, scripted.url, viewport=WIDE, color_scheme="dark") as page:
        Hand(page).draw([(200, 60), (200, 220)])  # in the middle of the wide paper
        wait_until_read(page)
        for media, ink_is_dark in (("screen", False), ("print", True)):
            page.emulate_media(media=media)
            shot = Image.open(io.BytesIO(page.locator("#paper").screenshot())).convert("L")
            ink = shot.getpixel((shot.width // 2, shot.height // 2))
            paper = shot.getpixel((shot.width // 8, shot.height // 2))
            assert (ink < 40 and paper > 250) == ink_is_dark
            assert (ink > 200 and paper < 40) != ink_is_dark
