"""A body that a stranger sent -> one picture. Limits hold before anything is decoded.

    inputs        which form the body has
    multipart     the file of a form
    base64_text   base64 and data URLs
    pixels        grey values in JSON
    containers    the blocks of a picture file, walked over before decoding
    images        decoding
    self_test     the drawing that a network must read right before it serves

Imports of `app` only `errors` and `settings`.
"""
