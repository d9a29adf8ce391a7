"""How people write 8: the styles that training draws from."""

# ruff: noqa: D103 - the name of a style says what it is

from model.drawn.digits.styles.hand import Hand, Point, style
from model.drawn.strokes import Stroke, join


def _eight(waist: float, upper: float, lower: float) -> list[Point]:
    """Return twelve points around an 8 from its top: left, across, around the lower loop, back."""
    depth = 1 - waist
    return [
        (0, 0),
        (-upper * 0.85, waist * 0.2),
        (-upper * 0.9, waist * 0.6),
        (0, waist),
        (lower * 0.9, waist + depth * 0.35),
        (lower * 0.85, waist + depth * 0.8),
        (0, 1),
        (-lower * 0.85, waist + depth * 0.8),
        (-lower * 0.9, waist + depth * 0.35),
        (0, waist),
        (upper * 0.9, waist * 0.6),
        (upper * 0.85, waist * 0.2),
    ]


def _round_trip(hand: Hand, points: list[Point], first: int, close: Point) -> Stroke:
    """Return a curve around a ring of points, from the ``first`` to ``close`` beside it."""
    trip = points[first:] + points[:first]
    return hand.curve(*trip, (trip[0][0] + close[0], trip[0][1] + close[1]))


def _measures(hand: Hand) -> tuple[float, float, float]:
    """Return the height of the waist, and half the widths of the upper and the lower loop."""
    return hand.between(0.41, 0.52), hand.between(0.19, 0.28), hand.between(0.23, 0.34)


@style(8, 4, widest=0.2, loop_width=0.5, leeway=0.8)
def eight_from_s(hand: Hand) -> list[Stroke]:
    points = _eight(*_measures(hand))
    close = (hand.between(-0.06, 0.06), hand.between(-0.05, 0.05))
    return [_round_trip(hand, points, 11 if hand.chance(0.6) else 0, close)]


@style(8, 1.2, widest=0.2, loop_width=0.5, leeway=0.8)
def eight_mirrored(hand: Hand) -> list[Stroke]:
    """As from an S, but first to the right."""
    points = [(-x, y) for x, y in _eight(*_measures(hand))]
    return [_round_trip(hand, points, 0, (hand.between(-0.05, 0.05), hand.between(-0.05, 0.05)))]


@style(8, 2.5, widest=0.2, loop_width=0.5, leeway=0.8)
def eight_two_rings(hand: Hand) -> list[Stroke]:
    waist, upper, lower = _measures(hand)
    overlap = hand.between(-0.02, 0.05)
    top = hand.ring(
        (hand.between(-0.07, 0.07), waist / 2),
        (upper, waist / 2),
        hand.between(-180, 180),
        -hand.between(345, 385),
    )
    half = (1 - waist + overlap) / 2
    bottom = hand.ring(
        (0, 1 - half), (lower, half), hand.between(-180, 180), -hand.between(345, 385)
    )
    return [top, bottom]


@style(8, 1.5, widest=0.18, loop_width=0.5, leeway=0.8)
def eight_open_top(hand: Hand) -> list[Stroke]:
    """The end stops short of the beginning."""
    waist, upper, lower = _measures(hand)
    points = _eight(waist, upper, lower)
    start = (upper * hand.between(0.5, 0.9), hand.between(0.0, 0.1))
    end = (upper * hand.between(0.75, 1.0), waist * hand.between(0.22, 0.42))
    return [hand.curve(start, *points[:10], end)]


@style(8, 1.5, widest=0.2, loop_width=0.5, leeway=0.8)
def eight_started_anywhere(hand: Hand) -> list[Stroke]:
    points = _eight(*_measures(hand))
    first = int(hand.rng.integers(12))
    return [
        _round_trip(hand, points, first, (hand.between(-0.03, 0.03), hand.between(-0.03, 0.03)))
    ]


