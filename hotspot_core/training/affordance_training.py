"""The Lightning module that learns from images with the places of all their actions."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import lightning
import torch
from torch import Tensor, nn

from hotspot_core.errors import InputError, check_number
from hotspot_core.hotspots.map_loss import over_images
from hotspot_core.hotspots.trainable import trainable_hotspots
from hotspot_core.training import affordance_losses as losses
from hotspot_core.training.initial_model import initial_model

# Width of the place head, unless `model_options` say otherwise.
PLACE_CHANNELS = 96


class AffordanceTraining(lightning.LightningModule):
    """Learns a `HotspotModel` from images alone: where each action happens, and which ones an image affords.

    Maps are those of Eq. 4, differentiated once more (`trainable_hotspots`); logits learn, each by itself, whether the
    image affords the action. Batch normalization keeps its statistics: those of `start`, or of the first batch.

    Args:
        actions: names in the order of the labels; the data set them.
        preset, model_options, backbone_weights, start: see `HotspotTraining`.
        map_weight: of the KL divergence of the places from the maps.
        affordance_weight: of the cross-entropy of what an image affords.
        misplaced_weight: of the mass that maps of actions that are not afforded have on other actions' places.
        contrast_weight: of the cross-entropy between the actions of a cell.
        detection_weight: of the cross-entropy of each cell being part of a place, by the maps.
        place_weight: of the same by the place head, for all actions.
        maps_per_step: actions whose maps a step looks at, drawn by how often the batch affords them.
        learning_rate: largest rate of F_ant and classifier.
        backbone_learning_rate: of the backbone; 0 keeps it as it is.
        backbone_frozen: parts of a backbone that learns which stay as they are, by the beginnings of their parameters'
            names, as `stem` and `blocks.0`; the first ones see the largest grids and cost the most.
        weight_decay: of AdamW.
        ramp_steps: steps in which the rates rise; then they fall to 0 with a cosine.
        seed: of the choice of actions.

    Raises:
        InputError: a number is out of its range, or `start` does not fit.
    """

    def __init__(
        self,
        actions: list[str],
        preset: str = "robot",
        model_options: dict[str, Any] | None = None,
        backbone_weights: str | None = None,
        start: Path | None = None,
        map_weight: float = 1.0,
        affordance_weight: float = 1.0,
        misplaced_weight: float = 0.3,
        contrast_weight: float = 0.5,
        detection_weight: float = 2.5,
        place_weight: float = 10.0,
        maps_per_step: int = 4,
        learning_rate: float = 1e-3,
        backbone_learning_rate: float = 0.0,
        backbone_frozen: list[str] | None = None,
        weight_decay: float = 0.01,
        ramp_steps: int = 50,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        for name in ("map", "affordance", "misplaced", "contrast", "detection", "place"):
            check_number(f"model.{name}_weight", self.hparams[f"{name}_weight"], 0)
        check_number("model.maps_per_step", maps_per_step, 1, whole=True)
        check_number("model.learning_rate", learning_rate, 0, above=True)
        check_number("model.backbone_learning_rate", backbone_learning_rate, 0)
        check_number("model.weight_decay", weight_decay, 0)
        check_number("model.ramp_steps", ramp_steps, 0, whole=True)
        check_number("model.seed", seed, 0, whole=True)
        options = {"place_channels": PLACE_CHANNELS, **(model_options or {}), "scores": "independent"}
        self.model = initial_model(actions, preset, options, backbone_weights, start)
        self.model.backbone.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.model.backbone.requires_grad_(backbone_learning_rate > 0)
        freeze(self.model.backbone, backbone_frozen or [])
        # Maps are made of the logits' gradients, which know nothing of it.
        self.model.classifier.linear.bias.requires_grad_(False)
        # What turns the logarithm of a map into the logit of a cell.
        self.cell_scale = torch.nn.Parameter(torch.ones(()))
        self.cell_bias = torch.nn.Parameter(torch.zeros(len(actions)))
        self.usual_value: Tensor
        self.register_buffer("usual_value", torch.zeros(()))

    def train(self, mode: bool = True) -> AffordanceTraining:
        super().train(mode)
        self.model.eval()
        if self.model.places is not None:
            self.model.places.train(mode)
        return self

    def on_train_start(self) -> None:
        if self.hparams["start"] is None and self.global_step == 0:
            batch = next(iter(self.trainer.train_dataloader))  # type: ignore[arg-type]
            self._take_statistics(batch["image"].to(self.device))

    @torch.no_grad()
    def _take_statistics(self, images: Tensor) -> None:
        """F_ant's batch normalization gets the mean and variance that it sees on these images."""
        features = self.model.backbone(images).float()
        for block in self.model.anticipation.blocks():
            convolved, norm = block.convolution(features), block.normalization
            assert norm.running_mean is not None
            assert norm.running_var is not None
            norm.running_mean.copy_(convolved.mean(dim=(0, 2, 3)))
            norm.running_var.copy_(convolved.var(dim=(0, 2, 3)))
            features = block(features)

    def training_step(self, batch: dict[str, Tensor], _index: int) -> Tensor:
        """The batch is of `AffordanceImages`."""
        values = self._losses(batch)
        for name, value in values.items():
            self.log(f"train/{name}", value, prog_bar=True, batch_size=len(batch["image"]))
        options = self.hparams
        return torch.stack([options[f"{name}_weight"] * value for name, value in values.items()]).sum()

    def _losses(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        chosen = self._chosen_actions(batch["afforded"])
        features = self.model.backbone(batch["image"].contiguous(memory_format=torch.channels_last)).contiguous()
        with torch.autocast(self.device.type, enabled=False):
            maps, logits, cells = trainable_hotspots(self.model, features, chosen)
        # Of a mean, a gradient is a grid's number of cells smaller.
        maps = maps * maps[0, 0].numel()
        maps = over_images(self.model, maps, batch["image"].shape[2:], batch["places"].shape[2:]).flatten(2)
        if self.usual_value == 0:
            self.usual_value.copy_(maps.detach().mean().clamp_min(torch.finfo(torch.float32).tiny))
        maps = maps / self.usual_value
        log_maps = (maps + losses.FLOOR).log()
        all_places = batch["places"].flatten(2)
        places, afforded, judged = all_places[:, chosen], batch["afforded"][:, chosen], batch["judged"][:, chosen]
        map_cells = self.cell_scale * log_maps + self.cell_bias[chosen][None, :, None]
        values = {
            "map": losses.map_divergence(maps, places, afforded * judged),
            "affordance": losses.affordance_loss(logits, batch["afforded"], batch["judged"]),
            "misplaced": losses.misplaced_mass(maps, places, afforded, judged, all_places),
            "contrast": losses.action_contrast(log_maps, places, judged),
            "detection": losses.cell_detection(map_cells, places, judged),
        }
        if cells is not None:
            cells = over_images(self.model, cells, batch["image"].shape[2:], batch["places"].shape[2:]).flatten(2)
            values["place"] = losses.place_detection(cells, all_places, batch["judged"])
        return values

    def _chosen_actions(self, afforded: Tensor) -> Tensor:
        """Indices of the actions that this step looks at, in order; the step's number alone decides the draw."""
        number = min(self.hparams["maps_per_step"], afforded.shape[1])
        generator = torch.Generator().manual_seed(self.hparams["seed"] * 1_000_003 + self.global_step)
        often = (afforded.sum(dim=0).float().cpu() + 0.5).sqrt()
        return torch.multinomial(often, number, generator=generator).sort().values.to(afforded.device)

    def configure_optimizers(self) -> Any:
        options, model = self.hparams, self.model
        assert model.affordance is not None
        places = [] if model.places is None else list(model.places.parameters())
        if model.affordance.place_gain is not None:
            places.append(model.affordance.place_gain)
        rest = [
            *places,
            *model.anticipation.parameters(),
            *model.classifier.parameters(),
            self.cell_scale,
            self.cell_bias,
        ]
        groups = [{"params": rest, "lr": options["learning_rate"]}]
        # Pooled features differ little between images, so that what tells them apart needs large weights.
        groups.append({"params": [model.affordance.weight, model.affordance.bias], "lr": 10 * options["learning_rate"]})
        if options["backbone_learning_rate"] > 0:
            learned = [weight for weight in model.backbone.parameters() if weight.requires_grad]
            groups.append({"params": learned, "lr": options["backbone_learning_rate"]})
        optimizer = torch.optim.AdamW(groups, weight_decay=options["weight_decay"])
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, self._rate_factor)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def _rate_factor(self, step: int) -> float:
        total = max(1, int(self.trainer.estimated_stepping_batches))
        ramp = min(1.0, (step + 1) / (self.hparams["ramp_steps"] + 1))
        return ramp * 0.5 * (1 + math.cos(math.pi * min(1.0, step / total)))


def freeze(backbone: nn.Module, parts: list[str]) -> None:
    """Lets these parts of a backbone keep their weights.

    Args:
        parts: beginnings of parameters' names, up to a dot.

    Raises:
        InputError: no parameter's name begins like one of them.
    """
    for part in parts:
        frozen = [weight for name, weight in backbone.named_parameters() if f"{name}.".startswith(f"{part}.")]
        if not frozen:
            known = dict.fromkeys(".".join(name.split(".")[:2]) for name, _ in backbone.named_parameters())
            raise InputError(f"model.backbone_frozen {part}: the backbone has no such part; it has {', '.join(known)}")
        for weight in frozen:
            weight.requires_grad_(False)
