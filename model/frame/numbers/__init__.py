"""A picture of a number becomes the strip that the network for numbers reads.

    strip    the line of digits found, and scaled to the strip's height
    boxes    boxes around the parts of the ink
    pieces   a strip divided into its digits, once it is known where something spoke of them

Of `model` it may import `frame` and `errors`.
"""
