"""How digits are read on the paper that cameras and scanners bring, looked at twice if need be."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
from PIL import Image

from model.drawn.generator import Purpose
from model.drawn.non_digits.families import is_bar, kinds, non_digits
from model.drawn.papers.generator import on_paper
from model.drawn.papers.inks import of_kind
from model.drawn.papers.looks import DIGITS_ON, letters
from model.errors import EmptyDrawing
from model.evaluation.mistakes import Tile
from model.evaluation.report import PaperScores
from model.frame.preprocess import frame_as_pixels
from model.nn.base import Array
from model.number_reader import NumberReader
from model.recognizer import Recognizer, Verdict
from model.second_look import Answer, read_drawing

SIDE = 84  # pixels of a tile
MOST_TILES = 60


class PaperResults(NamedTuple):
    """N pictures, uint8 (H, W) each, their labels, (N,), and the answers; None: it seemed empty."""

    pictures: Sequence[Array]
    labels: Array
    answers: list[Answer | None]


def measure_papers(
    recognizer: Recognizer, reader: NumberReader | None, pictures: Sequence[Array], labels: Array
) -> PaperResults:
    """Read pictures, uint8 (H, W) each, on all cores; labels are (N,)."""

    def read(picture: Array) -> Answer | None:
        try:
            return read_drawing(recognizer, picture, reader)
        except EmptyDrawing:
            return None

    with ThreadPoolExecutor(os.cpu_count()) as executor:
        return PaperResults(pictures, labels, list(executor.map(read, pictures)))


def score_papers(results: PaperResults) -> PaperScores:
    """Score digits on paper, not none."""
    answers = results.answers
    digits = np.array([-1 if answer is None else answer.digit for answer in answers])
    verdicts = np.array(
        [Verdict.NOT_A_DIGIT if answer is None else answer.verdict for answer in answers]
    )
    right, called = digits == results.labels, verdicts == Verdict.DIGIT
    return PaperScores(
        count=len(answers),
        right=float(right.mean()),
        usable=float((right & called).mean()),
        unsure=float((verdicts == Verdict.UNSURE).mean()),
        refused=float((verdicts == Verdict.NOT_A_DIGIT).mean()),
        confident_errors=float((~right & called).mean()),
    )


def non_digit_pictures(count: int, seed: int) -> list[Array]:
    """Draw pictures without a digit, of kinds that training does not draw, uint8 (H, W) each."""
    choice = kinds(Purpose.HELD_OUT)
    shares = [subject.share for subject in non_digits(Purpose.HELD_OUT)]
    rng = np.random.default_rng(seed)
    pictures = []
    for index in rng.choice(len(choice), count, p=shares):
        picture = choice[index].draw(rng)
        while _is_blank_or_bar(picture):
            picture = choice[index].draw(rng)
        pictures.append(picture)
    return pictures


def letter_pictures(count: int, seed: int) -> list[Array]:
    """Draw letters and other signs of kinds left out of training on paper, uint8 (H, W) each."""
    rng = np.random.default_rng(seed)
    signs, shares = zip(*letters(Purpose.HELD_OUT), strict=True)
    pictures = []
    for index in rng.choice(len(signs), count, p=shares):
        hazard = str(rng.choice(list(DIGITS_ON), p=list(DIGITS_ON.values())))
        pictures.append(on_paper(partial(of_kind, signs[index]), hazard, rng))
    return pictures


def _is_blank_or_bar(picture: Array) -> bool:
    ink = frame_as_pixels(picture) / 255
    return not ink.any() or is_bar(ink)


def worst_on_paper(several: Sequence[PaperResults]) -> list[Tile]:
    """Return the digits called a digit and misread, then the refused ones, then the unsure."""
    ranked: list[tuple[int, Tile]] = []
    for results in several:
        for picture, label, answer in zip(*results, strict=True):
            if answer is None:
                ranked.append((1, Tile(_tile(picture), f"{label}\nseemed empty")))
                continue
            wrong = answer.digit != label
            if not wrong and answer.verdict is Verdict.DIGIT:
                continue
            rank = {Verdict.DIGIT: 0, Verdict.NOT_A_DIGIT: 1, Verdict.UNSURE: 2}[answer.verdict]
            caption = f"{label}, read {answer.digit}\n{answer.verdict}"
            ranked.append((rank, Tile(_tile(picture), caption)))
    ranked.sort(key=lambda pair: pair[0])
    return [tile for _, tile in ranked[:MOST_TILES]]


def _tile(picture: Array) -> Array:
    """Return a picture in the middle of a square of white, uint8 (84, 84); 255 is its black."""
    scale = SIDE / max(picture.shape)
    height, width = (max(1, round(side * scale)) for side in picture.shape)
    small = Image.fromarray(picture).resize((width, height))
    square = Image.new("L", (SIDE, SIDE), 255)
    square.paste(small, ((SIDE - width) // 2, (SIDE - height) // 2))
    return np.asarray(255 - np.asarray(square))
