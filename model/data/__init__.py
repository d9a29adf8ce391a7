"""Drawings that come from elsewhere, read and checked.

    mnist           MNIST's four files: found, downloaded, verified
    pen_drawings    people's pen strokes, for measuring only
    cheque_fields   digits of real cheques, for measuring only
    own_drawings    what the page exports

May import `model.frame` and `model.drawn.parallel`; never `training` or `evaluation`.
"""
