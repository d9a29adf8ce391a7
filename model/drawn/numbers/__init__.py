"""Numbers of several digits in a row, as people write them, with what stands around them.

    sprites   single digits and other signs in one writer's hand, ready to be put into rows
    papers    what lies behind a number on paper: security patterns, rules, grain
    rows      sprites become a row of ink: gaps, touching digits, full stops, dashes, neighbours
    strips    rows become strips of a network's height, by the thousand

May import `model.frame` and the other rooms of `model.drawn`; never `data` or `training`.
"""
