"""A body that a stranger sent -> drawings. Limits hold before anything is decoded.

    inputs        which form the body of one drawing has
    several       the same for several drawings
    multipart     the files of a form
    base64_text   base64 and data URLs
    pixels        grey values in JSON
    containers    the blocks of a picture file, walked over before decoding
    images        decoding
    self_test     the drawing that a network must read right before it serves

Imports of `app` only `errors` and `settings`.
"""
