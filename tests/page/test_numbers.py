"""Numbers of several digits on the page: read, shown on the paper, selected, corrected, kept."""

import io
import json
import os
import re
import runpy
import subprocess
import zipfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from browser import (
    SEVEN,
    WIDE,
    Hand,
    column,
    digit,
    expect_state,
    expect_strip,
    open_page,
    wait_until_read,
)
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from running import PROJECT
from scripted_service import ScriptedService, number, reading

from model.data.own_drawings import load_own_drawings
from model.data.pen_drawings import load_pen_drawings
from model.number_reader import NUMBER_ABOVE

pytestmark = pytest.mark.browser

# Three strokes side by side, and where they are in the picture that is sent: at half its units.
STROKES = [[(x, 60), (x + 40, 60), (x + 20, 220)] for x in (60, 160, 260)]
BOXES = [(x / 2 - 5, 25, 30, 90) for x in (60, 160, 260)]
NONE = reading(8, verdict="not a digit", is_digit=0.01)
UNSURE = {
    "verdict": "unsure",
    "confidence": 0.61,
    "alternatives": [
        {"number": "427", "probability": 0.61},
        {"number": "421", "probability": 0.3},
    ],
}


@pytest.fixture
def numbers(page: Page, scripted: ScriptedService) -> Page:
    """The page of a service that takes all for 427, and for no digit."""

    async def none(n: int) -> Any:
        return NONE

    scripted.answer = none
    scripted.answer_number = lambda: number("427", BOXES)
    return page


def draw(page: Page, strokes: Any = STROKES) -> None:
    """Draw, and wait for the reading."""
    for stroke in strokes:
        Hand(page).draw(stroke)
    wait_until_read(page)


def chips(page: Page) -> Locator:
    """A button for each digit of the number."""
    return page.locator("#chips .digit")


def tabs(page: Page) -> Locator:
    """What stands on the paper at each digit."""
    return page.locator("#overlay span:visible")


def test_a_number_is_read_on_the_paper_and_in_the_panel(numbers: Page) -> None:
    draw(numbers)
    expect_state(numbers, "number")
    expect(digit(numbers)).to_have_text("427")
    expect(numbers.locator("#words")).to_have_text("Three digits.")
    expect(numbers.locator("#more")).to_have_text("98 % sure.")
    expect(numbers.locator("#announcement")).to_have_text("427. Three digits. 98 % sure.")
    expect(tabs(numbers)).to_have_text(["4", "2", "7"])
    expect(chips(numbers)).to_have_text(["4", "2", "7"])
    expect(numbers.locator("#overlay .brackets")).to_have_count(3)
    paper = numbers.locator("#pad").bounding_box()
    assert paper
    for tab, stroke in zip(tabs(numbers).all(), STROKES, strict=True):
        box = tab.bounding_box()
        assert box
        middle = (box["x"] + box["width"] / 2 - paper["x"]) * 280 / paper["height"]
        assert middle == pytest.approx(stroke[0][0] + 20, abs=2)
    expect_strip(numbers, ["427"])


def test_the_panel_is_about_the_digit_that_is_selected(
    numbers: Page, scripted: ScriptedService
) -> None:
    """At first the one that was written last, or that is doubtful."""
    draw(numbers)
    expect(chips(numbers).nth(2)).to_have_attribute("aria-pressed", "true")
    expect(column(numbers, 7)).to_have_class("wins")
    expect(column(numbers, 10)).to_have_accessible_name("no digit 3\u00a0%")  # says its explanation
    with numbers.expect_response("**/explain"):
        chips(numbers).nth(0).click()
    expect(column(numbers, 4)).to_have_class("wins")
    expect(column(numbers, 4)).to_have_accessible_name("4 >99\u00a0%")
    expect(numbers.locator("#overlay .selected span")).to_have_text("4")
    expect(numbers.locator("#why")).to_contain_text("speaks for")
    part = Image.open(io.BytesIO(scripted.parts[-1]))  # that digit alone, with some paper around it
    assert part.size == (30 + 16, 90 + 16)
    numbers.keyboard.press("ArrowRight")
    numbers.keyboard.press("Enter")
    expect(column(numbers, 2)).to_have_class("wins")


def test_whether_a_digit_is_one_at_all_is_not_known_where_it_touches_another(
    numbers: Page, scripted: ScriptedService
) -> None:
    boxes = [BOXES[0], (75, 25, 50, 90), BOXES[2]]
    scripted.answer_number = lambda: number("427", boxes)
    draw(numbers)
    none = column(numbers, 10)
    for place in (2, 1):
        chips(numbers).nth(place).click()
        expect(none).to_have_accessible_name("no digit ? not known: it touches another digit")
        expect(none).to_have_attribute("title", "not known: it touches another digit")
    chips(numbers).nth(0).click()
    expect(none).to_have_accessible_name("no digit 3\u00a0%")
    expect(none).to_have_attribute("title", "")


