"""What is no digit, so that the network learns to say so.

    generator      kinds by how often they are drawn: non-digits by the thousand
    kinds          what a kind is, and what it is for: training, held out, look-alike
    glyphs         a notation for signs, and a hand that writes them
    letters        the letters of many scripts, in that notation
    doodles        symbols, shapes and doodles, in that notation
    writing        words and lines of writing
    scribbles      scribbles
    digit_scraps   several digits, halves of digits, digits crossed out
    clutter        pictures that no pen drew: specks, textures, shadows

May import `model.frame` and, of `model.drawn`, `strokes`, `parallel` and the digits' styles.
"""
