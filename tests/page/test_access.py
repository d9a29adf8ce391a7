"""The page for everyone: keyboard, screen reader, contrast, touch, windows, directions."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from browser import SEVEN, WIDE, Hand, darkness, digit, ink, open_page, wait_until_read
from playwright.sync_api import Browser, Page, expect
from scripted_service import ScriptedService, problem, reading

pytestmark = pytest.mark.browser

SIZES = [(320, 640), (390, 844), (768, 1024), (844, 390), (1280, 860), (2200, 1200)]


def press(page: Page, key: str, times: int = 1) -> None:
    """Press a key of the keyboard, again and again."""
    for _ in range(times):
        page.keyboard.press(key)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(
    browser: Browser, scripted: ScriptedService, axe: str, scheme: Any
) -> None:
    async def answer(n: int) -> Any:
        return problem(422, "It was refused.") if n == 3 else reading(7)

    def violations() -> list[Any]:
        page.wait_for_timeout(300)  # until the bars have grown: axe looks at colours
        page.evaluate(axe)
        found = page.evaluate("axe.run()")["violations"]
        return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]

    scripted.answer = answer
    with open_page(browser, scripted.url, viewport=WIDE, color_scheme=scheme) as page:
        assert violations() == []
        page.locator("summary").click()
        for sample in (7, 4):
            page.locator("#samples button").nth(sample).click()
            wait_until_read(page)
        page.get_by_role("button", name="It was a 4").click()
        expect(page.locator("#maps canvas")).to_have_count(4)
        assert violations() == []
        page.locator("#samples button").nth(1).click()
        expect(page.locator("#message")).to_contain_text("It was refused.")
        page.locator("#pad").focus()
        assert violations() == []


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
    assert columns.max() * 280 / marks.shape[1] == pytest.approx(140 + 80 + 10, abs=2)


def test_the_cursor_stays_on_the_paper(page: Page) -> None:
    page.locator("#pad").focus()
    press(page, "ArrowLeft", 40)
    press(page, "ArrowUp", 40)
    cursor, paper = (page.locator(name).bounding_box() for name in ("#cursor", "#pad"))
    assert cursor
    assert paper
    assert cursor["x"] + cursor["width"] / 2 >= paper["x"]
    assert cursor["y"] + cursor["height"] / 2 >= paper["y"]


def test_every_control_is_reached_by_tab_and_shows_focus(page: Page) -> None:
    page.locator("#samples button").nth(7).click()
    wait_until_read(page)
    reached: set[str] = set()
    for _ in range(80):  # more than once around
        page.keyboard.press("Tab")
        name, outline = page.evaluate(
            """(() => {
              const active = document.activeElement;
              const seen = active.closest("label") ?? active.closest("#paper") ?? active;
              const name = active.id || active.getAttribute("aria-label") || active.textContent;
              return [name, getComputedStyle(seen).outlineStyle];
            })()"""
        )
        if page.evaluate("document.activeElement === document.body"):
            continue  # between the last control and the first
        assert outline == "solid", name
        reached.add(name.replace("\N{NO-BREAK SPACE}", " "))
    wanted = {"pad", "pen", "medium", "undo", "redo", "clear", "open", "curl", "export", "remove"}
    assert wanted | {"remove-all", "Sample 0", "It was an 8", "It was no digit"} <= reached


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
    expect(announcement).to_have_text("This is a 7. 99.6% sure. Next: 0, 0.1%.")
    live = "[aria-live], output, [role=status], [role=alert], [role=log], [role=timer]"
    assert page.locator(live).count() == 1


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_fits_the_window_with_targets_for_fingers(
    browser: Browser, scripted: ScriptedService, size: tuple[int, int]
) -> None:
    width, height = size
    context = {"viewport": {"width": width, "height": height}, "has_touch": True}
    with open_page(browser, scripted.url, **context) as page:
        page.locator("#samples button").nth(7).click()
        wait_until_read(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        pad = page.locator("#pad").bounding_box()
        assert pad
        assert pad["y"] + pad["height"] <= height
        assert pad["width"] == pytest.approx(pad["height"])
        small = page.evaluate(
            """[...document.querySelectorAll("button, summary, nav a, .group label")]
              .map((each) => [each.outerHTML.slice(0, 60), each.getBoundingClientRect()])
              .filter(([, box]) => box.width < 43.9 || box.height < 43.9)
              .map(([html, box]) => `${html} ${box.width} x ${box.height}`)"""
        )
        assert [each for each in small if "<a" not in each.split(" ")[0]] == []


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
        assert marks[marks.shape[0] // 2, marks.shape[1] * 60 // 280] > 200
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        name, track, value = (
            page.locator(f"[role=meter][aria-label='7'] .{part}").bounding_box()
            for part in ("name", "track", "value")
        )
        assert name
        assert track
        assert value
        assert value["x"] < track["x"] < name["x"]


@pytest.mark.parametrize("size", [(320, 640), (390, 844), (844, 390), (1280, 860)])
def test_nothing_jumps(browser: Browser, scripted: ScriptedService, size: tuple[int, int]) -> None:
    """Whatever is said, the pad, the digit and the bars stay where they are."""
    long = "Draw one digit, large enough to be seen, on empty paper."
    close = [{"digit": 4, "probability": 0.5}, {"digit": 9, "probability": 0.4}]
    unsure = {"verdict": "unsure", "confidence": 0.5, "alternatives": close}

    async def answer(n: int) -> Any:
        await asyncio.sleep(1.2 if n == 2 else 0)
        answers = [reading(7), reading(4), problem(422, long), reading(8, verdict="not a digit")]
        return answers[n - 1] if n <= 4 else reading(4, **unsure)

    def places() -> list[Any]:
        parts = ["#pad", "#clear", "#digit", "#says", "#frame", "#bars", "#was", "#samples"]
        return page.evaluate(
            """(parts) => parts.map((part) => {
              const { left, top, width } = document.querySelector(part).getBoundingClientRect();
              return [part, left, top + scrollY, width];
            })""",
            parts,
        )

    scripted.answer = answer
    width, height = size
    with open_page(browser, scripted.url, viewport={"width": width, "height": height}) as page:
        seen = [places()]
        texts = set()
        for expected in ("This is a 7", "This is a 4", None, "does not look", "Looks like"):
            page.locator("#samples button").nth(0).click()
            if expected:
                wait_until_read(page)
                expect(page.locator("#words")).to_contain_text(expected)
            else:
                expect(page.locator("#message")).to_contain_text(long)
            texts.add(page.locator("#says").inner_text())
            seen.append(places())
        assert len(texts) >= 4
        for before, after in pairwise(seen):
            assert before == after


def test_without_motion_the_bars_do_not_slide(browser: Browser, scripted: ScriptedService) -> None:
    duration = "getComputedStyle(document.querySelector('.track'), '::before').transitionDuration"
    for motion, seconds in (("reduce", "0s"), ("no-preference", "0.12s")):
        context: dict[str, Any] = {"viewport": WIDE, "reduced_motion": motion}
        with open_page(browser, scripted.url, **context) as page:
            assert page.evaluate(duration) == seconds


def test_forced_colours_keep_bars_and_choices_visible(
    browser: Browser, scripted: ScriptedService
) -> None:
    with open_page(browser, scripted.url, viewport=WIDE, forced_colors="active") as page:
        page.locator("#samples button").nth(7).click()
        wait_until_read(page)
        colours = page.evaluate(
            """(() => {
              const colour = (selector, part) =>
                getComputedStyle(document.querySelector(selector), part).backgroundColor;
              return [
                colour(".wins .track", "::before"),
                colour(".bar:not(.wins) .track", "::before"),
                colour(".group label:has(:checked)"),
                colour(".group label:has(input:not(:checked))"),
              ];
            })()"""
        )
        wins, other, chosen, not_chosen = colours
        assert wins != other
        assert chosen != not_chosen


def test_all_texts_come_from_one_place(page: Page) -> None:
    """The document itself has no words but its title and what it says without scripts."""
    source = page.evaluate("fetch('.').then((response) => response.text())")
    words = page.evaluate(
        """(source) => {
          const page = new DOMParser().parseFromString(source, "text/html");
          for (const each of page.querySelectorAll("title, noscript")) each.remove();
          const labels = page.querySelectorAll("[aria-label], [title], [alt], [placeholder]");
          return [page.documentElement.textContent.trim(), labels.length];
        }""",
        source,
    )
    assert words == ["", 0]
