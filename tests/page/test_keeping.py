"""Other ways to a drawing, and what becomes of it: samples, pictures, curl, the strip, the ZIP."""

import base64
import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import (
    SEVEN,
    WIDE,
    Hand,
    column,
    darkness,
    digit,
    expect_state,
    expect_strip,
    ink,
    open_page,
    sample,
    wait_until_read,
)
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect
from scripted_service import ScriptedService, problem, reading

from model.data.own_drawings import load_own_drawings

pytestmark = pytest.mark.browser


def one(
    paper: Any = 255, line: Any = 0, mode: str = "L", size: tuple[int, int] = (60, 120)
) -> bytes:
    """A PNG of a 1: a line down the middle."""
    picture = Image.new(mode, size, paper)
    width, height = size
    draw = ImageDraw.Draw(picture)
    draw.line([(width // 2, height // 6), (width // 2, height * 5 // 6)], line, width // 6)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def give(page: Page, way: str, content: bytes, name: str = "one.png") -> None:
    """Hand a file to the page: opened, dropped or pasted."""
    if way == "open":
        file = {"name": name, "mimeType": "image/png", "buffer": content}
        page.locator("#file").set_input_files([file])  # type: ignore[list-item]
        return
    page.evaluate(
        """([way, base64, name]) => {
          const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
          const data = new DataTransfer();
          data.items.add(new File([bytes], name, { type: "image/png" }));
          const event = way === "drop"
            ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent("paste", { clipboardData: data, bubbles: true });
          document.getElementById("pad").dispatchEvent(event);
        }""",
        [way, base64.b64encode(content).decode(), name],
    )


def sent(scripted: ScriptedService) -> np.ndarray:
    """The last picture that the page has sent, grey (H, W)."""
    picture = Image.open(io.BytesIO(scripted.questions[-1][0]))
    assert picture.mode == "L"
    return np.asarray(picture)


def shown(page: Page) -> np.ndarray:
    """The paper as it is seen, grey (H, W)."""
    shot = page.locator("#paper").screenshot()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("L"))


@pytest.mark.parametrize("way", ["open", "drop", "paste"])
def test_a_picture_is_read(page: Page, scripted: ScriptedService, way: str) -> None:
    give(page, way, one())
    expect(digit(page)).to_have_text("7")
    assert page.locator("#file").input_value() == ""  # else the same file could not be opened again
    picture = sent(scripted)
    assert picture.shape == (280, 280)
    assert picture[140, 140] < 30
    assert picture[140, 100] > 240
    assert picture[10, 140] > 240


PICTURES = {
    "dark": (one(), 255),
    "light": (one(paper=0, line=255), 0),
    "clear": (one(paper=(0, 0, 0, 0), line=(0, 0, 0, 255), mode="RGBA"), 255),
    "light on clear": (one(paper=(0, 0, 0, 0), line=(255, 255, 255, 255), mode="RGBA"), 0),
    "chalk": (one(paper=(20, 60, 40), line=(240, 240, 200), mode="RGB"), 45),
    "large": (one(size=(600, 1200)), 255),
    "tiny": (one(size=(7, 14)), 255),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_picture_stays_as_it_is_and_can_be_drawn_on(
    browser: Browser, scripted: ScriptedService, scheme: Any
) -> None:
    """What is added differs from its paper as its own ink does; an eraser leaves its paper."""
    with open_page(browser, scripted.url, viewport=WIDE, color_scheme=scheme) as page:
        for name, (picture, paper) in PICTURES.items():
            give(page, "open", picture)
            expect(page.locator("#paper")).to_have_class("pictured")
            wait_until_read(page)
            before = sent(scripted).astype(int)
            assert abs(before[140, 20] - paper) < 6, name
            assert abs(before[140, 140] - paper) > 180, name
            page.locator("#pad").press("p")
            hand = Hand(page)
            hand.draw([(30, 60), (30, 220)])
            wait_until_read(page)
            drawn = sent(scripted).astype(int)
            assert abs(drawn[140, 30] - paper) > 180, name
            page.locator("#pad").press("e")
            hand.draw([(140, 20), (140, 260)])
            wait_until_read(page)
            erased = sent(scripted).astype(int)
            assert abs(erased[140, 140] - paper) < 6, name
            page.locator("#clear").focus()
            seen = shown(page).astype(int)
            for x in (30, 80, 140, 200):
                place = seen[seen.shape[0] // 2, seen.shape[1] * x // 280]
                assert abs(place - erased[140, x]) < 12, (name, x)
            for _ in range(3):
                page.locator("#undo").click()
            expect(page.locator("#paper")).not_to_have_class("pictured")
            assert not darkness(page).any(), name


WIDTHS = {  # of a picture, in pixels; of the paper, in units; of what is sent, in pixels
    "wide": ((300, 150), (560, 280), (396, 198)),
    "wider": ((900, 150), (560, 280), (396, 198)),
    "landscape": ((400, 300), (373, 280), (323, 243)),
    "portrait": ((150, 300), (280, 280), (280, 280)),
}


def test_the_paper_is_as_wide_as_the_picture_needs(page: Page, scripted: ScriptedService) -> None:
    """And what is sent has as many pixels at most as square paper has."""
    for name, (size, paper, picture) in WIDTHS.items():
        give(page, "open", one(size=size))
        expect(page.locator("#paper")).to_have_class("pictured")
        wait_until_read(page)
        expect(digit(page)).to_have_text("7")
        assert sent(scripted).shape[::-1] == picture, name
        box = page.locator("#pad").bounding_box()
        assert box
        assert box["width"] / box["height"] == pytest.approx(paper[0] / paper[1], rel=0.01), name
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
        page.locator("#clear").click()


def test_a_file_that_is_no_picture(page: Page) -> None:
    Hand(page).draw(SEVEN)
    wait_until_read(page)
    for content in (b"", b"no picture", one()[:60]):
        give(page, "open", content, "notes.txt")
        expect(page.locator("#message")).to_contain_text("no picture that can be read")
        expect(page.locator("#words")).to_have_text("This is a 7.")  # that still holds
        expect_state(page, "digit")
        page.locator("#act").click()
        expect(page.locator("#notice")).not_to_be_visible()


def test_news_about_a_file_ends_with_the_next_thing_that_is_done(page: Page) -> None:
    steps: list[Callable[[], None]] = [
        lambda: Hand(page).draw(SEVEN),
        lambda: page.locator("#clear").click(),
        lambda: page.locator("#undo").click(),
        lambda: sample(page, 3),
        lambda: give(page, "open", one()),
    ]
    for step in steps:
        give(page, "open", b"no picture", "notes.txt")
        expect(page.locator("#message")).to_contain_text("no picture that can be read")
        step()
        expect(page.locator("#message")).to_have_text("")


def test_a_blank_picture_says_so_and_leaves_the_drawing(page: Page) -> None:
    Hand(page).draw(SEVEN)
    wait_until_read(page)
    before = ink(page)
    for grey in (0, 128, 255):
        give(page, "open", one(paper=grey, line=max(0, grey - 9)))
        expect(page.locator("#message")).to_contain_text("This picture is blank")
        assert ink(page) == before, grey
        page.locator("#act").click()
        expect(page.locator("#notice")).not_to_be_visible()


def test_a_picture_without_ink_says_so(page: Page, scripted: ScriptedService) -> None:
    """Not blank, but a cloud: the service finds nothing that stands out."""

    async def answer(n: int) -> Any:
        return problem(422, "The picture is empty.", "empty-drawing")

    scripted.answer = answer
    give(page, "open", one(paper=200, line=150))
    expect(page.locator("#message")).to_contain_text("Nothing in this picture stands out")
    expect(page.locator("#announcement")).to_contain_text("Nothing in this picture stands out")
    expect(page.locator("#hint")).not_to_be_visible()


def test_what_is_no_file_says_so(page: Page) -> None:
    """An address, dropped from another page, or a text."""
    for event in ("drop", "paste"):
        page.evaluate(
            """(event) => {
              const data = new DataTransfer();
              data.setData("text/uri-list", "https://example.org/seven.png");
              document.body.dispatchEvent(event === "drop"
                ? new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true })
                : new ClipboardEvent(event, { clipboardData: data, bubbles: true }));
            }""",
            event,
        )
        expect(page.locator("#message")).to_contain_text(
            "That was no picture, but a text or an address"
        )
        page.locator("#act").click()
        expect(page.locator("#notice")).not_to_be_visible()


def test_the_paper_shows_where_to_drop(page: Page) -> None:
    drag = "document.body.dispatchEvent(new DragEvent('{}', {{ bubbles: true, cancelable: true }}))"
    expect(page.locator("#drop")).not_to_be_visible()
    page.evaluate(drag.format("dragover"))
    expect(page.locator("#drop")).to_be_visible()
    expect(page.locator("#hint")).not_to_be_visible()
    page.evaluate(drag.format("dragleave"))
    expect(page.locator("#drop")).not_to_be_visible()


def test_a_browser_that_fakes_pictures_says_so(browser: Browser, scripted: ScriptedService) -> None:
    """As some do in order to hide who somebody is; drawing works all the same."""
    with open_page(browser, scripted.url, viewport=WIDE) as page:
        page.evaluate(
            """() => {
              CanvasRenderingContext2D.prototype.getImageData = (x, y, width, height) =>
                new ImageData(new Uint8ClampedArray(4 * width * height).fill(255), width, height);
              HTMLCanvasElement.prototype.toDataURL = () => "data:,";
            }"""
        )
        give(page, "open", one())
        expect(page.locator("#message")).to_contain_text("This browser hides pictures from pages")
        Hand(page).draw(SEVEN)
        wait_until_read(page)
        assert sent(scripted).min() < 30


def test_a_phone_offers_its_camera(browser: Browser, scripted: ScriptedService) -> None:
    for touch, visible in ((True, True), (False, False)):
        context: dict[str, Any] = {"has_touch": touch, "is_mobile": touch}
        with open_page(browser, scripted.url, **context) as page:
            expect(page.locator("#camera")).to_be_visible(visible=visible)
            assert page.locator("#photo").get_attribute("capture") == "environment"


def test_samples_are_drawn_and_can_be_undone(page: Page) -> None:
    Hand(page).draw(SEVEN)
    before = ink(page)
    drawings = set()
    for each in range(10):
        sample(page, each)
        drawings.add(ink(page))
    assert len(drawings | {before}) == 11
    for _ in range(10):
        page.locator("#undo").click()
    assert ink(page) == before


@pytest.mark.alone
def test_a_sample_writes_itself_and_is_read_while_it_does(
    browser: Browser, scripted: ScriptedService
) -> None:
    with open_page(browser, scripted.url, viewport=WIDE, reduced_motion="no-preference") as page:
        expect(digit(page)).to_have_attribute("data-example", "3")
        passed = page.evaluate_handle(
            """() => {
              const [main, passed] = [document.querySelector("main"), []];
              new MutationObserver(() => {
                const { state } = main.dataset;
                if (passed[passed.length - 1] !== state) passed.push(state);
              }).observe(main, { attributeFilter: ["data-state"] });
              return passed;
            }"""
        )
        page.locator("#samples button").nth(5).click()
        expect_state(page, "digit")
        assert passed.json_value() == ["drawing", "digit"]
        expect(digit(page)).to_have_text("7")
        assert darkness(page).any()
        pictures = [Image.open(io.BytesIO(picture)) for picture, _ in scripted.questions]
        inked = [np.asarray(each.resize((70, 70))) < 128 for each in pictures]
        assert len(inked) >= 4
        for before, after in pairwise(inked):
            assert before.sum() <= after.sum() + 20
        assert inked[0].sum() < inked[-1].sum() / 2
        written = ink(page)

        page.locator("#clear").click()
        page.locator("#samples button").nth(5).click()
        Hand(page).draw([(20, 20), (40, 20)])  # it does not wait for the sample to end
        wait_until_read(page)
        assert ink(page) != written
        page.locator("#undo").click()
        assert ink(page) == written


def test_a_sample_is_kept_once_it_is_changed(page: Page, scripted: ScriptedService) -> None:
    sample(page, 3)
    sample(page, 4)
    expect(page.locator("#kept")).not_to_be_visible()
    Hand(page).draw([(20, 20), (40, 20)])
    wait_until_read(page)
    expect_strip(page, ["7"])
    sample(page, 5)
    expect_strip(page, ["7"])
    column(page, 5).click()
    expect_strip(page, ["7, was 5", "7"])


def test_copies_a_command_that_works_as_pasted(page: Page, scripted: ScriptedService) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    Hand(page).draw(SEVEN)
    wait_until_read(page)
    picture, _ = scripted.questions[-1]
    page.locator("#curl").click()
    expect(page.locator("#curl")).to_have_text("Copied")
    command = page.evaluate("navigator.clipboard.readText()")
    ran = subprocess.run(["bash", "-c", command], capture_output=True, check=True, timeout=20)
    assert json.loads(ran.stdout)["digit"] == 7
    body = json.loads(scripted.questions[-1][0])
    assert base64.b64decode(body["image"]) == picture


def test_copies_where_the_browser_has_no_clipboard_for_scripts(
    page: Page, scripted: ScriptedService
) -> None:
    """As over plain HTTP from another machine."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    other_tab = page.context.new_page()
    other_tab.goto(scripted.url)
    page.bring_to_front()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.locator("#samples button").nth(7).click()
    wait_until_read(page)
    page.locator("#curl").click()
    expect(page.locator("#curl")).to_have_text("Copied")
    other_tab.bring_to_front()
    assert other_tab.evaluate("navigator.clipboard.readText()").startswith("curl ")


def test_there_is_no_command_for_empty_paper(page: Page) -> None:
    expect(page.locator("#curl")).to_have_attribute("aria-disabled", "true")
    page.locator("#curl").click(force=True)
    page.wait_for_timeout(200)
    expect(page.locator("#curl")).to_have_text("Copy as curl")


def test_the_command_for_a_photo_is_short_enough_for_a_shell(
    page: Page, scripted: ScriptedService
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    noise = np.random.default_rng(1).integers(0, 255, (500, 500), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "PNG")
    give(page, "open", file.getvalue())
    expect(digit(page)).to_have_text("7")
    page.locator("#curl").click()
    expect(page.locator("#curl")).to_have_text("Copied")
    command = page.evaluate("navigator.clipboard.readText()")
    ran = subprocess.run(["bash", "-c", command], capture_output=True, check=True, timeout=20)
    assert json.loads(ran.stdout)["digit"] == 7


def draw_anew(page: Page, *strokes: Any) -> None:
    """Draw on new paper, and wait for the reading."""
    page.locator("#clear").click()
    for stroke in strokes or (SEVEN,):
        Hand(page).draw(stroke)
    wait_until_read(page)


def test_drawings_are_kept_corrected_and_taken_up_again(
    page: Page, scripted: ScriptedService
) -> None:
    drawings = {1: [(140, 40), (140, 240)], 7: SEVEN, 4: [(60, 60), (60, 140), (200, 140)]}
    expect(page.locator("#kept")).not_to_be_visible()
    for each, stroke in drawings.items():

        async def answer(n: int, each: int = each) -> Any:
            return reading(each)

        scripted.answer = answer
        draw_anew(page, stroke)
    expect_strip(page, ["4", "7", "1"])

    column(page, 9).click()
    expect_strip(page, ["4, was 9", "7", "1"])
    expect(page.locator("#more")).to_have_text("It was read as a 4.")
    page.locator("#strip button").nth(1).click()
    wait_until_read(page)
    expect(column(page, 9)).to_have_attribute("aria-pressed", "false")
    column(page, 10).click()
    column(page, 10).click()  # taken back
    expect_strip(page, ["4, was 9", "4", "1"])  # the second was read anew

    before = page.locator("#strip canvas").nth(1).evaluate("(canvas) => canvas.toDataURL()")
    Hand(page).draw([(100, 140), (180, 150)])
    wait_until_read(page)
    after = page.locator("#strip canvas").nth(1).evaluate("(canvas) => canvas.toDataURL()")
    assert before != after
    expect_strip(page, ["4, was 9", "4", "1"])

    page.get_by_role("button", name="Remove this one").click()
    expect_strip(page, ["4, was 9", "1"])
    expect(digit(page)).to_have_text("")


def test_what_is_removed_can_be_brought_back(page: Page, scripted: ScriptedService) -> None:
    for _ in range(3):
        draw_anew(page)
    column(page, 1).click()
    labelled = ["7, was 1", "7", "7"]
    expect_strip(page, labelled)
    page.get_by_role("button", name="Remove all").click()
    expect(page.locator("#removed")).to_have_text("Removed 3.")
    expect(page.locator("#announcement")).to_have_text("Removed 3.")
    expect(page.locator("#undo-removal")).to_be_focused()
    expect_strip(page, [])
    # Nor is any of them left in the tab.
    assert page.evaluate("Object.keys(sessionStorage)") == ["drawings"]
    assert page.evaluate("JSON.parse(sessionStorage.drawings).ids") == []
    expect(page.locator("#export")).not_to_be_visible()
    Hand(page).draw(SEVEN)
    wait_until_read(page)
    page.locator("#undo-removal").click()
    expect_strip(page, ["7", *labelled])
    expect(page.locator("#undo-removal")).not_to_be_visible()
    page.reload()
    expect_strip(page, ["7", *labelled])


def test_drawings_outlast_a_reload_but_not_the_tab(page: Page, scripted: ScriptedService) -> None:
    """What was on the paper is there again, and read."""
    give(page, "open", one())
    wait_until_read(page)
    column(page, 1).click()
    Hand(page).draw([(30, 60), (30, 220)])
    wait_until_read(page)
    drawn, picture = ink(page), scripted.questions[-1][0]
    # A picture is kept by its file: its pixels would fill the tab's few megabytes.
    assert "grey" not in page.evaluate("JSON.stringify(sessionStorage)")
    page.reload()
    wait_until_read(page)
    expect(page.locator("#strip li span")).to_have_text("7, was 1")
    expect(digit(page)).to_have_text("7")
    expect(column(page, 1)).to_have_attribute("aria-pressed", "true")
    assert ink(page) == drawn
    assert scripted.questions[-1][0] == picture
    draw_anew(page)
    expect_strip(page, ["7", "7, was 1"])
    page.locator("#clear").click()
    page.reload()
    expect(page.locator("#strip li")).to_have_count(2)
    expect(digit(page)).to_have_text("")
    assert not darkness(page).any()

    other_tab = page.context.new_page()
    other_tab.goto(scripted.url)
    expect(other_tab.locator("#strip li")).to_have_count(0)


def test_a_drawing_that_could_not_be_read_outlasts_a_reload(
    page: Page, scripted: ScriptedService
) -> None:
    """The page says that it is safe."""

    async def answer(n: int) -> Any:
        return problem(503, "It is busy.", "overloaded") if busy else reading(7)

    busy = True
    scripted.answer = answer
    Hand(page).draw(SEVEN)
    expect(page.locator("#message")).to_contain_text("Your drawing is safe")
    expect_strip(page, ["not read"])
    drawn = ink(page)
    busy = False
    page.reload()
    expect_strip(page, ["7"])
    assert ink(page) == drawn


def test_a_full_store_says_so_once(page: Page) -> None:
    page.evaluate(
        """() => {
          Storage.prototype.setItem = () => {
            throw new DOMException("full", "QuotaExceededError");
          };
        }"""
    )
    draw_anew(page)
    expect(page.locator("#message")).to_contain_text("This tab's store is full")
    expect_strip(page, ["7"])
    draw_anew(page)
    expect(page.locator("#message")).to_have_text("")


def test_a_drawing_on_wide_paper_keeps_its_paper(page: Page, scripted: ScriptedService) -> None:
    """The paper belongs to the drawing: here one was kept that is twice as wide as it is high."""
    points = [{"x": x, "y": y, "width": 20} for x, y in ((480, 60), (480, 220))]
    sheet = {"width": 560, "height": 280, "marks": [{"points": points}]}
    entry = {"id": 5, "sheet": sheet, "read": "1", "label": None}
    page.evaluate(
        """(entry) => {
          sessionStorage.setItem("drawing 5", JSON.stringify(entry));
          sessionStorage.setItem("drawings", JSON.stringify({ ids: [5], onPaper: 5 }));
        }""",
        entry,
    )
    page.reload()
    wait_until_read(page)
    pad = page.locator("#pad").bounding_box()
    assert pad
    assert pad["width"] == pytest.approx(2 * pad["height"], rel=0.01)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert sent(scripted).shape == (140, 280)
    marks = darkness(page)
    assert marks[marks.shape[0] // 2, round(marks.shape[1] * 480 / 560)] == 255
    x, y = pad["x"] + pad["width"] / 4, pad["y"] + pad["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 9, y)
    page.mouse.up()
    wait_until_read(page)
    assert sent(scripted)[70, 70] < 30


def test_exports_a_zip_that_the_evaluation_reads(
    page: Page, scripted: ScriptedService, tmp_path: Path
) -> None:
    async def to_third(n: int) -> Any:
        return reading(8, verdict="not a digit", is_digit=0.01)

    async def to_others(n: int) -> Any:
        return reading(7)

    pictures_sent = []
    for label in (7, 1, 10, None):
        scripted.questions.clear()
        scripted.answer = to_third if label == 10 else to_others
        draw_anew(page)
        pictures_sent.append(scripted.questions[-1][0])
        if label is not None:
            column(page, label).click()
    with page.expect_download() as download:
        page.locator("#export").click()
    assert download.value.suggested_filename == "drawings.zip"
    path = tmp_path / "drawings.zip"
    download.value.save_as(path)

    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [
            "0001_label-7_read-7.png",
            "0002_label-1_read-7.png",
            "0003_label-none_read-none.png",
            "0004_read-7.png",
            "drawings.json",
        ]
        assert json.loads(archive.read("drawings.json")) == [
            {"file": "0001_label-7_read-7.png", "label": 7, "read": 7},
            {"file": "0002_label-1_read-7.png", "label": 1, "read": 7},
            {"file": "0003_label-none_read-none.png", "label": None, "read": None},
        ]
        pictures = [archive.read(name) for name in sorted(archive.namelist())[:4]]
    assert pictures == pictures_sent

    own = load_own_drawings(path)
    assert own.labels.tolist() == [7, 1, -1]
    assert own.frames.shape == (3, 28, 28)
    assert (own.frames.max(axis=(1, 2)) > 200).all()
