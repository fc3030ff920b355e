"""PyTorch states of other people's networks: read without running anything, and put into layers of ours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from hotspot_core.errors import InputError
from hotspot_core.model.torch_file import read_torch_file


def read_state(path: Path, what: str) -> dict[str, Tensor]:
    """The tensors of a file, by name, whether it is a state or has one under `state_dict`.

    Args:
        what: the file is to be, for the error's text.

    Raises:
        InputError: the file cannot be read, or has no named tensors.
    """
    return tensors_of(path, read_torch_file(path, what), what)


def tensors_of(path: Path, contents: Any, what: str) -> dict[str, Tensor]:
    """The same of contents that were read already."""
    state = contents.get("state_dict", contents) if isinstance(contents, Mapping) else {}
    tensors = {str(name).removeprefix("module."): value for name, value in state.items() if isinstance(value, Tensor)}
    if not tensors:
        raise InputError(f"{path}: no named tensors in it: give {what}")
    return tensors


def load_state(path: Path, module: nn.Module, state: Mapping[str, Tensor], what: str) -> None:
    """Put a state into a module; files older than the counters of batch norm lack these.

    Raises:
        InputError: names or shapes do not fit; the text names the first that does not.
    """
    own = module.state_dict()
    lacking = [name for name in own if name not in state and not name.endswith("num_batches_tracked")]
    beyond = [name for name in state if name not in own]
    if lacking or beyond:
        told = f"it lacks {lacking[0]}" if lacking else f"it has {beyond[0]}"
        raise InputError(f"{path} is not {what}: {told}, and {len(lacking) + len(beyond) - 1} more names differ")
    for name, value in state.items():
        if value.shape != own[name].shape:
            raise InputError(f"{path}: {name} of shape {tuple(value.shape)}: {tuple(own[name].shape)} expected")
    module.load_state_dict(dict(state), strict=False)
