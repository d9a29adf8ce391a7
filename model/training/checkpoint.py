"""Checkpoints: a training on disk between two steps, to go on from after a crash or Ctrl-C.

A checkpoint is an .npz with the arrays of the trainer and, as JSON in the array ``about``, how far
it has come and the fingerprint of all that decides the weights. It goes on only with the same.
"""

import io
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from model.errors import TrainingError
from model.files import write_whole
from model.training.trainer import Epoch, Trainer


def fingerprint(trainer: Trainer) -> str:
    """Return all that decides the weights as JSON: each value of the recipe, seed, data."""
    layers = [str(layer) for layer in trainer.network.layers]
    recipe = asdict(trainer.recipe) | {"network": layers}
    return json.dumps([recipe, trainer.seed, trainer.pools.digests], sort_keys=True)


def save(trainer: Trainer, path: Path) -> None:
    """Write all that `resume` needs, so that the file appears whole or not at all."""
    about = {
        "fingerprint": fingerprint(trainer),
        "step": trainer.step,
        "history": [asdict(epoch) for epoch in trainer.history],
    }
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, about=np.array(json.dumps(about)), **trainer.arrays())
    write_whole(path, buffer.getbuffer())


def resume(trainer: Trainer, path: Path) -> None:
    """Bring a trainer to where a checkpoint was written.

    Raises:
        TrainingError: if there is no checkpoint that can be read, or it is of another training.
    """
    try:
        with np.load(path, allow_pickle=False) as saved:
            about = json.loads(str(saved["about"]))
            fits = about["fingerprint"] == fingerprint(trainer)
            if fits:
                for name, array in trainer.arrays().items():
                    array[...] = saved[name]
                trainer.step = int(about["step"])
                trainer.history = [Epoch(**epoch) for epoch in about["history"]]
    except FileNotFoundError:
        raise TrainingError(f"there is no checkpoint {path}; train without --resume") from None
    except OSError as error:
        raise TrainingError(f"the checkpoint {path} cannot be read: {error.strerror}") from None
    except Exception:  # noqa: BLE001 - a damaged archive fails in many ways
        raise TrainingError(f"the checkpoint {path} is damaged; train without --resume") from None
    if not fits:
        raise TrainingError(
            f"the checkpoint {path} is of another recipe, seed or data; "
            "train with those, or without --resume"
        )
