"""The pad in a real browser: ink, its tools and their keys."""

import io
from typing import Any

import numpy as np
import pytest
from browser import (
    SEVEN,
    Hand,
    column,
    darkness,
    digit,
    expect_state,
    ink,
    open_page,
    wait_until_read,
)
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from scripted_service import ScriptedService

pytestmark = pytest.mark.browser

DASH = [(100, 140), (180, 150)]
LEFT = [(40, 60), (40, 220)]
RIGHT = [(220, 60), (220, 220)]


def test_reads_a_drawing_and_clears_it(page: Page) -> None:
    blank = ink(page)
    Hand(page).draw(SEVEN)
    expect(digit(page)).to_have_text("7")
    expect(column(page, 7)).to_have_accessible_name("7 >99\u00a0%")
    assert page.locator("#columns button").count() == 11
    assert ink(page) != blank
    page.locator("#clear").click()
    expect(digit(page)).to_have_text("")
    assert ink(page) == blank


def test_undo_and_redo_give_back_the_same_pixels(page: Page) -> None:
    states = [ink(page)]
    for stroke in (SEVEN, DASH):
        Hand(page).draw(stroke)
        states.append(ink(page))
    page.locator("#clear").click()
    assert ink(page) == states[0]
    assert len(set(states)) == 3

    page.locator("#undo").click()
    assert ink(page) == states[2]
    page.keyboard.press("Control+z")
    assert ink(page) == states[1]
    page.keyboard.press("Control+z")
    assert ink(page) == states[0]
    page.keyboard.press("Control+Shift+z")
    assert ink(page) == states[1]
    page.keyboard.press("Control+y")
    assert ink(page) == states[2]
    page.locator("#redo").click()
    assert ink(page) == states[0]
    page.locator("#pad").press("Backspace")
    assert ink(page) == states[2]


