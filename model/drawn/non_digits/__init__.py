"""What is no digit, so that the network learns to say so.

    families       how often each family of kinds is drawn, and how one drawing is framed
    kinds          what a kind is, and how one is registered
    glyphs         a notation for signs, and a hand that writes them
    letters        the letters of many scripts, in that notation
    doodles        symbols, shapes and doodles, in that notation
    writing        words and lines of writing
    scribbles      scribbles
    digit_scraps   several digits, halves of digits, digits crossed out
    clutter        pictures that no pen drew: specks, textures, shadows

Of `model.drawn` it may import `generator`, `strokes` and the digits' styles.
"""
