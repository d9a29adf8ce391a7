"""What the page makes of the service's answers: in order and out of it, slow, refused, absent."""

import asyncio
import time

import pytest
from browser import SEVEN, Hand, digit, ink, wait_until_read
from playwright.sync_api import Locator, Page, Request, expect
from scripted_service import ScriptedService, problem, reading
from starlette.responses import Response

pytestmark = pytest.mark.browser

SPIRAL = [(140 + 2 * i * (-1) ** (i // 2), 60 + 3 * i) for i in range(50)]
PATIENCE_MS = 15_000  # for what the page does by itself, on a machine that is busy otherwise


def message(page: Page) -> Locator:
    """The place for news about the service."""
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


def test_reads_while_the_pen_moves_one_question_at_a_time(
    page: Page, scripted: ScriptedService
) -> None:
    """No more than 20 questions a second, never two at once, and a last one when the pen lifts."""
    under_way = 0
    most_at_once = 0

    # Only questions: what the page itself is made of may still be on its way.
    def started(request: Request) -> None:
        nonlocal under_way, most_at_once
        under_way += "/predict" in request.url
        most_at_once = max(most_at_once, under_way)

    def ended(request: Request) -> None:
        nonlocal under_way
        under_way -= "/predict" in request.url

    page.on("request", started)
    page.on("requestfinished", ended)
    page.on("requestfailed", ended)

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
    assert most_at_once == 1
    arrivals = [arrival for _, arrival in scripted.questions]
    assert len(arrivals) <= 20 * (arrivals[-1] - arrivals[0]) + 2


def test_a_growing_drawing_is_read_even_by_a_slow_service(
    page: Page, scripted: ScriptedService
) -> None:
    """An older question is given some time before a newer one replaces it."""

    async def answer(n: int) -> Response:
        await asyncio.sleep(0.3)
        return reading(7)

    scripted.answer = answer
    hand = Hand(page)
    hand.down(*SPIRAL[0])
    for point in SPIRAL:
        hand.move(*point)
        time.sleep(0.02)
    expect(digit(page)).to_have_text("7")
    hand.up(*SPIRAL[-1])


def test_says_so_when_the_service_is_away_and_recovers(
    page: Page, scripted: ScriptedService
) -> None:
    scripted.stop()
    drawn = ink(page)
    Hand(page).draw(SEVEN)
    drawn = ink(page)
    expect(message(page)).to_contain_text("cannot be reached", timeout=PATIENCE_MS)
    expect(page.locator("#announcement")).to_contain_text("cannot be reached")
    scripted.start()
    expect(digit(page)).to_have_text("7", timeout=PATIENCE_MS)
    expect(message(page)).to_have_text("")
    assert ink(page) == drawn


def test_a_busy_service_is_asked_again_when_it_said(page: Page, scripted: ScriptedService) -> None:
    async def answer(n: int) -> Response:
        if n == 1:
            return problem(429, "There are too many.", "busy", **{"Retry-After": "2"})
        return reading(7)

    scripted.answer = answer
    page.locator("#samples button").nth(7).click()
    expect(message(page)).to_have_text("The service is busy. Trying again in 2 seconds.")
    expect(digit(page)).to_have_text("7", timeout=PATIENCE_MS)
    expect(message(page)).to_have_text("")
    (_, first), (_, second) = scripted.questions
    assert second - first >= 1.95


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (503, "overloaded", "The service is busy."),
        (500, "internal", "The service has a problem."),
    ],
)
def test_a_fault_that_passes_is_survived(
    page: Page, scripted: ScriptedService, status: int, kind: str, words: str
) -> None:
    async def answer(n: int) -> Response:
        return problem(status, "It broke.", kind) if n < 3 else reading(7)

    scripted.answer = answer
    page.locator("#samples button").nth(7).click()
    expect(message(page)).to_contain_text(words)
    expect(digit(page)).to_have_text("7", timeout=PATIENCE_MS)
    expect(message(page)).to_have_text("")


def test_an_answer_that_is_no_json_is_a_fault(page: Page, scripted: ScriptedService) -> None:
    async def answer(n: int) -> Response:
        return Response("<html>a proxy's page</html>") if n == 1 else reading(7)

    scripted.answer = answer
    page.locator("#samples button").nth(7).click()
    expect(message(page)).to_contain_text("The service has a problem.")
    expect(digit(page)).to_have_text("7", timeout=PATIENCE_MS)


def test_says_so_when_the_service_is_slow(page: Page, scripted: ScriptedService) -> None:
    async def answer(n: int) -> Response:
        await asyncio.sleep(2.5)
        return reading(7)

    scripted.answer = answer
    page.locator("#samples button").nth(7).click()
    page.wait_for_timeout(500)
    expect(message(page)).to_have_text("")
    expect(message(page)).to_contain_text("slow to answer", timeout=1500)
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


def test_an_empty_drawing_is_no_error(page: Page, scripted: ScriptedService) -> None:
    """A line drawn and rubbed out: there are marks, but the service finds no ink."""

    async def answer(n: int) -> Response:
        return problem(422, "The drawing is empty.", "empty-drawing")

    hand = Hand(page)
    hand.draw(SEVEN)
    wait_until_read(page)
    scripted.answer = answer
    page.locator("#pad").press("e")
    page.locator("#pad").press("3")
    for stroke in (SEVEN, SEVEN[::-1]):
        hand.draw(stroke)
    expect(digit(page)).to_have_text("")
    expect(message(page)).to_have_text("")
    expect(page.locator("#words")).to_have_text("Waiting for a digit.")


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0.995, "This is a 7."), (0.95, "Very likely a 7."), (0.8, "Probably a 7.")],
)
def test_confidence_in_words_and_number(
    page: Page, scripted: ScriptedService, probability: float, words: str
) -> None:
    alternatives = [
        {"digit": 7, "probability": probability},
        {"digit": 1, "probability": 1 - probability},
    ]

    async def answer(n: int) -> Response:
        return reading(7, confidence=probability, alternatives=alternatives)

    scripted.answer = answer
    page.locator("#samples button").nth(7).click()
    expect(page.locator("#words")).to_have_text(words)
    first, second = (f"{each['probability']:.1%}" for each in alternatives)
    expect(page.locator("#more")).to_have_text(f"{first} sure.\nNext: 1, {second}.")


