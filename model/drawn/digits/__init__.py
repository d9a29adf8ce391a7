"""The digits 0 to 9, as people of many countries write them.

    writer    a style, a hand and a pen: one digit
    styles/   a module for each digit, the ways to write it; and the styles that are held out

Of `model.drawn` it may import `generator` and `strokes`.
"""
