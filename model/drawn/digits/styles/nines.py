"""How people write 9: the styles that training draws from."""

# ruff: noqa: D103 - the name of a style says what it is

from model.drawn.digits.styles.hand import Hand, style
from model.drawn.strokes import Stroke, join


def _head(hand: Hand, width: float, height: float, closed: float = 0.75) -> Stroke:
    """Return the head of a 9, anticlockwise from its upper right, its top left corner at (0, 0).

    With the probability ``closed`` it ends where it began, and the stem begins there. Otherwise it
    ends at its right side, and so stays a little open.
    """
    start = hand.between(-60, -5)
    end = start + hand.between(-15, 10) if hand.chance(closed) else hand.between(-15, 5)
    radius = (width / 2, height / 2)
    return hand.ring(radius, radius, start, end - 360 - start, drift=0.0)


def _head_over_swing(hand: Hand, width: float, height: float, reach: float) -> Stroke:
    """Return a head and a tail that bulges to the right and ends ``reach`` left of the stem."""
    head = _head(hand, width, height, closed=0.9)
    if hand.chance(0.3):  # begun inside, which fills a small head
        inside = (width * hand.between(0.2, 0.6), height * hand.between(0.4, 0.7))
        head = join(hand.curve(inside, tuple(head[0])), head)
    bulge = hand.between(0.0, 0.22)
    tail = hand.curve(
        (width, height * 0.5),
        (width + bulge, height + (1 - height) * hand.between(0.35, 0.55)),
        (width + bulge * 0.3 - reach * 0.3, hand.between(0.9, 0.97)),
        (width - reach, hand.between(0.9, 1.02)),
    )
    return join(head, tail)


def _nine_measures(hand: Hand) -> tuple[float, float]:
    return hand.between(0.42, 0.62), hand.between(0.4, 0.56)


@style(9, 3, widest=0.21, loop_width=0.5, leeway=0.85)
def nine_straight(hand: Hand) -> list[Stroke]:
    width, height = _nine_measures(hand)
    head = _head(hand, width, height)
    foot = (width * hand.between(0.55, 1.02), 1.0)
    return [join(head, hand.line((width, height * hand.between(0.3, 0.5)), foot))]


@style(9, 2.5, widest=0.21, loop_width=0.5, leeway=0.85)
def nine_curved(hand: Hand) -> list[Stroke]:
    """The stem bends to the left at its foot."""
    width, height = _nine_measures(hand)
    head = _head(hand, width, height)
    tail = hand.curve(
        (width, height * 0.5),
        (width * hand.between(0.94, 1.02), height + 0.18),
        (width * hand.between(0.7, 0.85), 0.9),
        (width * hand.between(0.3, 0.55), 1.0),
    )
    return [join(head, tail)]


@style(9, 2.5, widest=0.18, loop_width=0.5, leeway=0.85)
def nine_hooked(hand: Hand) -> list[Stroke]:
    """A tail like that of a g, which ends at the left."""
    width, height = hand.between(0.42, 0.6), hand.between(0.38, 0.5)
    head = _head(hand, width, height, closed=1)
    tail = hand.curve(
        (width, height * 0.5),
        (width * 1.02, height + 0.2),
        (width * 0.85, 0.92),
        (width * 0.45, 1.0),
        (width * hand.between(-0.1, 0.15), hand.between(0.88, 0.96)),
    )
    return [join(head, tail)]


@style(9, 1.5, widest=0.16, loop_width=0.5, leeway=0.85)
def nine_curled(hand: Hand) -> list[Stroke]:
    """A tail that curls up again under the head."""
    width, height = hand.between(0.44, 0.6), hand.between(0.38, 0.46)
    head = _head(hand, width, height, closed=1)
    tail = hand.curve(
        (width, height * 0.5),
        (width * 1.02, height + 0.22),
        (width * 0.82, 0.94),
        (width * 0.4, 1.0),
        (width * hand.between(0.0, 0.1), 0.9),
        (width * hand.between(0.1, 0.25), hand.between(0.76, 0.82)),
    )
    return [join(head, tail)]


@style(9, 2, widest=0.21, loop_width=0.5, leeway=0.85)
def nine_ring_and_stem(hand: Hand) -> list[Stroke]:
    """A whole ring, then the stem beside it."""
    width, height = _nine_measures(hand)
    ring = hand.ring(
        (width / 2, height / 2),
        (width / 2, height / 2),
        hand.between(-180, 180),
        -hand.between(348, 380),
    )
    x = width * hand.between(1.0, 1.08)
    top = (x, hand.between(-0.02, height * 0.4))
    return [ring, hand.line(top, (x - hand.between(0, 0.2), 1.0))]


@style(9, 1.5, widest=0.18, loop_width=0.5, leeway=0.85)
def nine_open(hand: Hand) -> list[Stroke]:
    """The head begins clearly away from the stem."""
    width, height = _nine_measures(hand)
    start = hand.between(-72, -55)
    radius = (width / 2, height / 2)
    head = hand.ring(radius, radius, start, -355 - start)
    foot = (width * hand.between(0.6, 1.0), 1.0)
    return [join(head, hand.line((width, height * 0.45), foot))]


