"""What the page makes of the service's answers: in order and out of it, slow, refused, absent."""

import asyncio
import json
import re
import threading
import time
from collections.abc import Iterator

import pytest
from browser import SEVEN, Hand, column, digit, expect_state, ink, sample, wait_until_read
from playwright.sync_api import Locator, Page, expect
from scripted_service import ScriptedService, number, problem, reading
from starlette.responses import JSONResponse, Response

pytestmark = pytest.mark.browser

SPIRAL = [(140 + 2 * i * (-1) ** (i // 2), 60 + 3 * i) for i in range(50)]
PATIENCE_MS = 15_000  # for what the page does by itself, on a machine that is busy otherwise


def message(page: Page) -> Locator:
    """The place for news."""
    return page.locator("#message")


def test_the_newest_answer_wins(page: Page, scripted: ScriptedService) -> None:
    """The first question is answered last: by then it is about an old drawing."""

    async def answer(n: int) -> Response:
        await asyncio.sleep(1.0 if n == 1 else 0.01)
        return reading(3 if n == 1 else 7)

    scripted.answer = answer
    Hand(page).draw(SEVEN)
    expect(digit(page)).to_have_text("7")
    shown = page.evaluate(
        """new Promise((done) => {
          const digit = document.getElementById("digit");
          const shown = [];
          const observer = new MutationObserver(() => shown.push(digit.textContent));
          observer.observe(digit, { childList: true });
          setTimeout(() => done(shown), 1500);
        })"""
    )
    assert "3" not in shown
    expect(digit(page)).to_have_text("7")


def test_a_late_answer_does_not_come_back_after_clearing(
    page: Page, scripted: ScriptedService
) -> None:
    async def answer(n: int) -> Response:
        await asyncio.sleep(0.7)
        return reading(7)

    scripted.answer = answer
    Hand(page).draw(SEVEN)
    page.locator("#clear").click()
    page.wait_for_timeout(1000)
    expect(digit(page)).to_have_text("")


def test_reads_while_the_pen_moves(page: Page, scripted: ScriptedService) -> None:
    """No more than 20 questions a second, however fast the answers, and one when the pen lifts."""
    hand = Hand(page)
    hand.down(*SPIRAL[0])
    for point in SPIRAL:
        hand.move(*point)
        time.sleep(0.02)
    expect(digit(page)).to_have_text("7")  # the pen is still down
    while_drawing = len(scripted.questions)
    hand.up(*SPIRAL[-1])
    wait_until_read(page)

    assert while_drawing > 3
    assert len(scripted.questions) > while_drawing
    arrivals = [arrival for _, arrival in scripted.questions]
    assert len(arrivals) <= 20 * (arrivals[-1] - arrivals[0]) + 2


def test_a_growing_drawing_is_read_even_by_a_slow_service(
    page: Page, scripted: ScriptedService
) -> None:
    """One question at a time: an older one is given some time before a newer one replaces it."""
    under_way = most_at_once = 0

    async def answer(n: int) -> Response:
        nonlocal under_way, most_at_once
        under_way += 1
        most_at_once = max(most_at_once, under_way)
        await asyncio.sleep(0.15)
        under_way -= 1
        return reading(7)

    scripted.answer = answer
    hand = Hand(page)
    hand.down(*SPIRAL[0])
    for point in SPIRAL:
        hand.move(*point)
        time.sleep(0.02)
    assert len(scripted.questions) > 2
    assert most_at_once == 1
    expect(digit(page)).to_have_text("7")
    hand.up(*SPIRAL[-1])


def test_says_so_when_the_service_is_away_and_recovers(
    page: Page, scripted: ScriptedService
) -> None:
    scripted.stop()
    drawn = ink(page)
    Hand(page).draw(SEVEN)
    drawn = ink(page)
    expect(message(page)).to_contain_text("No connection.", timeout=PATIENCE_MS)
    expect(page.locator("#announcement")).to_contain_text("No connection.")
    expect_state(page, "trouble")
    expect(page.locator("#words")).to_have_text("Not read yet.")
    scripted.start()
    expect(digit(page)).to_have_text("7", timeout=PATIENCE_MS)
    expect(message(page)).to_have_text("")
    expect_state(page, "digit")
    assert ink(page) == drawn


def test_trouble_keeps_the_reading_and_counts_down_and_can_be_hurried(
    page: Page, scripted: ScriptedService
) -> None:
    async def answer(n: int) -> Response:
        if n == 1:
            return reading(7)
        if n < 4:
            return problem(503, "It is busy.", "overloaded", **{"Retry-After": "60"})
        return reading(1)

    scripted.answer = answer
    sample(page, 7)
    page.locator("#samples button").nth(1).click()
    expect(message(page)).to_contain_text("trying again in 60")
    expect(digit(page)).to_have_text("")  # that was another drawing's
    page.locator("#undo").click()  # back to the 7
    expect(message(page)).to_contain_text(re.compile(r"trying again in 5\d"))
    page.locator("#act").click()
    expect(message(page)).to_contain_text("trying again in 60")
    asked = len(scripted.questions)
    page.evaluate("dispatchEvent(new Event('online'))")  # the browser has a network again
    expect(digit(page)).to_have_text("1")
    assert len(scripted.questions) == asked + 1
    expect(page.locator("#notice")).not_to_be_visible()


def test_trouble_with_a_stroke_leaves_the_reading_of_what_was_before(
    page: Page, scripted: ScriptedService
) -> None:
    async def answer(n: int) -> Response:
        return problem(500, "It broke.", "internal") if broken else reading(7)

    broken = False
    scripted.answer = answer
    hand = Hand(page)
    hand.draw(SEVEN)
    wait_until_read(page)
    broken = True
    hand.draw([(90, 140), (170, 150)])
    expect(message(page)).to_contain_text("The service has a problem. Your drawing is safe;")
    expect(page.locator("#words")).to_have_text("This was read before the last stroke.")
    expect(digit(page)).to_have_text("7")
    expect_state(page, "trouble")
    expect(column(page, 7)).to_have_accessible_name("7 >99\u00a0%")
    expect(page.locator("#strip span")).to_have_text("7")  # with the stroke, should this tab reload
    broken = False
    expect(page.locator("#words")).to_have_text("This is a 7.", timeout=PATIENCE_MS)


def test_a_busy_service_is_asked_again_when_it_said(page: Page, scripted: ScriptedService) -> None:
    async def answer(n: int) -> Response:
        if n == 1:
            return problem(429, "There are too many.", "busy", **{"Retry-After": "2"})
        return reading(7)

    scripted.answer = answer
    page.locator("#samples button").nth(7).click()
    expect(message(page)).to_have_text(
        "The service is busy. Your drawing is safe; trying again in 2\u00a0s."
    )
    expect(digit(page)).to_have_text("7", timeout=PATIENCE_MS)
    expect(message(page)).to_have_text("")
    (_, first), (_, second) = scripted.questions
    assert second - first >= 1.95


def test_a_fault_that_passes_is_survived(page: Page, scripted: ScriptedService) -> None:
    for status, kind, words in (
        (503, "overloaded", "The service is busy."),
        (503, "not-ready", "The service is not ready."),
        (500, "internal", "The service has a problem."),
    ):
        faults = iter([problem(status, "It broke.", kind) for _ in range(2)])

        async def answer(n: int, faults: Iterator[Response] = faults) -> Response:
            return next(faults, reading(7))

        scripted.answer = answer
        page.locator("#samples button").nth(7).click()
        expect(message(page)).to_contain_text(words)
        expect(digit(page)).to_have_text("7", timeout=PATIENCE_MS)
        expect(message(page)).to_have_text("")
        page.locator("#clear").click()


def test_after_an_answer_the_next_trouble_is_as_short_as_the_first(
    page: Page, scripted: ScriptedService
) -> None:
    async def answer(n: int) -> Response:
        return problem(500, "It broke.", "internal") if n in (1, 3) else reading(7)

    scripted.answer = answer
    for sample_of in (7, 6):
        page.locator("#samples button").nth(sample_of).click()
        expect(message(page)).to_contain_text("The service has a problem.")
        expect(message(page)).to_have_text("", timeout=PATIENCE_MS)
    times = [time for _, time in scripted.questions]
    assert times[1] - times[0] == pytest.approx(1.0, abs=0.6)
    assert times[3] - times[2] == pytest.approx(1.0, abs=0.6)


def test_a_service_that_does_not_answer_is_away(page: Page, scripted: ScriptedService) -> None:
    """After a quarter of a minute, which the page's clock is put forward by."""
    goes_on = threading.Event()

    async def answer(n: int) -> Response:
        await asyncio.to_thread(goes_on.wait, PATIENCE_MS / 1000)
        return reading(7)

    scripted.answer = answer
    page.clock.install()
    page.locator("#samples button").nth(7).click()
    page.clock.fast_forward(14_000)
    expect(message(page)).to_contain_text("slow to answer")
    page.clock.fast_forward(2_000)
    expect(message(page)).to_contain_text("No connection.")
    goes_on.set()


def test_an_answer_that_is_no_json_is_a_fault(page: Page, scripted: ScriptedService) -> None:
    async def answer(n: int) -> Response:
        return Response("<html>a proxy's page</html>") if n == 1 else reading(7)

    scripted.answer = answer
    page.locator("#samples button").nth(7).click()
    expect(message(page)).to_contain_text("The service has a problem.")
    expect(digit(page)).to_have_text("7", timeout=PATIENCE_MS)


def test_says_so_when_the_service_is_slow(page: Page, scripted: ScriptedService) -> None:
    async def answer(n: int) -> Response:
        await asyncio.to_thread(goes_on.wait, PATIENCE_MS / 1000)
        return reading(7)

    goes_on = threading.Event()
    scripted.answer = answer
    after = page.evaluate_handle(
        """() => {
          const after = [];
          addEventListener("click", () => after.push(performance.now()), { capture: true });
          new MutationObserver(() => after.push(performance.now()))
            .observe(document.getElementById("message"), { childList: true });
          return after;
        }"""
    )
    page.locator("#samples button").nth(7).click()
    expect(message(page)).to_contain_text("slow to answer")
    clicked, said = after.json_value()
    assert said - clicked > 999
    goes_on.set()
    expect(digit(page)).to_have_text("7")
    expect(message(page)).to_have_text("")


def test_a_refused_drawing_says_why_and_is_not_asked_again(
    page: Page, scripted: ScriptedService
) -> None:
    async def answer(n: int) -> Response:
        return problem(422, "It has no ink that can be framed.") if n == 1 else reading(7)

    scripted.answer = answer
    page.locator("#samples button").nth(7).click()
    expect(message(page)).to_contain_text("It has no ink that can be framed.")
    page.wait_for_timeout(1500)
    assert len(scripted.questions) == 1
    page.locator("#samples button").nth(6).click()
    expect(digit(page)).to_have_text("7")
    expect(message(page)).to_have_text("")


MARKUP = '<b id="put-in">4</b>'


def test_what_the_service_says_is_text(page: Page, scripted: ScriptedService) -> None:
    """Whatever stands in it, no element comes of it, on the paper, in the panel or in the news."""
    put_in = page.locator("#put-in")

    async def refusal(n: int) -> Response:
        return problem(422, MARKUP)

    scripted.answer = refusal
    page.locator("#samples button").nth(7).click()
    expect(message(page)).to_have_text(f"The service did not read this drawing. {MARKUP}")
    expect(page.locator("#announcement")).to_contain_text(MARKUP)
    expect(put_in).to_have_count(0)

    async def no_digit(n: int) -> Response:
        return reading(8, verdict="not a digit", is_digit=0.01)

    def marked_up() -> Response:
        answer = json.loads(bytes(number("42", [(20, 20, 40, 90), (90, 20, 40, 90)]).body))
        answer["digits"][0]["digit"] = answer["number"] = MARKUP
        both = [{"number": each, "probability": 0.4} for each in (MARKUP, MARKUP + "1")]
        return JSONResponse(answer | {"verdict": "unsure", "alternatives": both, "confidence": 0.4})

    scripted.answer, scripted.answer_number = no_digit, marked_up
    Hand(page).draw(SEVEN)
    expect(digit(page)).to_have_text(MARKUP)
    expect(page.locator("#words")).to_have_text(f"This may be {MARKUP} or {MARKUP}1.")
    expect(page.locator("#more")).to_contain_text(f"Next: {MARKUP}1,")
    expect(page.locator("#announcement")).to_contain_text(MARKUP)
    expect(page.locator("#chips .digit").first).to_contain_text(MARKUP)
    expect(page.locator("#overlay span").first).to_contain_text(MARKUP)
    expect(page.locator("#strip span")).to_have_text(MARKUP)
    expect(put_in).to_have_count(0)


def test_an_empty_drawing_is_no_error(page: Page, scripted: ScriptedService) -> None:
    """A line drawn and rubbed out: there are marks, but the service finds no ink."""

    async def answer(n: int) -> Response:
        return problem(422, "The drawing is empty.", "empty-drawing")

    hand = Hand(page)
    hand.draw(SEVEN)
    wait_until_read(page)
    scripted.answer = answer
    page.locator("#pad").press("e")
    page.locator("#pad").press("]")
    for stroke in (SEVEN, SEVEN[::-1]):
        hand.draw(stroke)
    expect(digit(page)).to_have_text("")
    expect(message(page)).to_have_text("")
    expect_state(page, "empty")
    expect(page.locator("#digit")).to_have_attribute("data-example", "3")


def test_confidence_in_whole_per_cents(page: Page, scripted: ScriptedService) -> None:
    for probability, figures in (
        (0.9951, ">99 % sure."),
        (0.99, "99 % sure. Next: 1, 1 %."),
        (0.954, "95 % sure. Next: 1, 5 %."),
        (0.8, "80 % sure. Next: 1, 20 %."),
        (1.0, ">99 % sure."),
    ):
        probabilities = [0.0, 1 - probability, *[0.0] * 5, probability, 0.0, 0.0]

        async def answer(
            n: int, confidence: float = probability, probabilities: list[float] = probabilities
        ) -> Response:
            return reading(7, confidence=confidence, probabilities=probabilities)

        scripted.answer = answer
        sample(page, 7)
        expect(page.locator("#words")).to_have_text("This is a 7.")
        expect(page.locator("#more")).to_have_text(figures)
        expect_state(page, "digit")
        expect(page.locator("#overlay .frame")).to_have_class("frame none selected")
        expect(page.locator("#overlay span")).to_have_text("7")
        page.locator("#clear").click()


def test_two_close_readings_are_both_named(page: Page, scripted: ScriptedService) -> None:
    probabilities = [0.0, 0.0, 0.0, 0.0, 0.55, 0.0, 0.0, 0.01, 0.0, 0.44]

    async def answer(n: int) -> Response:
        return reading(4, verdict="unsure", confidence=0.55, probabilities=probabilities)

    scripted.answer = answer
    sample(page, 4)
    expect(page.locator("#words")).to_have_text("This may be a 4 or a 9.")
    expect(page.locator("#announcement")).to_contain_text("This may be a 4 or a 9.")
    expect_state(page, "unsure")
    expect(digit(page)).to_have_text("4")
    expect(page.locator("#overlay .frame")).to_have_class("frame dashed selected")
    expect(page.locator("#overlay span")).to_have_text("4?")


def test_doubt_whether_it_is_a_digit_names_no_second_one(
    page: Page, scripted: ScriptedService
) -> None:
    async def answer(n: int) -> Response:
        return reading(4, verdict="unsure", is_digit=0.7)

    scripted.answer = answer
    sample(page, 4)
    expect(page.locator("#words")).to_have_text("This may be a 4, or no digit.")
    expect(page.locator("#more")).to_have_text("No digit: 30 %.")
    expect(column(page, 10)).to_have_accessible_name("no digit 30\u00a0%")


def test_says_so_when_it_is_not_a_digit(page: Page, scripted: ScriptedService) -> None:
    async def answer(n: int) -> Response:
        return reading(8, verdict="not a digit", is_digit=0.01)

    scripted.answer = answer
    sample(page, 4)
    expect(page.locator("#words")).to_have_text("This does not look like a digit.")
    expect_state(page, "not-a-digit")
    expect(digit(page)).to_have_text("")
    expect(page.locator("#overlay .frame")).to_have_class("frame dotted selected")
    expect(page.locator("#overlay span")).not_to_be_visible()
    expect(column(page, 10)).to_have_class("wins")


def test_while_the_pen_is_down_nothing_is_judged(page: Page, scripted: ScriptedService) -> None:
    """What comes in mid-stroke counts once it comes twice, and "no digit" not at all."""
    answers = iter([reading(8, verdict="not a digit", is_digit=0.01)] * 2)

    async def answer(n: int) -> Response:
        return next(answers, reading(1 if n == 3 else 7))

    scripted.answer = answer
    shown = page.evaluate_handle(
        """() => {
          const shown = [];
          const find = (id) => document.getElementById(id).textContent;
          new MutationObserver(() => shown.push(`${find("digit")}|${find("words")}`))
            .observe(document.getElementById("number"), { childList: true, subtree: true });
          return shown;
        }"""
    )
    hand = Hand(page)
    hand.down(*SPIRAL[0])
    for k in range(1, 12):
        hand.move(*SPIRAL[k])
        page.wait_for_timeout(100)
    expect(page.locator("#words")).to_have_text("So far 7…")
    expect_state(page, "drawing")
    expect(page.locator("#overlay .frame")).to_have_count(0)
    expect(column(page, 10)).to_have_accessible_name("no digit <1\u00a0%")
    assert len(scripted.questions) >= 5
    hand.up(*SPIRAL[11])
    wait_until_read(page)
    *growing, last = [each.replace("\u00a0", " ") for each in shown.json_value()]
    assert set(growing) <= {"|Keep writing…", "7|Keep writing…", "7|So far 7…"}
    assert last == "7|This is a 7."
    expect_state(page, "digit")


def test_the_columns_show_the_probabilities(page: Page, scripted: ScriptedService) -> None:
    probabilities = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.6, 0.08, 0.04]

    async def answer(n: int) -> Response:
        return reading(7, probabilities=probabilities, is_digit=0.9)

    scripted.answer = answer
    sample(page, 7)
    page.wait_for_timeout(300)  # the columns have grown
    for each, probability in enumerate([*probabilities, 0.1]):
        name = "no digit" if each == 10 else str(each)
        expect(column(page, each)).to_have_accessible_name(f"{name} {100 * probability:.0f}\u00a0%")
        expect(column(page, each).locator(".value")).to_have_text(f"{100 * probability:.0f}")
        grown, whole = (
            column(page, each)
            .locator(".bar")
            .evaluate("(e) => [parseFloat(getComputedStyle(e, '::before').height), e.clientHeight]")
        )
        assert grown / whole == pytest.approx(probability, abs=0.01)


def test_the_inside_follows_the_drawing(page: Page) -> None:
    """It is there from the start, of an example."""
    expect(page.locator("#maps canvas")).to_have_count(4)
    expect(page.locator("#more")).to_have_text("An example:")
    sample(page, 7)
    expect(page.locator("#why")).to_contain_text("speaks for a 7")
    red, blue = page.locator("#influence").evaluate(
        """(canvas) => [27, 0].map((row) => {
          const [red, , blue] = canvas.getContext("2d").getImageData(14, row, 1, 1).data;
          return red - blue;
        })"""
    )
    assert red > 100  # below, where it speaks for the reading: orange
    assert blue < -100  # above, against it: blue
    page.locator("#clear").click()
    expect(page.locator("#more")).to_have_text("An example:")


def test_questions_stop_when_the_pen_rests(page: Page, scripted: ScriptedService) -> None:
    Hand(page).draw(SEVEN)
    wait_until_read(page)
    asked = len(scripted.questions)
    page.wait_for_timeout(500)
    assert len(scripted.questions) == asked
