"""Drawings made by code: what training needs and MNIST does not hold.

    generator     what is drawn how often: drawings by the thousand, and a contact sheet
    strokes       lines, arcs and pens: strokes become a picture
    digits/       the digits, in the handwriting of many countries
    non_digits/   what is no digit

Of `model` it may import `frame`, `parallel`, `samples` and `errors`.
"""