def test_while_a_digit_grows_the_others_stay_and_nothing_is_judged(
    numbers: Page, scripted: ScriptedService
) -> None:
    scripted.answer_number = lambda: number("42", BOXES[:2])
    draw(numbers, STROKES[:2])
    expect(tabs(numbers)).to_have_text(["4", "2"])
    scripted.answer_number = lambda: number("427", BOXES)
    shown = numbers.evaluate_handle(
        """() => {
          const shown = [];
          const tabs = () => [...document.querySelectorAll("#overlay span")];
          new MutationObserver(() => shown.push(tabs().map((each) => each.textContent).join()))
            .observe(document.getElementById("overlay"), { childList: true, subtree: true });
          return shown;
        }"""
    )
    hand = Hand(numbers)
    hand.down(*STROKES[2][0])
    for k in range(1, 12):
        hand.move(STROKES[2][0][0] + 3 * k, 60 + 5 * k)
        numbers.wait_for_timeout(60)
    expect(numbers.locator("#words")).to_have_text("So far 427…")
    expect_state(numbers, "drawing")
    expect(tabs(numbers)).to_have_text(["4", "2"])
    expect(chips(numbers)).to_have_text(["4", "2"])
    assert set(shown.json_value()) <= {"4,2"}
    hand.up(300, 120)
    wait_until_read(numbers)
    expect(tabs(numbers)).to_have_text(["4", "2", "7"])
    assert set(shown.json_value()) <= {"4,2", "4,2,7"}


def test_the_digit_under_the_pen_has_no_tab(numbers: Page) -> None:
    draw(numbers)
    hand = Hand(numbers)
    hand.down(170, 140)
    for k in range(8):
        hand.move(170 + k, 140 + k)
        numbers.wait_for_timeout(60)
    expect(tabs(numbers)).to_have_text(["4", "7"])
    hand.up(180, 150)
    expect(tabs(numbers)).to_have_text(["4", "2", "7"])


def test_a_digit_is_corrected(numbers: Page) -> None:
    draw(numbers)
    chips(numbers).nth(1).click()
    column(numbers, 1).click()
    expect(numbers.locator("#announcement")).to_have_text("Kept as 417.")
    expect(digit(numbers)).to_have_text("427")  # that was the reading
    expect(numbers.locator("#words")).to_have_text("You say it is 417.")
    expect(numbers.locator("#more")).to_have_text("It was read as 427.")
    expect(tabs(numbers)).to_have_text(["4", "1", "7"])
    expect(chips(numbers)).to_have_text(["4", "1", "7"])
    expect(column(numbers, 1)).to_have_attribute("aria-pressed", "true")
    expect_strip(numbers, ["427, was 417"])
    chips(numbers).nth(2).click()
    expect(column(numbers, 7)).to_have_attribute("aria-pressed", "true")
    chips(numbers).nth(2).press("9")
    expect_strip(numbers, ["427, was 419"])
    column(numbers, 9).click()  # taken back
    expect_strip(numbers, ["427, was 417"])
    chips(numbers).nth(1).click()
    column(numbers, 10).click()
    expect(tabs(numbers)).to_have_text(["4", "7"])
    expect_strip(numbers, ["427, was 4·7"])
    column(numbers, 10).click()
    expect_strip(numbers, ["427"])
    expect(numbers.locator("#announcement")).to_have_text("Taken back.")


def test_the_number_is_typed_where_the_cut_was_wrong(numbers: Page) -> None:
    draw(numbers)
    field = numbers.get_by_label("What the number is")
    numbers.get_by_role("button", name="Wrong? Type it").click()
    expect(field).to_be_focused()
    expect(field).to_have_value("427")
    field.press("Escape")
    expect(field).not_to_be_visible()
    expect(numbers.locator("#words")).to_have_text("Three digits.")
    numbers.get_by_role("button", name="Wrong? Type it").press("Enter")
    field.fill("4 127")
    field.press("Enter")
    expect(numbers.locator("#type")).to_be_focused()
    expect(numbers.locator("#words")).to_have_text("You say it is 4127.")
    expect(tabs(numbers)).to_have_text(["4", "2", "7"])
    expect_strip(numbers, ["427, was 4127"])
    draw(numbers, [[(20, 250), (380, 255)]])
    expect(numbers.locator("#words")).to_have_text("You say it is 4127.")