def test_what_was_undone_does_not_come_back_after_a_new_stroke(page: Page) -> None:
    hand = Hand(page)
    for stroke in (LEFT, RIGHT):
        hand.draw(stroke)
    page.locator("#undo").click()
    hand.draw(DASH)
    drawn = ink(page)
    expect(page.locator("#redo")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Control+y")
    page.locator("#redo").click(force=True)
    assert ink(page) == drawn
    marks = darkness(page)
    assert not marks[: len(marks) // 4, len(marks) // 2 :].any()  # of the right stroke's upper end


def test_a_stroke_rubbed_out_leaves_no_pixel(page: Page) -> None:
    hand = Hand(page)
    hand.draw(LEFT)
    before = ink(page)
    hand.draw(RIGHT)
    assert ink(page) != before
    page.locator("#pad").press("e")
    hand.draw(RIGHT)
    assert ink(page) == before
    page.keyboard.press("Control+z")
    assert ink(page) != before


def test_a_turned_stylus_erases(page: Page) -> None:
    hand = Hand(page, "pen")
    hand.draw(LEFT)
    # DevTools has no button 5, so this stylus is turned around by events of our own.
    x, y = hand.place(40, 140)
    page.evaluate(
        """([x, y]) => {
          const pad = document.getElementById("pad");
          const pen = { pointerId: 9, pointerType: "pen", button: 5, clientX: x, clientY: y };
          for (const type of ["pointerdown", "pointermove", "pointerup"]) {
            pad.dispatchEvent(new PointerEvent(type, pen));
          }
        }""",
        [x, y],
    )
    marks = darkness(page)
    height = len(marks)
    assert marks[height // 2, round(height * 40 / 280)] == 0
    assert marks[height * 70 // 280, round(height * 40 / 280)] > 200


def test_with_alt_a_key_is_the_browsers(page: Page) -> None:
    Hand(page).draw(LEFT)
    drawn = ink(page)
    for key in ("Delete", "Backspace", "e"):
        page.locator("#pad").press(f"Alt+{key}")
    assert ink(page) == drawn
    expect(page.locator("#eraser")).to_have_attribute("aria-pressed", "false")


def test_undo_and_redo_say_whether_there_is_something_to_do(page: Page) -> None:
    undo, redo = page.locator("#undo"), page.locator("#redo")

    def expect_disabled(of_undo: str, of_redo: str) -> None:
        expect(undo).to_have_attribute("aria-disabled", of_undo)
        expect(redo).to_have_attribute("aria-disabled", of_redo)

    expect_disabled("true", "true")
    Hand(page).draw(LEFT)
    expect_disabled("false", "true")
    undo.click()
    expect_disabled("true", "false")


def test_an_eraser_on_empty_paper_is_nothing_to_read(page: Page, scripted: ScriptedService) -> None:
    asked = len(scripted.questions)
    page.locator("#pad").press("e")
    Hand(page).draw(LEFT)
    expect(page.locator("#undo")).to_have_attribute("aria-disabled", "false")
    expect_state(page, "empty")
    expect(digit(page)).to_have_attribute("data-example", "3")
    assert len(scripted.questions) == asked


def test_what_was_drawn_and_undone_is_nothing_to_read(page: Page) -> None:
    Hand(page).draw(LEFT)
    wait_until_read(page)
    page.locator("#undo").click()
    expect(digit(page)).to_have_text("")
    expect(page.locator("#strip li")).to_have_count(0)


def test_pen_widths(page: Page) -> None:
    """Brackets go up and down to an end; the button, here +, goes around."""
    for keys, name, units in (
        ("[]", "medium", 20),
        ("]", "broad", 32),
        ("]][", "medium", 20),
        ("+", "broad", 32),
        ("++", "medium", 20),
        ("[[[", "fine", 12),
    ):
        for key in keys:
            if key == "+":
                page.locator("#width").click()
            else:
                page.locator("#pad").press(key)
        expect(page.locator("#width")).to_have_accessible_name(f"Pen width: {name}")
        Hand(page).draw([(60, 140), (220, 140)])
        marks = darkness(page)
        across = marks[:, marks.shape[1] // 2].astype(float).sum() / 255 * 280 / marks.shape[0]
        assert across == pytest.approx(units, abs=0.5), keys
        page.locator("#clear").click()


def test_pressure_changes_the_width_a_little(page: Page) -> None:
    thickness = []
    for force in (0.1, 0.5, 1.0):
        Hand(page, "pen").draw([(60, 140), (140, 140), (220, 140)], force=force)
        marks = darkness(page)
        across = marks[:, marks.shape[1] // 2].astype(float).sum() / 255
        thickness.append(across * 280 / marks.shape[0])
        page.locator("#clear").click()
    light, plain, heavy = thickness
    assert plain == pytest.approx(20, abs=0.5)
    assert 12 < light < 18
    assert 22 < heavy < 28


def test_a_tap_leaves_a_dot(page: Page) -> None:
    Hand(page).draw([(140, 140)])
    marks = darkness(page)
    area = marks.astype(float).sum() / 255 * (280 / marks.shape[0]) ** 2
    assert area == pytest.approx(np.pi * 10**2, rel=0.02)


def test_a_fast_stroke_is_smooth(page: Page) -> None:
    """Of twelve points on a circle a circle is drawn; its polygon's edge would vary by 3 units."""
    angles = np.linspace(0, 2 * np.pi, 13)
    Hand(page).draw([(140 + 90 * np.cos(angle), 140 + 90 * np.sin(angle)) for angle in angles])
    marks = darkness(page)
    y, x = (np.argwhere(marks > 127).T + 0.5) * 280 / marks.shape[0] - 140
    degrees = np.degrees(np.arctan2(y, x)) % 360
    radius = np.hypot(x, y)
    edge = [radius[np.abs(degrees - degree) < 1].max() for degree in range(45, 316, 5)]
    assert max(edge) - min(edge) < 0.8


def test_the_picture_sent_is_the_same_in_every_window(
    browser: Browser, scripted: ScriptedService
) -> None:
    """But for the paper at the right, of which there is as much as the window has room for."""
    pictures = []
    contexts: list[tuple[int, dict[str, Any]]] = [
        (400, {"viewport": {"width": 1280, "height": 860}}),
        (350, {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3}),
        (320, {"viewport": {"width": 844, "height": 390}, "color_scheme": "dark"}),
    ]
    for width, context in contexts:
        with open_page(browser, scripted.url, **context) as page:
            Hand(page).draw(SEVEN)
            wait_until_read(page)
            picture = Image.open(io.BytesIO(scripted.questions[-1][0])).convert("L")
            assert picture.size == (width / 2, 140)
            pictures.append(np.asarray(picture).astype(int)[:, :140])
    for picture in pictures:
        assert picture[0, 0] == 255
        assert picture[30, 70] < 30
        assert abs(picture - pictures[0]).mean() < 1.5  # pointers move by whole pixels


def test_a_small_digit_is_sent_with_all_its_pixels(page: Page, scripted: ScriptedService) -> None:
    Hand(page).draw([(x / 2, y / 2) for x, y in SEVEN])
    wait_until_read(page)
    picture = Image.open(io.BytesIO(scripted.questions[-1][0])).convert("L")
    assert picture.size == (400, 280)
    assert picture.getpixel((70, 30)) < 30


def test_is_sharp_and_keeps_the_drawing_when_the_window_turns(
    browser: Browser, scripted: ScriptedService
) -> None:
    with open_page(
        browser, scripted.url, viewport={"width": 400, "height": 800}, device_scale_factor=2
    ) as page:
        Hand(page).draw(SEVEN)
        upright = ink(page)
        size = "[pad.width, Math.round(pad.getBoundingClientRect().width * devicePixelRatio)]"
        canvas, pixels = page.evaluate(size)
        assert canvas == pixels
        page.set_viewport_size({"width": 800, "height": 400})
        assert ink(page) != upright
        assert (darkness(page) > 127).mean() == pytest.approx(0.09, abs=0.03)
        canvas, pixels = page.evaluate(size)
        assert canvas == pixels
        page.set_viewport_size({"width": 400, "height": 800})
        assert ink(page) == upright


def test_draws_with_a_finger_without_scrolling(browser: Browser, scripted: ScriptedService) -> None:
    with open_page(
        browser, scripted.url, viewport={"width": 390, "height": 600}, has_touch=True
    ) as page:
        Hand(page, "touch").draw([(140, 230), (140, 140), (140, 40)])
        wait_until_read(page)
        assert page.evaluate("scrollY") == 0
        assert (darkness(page) > 127).any()


def test_a_second_finger_and_a_palm_leave_no_ink(
    browser: Browser, scripted: ScriptedService
) -> None:
    with open_page(
        browser, scripted.url, viewport={"width": 600, "height": 900}, has_touch=True
    ) as page:
        session = page.context.new_cdp_session(page)
        hand = Hand(page, "touch")

        def touch(kind: str, *points: tuple[float, float]) -> None:
            places = enumerate(hand.place(*point) for point in points)
            fingers = [{"x": x, "y": y, "id": i} for i, (x, y) in places]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

        touch("touchStart", (60, 60))
        touch("touchMove", (60, 140))
        touch("touchStart", (60, 140), (200, 100))
        touch("touchMove", (60, 220), (200, 200))
        touch("touchEnd")
        marks = darkness(page)
        assert (marks[:, : marks.shape[1] // 2] > 127).any()
        assert not marks[:, marks.shape[1] // 2 :].any()

        before = ink(page)
        hand.draw(RIGHT, radiusX=45, radiusY=45)
        assert ink(page) == before


def test_a_stroke_that_the_browser_breaks_off_is_kept_and_the_next_one_drawn(
    browser: Browser, scripted: ScriptedService
) -> None:
    """As it does where a finger's way becomes a gesture of the system's."""
    with open_page(
        browser, scripted.url, viewport={"width": 600, "height": 900}, has_touch=True
    ) as page:
        hand = Hand(page, "touch")
        hand.down(*LEFT[0])
        hand.move(*LEFT[1])
        hand.cancel()
        wait_until_read(page)
        expect(digit(page)).to_have_text("7")
        half = darkness(page).shape[1] // 2
        assert (darkness(page)[:, :half] > 127).any()
        hand.draw(RIGHT)
        wait_until_read(page)
        assert (darkness(page)[:, half:] > 127).any()


def test_the_hand_that_holds_a_stylus_leaves_no_ink(
    browser: Browser, scripted: ScriptedService
) -> None:
    with open_page(
        browser, scripted.url, viewport={"width": 600, "height": 900}, has_touch=True
    ) as page:
        finger = Hand(page, "touch")
        finger.down(220, 60)
        finger.move(220, 100)
        Hand(page, "pen").draw(LEFT)
        finger.move(220, 200)
        finger.up(220, 200)
        finger.draw(RIGHT)
        marks = darkness(page)
        assert (marks[:, : marks.shape[1] // 2] > 127).any()
        assert not marks[:, marks.shape[1] // 2 :].any()


def test_other_mouse_buttons_do_not_draw(page: Page) -> None:
    before = ink(page)
    Hand(page).draw(SEVEN, button="right", buttons=2)
    assert ink(page) == before
    menu = "pad.dispatchEvent(new MouseEvent('contextmenu', { cancelable: true }))"
    assert not page.evaluate(menu)  # a long press would ask for it in the midst of a stroke
