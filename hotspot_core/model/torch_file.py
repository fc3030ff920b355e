"""PyTorch's own files, of which nothing but tensors is read: `weights_only=True` runs no code from them."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from hotspot_core.errors import InputError


def read_torch_file(path: str | Path, what: str) -> Any:
    """The contents of a .pth or .pt file, or, as PyTorch reads these too, the tensors of a .safetensors file.

    Args:
        what: the file is to be, for the error's text.

    Raises:
        InputError: the file is missing, damaged, of another kind, or has other things than tensors in it. The text is
            not PyTorch's, which recommends to run what is in the file.
    """
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
    except (RuntimeError, ValueError, KeyError, EOFError, pickle.UnpicklingError, SafetensorError) as error:
        reason = "it is damaged or of another kind"
        if isinstance(error, pickle.UnpicklingError) and zipfile.is_zipfile(path):
            reason = "it holds other things than tensors, which are not run, or is damaged"
    raise InputError(f"{str(path)!r} cannot be read as {what}: {reason}; give a whole file that you trust, .pth or .pt")