@style(8, 1, widest=0.18, loop_width=0.5, leeway=0.8)
def eight_big_head(hand: Hand) -> list[Stroke]:
    measures = hand.between(0.53, 0.6), hand.between(0.26, 0.34), hand.between(0.19, 0.26)
    return [_round_trip(hand, _eight(*measures), 11, (hand.between(-0.04, 0.04), 0))]


@style(8, 1, widest=0.16, loop_width=0.5, leeway=0.8)
def eight_small_head(hand: Hand) -> list[Stroke]:
    measures = hand.between(0.33, 0.4), hand.between(0.17, 0.22), hand.between(0.28, 0.36)
    return [_round_trip(hand, _eight(*measures), 11, (hand.between(-0.03, 0.03), 0))]


@style(8, 1.2, widest=0.18, loop_width=0.5, leeway=0.8)
def eight_overshooting(hand: Hand) -> list[Stroke]:
    """Begins and ends with tails that cross at the upper right, like a ribbon."""
    waist, upper, lower = _measures(hand)
    points = _eight(waist, upper, lower)
    start = (upper * hand.between(0.8, 1.25), hand.between(0.0, 0.1))
    end = (upper * hand.between(0.5, 0.95), -hand.between(0.02, 0.1))
    return [hand.curve(start, *points[:11], (upper * 0.9, waist * 0.3), end)]


@style(8, 0.4, widest=0.18, loop_width=0.5, leeway=0.4)
def eight_hourglass(hand: Hand) -> list[Stroke]:
    """Straight lines that cross, with a cap and a base."""
    waist, upper, lower = _measures(hand)
    cap, base = hand.between(0.0, 0.08), hand.between(0.0, 0.08)
    return [
        hand.line(
            (upper, cap * 0.5),
            (0, -cap * 0.4),
            (-upper, cap),
            (0, waist),
            (lower, 1 - base),
            (0, 1),
            (-lower, 1 - base),
            (0, waist),
            (upper * hand.between(0.9, 1.05), hand.between(0.0, 0.06)),
        )
    ]


@style(8, 1, widest=0.18, loop_width=0.5, leeway=0.8)
def eight_ring_and_bowl(hand: Hand) -> list[Stroke]:
    """A ring on top, and an open bowl under it that reaches its sides."""
    waist, upper, lower = _measures(hand)
    top = hand.ring((0, waist / 2), (upper, waist / 2), 90, 360 + hand.between(-8, 15))
    half = (1 - waist) / 2
    bowl = hand.ring((0, 1 - half), (lower, half), -hand.between(85, 110), -hand.between(345, 375))
    return [join(top, bowl)]


@style(8, 1.2, widest=0.18, loop_width=0.5, leeway=0.8)
def eight_straight_back(hand: Hand) -> list[Stroke]:
    """Fast: an S, and from its end a nearly straight line back to its beginning."""
    waist, upper, lower = _measures(hand)
    points = _eight(waist, upper, lower)
    start = (upper * hand.between(0.7, 0.95), waist * hand.between(0.12, 0.35))
    end = (start[0] + hand.between(-0.04, 0.08), start[1] + hand.between(-0.08, 0.06))
    back = hand.curve((-lower * 0.85, waist + (1 - waist) * 0.6), (0.0, waist), end)
    return [join(hand.curve(start, *points[:8]), back)]


@style(8, 1.2, widest=0.15, loop_width=0.3, leeway=0.8)
def eight_slim(hand: Hand) -> list[Stroke]:
    """Tall and slim, either loop hardly open."""
    waist = hand.between(0.35, 0.65)
    wide, slim = hand.between(0.14, 0.24), hand.between(0.06, 0.14)
    upper, lower = (wide, slim) if hand.chance(0.6) else (slim, wide)
    points = _eight(waist, upper, lower)
    close = (hand.between(-0.05, 0.05), hand.between(-0.05, 0.05))
    return [_round_trip(hand, points, 11 if hand.chance(0.6) else 0, close)]
