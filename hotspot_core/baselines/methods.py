"""The methods of a comparison by their names and files: hotspot models, baselines, and maps made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hotspot_core.baselines.learned import LearnedMethod, is_network
from hotspot_core.baselines.published.files import is_published, published_method
from hotspot_core.baselines.untrained import TITLES, UntrainedMethod
from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.data.clips import read_clip_table
from hotspot_core.errors import InputError, select_names
from hotspot_core.evaluation.external import ExternalPredictions
from hotspot_core.evaluation.hotspots import READ_OUTS, ReadOut, default_read_outs, hotspot_methods
from hotspot_core.evaluation.method import Method
from hotspot_core.evaluation.protocol import Layout
from hotspot_core.evaluation.run import of_split
from hotspot_core.evaluation.synonyms import translated
from hotspot_core.model.checkpoint import select_device
from hotspot_core.model.checkpoint_info import resolve_checkpoint
from hotspot_core.model.hub import names_hub

METHODS = (*TITLES, *READ_OUTS)


@dataclass(frozen=True)
class Named:
    """A file or folder with the name of its row; None for the name of its kind."""

    source: str
    name: str | None = None


@dataclass(frozen=True)
class MethodsConfig:
    """Which methods are compared. "{split}" in a path is the number of the split.

    Attributes:
        methods: names in `METHODS`; empty for all, of a checkpoint for what it was trained for, see
            `default_read_outs`.
        checkpoints: hotspot models (.safetensors, .onnx, .pt2 or "default"), networks, published weights of EgoGaze
            (.pth.tar), MLNet (HDF5) and SalGAN (.npz); empty for the bundled model.
        predictions: maps made elsewhere.
        clips: clip tables of demonstrations, for Demo2Vec.
        device: where models run.
        precision: of hotspot models, see `HotspotPredictor`.
        read_out: of hotspot models, see `Protocol`.
    """

    methods: Sequence[str] = ()
    checkpoints: Sequence[Named] = ()
    predictions: Sequence[Named] = ()
    clips: Sequence[str] = ()
    device: str = "auto"
    precision: str = "fp32"
    read_out: Layout = "deployed"

    def build(self, annotations: AnnotationSet, split: int | None = None) -> list[Method]:
        """The methods for a set of annotated images, in the order of the paper's table.

        Raises:
            InputError: one cannot be used; the text says why.
        """
        if annotations.predictions and not (self.methods or self.checkpoints or self.predictions):
            return [UntrainedMethod("center"), *_distributed(annotations)]
        chosen = select_names("method", self.methods, METHODS)
        untrained = [UntrainedMethod(key) for key in chosen if key in TITLES]
        models, networks = self._checkpoints([key for key in READ_OUTS if key in chosen], split)
        models = [translated(method, annotations) for method in models]
        networks = [translated(method, annotations) for method in networks]
        networks = sorted(networks, key=lambda method: method.supervision != "saliency maps")
        external = [_external(named, annotations, split) for named in self.predictions]
        methods = [*untrained, *models, *networks, *external]
        if not methods:
            raise InputError("no methods: name some with --methods, --checkpoint or --predictions")
        return methods

    def _checkpoints(self, read_outs: list[ReadOut], split: int | None) -> tuple[list[Method], list[Method]]:
        """The read-outs of the hotspot models, and the networks."""
        tables = [read_clip_table(of_split(table, split)) for table in self.clips]
        clips = [clip for table in tables for clip in table] if tables else None
        models: list[Method] = []
        networks: list[Method] = []
        for named in self.checkpoints or ([Named("default")] if read_outs else []):
            path = _local(of_split(named.source, split))
            if is_published(path):
                method = published_method(path, select_device(self.device))
                method.name = named.name or method.name
                networks.append(method)
                continue
            if is_network(path):
                networks.append(LearnedMethod(path, named.name, self.device, clips))
                continue
            own = read_outs if self.methods else default_read_outs(path)
            models += hotspot_methods(path, own, self.device, self.precision, named.name, self.read_out)
        return models, networks


def _local(source: str) -> str:
    return str(resolve_checkpoint(source)) if names_hub(source) else source


def _distributed(annotations: AnnotationSet) -> list[ExternalPredictions]:
    """The maps that come with the data set."""
    return [ExternalPredictions(name, path, annotations) for name, path in annotations.predictions.items()]


def _external(named: Named, annotations: AnnotationSet, split: int | None) -> ExternalPredictions:
    if named.name is None:
        raise InputError(f"--predictions {named.source}: give NAME=FOLDER, NAME=FILE.npz or NAME=FILE.pth")
    return ExternalPredictions(named.name, of_split(named.source, split), annotations)
