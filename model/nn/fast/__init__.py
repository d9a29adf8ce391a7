"""Faster ways to the results that `model.nn` defines.

    matmul      products of matrices in pieces that BLAS multiplies fastest
    windows     the windows that a convolution looks through
    winograd    3x3 convolutions by a quarter of the multiplications
    conv_pool   a convolution of one channel and its pool, computed together
    workspace   memory that is handed out again instead of being allocated anew
    predictor   prediction as fast as it goes, for the service

Of `model` only `model.nn` may be imported here.
"""
