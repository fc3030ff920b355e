"""The authors' released checkpoints, in our format.

Theirs are pickles {'net': state_dict, 'args': argparse.Namespace, 'epoch': int}. They are read with
`weights_only=True`, which builds tensors and that namespace and runs no code from the file.
"""

from __future__ import annotations

import argparse
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hotspot_core.errors import InputError
from hotspot_core.model.checkpoint import save_model
from hotspot_core.model.config import AnticipationLoss
from hotspot_core.model.hotspot_model import HotspotModel
from hotspot_core.model.presets import preset_config
from hotspot_core.model.resnet import Dilation
from hotspot_core.model.torch_file import read_torch_file

OPRA_ACTIONS = ("hold", "touch", "rotate", "push", "pull", "pick up", "put down")

# Their name -> ours, first match wins.
_RENAMINGS = (
    (r"backbone\.rnet\.conv1\.", "backbone.stem.0."),
    (r"backbone\.rnet\.bn1\.", "backbone.stem.1."),
    (r"backbone\.rnet\.layer1\.", "backbone.stages.0."),
    (r"backbone\.rnet\.layer2\.", "backbone.stages.1."),
    (r"backbone\.rnet\.layer3\.", "backbone.stages.2."),
    (r"backbone\.rnet\.layer4\.", "backbone.stages.3."),
    (r"project\.0\.", "anticipation.0.convolution."),
    (r"project\.1\.", "anticipation.0.normalization."),
    (r"project\.3\.", "anticipation.1.convolution."),
    (r"project\.4\.", "anticipation.1.normalization."),
    (r"rnn\.", "classifier.lstm."),
    (r"fc\.", "classifier.linear."),
    (r"h0$", "classifier.initial_hidden"),
    (r"c0$", "classifier.initial_cell"),
)


def convert_state(theirs: dict[str, Tensor]) -> dict[str, Tensor]:
    """The authors' state under our names; h0 and c0 (1, 1, hidden) become (hidden,).

    Raises:
        InputError: a name that their model does not have.
    """
    ours = {}
    for name, value in theirs.items():
        for pattern, replacement in _RENAMINGS:
            renamed, matches = re.subn(f"^{pattern}", replacement, name.removeprefix("module."))
            if matches:
                ours[renamed] = value.flatten() if renamed.startswith("classifier.initial") else value
                break
        else:
            raise InputError(f"key {name!r} does not belong to the authors' model")
    return ours


def load_authors_checkpoint(path: str | Path) -> dict[str, Any]:
    """The contents of one of the authors' files.

    Raises:
        InputError: not a readable file, or not of their layout.
    """
    with torch.serialization.safe_globals([argparse.Namespace]):
        contents = read_torch_file(path, "a checkpoint of the authors")
    if not isinstance(contents, dict) or not isinstance(contents.get("net"), dict):
        raise InputError(
            f"{str(path)!r} is not one of the authors' checkpoints: it has no state under 'net'; give their .pth file"
        )
    return contents


def build_converted_model(
    state: dict[str, Tensor],
    actions: Sequence[str],
    dilation: Dilation = "first_block",
    loss: AnticipationLoss = "mse",
) -> HotspotModel:
    """A model of the preset `paper` with the authors' weights, in eval mode.

    Raises:
        InputError: the number of actions differs, or tensors are missing or of another shape.
    """
    ours = convert_state(state)
    if (head := ours.get("classifier.linear.bias")) is not None and len(head) != len(actions):
        raise InputError(f"the checkpoint has {len(head)} actions, {len(actions)} are named: {', '.join(actions)}")
    config = preset_config("paper", actions, dilation=dilation, anticipation_loss=loss)
    with torch.device("meta"):
        model = HotspotModel(config)
    for name, expected in model.state_dict().items():
        if name.endswith("num_batches_tracked"):
            ours.setdefault(name, torch.zeros_like(expected, device="cpu"))
    try:
        model.load_state_dict(ours, assign=True)
    except RuntimeError as error:
        first = [line.strip() for line in str(error).splitlines()[1:2]]
        raise InputError(f"the checkpoint is not the authors' model: {' '.join(first)}") from error
    return model.eval()


@dataclass(frozen=True)
class ConversionConfig:
    """What is converted.

    Attributes:
        source: the authors' file, .pth or .pt.
        destination: the file to write, .safetensors.
        actions: names, in the order of the logits.
        loss: the anticipation loss that the model had.
        dilation: layout of its backbone.
        half: store the weights as float16.
    """

    source: Path
    destination: Path
    actions: Sequence[str] = OPRA_ACTIONS
    loss: AnticipationLoss = "mse"
    dilation: Dilation = "first_block"
    half: bool = False


def convert(config: ConversionConfig) -> None:
    """Writes one of the authors' checkpoints in our format, with where it came from.

    Raises:
        InputError: the source is not one of theirs, does not fit, or the destination cannot be written.
    """
    if config.destination.suffix != ".safetensors":
        raise InputError(f"destination {str(config.destination)!r}: name a .safetensors file")
    contents = load_authors_checkpoint(config.source)
    model = build_converted_model(contents["net"], config.actions, config.dilation, config.loss)
    training = {
        "converted_from": config.source.name,
        "sha256": hashlib.sha256(config.source.read_bytes()).hexdigest(),
        "epoch": contents.get("epoch"),
        "args": {name: str(value) for name, value in vars(contents.get("args", argparse.Namespace())).items()},
    }
    save_model(config.destination, model, training, dtype=torch.float16 if config.half else torch.float32)
