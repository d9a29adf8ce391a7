"""Drawings that come from elsewhere, read and checked.

    mnist           MNIST's four files: found, downloaded, verified
    pen_drawings    people's pen strokes, for measuring only
    cheque_fields   digits of real cheques, for measuring only
    pen_numbers     rows of pen drawings and amounts on cheques, for measuring only
    own_drawings    what the page exports

Of `model` it may import `frame`, `parallel`, `samples`, `files` and `errors`.
"""
