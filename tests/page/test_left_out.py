"""Ink that was left out: hatched on the paper, named, and read by a tap."""

import io
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from browser import (
    SEVEN,
    WIDE,
    Hand,
    digit,
    expect_state,
    expect_strip,
    ink,
    open_page,
    wait_until_read,
)
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect
from scripted_service import ScriptedService, problem, reading

from model.drawn.papers.generator import generate

pytestmark = pytest.mark.browser

# In pixels of the picture that is sent, two units of the paper each.
LINE = {"left": 10, "top": 125, "width": 180, "height": 6}
EDGE = {"left": 180, "top": 20, "width": 20, "height": 60}
MARK = {"left": 120, "top": 100, "width": 8, "height": 8}
FRAME = {"left": 5, "top": 5, "width": 190, "height": 130}


def draw_beside(page: Page, scripted: ScriptedService, *ignored: Any, part: Any = None) -> None:
    """Draw a 7, beside which the service leaves ink out; it reads a part of the paper otherwise."""

    async def answer(n: int) -> Any:
        whole = Image.open(io.BytesIO(scripted.questions[-1][0])).size != size(EDGE)
        return reading(7, ignored=list(ignored)) if whole else part

    scripted.answer = answer
    Hand(page).draw(SEVEN)
    wait_until_read(page)
    expect(page.locator("#overlay :is(.hatched, .outlined)")).to_have_count(len(ignored))


def test_it_is_hatched_and_named(page: Page, scripted: ScriptedService) -> None:
    draw_beside(page, scripted, LINE, EDGE, MARK, MARK)
    expect(page.locator("#overlay .hatched")).to_have_count(4)
    said = ">99 % sure. Left out: a line, a piece at the edge, 2 marks."
    expect(page.locator("#more")).to_have_text(said)
    expect(page.locator("#announcement")).to_contain_text("Left out: a line")
    names = ["Read a line, too", "Read a piece at the edge, too", *["Read a mark, too"] * 2]
    pieces = page.locator("#chips .piece")
    expect(pieces).to_have_count(4)
    for piece, name in zip(pieces.all(), names, strict=True):
        expect(piece).to_have_accessible_name(name)
    box = page.locator("#overlay .hatched").first.bounding_box()
    paper = page.locator("#pad").bounding_box()
    assert box
    assert paper
    scale = paper["height"] / 280
    assert box["x"] - paper["x"] == pytest.approx((2 * LINE["left"] - 6) * scale, abs=1)
    assert box["height"] == pytest.approx((2 * LINE["height"] + 12) * scale, abs=1)


def test_what_goes_around_the_digit_is_outlined_alone(
    page: Page, scripted: ScriptedService
) -> None:
    draw_beside(page, scripted, FRAME)
    expect(page.locator("#overlay .outlined")).to_have_count(1)
    expect(page.locator("#overlay .hatched")).to_have_count(0)
    expect(page.locator("#chips .piece")).to_have_count(0)
    expect(page.locator("#read-too")).not_to_be_visible()
    expect(page.locator("#more")).to_contain_text("Left out: a frame.")
    page.get_by_role("button", name="Hide").click()
    expect(page.locator("#overlay .outlined")).to_have_count(0)


@pytest.mark.parametrize("way", ["tap", "chip"])
def test_it_is_read_anyway(page: Page, scripted: ScriptedService, way: str) -> None:
    draw_beside(page, scripted, LINE, EDGE, part=reading(3))
    before = ink(page)
    if way == "tap":
        Hand(page).draw([(380, 90)])
    else:
        page.get_by_role("button", name="Read a piece at the edge, too").click()
    expect(digit(page)).to_have_text("73")
    expect_state(page, "number")
    assert ink(page) == before  # a tap leaves no dot
    picture = Image.open(io.BytesIO(scripted.questions[-1][0]))
    assert picture.size == size(EDGE)
    expect(page.locator("#overlay .hatched")).to_have_count(1)
    expect(page.locator("#overlay span:visible")).to_have_text(["7", "3"])
    expect_strip(page, ["73"])


