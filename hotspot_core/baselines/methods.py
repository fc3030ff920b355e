"""The methods of a comparison by their names and files: hotspot models, baselines, and maps made elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hotspot_core.baselines.learned import LearnedMethod, is_network
from hotspot_core.baselines.untrained import TITLES, UntrainedMethod
from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.data.clips import read_clip_table
from hotspot_core.errors import InputError, select_names
from hotspot_core.evaluation.external import ExternalPredictions
from hotspot_core.evaluation.hotspots import READ_OUTS, ReadOut, hotspot_methods
from hotspot_core.evaluation.method import Method
from hotspot_core.evaluation.run import of_split
from hotspot_core.model.checkpoint_info import resolve_checkpoint
from hotspot_core.model.export_format import EXPORTS
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
        methods: names in `METHODS`; empty for all, of further checkpoints only hotspots.
        checkpoints: hotspot models (.safetensors, .onnx, .pt2 or "default"), networks, SalGAN's .npz; empty for the
            bundled model.
        predictions: maps made elsewhere.
        clips: clip table of demonstrations, for Demo2Vec.
        device: where models run.
        precision: of hotspot models, see `HotspotPredictor`.
    """

    methods: Sequence[str] = ()
    checkpoints: Sequence[Named] = ()
    predictions: Sequence[Named] = ()
    clips: str | None = None
    device: str = "auto"
    precision: str = "fp32"

    def build(self, annotations: AnnotationSet, split: int | None = None) -> list[Method]:
        """The methods for a set of annotated images, in the order of the paper's table.

        Raises:
            InputError: one cannot be used; the text says why.
        """
        chosen = select_names("method", self.methods, METHODS)
        untrained = [UntrainedMethod(key) for key in chosen if key in TITLES]
        models, networks = self._checkpoints([key for key in READ_OUTS if key in chosen], split)
        networks = sorted(networks, key=lambda method: method.supervision != "saliency maps")
        external = [_external(named, annotations, split) for named in self.predictions]
        methods = [*untrained, *models, *networks, *external]
        if not methods:
            raise InputError("no methods: name some with --methods, --checkpoint or --predictions")
        return methods

    def _checkpoints(self, read_outs: list[ReadOut], split: int | None) -> tuple[list[Method], list[Method]]:
        """The read-outs of the hotspot models, and the networks."""
        clips = read_clip_table(of_split(self.clips, split)) if self.clips else None
        models: list[Method] = []
        networks: list[Method] = []
        for named in self.checkpoints or ([Named("default")] if read_outs else []):
            path = _local(of_split(named.source, split))
            if is_network(path):
                networks.append(LearnedMethod(path, named.name, self.device, clips))
                continue
            own = read_outs
            if not self.methods and (models or Path(path).suffix in EXPORTS):
                own = ["hotspots"]
            models += hotspot_methods(path, own, self.device, self.precision, named.name)
        return models, networks


def _local(source: str) -> str:
    return str(resolve_checkpoint(source)) if names_hub(source) else source


def _external(named: Named, annotations: AnnotationSet, split: int | None) -> ExternalPredictions:
    if named.name is None:
        raise InputError(f"--predictions {named.source}: give NAME=FOLDER or NAME=FILE.npz")
    return ExternalPredictions(named.name, of_split(named.source, split), annotations)