@style(9, 1.2, widest=0.14, leeway=0.7)
def nine_hook_for_a_head(hand: Hand) -> list[Stroke]:
    """The head begins with a hook inside and is never closed."""
    width, height = hand.between(0.32, 0.54), hand.between(0.34, 0.5)
    foot = (width * hand.between(0.3, 1.0), 1.0)
    return [
        hand.curve(
            (width * hand.between(0.3, 0.6), height * hand.between(0.62, 0.9)),
            (width * hand.between(0.08, 0.2), height * hand.between(0.85, 1.0)),
            (0, height * 0.55),
            (width * 0.4, 0),
            (width, height * 0.35),
            (width * 0.5 + foot[0] * 0.5 + hand.between(0, 0.06), 0.7),
            foot,
        )
    ]


@style(9, 1, widest=0.14, loop_width=0.45, leeway=0.85)
def nine_small_head(hand: Hand) -> list[Stroke]:
    width, height = hand.between(0.34, 0.46), hand.between(0.3, 0.4)
    head = _head(hand, width, height)
    foot = (width * hand.between(0.2, 1.0), 1.0)
    middle = (width * 0.5 + foot[0] * 0.5 + hand.between(0, 0.06), 0.7)
    return [join(head, hand.curve((width, height * 0.5), middle, foot))]


@style(9, 1.2, widest=0.17, loop_width=0.55, leeway=0.85)
def nine_big_head(hand: Hand) -> list[Stroke]:
    width, height = hand.between(0.56, 0.72), hand.between(0.54, 0.66)
    head = _head(hand, width, height)
    foot = (width * hand.between(0.4, 0.95), 1.0)
    middle = (width * 0.52 + foot[0] * 0.48, 0.8)
    return [join(head, hand.curve((width, height * 0.5), middle, foot))]


@style(9, 1, widest=0.18, loop_width=0.5, leeway=0.85)
def nine_started_inside(hand: Hand) -> list[Stroke]:
    """The head begins inside itself or with a stroke from the right."""
    width, height = _nine_measures(hand)
    head = _head(hand, width, height)
    entry = hand.curve(
        (width * hand.between(0.55, 1.1), height * hand.between(0.3, 0.42)), tuple(head[0])
    )
    foot = (width * hand.between(0.55, 1.0), 1.0)
    return [join(entry, head, hand.line((width, height * 0.5), foot))]


@style(9, 0.6, widest=0.14, loop_width=0.5, leeway=0.85)
def nine_foot_to_the_right(hand: Hand) -> list[Stroke]:
    width, height = hand.between(0.44, 0.6), hand.between(0.42, 0.54)
    head = _head(hand, width, height)
    x = width * hand.between(0.8, 1.0)
    stem = hand.curve(
        (width, height * 0.5), (x, 0.86), (x + 0.03, 0.97), (x + hand.between(0.05, 0.11), 0.99)
    )
    return [join(head, stem)]


@style(9, 2, widest=0.19, loop_width=0.3, leeway=0.85)
def nine_cornered_tail(hand: Hand) -> list[Stroke]:
    """A small head, a straight stem, and from a sharp corner at its foot a tail to the left."""
    width, height = hand.between(0.24, 0.46), hand.between(0.22, 0.42)
    head = _head(hand, width, height, closed=0.9)
    lean, reach = hand.between(-0.1, 0.08), hand.between(0.2, 0.6)
    corner = (width + lean, hand.between(0.9, 0.98))
    end = (corner[0] - reach, corner[1] + hand.between(-0.06, 0.1))
    return [join(head, hand.line((width, height * 0.5), corner, end))]


@style(9, 2, widest=0.19, loop_width=0.4, leeway=0.85)
def nine_swung_tail(hand: Hand) -> list[Stroke]:
    """A small head over a wide swing: out to the right, and far back to the left."""
    width, height = hand.between(0.28, 0.52), hand.between(0.2, 0.42)
    return [_head_over_swing(hand, width, height, reach=hand.between(0.25, 0.75))]


@style(9, 0.8, widest=0.17, loop_width=0.5, leeway=0.85)
def nine_flat_head(hand: Hand) -> list[Stroke]:
    """A head that is wider than high, and a stem from its right end."""
    width, height = hand.between(0.46, 0.66), hand.between(0.2, 0.32)
    head = _head(hand, width, height, closed=0.9)
    foot = (width * hand.between(0.5, 1.0), 1.0)
    middle = ((width + foot[0]) / 2 + hand.between(0, 0.08), 0.6)
    return [join(head, hand.curve((width, height * 0.5), middle, foot))]


@style(9, 1.5, widest=0.17, loop_width=0.5, leeway=0.85)
def nine_flat_head_swung(hand: Hand) -> list[Stroke]:
    """A head that is wider than high, over a tail that swings out and far back to the left."""
    width, height = hand.between(0.42, 0.66), hand.between(0.22, 0.36)
    return [_head_over_swing(hand, width, height, reach=hand.between(0.3, 1.0))]