@pytest.fixture
def littered(page: Page, scripted: ScriptedService) -> Page:
    """The page with a 7, beside which a line, a 3 at the edge and an empty mark were left out."""
    parts = {
        size(LINE): lambda: reading(1, verdict="not a digit", is_digit=0.01),
        size(EDGE): lambda: reading(3),
        size(MARK): lambda: problem(422, "The drawing is empty.", "empty-drawing"),
    }

    async def answer(n: int) -> Any:
        asked = Image.open(io.BytesIO(scripted.questions[-1][0])).size
        return parts.get(asked, lambda: reading(7, ignored=[LINE, EDGE, MARK]))()

    scripted.answer = answer
    Hand(page).draw(SEVEN)
    wait_until_read(page)
    expect(page.locator("#overlay .hatched")).to_have_count(3)
    return page


def size(box: dict[str, int]) -> tuple[int, int]:
    """Of the picture that is sent of a piece: there is paper around it."""
    return box["width"] + 16, box["height"] + 16


def test_all_of_it_is_read_at_once(littered: Page) -> None:
    """What holds nothing stays left out."""
    littered.get_by_role("button", name="Read them too").click()
    expect(digit(littered)).to_have_text("·73")
    expect(littered.locator("#words")).to_have_text("Mark\u00a01 is no digit.")
    expect(littered.locator("#more")).to_contain_text("Left out: a mark.")
    expect(littered.locator("#chips .digit")).to_have_text(["·", "7", "3"])
    expect(littered.locator("#overlay .hatched")).to_have_count(1)
    expect(littered.locator("#message")).to_have_text("")
    littered.get_by_role("button", name="Read it too").click()
    expect(littered.locator("#message")).to_have_text("Nothing in what was left out can be read.")
    expect(digit(littered)).to_have_text("·73")


def test_the_keyboard_stays_in_the_row_when_nothing_is_left_out_any_more(
    page: Page, scripted: ScriptedService
) -> None:
    draw_beside(page, scripted, EDGE, part=reading(3))
    page.locator("#read-too").press("Enter")
    expect(digit(page)).to_have_text("73")
    expect(page.locator("#read-too")).not_to_be_visible()
    expect(page.locator("#hide")).not_to_be_visible()
    expect(page.locator("#type")).to_be_focused()


def test_it_is_hidden_and_shown_again(littered: Page, scripted: ScriptedService) -> None:
    """The words stay; hidden, it is no longer in the pen's way. Another drawing shows its own."""
    hatched, pieces = littered.locator("#overlay .hatched"), littered.locator("#chips .piece")
    littered.get_by_role("button", name="Hide").click()
    expect(hatched).to_have_count(0)
    expect(pieces).to_have_count(0)
    expect(littered.locator("#more")).to_contain_text("Left out: a line, a piece at the edge")
    expect(littered.locator("#read-too")).to_be_visible()
    before = ink(littered)
    Hand(littered).draw([(380, 90)])
    wait_until_read(littered)
    assert ink(littered) != before
    expect(digit(littered)).to_have_text("7")
    expect(hatched).to_have_count(0)
    littered.get_by_role("button", name="Show").click()
    expect(hatched).to_have_count(3)
    expect(pieces).to_have_count(3)
    littered.get_by_role("button", name="Hide").click()
    littered.locator("#clear").click()
    expect(littered.locator("#hide")).not_to_be_visible()
    Hand(littered).draw(SEVEN)
    wait_until_read(littered)
    expect(hatched).to_have_count(3)
    expect(littered.get_by_role("button", name="Hide")).to_be_visible()


