"""A hotspot model as methods: what it publishes on a robot, and what its clip classifier alone shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from hotspot_core.data.annotations import Annotation
from hotspot_core.data.dataset import network_input
from hotspot_core.errors import InputError
from hotspot_core.evaluation.method import Image, Maps, Method, MethodOutput, Point, Supervision
from hotspot_core.evaluation.protocol import Layout
from hotspot_core.hotspots.closed_form import interaction_hotspots
from hotspot_core.hotspots.grad_cam import ReadOut as ClassifierReadOut
from hotspot_core.hotspots.grad_cam import classifier_maps
from hotspot_core.hotspots.regions import heatmap_region, network_input_size, resample
from hotspot_core.inference.predictor import HotspotPredictor
from hotspot_core.model.checkpoint import CheckpointInfo, load_model, read_info
from hotspot_core.model.export_format import EXPORTS
from hotspot_core.model.hotspot_model import HotspotModel

ReadOut = Literal["grad_cam", "eq4", "hotspots"]
READ_OUTS: Mapping[ReadOut, str] = {
    "grad_cam": "LSTM+Grad-CAM",
    "eq4": "LSTM+Eq. 4, without F_ant",
    "hotspots": "Interaction hotspots",
}
# The same read out of a classifier that was not trained alone: not what the paper compares with.
JOINT_READ_OUTS: Mapping[ReadOut, str] = {
    **READ_OUTS,
    "grad_cam": "Grad-CAM of the hotspot model",
    "eq4": "Eq. 4 without F_ant of the hotspot model",
}


class HotspotMethod(Method):
    """What `HotspotPredictor` publishes: heatmaps, points and scores, in any of its precisions and runtimes.

    Args:
        predictor: of a model or an export.
        name: of the row; None for "Interaction hotspots".
    """

    def __init__(self, predictor: HotspotPredictor, name: str | None = None) -> None:
        info = predictor.info
        self.predictor = predictor
        self.name = name or READ_OUTS["hotspots"]
        self.actions = predictor.actions
        self.provenance = f"{_identity(info)}, {info.runtime}, {info.precision} on {info.device}"
        self.supervision = _supervision(info)
        self.setting = _setting(info)

    def __call__(self, image: Image, actions: Sequence[str], entry: Annotation | None = None) -> Maps:
        return self.predict(image, actions, entry).maps

    def predict(self, image: Image, actions: Sequence[str], entry: Annotation | None = None) -> MethodOutput:
        prediction = self.predictor.predict(image, actions)
        height, width = prediction.heatmaps.shape[1:]
        points: dict[str, list[Point]] = {action: [] for action in actions}
        for action, *point in prediction.points:
            points[action].append(Point(*point))
        return MethodOutput(prediction.heatmaps_at(height, width), list(points.values()), prediction.scores)


class ClassifierMethod(Method):
    """The clip classifier of a trained model without F_ant, read out by PyTorch in float32.

    Images keep their aspect ratio and get as many pixels as in training, as `HotspotPredictor` does.

    Args:
        model: in eval mode.
        read_out: "grad_cam" or "eq4", see `classifier_maps`.
        name: of the row; None for the read-out's of a classifier that was trained alone.
    """

    supervision: Supervision = "action labels"

    def __init__(
        self, model: HotspotModel, read_out: ClassifierReadOut, name: str | None = None, provenance: str = ""
    ) -> None:
        self.model = model
        self.read_out = read_out
        self.name = name or READ_OUTS[read_out]
        self.actions = model.actions
        self.provenance = provenance

    def __call__(self, image: Image, actions: Sequence[str], entry: Annotation | None = None) -> Maps:
        backbone, config = self.model.backbone, self.model.config
        image_hw = (image.shape[0], image.shape[1])
        size = network_input_size(image_hw, config.input_size, backbone.stride)
        pixels = network_input(image, size)[None].to(next(self.model.parameters()).device)
        maps = classifier_maps(self.model, pixels, actions, self.read_out)
        region = heatmap_region(image_hw, size, backbone.stride, backbone.first_cell_center)
        return resample(maps[0].cpu().numpy(), region, image_hw, (maps.shape[2], maps.shape[3]))


class ReleaseReadOutMethod(Method):
    """A model's maps laid over the image as the authors' code lays them, read out by PyTorch in float32.

    The image is resized to a square of the model's input size, whatever its shape, and the grid covers it from edge to
    edge. `HotspotPredictor` keeps the aspect ratio and knows where the cells' centers are: on drawn images that is a
    KLD of .06 to .085 apart.

    Args:
        model: in eval mode.
        read_out: "hotspots", or one of those of `ClassifierMethod`.
        name: of the row; None for the read-out's.
    """

    supervision: Supervision = "action labels"

    def __init__(self, model: HotspotModel, read_out: ReadOut, name: str | None = None, provenance: str = "") -> None:
        self.model = model
        self.read_out: ReadOut = read_out
        self.name = name or READ_OUTS[read_out]
        self.actions = model.actions
        self.provenance = provenance

    def __call__(self, image: Image, actions: Sequence[str], entry: Annotation | None = None) -> Maps:
        size = self.model.config.input_size
        pixels = network_input(image, (size, size))[None].to(next(self.model.parameters()).device)
        if self.read_out == "hotspots":
            return np.asarray(interaction_hotspots(self.model, pixels, actions).maps[0].cpu().numpy())
        return np.asarray(classifier_maps(self.model, pixels, actions, self.read_out)[0].cpu().numpy())


def hotspot_methods(
    source: str | Path,
    read_outs: Sequence[ReadOut],
    device: str | torch.device | None = None,
    precision: str = "fp32",
    name: str | None = None,
    layout: Layout = "deployed",
) -> list[Method]:
    """The chosen read-outs of a checkpoint; of an export (.onnx, .pt2) there are only hotspots.

    Args:
        device, precision: see `HotspotPredictor`; the classifier is read out in float32.
        layout: see `Protocol.read_out`; "release" reads all out in float32.

    Raises:
        InputError: the file, the device or the precision cannot be used.
    """
    info = read_info(source)
    if info.classifier_alone and "hotspots" in read_outs:
        raise InputError(
            f"{str(source)!r} is a clip classifier that was trained alone, without anticipation: it has no hotspots; "
            "read it with --methods grad_cam,eq4"
        )
    others = [read_out for read_out in read_outs if read_out != "hotspots" or layout == "release"]
    if others and Path(source).suffix in EXPORTS:
        told = "the release's read-out" if layout == "release" else others[0]
        raise InputError(f"{str(source)!r} is an export, of which {told} cannot be read: give the checkpoint")
    # The bundled model as it was trained: the same numbers whatever else is installed.
    runtime = "pytorch" if str(source) == "default" else "auto"
    model = load_model(source, device) if others else None
    known = READ_OUTS if info.classifier_alone else JOINT_READ_OUTS
    titles = {read_out: f"{title} ({name})" if name else title for read_out, title in known.items()}
    methods: list[Method] = []
    for read_out in read_outs:
        if read_out not in others:
            methods.append(HotspotMethod(HotspotPredictor(source, device, precision, runtime), titles["hotspots"]))
        else:
            assert model is not None
            method = _read_out_of(model, read_out, layout, titles[read_out], _identity(info))
            method.supervision = _supervision(info)
            method.setting = _setting(info)
            methods.append(method)
    return methods


def _read_out_of(model: HotspotModel, read_out: ReadOut, layout: Layout, name: str, provenance: str) -> Method:
    if layout == "release" or read_out == "hotspots":
        return ReleaseReadOutMethod(model, read_out, name, f"{provenance}, laid over the image as in the release")
    return ClassifierMethod(model, read_out, name, provenance)


def default_read_outs(source: str | Path) -> list[ReadOut]:
    """What a checkpoint is read out for if nothing else is asked for: hotspots, or both read-outs of a classifier
    that was trained alone.

    Raises:
        InputError: the file cannot be used.
    """
    return ["grad_cam", "eq4"] if read_info(source).classifier_alone else ["hotspots"]


def _identity(info: CheckpointInfo) -> str:
    digest = f", sha256 {info.sha256[:12]}" if info.sha256 else ""
    return f"{info.name}{digest}{'' if info.trained else ', untrained'}"


def _setting(info: CheckpointInfo) -> str:
    """Its size and preset, and the files that it learned from."""
    data = info.training.get("configuration", {}).get("data", {})
    files = [Path(str(file)).name for key in ("train", "keypoints") for file in data.get(key) or []]
    parts = [", ".join(files)] if files else []
    return "; ".join([*parts, f"preset {info.config.preset}, {info.config.input_size} px"])


def _supervision(info: CheckpointInfo) -> Supervision:
    return "action maps" if info.learned_keypoints else "action labels"
