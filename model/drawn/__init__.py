"""Drawings made by code: what training needs and MNIST does not hold.

    strokes       lines, arcs and pens: strokes become a picture
    parallel      many drawings on all cores, each from a seed of its own
    digits/       the digits, in the handwriting of many countries
    non_digits/   what is no digit
    papers/       digits on the paper that cameras and scanners bring

May import `model.frame`; never `data`, `training` or `evaluation`.
"""