def test_a_service_that_fails_amid_the_pieces_says_so(
    page: Page, scripted: ScriptedService
) -> None:
    """What was read until then stays."""
    draw_beside(page, scripted, EDGE, LINE, MARK, part=reading(3))
    whole = scripted.answer

    async def answer(n: int) -> Any:
        asked = Image.open(io.BytesIO(scripted.questions[-1][0])).size
        return problem(500, "It broke.", "internal") if asked == size(LINE) else await whole(n)

    scripted.answer = answer
    asked_before = len(scripted.questions)
    page.get_by_role("button", name="Read them too").click()
    expect(page.locator("#message")).to_contain_text("did not read what was left out")
    expect(digit(page)).to_have_text("73")
    expect_state(page, "number")
    assert len(scripted.questions) == asked_before + 2  # the others are not asked about


def test_a_piece_that_is_no_digit_is_shown_as_one_in_its_place(
    page: Page, scripted: ScriptedService
) -> None:
    part = reading(3, verdict="not a digit", is_digit=0.02)
    draw_beside(page, scripted, EDGE, part=part)
    Hand(page).draw([(380, 90)])
    expect(digit(page)).to_have_text("7·")
    expect(page.locator("#words")).to_have_text("Mark 2 is no digit.")
    expect_state(page, "unsure")
    expect(page.locator("#chips .digit")).to_have_text(["7", "·"])


def test_a_piece_that_cannot_be_read_changes_nothing(page: Page, scripted: ScriptedService) -> None:
    part = problem(422, "The drawing is empty.", "empty-drawing")
    draw_beside(page, scripted, EDGE, part=part)
    Hand(page).draw([(380, 90)])
    expect(page.locator("#message")).to_have_text("Nothing in what was left out can be read.")
    expect(digit(page)).to_have_text("7")
    expect_state(page, "digit")


def test_a_stroke_over_it_is_ink(page: Page, scripted: ScriptedService) -> None:
    draw_beside(page, scripted, EDGE)
    before = ink(page)
    Hand(page).draw([(370, 60), (380, 120)])
    wait_until_read(page)
    assert ink(page) != before


def test_a_photograph_shows_what_was_left_out(
    browser: Browser, service: str, tmp_path: Path
) -> None:
    """Of six photographs of digits that code drew, most are read right, and some left ink out."""
    opened = 0
    with open_page(browser, service, viewport=WIDE) as page:
        for hazard in ("rule", "frame", "neighbour"):
            right = shown = 0
            for grey, label in zip(*generate(6, 5, hazard), strict=True):
                opened += 1
                Image.fromarray(grey).save(tmp_path / f"{opened}.png")
                page.locator("#file").set_input_files(tmp_path / f"{opened}.png")
                expect(page.locator("#paper")).to_have_class("pictured")
                expect(page.locator("#kept li")).to_have_count(opened)
                wait_until_read(page)
                right += digit(page).inner_text() == str(label)
                left_out = page.locator("#overlay :is(.hatched, .outlined)").count()
                shown += left_out > 0
                assert ("Left out" in page.locator("#more").inner_text()) == (left_out > 0)
            print(f"{hazard}: {right} of 6 read right, {shown} with ink left out")
            assert right >= 4, hazard
            assert shown >= 1, hazard


def test_a_form_with_several_cells_says_which_to_cut_out(
    browser: Browser, service: str, tmp_path: Path
) -> None:
    form = Image.new("L", (470, 320), 225)
    pen = ImageDraw.Draw(form)
    for x in (10, 160, 310, 460):
        pen.line((x, 10, x, 310), fill=60, width=3)
    for y in (10, 160, 310):
        pen.line((10, y, 460, y), fill=60, width=3)
    for x, y in product((60, 210, 360), (50, 200)):
        pen.line([(x, y), (x + 45, y), (x + 15, y + 70)], fill=40, width=8)
    form.save(tmp_path / "form.png")
    with open_page(browser, service) as page:
        page.locator("#file").set_input_files(tmp_path / "form.png")
        expect(page.locator("#more")).to_have_text(
            "Is it a form? Cut out the cell with the number, and open that alone."
        )
