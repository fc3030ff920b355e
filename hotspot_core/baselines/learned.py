"""Trained networks as methods, and their files: weights and a JSON description in one .safetensors file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from hotspot_core.baselines.demonstrations import Demonstrations
from hotspot_core.baselines.networks import NETWORKS, HeatmapNetwork
from hotspot_core.baselines.networks.salgan_published import PUBLISHED_SIZE, load_published_salgan
from hotspot_core.data.annotations import Annotation
from hotspot_core.data.clips import Clip
from hotspot_core.data.dataset import network_input
from hotspot_core.errors import InputError, select_names
from hotspot_core.evaluation.method import Image, Maps, Method
from hotspot_core.model.checkpoint import select_device
from hotspot_core.utils.files import atomic_write

METADATA_KEY = "hotspot_baseline"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class Description:
    """What a file says of its network.

    Attributes:
        network: a name in `NETWORKS`.
        encoder: see `Encoder`.
        actions: that it was trained on, in the order of its maps where it has one per action.
        size: side in pixels of the squares that images are resized to, whatever their aspect ratio.
        training: provenance: data, settings, results.
    """

    network: str
    encoder: str
    actions: tuple[str, ...]
    size: int
    training: dict[str, Any]

    @property
    def setting(self) -> str:
        """What a table says of the training: its data, its length and the resolution."""
        training = self.training
        parts = [f"{training['items']} maps of {training['annotations']}"] if "items" in training else []
        parts += [f"{training['steps']} steps"] if "steps" in training else []
        return ", ".join([*parts, self.encoder, f"{self.size} px"])

    def build(self, weights: str | None = None, frozen: bool = True) -> HeatmapNetwork:
        """The network; `weights` are those of its encoder."""
        return NETWORKS[self.network](self.encoder, len(self.actions), self.size, weights, frozen)


class LearnedMethod(Method):
    """A trained network.

    Args:
        path: its file; or the .npz file of SalGAN's authors.
        name: of the row; None for the network's title, "...-style, trained here" where its authors did not train it.
        device: where it runs, see `select_device`.
        clips: to demonstrate actions with, for Demo2Vec.

    Raises:
        InputError: the file cannot be used, or the network needs clips.
    """

    def __init__(
        self,
        path: str | Path,
        name: str | None = None,
        device: str | torch.device | None = None,
        clips: Sequence[Clip] | None = None,
    ) -> None:
        self.device = select_device(device)
        path = Path(path)
        actions: tuple[str, ...] = ()
        if path.suffix == ".npz":
            self.network: HeatmapNetwork = load_published_salgan(path)
            self.size_hw = PUBLISHED_SIZE
            title = self.network.title
            self.setting = f"published weights, {self.size_hw[1]}x{self.size_hw[0]} px"
        else:
            description, self.network = load_network(path)
            self.size_hw = description.size, description.size
            actions = description.actions
            title = f"{self.network.title}-style, trained here"
            self.setting = description.setting
        self.network = self.network.to(self.device).eval()
        self.name = name or title
        self.supervision = self.network.supervision
        self.provenance = f"{path.name}, sha256 {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
        if self.supervision == "action maps":
            self.actions = actions
        self._learned_actions = actions
        shown = clips if self.network.needs_demonstration else None
        self._demonstrations = Demonstrations(shown, self.size_hw[0]) if shown is not None else None
        if self.network.needs_demonstration and self._demonstrations is None:
            raise InputError(f"{self.name} looks at clips that demonstrate the actions: name a table with --clips")
        if clips is not None and self.network.needs_demonstration:
            self.provenance += f", clips {hashlib.sha256(repr(list(clips)).encode()).hexdigest()[:12]}"

    def predicts(self, entry: Annotation) -> bool:
        return self._demonstrations is None or bool(self._demonstrations.of(entry))

    @torch.no_grad()
    def __call__(self, image: Image, actions: Sequence[str], entry: Annotation | None = None) -> Maps:
        pixels = network_input(image, self.size_hw).to(self.device)
        if self.supervision == "saliency maps":
            one = self.network.maps({"image": pixels[None]}).float().cpu().numpy()
            return np.repeat(one, len(actions), axis=0)
        indices = [
            self._learned_actions.index(name) for name in select_names("action", list(actions), self._learned_actions)
        ]
        batch = {
            "image": pixels.expand(len(actions), -1, -1, -1),
            "action": torch.tensor(indices, device=self.device),
        }
        if self.network.needs_demonstration:
            batch |= self._clips_for(actions, entry)
        return np.asarray(self.network.maps(batch).float().cpu().numpy())

    def _clips_for(self, actions: Sequence[str], entry: Annotation | None) -> dict[str, Tensor]:
        assert self._demonstrations is not None
        if entry is None:
            raise InputError(f"{self.name} looks for clips by the annotated image: give the entry")
        shown = self._demonstrations
        clips = [shown.frames(shown.choose(replace(entry, action=action))) for action in actions]
        return {
            "frames": torch.stack([frames for frames, _ in clips]).to(self.device),
            "length": torch.tensor([length for _, length in clips], device=self.device),
        }


def save_network(path: str | Path, network: HeatmapNetwork, description: Description) -> None:
    """Writes a file; what only training needs is left out.

    Raises:
        InputError: it cannot be written.
    """
    content = {
        "format_version": FORMAT_VERSION,
        "network": description.network,
        "encoder": description.encoder,
        "actions": list(description.actions),
        "size": description.size,
        "training": description.training,
    }
    tensors = {name: value.contiguous().cpu() for name, value in network.state_dict().items() if not _training(name)}
    try:
        with atomic_write(path) as partial:
            save_file(tensors, partial, metadata={METADATA_KEY: json.dumps(content)})
    except SafetensorError as error:
        raise InputError(f"{str(path)!r} cannot be written: {error}") from error


def is_network(path: str | Path) -> bool:
    """Whether a file holds one of these networks (and not, say, a hotspot model)."""
    path = Path(path)
    if path.suffix == ".npz":
        return True
    try:
        with safe_open(path, framework="pt") as file:
            return METADATA_KEY in (file.metadata() or {})
    except (OSError, SafetensorError):
        return False


def load_network(path: str | Path) -> tuple[Description, HeatmapNetwork]:
    """A network in eval mode, and what its file says of it.

    Raises:
        InputError: no such file, or of another kind or version.
    """
    path = Path(path)
    try:
        with safe_open(path, framework="pt") as file:
            metadata = (file.metadata() or {}).get(METADATA_KEY)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except (OSError, SafetensorError) as error:
        raise InputError(f"{str(path)!r} is no .safetensors file that can be read: {error}") from error
    if metadata is None:
        raise InputError(f"{str(path)!r} has no '{METADATA_KEY}' metadata: it is no network of train_baseline")
    content = json.loads(metadata)
    if content.pop("format_version", None) != FORMAT_VERSION:
        raise InputError(f"{str(path)!r} is of another format version: install the matching hotspot_core, or retrain")
    content["actions"] = tuple(content["actions"])
    description = Description(**content)
    select_names("network", [description.network], tuple(NETWORKS))
    network = description.build()
    try:
        missing, unexpected = network.load_state_dict(tensors, strict=False)
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise InputError(f"{str(path)!r} does not fit this {network.title}, train it again: {reason}") from error
    wrong = [name for name in missing if not _training(name)] + list(unexpected)
    if wrong:
        raise InputError(f"{str(path)!r} does not fit its own description: {wrong[0]}")
    return description, network.eval()


def _training(name: str) -> bool:
    return name.startswith("discriminator.")
