"""Other ways to a drawing, and what becomes of it: samples, pictures, curl, the strip, the ZIP."""

import base64
import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import SEVEN, Hand, darkness, digit, ink, wait_until_read
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from scripted_service import ScriptedService, reading

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


@pytest.mark.parametrize("way", ["open", "drop", "paste"])
def test_a_picture_is_read(page: Page, scripted: ScriptedService, way: str) -> None:
    give(page, way, one())
    expect(digit(page)).to_have_text("7")
    sent = np.asarray(Image.open(io.BytesIO(scripted.questions[-1][0])).convert("L"))
    assert sent[140, 140] < 30
    assert sent[140, 100] > 240
    assert sent[10, 140] > 240


@pytest.mark.parametrize(
    "picture",
    [
        one(),
        one(paper=0, line=255),
        one(paper=(0, 0, 0, 0), line=(0, 0, 0, 255), mode="RGBA"),
        one(paper=(0, 0, 0, 0), line=(255, 255, 255, 255), mode="RGBA"),
        one(paper=(20, 60, 40), line=(240, 240, 200), mode="RGB"),
        one(size=(600, 1200)),
        one(size=(7, 14)),
    ],
    ids=["dark", "light", "clear", "light on clear", "chalk", "large", "tiny"],
)
def test_a_picture_becomes_ink_that_can_be_drawn_on(page: Page, picture: bytes) -> None:
    give(page, "open", picture)
    wait_until_read(page)
    marks = darkness(page)
    middle = marks.shape[0] // 2
    assert marks[middle, middle] > 220
    assert marks[middle, middle // 2] < 10
    Hand(page).draw([(30, 60), (30, 220)])
    marks = darkness(page)
    assert marks[middle, round(marks.shape[1] * 30 / 280)] > 220
    page.locator("#undo").click()
    page.locator("#undo").click()
    assert not darkness(page).any()


@pytest.mark.parametrize(
    "content", [b"", b"no picture", one()[:60]], ids=["empty", "text", "truncated"]
)
def test_a_file_that_is_no_picture(page: Page, content: bytes) -> None:
    give(page, "open", content, "notes.txt")
    expect(page.locator("#message")).to_contain_text("no picture that can be read")
    give(page, "open", one())
    expect(digit(page)).to_have_text("7")
    expect(page.locator("#message")).to_have_text("")


def test_samples_are_drawn_and_can_be_undone(page: Page) -> None:
    Hand(page).draw(SEVEN)
    before = ink(page)
    drawings = set()
    for each in range(10):
        page.get_by_role("button", name=f"Sample {each}").click()
        wait_until_read(page)
        drawings.add(ink(page))
    assert len(drawings | {before}) == 11
    for _ in range(10):
        page.locator("#undo").click()
    assert ink(page) == before


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
    sent = json.loads(scripted.questions[-1][0])
    assert base64.b64decode(sent["image"]) == picture


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
    wait_until_read(page)
    page.locator("#curl").click()
    expect(page.locator("#curl")).to_have_text("Copied")
    command = page.evaluate("navigator.clipboard.readText()")
    ran = subprocess.run(["bash", "-c", command], capture_output=True, check=True, timeout=20)
    assert json.loads(ran.stdout)["digit"] == 7


def strip_texts(page: Page) -> list[str]:
    """The captions of the strip, the newest drawing first."""
    return page.locator("#strip li span").all_inner_texts()


def readings_in_turn(*digits: int) -> Callable[[int], Any]:
    """Answer with these digits, one for each final question of a sample."""

    async def answer(n: int) -> Any:
        return reading(digits[min(n, len(digits)) - 1])

    return answer


def test_drawings_are_kept_corrected_and_taken_up_again(
    page: Page, scripted: ScriptedService
) -> None:
    scripted.answer = readings_in_turn(1, 7, 4)
    expect(page.locator("#kept")).not_to_be_visible()
    samples = page.locator("#samples button")
    for each in (1, 7, 4):
        samples.nth(each).click()
        wait_until_read(page)
    assert strip_texts(page) == ["4", "7", "1"]

    page.get_by_role("button", name="It was a 9").click()
    assert strip_texts(page) == ["4, was 9", "7", "1"]
    page.locator("#strip button").nth(1).click()
    wait_until_read(page)
    expect(page.get_by_role("button", name="It was a 9")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="It was no digit").click()
    page.get_by_role("button", name="It was no digit").click()  # taken back
    assert strip_texts(page)[0] == "4, was 9"
    assert len(strip_texts(page)) == 3

    before = page.locator("#strip canvas").nth(1).evaluate("(canvas) => canvas.toDataURL()")
    Hand(page).draw([(100, 140), (180, 150)])
    wait_until_read(page)
    after = page.locator("#strip canvas").nth(1).evaluate("(canvas) => canvas.toDataURL()")
    assert before != after
    assert len(strip_texts(page)) == 3

    page.get_by_role("button", name="Remove this one").click()
    assert len(strip_texts(page)) == 2
    expect(digit(page)).to_have_text("")
    page.get_by_role("button", name="Remove all").click()
    expect(page.locator("#kept")).not_to_be_visible()


def test_drawings_outlast_a_reload_but_not_the_tab(page: Page, scripted: ScriptedService) -> None:
    give(page, "open", one())
    wait_until_read(page)
    page.get_by_role("button", name="It was a 1").click()
    Hand(page).draw([(30, 60), (30, 220)])
    wait_until_read(page)
    drawn = ink(page)
    page.reload()
    expect(page.locator("#strip li span")).to_have_text("7, was 1")
    expect(digit(page)).to_have_text("")
    page.locator("#strip button").click()
    wait_until_read(page)
    assert ink(page) == drawn
    page.locator("#samples button").nth(2).click()
    wait_until_read(page)
    assert len(strip_texts(page)) == 2

    other_tab = page.context.new_page()
    other_tab.goto(scripted.url)
    expect(other_tab.locator("#strip li")).to_have_count(0)


def test_exports_a_zip_that_the_evaluation_reads(
    page: Page, scripted: ScriptedService, tmp_path: Path
) -> None:
    async def answer(n: int) -> Any:
        return reading(8, verdict="not a digit") if n == 3 else reading(7)

    scripted.answer = answer
    for sample, label in ((7, "a 7"), (1, "a 1"), (4, "no digit"), (0, None)):
        page.locator("#samples button").nth(sample).click()
        wait_until_read(page)
        if label:
            page.get_by_role("button", name=f"It was {label}").click()
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
    assert pictures == [picture for picture, _ in scripted.questions]

    own = load_own_drawings(path)
    assert own.labels.tolist() == [7, 1, -1]
    assert own.frames.shape == (3, 28, 28)
    assert (own.frames.max(axis=(1, 2)) > 200).all()
