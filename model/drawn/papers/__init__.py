"""The paper that cameras and scanners bring: what else is in a picture beside the digit.

    generator   a drawn digit put on paper, with one hazard or several
    looks       frames of them, as the two looks of the service cut them out
    inks        what is written on it: digits, images of handwriting, other signs
    hazards     each kind of paper, line, edge, neighbour and pen: what it adds to a picture

May import `model.frame` and, of `model.drawn`, the digits, the non-digits and `strokes`.
"""
