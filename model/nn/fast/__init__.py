"""Faster ways to the results that `model.nn` defines, behind one door: `implementation`.

    implementation  what stands in for a layer when a network computes: by itself, the plain layer
    layers          convolution, pooling, ReLU, dense: which way each goes
    normalization   batch normalisation
    windows         a convolution by one matrix product of its windows ("im2col")
    winograd        a 3x3 convolution by a quarter of the multiplications
    winograd_1d     the same of one frame, by half of them in larger products
    channels        sums and products with one number for each channel
    matmul          matrix products in pieces that BLAS multiplies fastest
    workspace       memory that is handed out again instead of being allocated anew
    conv_pool       the tutorial's network: convolution, pool and dense layer computed together
    predictor       prediction as fast as it goes, for the service

Each way gives what the plain layer gives, up to rounding, and nothing here is needed to
understand a layer. Of `model` only `model.nn` may be imported here, and by `model.nn.network`
nothing of this but the door: `conv_pool` and `predictor` are built on the network.
"""

from typing import Any

from model.nn.base import Layer
from model.nn.fast import layers, normalization
from model.nn.fast.implementation import Implementation
from model.nn.layers import BatchNorm, Conv2D, Dense, MaxPool2D, ReLU

__all__ = ["Implementation", "implementation"]

_IMPLEMENTATIONS: dict[type[Layer], type[Implementation[Any]]] = {
    Conv2D: layers.FastConv2D,
    MaxPool2D: layers.FastMaxPool2D,
    ReLU: layers.FastReLU,
    Dense: layers.FastDense,
    BatchNorm: normalization.FastBatchNorm,
}


def implementation(layer: Layer) -> Implementation[Any]:
    """Return what computes the layer's results fastest; for a kind unknown here, the layer does.

    It reads the layer's parameters and statistics each time, so it is never behind them.
    """
    return _IMPLEMENTATIONS.get(type(layer), Implementation)(layer)
