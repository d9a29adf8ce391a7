"""The digits 0 to 9, as people of many countries write them.

    generator   a style, a writer, a pen: digits by the thousand
    styles/     one module for each digit: the ways to write it, and those that are held out

May import `model.frame` and `model.drawn.strokes` and `parallel`.
"""
