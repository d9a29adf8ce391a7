"""The same network in PyTorch, with the same weights."""

from typing import Any

import numpy as np
import torch
from torch import nn

from model.nn.layers import BatchNorm, Conv2D, Dense, Layer, MaxPool2D, ReLU
from model.nn.network import Network
from model.training.recipes import Loss


class BatchNormOfBatch(nn.BatchNorm2d):
    """As nn.BatchNorm2d in training, for (N, C) too and for a single image, and without averages.

    Ours measures its statistics once, after training, so it keeps no averages either.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Normalise x (N, C, ...)."""
        return torch.batch_norm(
            x, self.weight, self.bias, None, None, True, 0.0, self.eps, torch.backends.cudnn.enabled
        )


def torch_network(network: Network) -> nn.Sequential:
    """Return a network as PyTorch users write it; it reads (N, 1, 28, 28)."""
    modules: list[nn.Module] = []
    shape = network.input_shape
    for layer, output_shape in zip(network.layers, network.shapes, strict=True):
        if isinstance(layer, Dense) and len(shape) == 3:
            modules.append(nn.Flatten())
        modules.append(_torch_layer(layer, shape))
        shape = output_shape
    return nn.Sequential(*modules)


def _torch_layer(layer: Layer, shape: tuple[int, ...]) -> nn.Module:
    module: Any
    if isinstance(layer, ReLU):
        return nn.ReLU()
    if isinstance(layer, MaxPool2D):
        return nn.MaxPool2d(layer.size)
    if isinstance(layer, BatchNorm):
        module = BatchNormOfBatch(shape[-1], eps=layer.epsilon)
        weights = {"weight": layer.parameters["scale"], "bias": layer.parameters["shift"]}
    elif isinstance(layer, Conv2D):
        module = nn.Conv2d(
            shape[-1],
            layer.filters,
            layer.kernel_size,
            layer.stride,
            layer.padding,
            bias=layer.bias,
        )
        weights = {"weight": _filters(layer)}
        if layer.bias:
            weights["bias"] = layer.parameters["bias"]
    else:
        module = nn.Linear(int(np.prod(shape)), layer.units)
        weights = {"weight": _rows(layer, shape), "bias": layer.parameters["bias"]}
    with torch.no_grad():
        for name, values in weights.items():
            getattr(module, name).copy_(torch.from_numpy(np.array(values)))
    return module


def _filters(layer: Conv2D) -> np.ndarray:
    """Return the weights (K, K, C, F) of a convolution as (F, C, K, K)."""
    return np.ascontiguousarray(layer.parameters["weights"].transpose(3, 2, 0, 1))


def _rows(layer: Dense, shape: tuple[int, ...]) -> np.ndarray:
    """Return weights (D, units) as (units, D), D in the order that (C, H, W) has when flattened."""
    weights = layer.parameters["weights"].reshape(*shape, -1)
    if len(shape) == 3:
        weights = weights.transpose(2, 0, 1, 3)
    return np.ascontiguousarray(weights.reshape(-1, layer.units).T)


def torch_loss(logits: torch.Tensor, labels: torch.Tensor, weights: Loss) -> torch.Tensor:
    """Return the mean loss of a batch of digits, as `shards.shard_result` has it."""
    loss = nn.functional.cross_entropy(
        logits[:, :10], labels, label_smoothing=weights.label_smoothing
    )
    if logits.shape[1] > 10:
        is_digit = torch.ones(len(logits))
        loss = loss + weights.is_digit_weight * nn.functional.binary_cross_entropy_with_logits(
            logits[:, 10], is_digit
        )
    return loss