def test_what_was_said_of_fewer_digits_is_void(numbers: Page, scripted: ScriptedService) -> None:
    scripted.answer_number = lambda: number("42", BOXES[:2])
    draw(numbers, STROKES[:2])
    column(numbers, 1).click()
    expect_strip(numbers, ["42, was 41"])
    scripted.answer_number = lambda: number("427", BOXES)
    draw(numbers, STROKES[2:])
    expect(numbers.locator("#words")).to_have_text("Three digits.")
    expect_strip(numbers, ["427"])


def test_a_doubtful_digit_is_named_and_selected(numbers: Page, scripted: ScriptedService) -> None:
    scripted.answer_number = lambda: number("427", BOXES, **UNSURE)
    draw(numbers, [STROKES[2], *STROKES[:2]])
    expect_state(numbers, "unsure")
    expect(digit(numbers)).to_have_text("427")
    expect(numbers.locator("#words")).to_have_text("The 7 may be a 1.")
    expect(numbers.locator("#more")).to_have_text("61 % sure. Next: 421, 30 %.")
    expect(tabs(numbers)).to_have_text(["4", "2", "7?"])
    expect(chips(numbers)).to_have_text(["4", "2", "7?"])
    expect(chips(numbers).nth(2)).to_have_attribute("aria-pressed", "true")
    expect(numbers.locator("#overlay .dashed")).to_have_count(1)


def test_a_doubt_in_words(numbers: Page, scripted: ScriptedService) -> None:
    for text, other, words in (
        ("777", "717", "Digit 2 may be a 1."),
        ("427", "4277", "This may be 427 or 4277."),
        ("423", "428", "The 3 may be an 8."),
    ):
        both = [{"number": each, "probability": 0.4} for each in (text, other)]
        changes = {**UNSURE, "alternatives": both}
        scripted.answer_number = lambda text=text, changes=changes: number(text, BOXES, **changes)
        draw(numbers)
        expect(numbers.locator("#words")).to_have_text(words)
        numbers.locator("#clear").click()


def test_a_lone_digit_is_not_asked_about_twice(page: Page, scripted: ScriptedService) -> None:
    """What is no wider than high is read by the network for digits, and by that alone."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    scripted.answer_number = lambda: number("11", BOXES[:2])
    draw(page, [[(140, 40), (135, 140), (140, 240)]])
    expect(digit(page)).to_have_text("7")
    questions = [url for url in asked if "/predict" in url or "/read" in url]
    assert "/predict" in questions[-1]  # of the finished stroke; its first dot was as wide as high


def test_what_is_wider_than_high_is_a_number_though_it_looks_like_a_digit(
    page: Page, scripted: ScriptedService
) -> None:
    """The network for digits may have taken a part of it for a neighbour's."""
    scripted.answer_number = lambda: number("427", BOXES)
    draw(page)
    expect(digit(page)).to_have_text("427")


def test_what_is_said_of_a_growing_number_counts_once_it_is_said_twice(
    numbers: Page, scripted: ScriptedService
) -> None:
    said = count(400)  # each once: on a busy machine the page does not wait for every answer
    scripted.answer_number = lambda: number(str(next(said)), BOXES)
    shown = numbers.evaluate_handle(
        """() => {
          const shown = [];
          const words = document.getElementById("words");
          new MutationObserver(() => shown.push(words.textContent))
            .observe(words, { childList: true, characterData: true, subtree: true });
          return shown;
        }"""
    )
    hand = Hand(numbers)
    hand.down(60, 60)
    for k in range(1, 16):
        hand.move(60 + 12 * k, 60 + 10 * k)
        numbers.wait_for_timeout(60)
    assert len(scripted.questions) > 4
    assert next(said) > 404
    assert not [words for words in shown.json_value() if re.search(r"4\d\d", words)]
    hand.up(250, 220)


def test_what_may_be_a_digit_is_a_number_only_for_certain(
    page: Page, scripted: ScriptedService
) -> None:
    for verdict, of_number, shown in (
        ("unsure", "number", "11"),
        ("unsure", "unsure", "7"),
        ("not a digit", "unsure", "11"),
        ("not a digit", "not a number", ""),
    ):

        async def answer(n: int, verdict: str = verdict) -> Any:
            return reading(7, verdict=verdict, is_digit=0.5)

        scripted.answer = answer
        scripted.answer_number = lambda of_number=of_number: number(
            "11", BOXES[:2], verdict=of_number
        )
        draw(page, [SEVEN])
        expect(digit(page)).to_have_text(shown)
        page.locator("#clear").click()