def test_two_close_readings_are_both_named(page: Page, scripted: ScriptedService) -> None:
    alternatives = [{"digit": 4, "probability": 0.55}, {"digit": 9, "probability": 0.44}]

    async def answer(n: int) -> Response:
        return reading(4, verdict="unsure", confidence=0.55, alternatives=alternatives)

    scripted.answer = answer
    page.locator("#samples button").nth(4).click()
    expect(page.locator("#words")).to_have_text("Looks like a 4, or a 9.")
    expect(page.locator("#announcement")).to_contain_text("Looks like a 4, or a 9.")


def test_doubt_whether_it_is_a_digit_names_no_second_one(
    page: Page, scripted: ScriptedService
) -> None:
    async def answer(n: int) -> Response:
        return reading(4, verdict="unsure", is_digit=0.7)

    scripted.answer = answer
    page.locator("#samples button").nth(4).click()
    expect(page.locator("#words")).to_have_text("Perhaps a 4, or no digit.")


def test_says_so_when_it_is_not_a_digit(page: Page, scripted: ScriptedService) -> None:
    async def answer(n: int) -> Response:
        return reading(8, verdict="not a digit", is_digit=0.01)

    scripted.answer = answer
    page.locator("#samples button").nth(4).click()
    expect(page.locator("#words")).to_have_text("This does not look like a digit.")
    expect(page.locator("#more")).to_contain_text("The closest is an 8.")


def test_probabilities_add_up_on_the_bars(page: Page, scripted: ScriptedService) -> None:
    probabilities = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.6, 0.08, 0.04]

    async def answer(n: int) -> Response:
        return reading(7, probabilities=probabilities)

    scripted.answer = answer
    page.locator("#samples button").nth(7).click()
    wait_until_read(page)
    page.wait_for_timeout(300)  # the bars have grown
    for each, probability in enumerate(probabilities):
        bar = page.locator(f"[role=meter][aria-label='{each}']")
        expect(bar).to_have_attribute("aria-valuenow", f"{100 * probability:g}")
        expect(bar.locator(".value")).to_have_text(f"{probability:.1%}")
        grown, whole = bar.locator(".track").evaluate(
            "(e) => [parseFloat(getComputedStyle(e, '::before').width), e.clientWidth]"
        )
        assert grown / whole == pytest.approx(probability, abs=0.01)


def test_the_look_inside_follows_the_drawing(page: Page) -> None:
    page.locator("summary").click()
    expect(page.locator("#inside-message")).to_contain_text("Draw a digit")
    page.locator("#samples button").nth(7).click()
    expect(page.locator("#maps canvas")).to_have_count(4)
    expect(page.locator("#influence-caption")).to_contain_text("speaks for a 7")
    red, blue = page.locator("#influence").evaluate(
        """(canvas) => [27, 0].map((row) => {
          const [red, , blue] = canvas.getContext("2d").getImageData(14, row, 1, 1).data;
          return red - blue;
        })"""
    )
    assert red > 100  # below, where it speaks for the reading: orange
    assert blue < -100  # above, against it: blue
    page.locator("#clear").click()
    expect(page.locator("#influence")).not_to_be_visible()


def test_questions_stop_when_the_pen_rests(page: Page, scripted: ScriptedService) -> None:
    Hand(page).draw(SEVEN)
    wait_until_read(page)
    asked = len(scripted.questions)
    page.wait_for_timeout(500)
    assert len(scripted.questions) == asked
