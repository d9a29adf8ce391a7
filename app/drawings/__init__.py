"""A body that a stranger sent -> one picture. Limits hold before anything is decoded.

    inputs        which form the body has
    multipart     the file of a form
    containers    the blocks of a picture file, walked over before decoding
    images        decoding
    known_digit   the drawing that proves a network before it serves

Imports of `app` only `errors` and `settings`.
"""
