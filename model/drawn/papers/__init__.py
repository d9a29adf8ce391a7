"""The paper that cameras and scanners bring: what else is in a picture beside the digit.

    generator   a drawn digit put on paper, with one hazard or several
    hazards     each kind of paper, line, edge, neighbour and pen: what it adds to a picture

May import `model.frame` and, of `model.drawn`, the digits, `strokes` and `parallel`.
"""