def test_a_number_is_exported_beside_the_digits(
    numbers: Page, scripted: ScriptedService, tmp_path: Path
) -> None:
    draw(numbers)
    column(numbers, 1).click()
    numbers.locator("#clear").click()
    scripted.answer_number = None
    draw(numbers, [SEVEN])
    column(numbers, 7).click()
    with numbers.expect_download() as download:
        numbers.locator("#export").click()
    download.value.save_as(tmp_path / "drawings.zip")
    with zipfile.ZipFile(tmp_path / "drawings.zip") as archive:
        names = ["0001_label-421_read-427.png", "0002_label-7_read-none.png"]
        assert sorted(archive.namelist()) == [*names, "drawings.json", "numbers.json"]
        assert json.loads(archive.read("numbers.json")) == [
            {"file": names[0], "label": "421", "read": "427"}
        ]
        assert json.loads(archive.read("drawings.json")) == [
            {"file": names[1], "label": 7, "read": None}
        ]
    own = load_own_drawings(tmp_path / "drawings.zip")
    assert (own.names, own.labels.tolist()) == ([names[1]], [7])
    assert (own.number_names, [one.number for one in own.numbers]) == ([names[0]], ["421"])
    assert own.numbers[0].grey.shape == (140, 200)


@pytest.fixture
def served(browser: Browser, service: str) -> Iterator[Page]:
    """The page of the real service."""
    with open_page(browser, service, viewport=WIDE) as page:
        yield page


def test_the_copied_command_reads_the_number(served: Page) -> None:
    served.context.grant_permissions(["clipboard-read", "clipboard-write"])
    seven = [[(10 + 0.6 * x + right, y) for x, y in SEVEN] for right in (0, 110, 220)]
    draw(served, seven)
    expect(digit(served)).to_have_text("777")
    expect(tabs(served)).to_have_text(["7", "7", "7"])
    expect(served.locator("#why")).to_contain_text("speaks for a 7")
    served.locator("#curl").click()
    expect(served.locator("#curl")).to_have_text("Copied")
    command = served.evaluate("navigator.clipboard.readText()")
    ran = subprocess.run(["bash", "-c", command], capture_output=True, check=True, timeout=20)
    assert json.loads(ran.stdout)["number"] == "777"


@pytest.mark.pen
@pytest.mark.slow
def test_numbers_written_close_are_read(browser: Browser, service: str) -> None:
    """Thirty numbers of three digits by one writer each, without room between the digits.

    The first half by mouse, the others by finger.
    """
    folder = os.environ.get("PEN_DRAWINGS")
    if not folder:
        pytest.skip("PEN_DRAWINGS names no folder with pen drawings")
    drawings = load_pen_drawings(Path(folder))
    program = runpy.run_path(str(Path(folder) / "numbers_drawn.py"))
    rng = Random(30)
    by_writer: dict[str, list[int]] = {}
    for i, writer in enumerate(drawings.writers):
        by_writer.setdefault(str(writer), []).append(i)
    right = 0
    with open_page(browser, service, viewport=WIDE, has_touch=True) as page:
        for k in range(30):
            own = by_writer[sorted(by_writer)[k % len(by_writer)]]
            chosen = rng.sample(own, 3)
            rows = [{"strokes": drawings.strokes[i]} for i in chosen]
            strokes = program["place"](rows, program["GAPS"]["close"], rng)
            hand = Hand(page, "mouse" if k < 15 else "touch")
            for stroke in on_paper(strokes, width=400):
                hand.draw(stroke)
            wait_until_read(page)
            right += digit(page).inner_text() == "".join(str(drawings.labels[i]) for i in chosen)
            page.locator("#clear").click()
    print(f"{right} of 30 numbers read right on the page")
    assert right >= 27


def on_paper(strokes: Any, width: float) -> list[list[tuple[float, float]]]:
    """Strokes as large as paper of this width has room for, in its middle; every third point."""
    points = [point for stroke in strokes for point in stroke]
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    scale = min((width - 60) / (right - left), 180 / (bottom - top))
    x0 = width / 2 - scale * (left + right) / 2
    y0 = 140 - scale * (top + bottom) / 2
    thinned = [[*stroke[:-1:3], stroke[-1]] for stroke in strokes]
    return [[(x0 + scale * x, y0 + scale * y) for x, y in stroke] for stroke in thinned]


def test_the_page_doubts_a_number_from_where_the_service_does() -> None:
    """From there on it is unsure for its lines alone, and the page says so."""
    words = (PROJECT / "static" / "panel" / "number.js").read_text()
    assert f"const SURE = {NUMBER_ABOVE};" in words
