"""Numbers of several digits in a row, as people write them, with what stands around them.

    bending    ink bent and stretched, so that no two digits of a style are alike
    sprites    single digits and other signs in one writer's hand, ready to be put into rows
    marks      full stops, commas, dashes, number signs
    papers     what lies behind a number on paper: security patterns, rules, grain
    links      strokes from one sign to the next, where the pen was not lifted
    rows       sprites and marks side by side, while they are put together
    strips     rows become strips of a network's height, by the thousand
    pictures   rows become whole pictures, to measure by

Of `model` it may import `frame`, `parallel` and the other rooms of `drawn`.
"""
