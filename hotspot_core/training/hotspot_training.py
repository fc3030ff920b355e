"""The Lightning module: losses, optimizer and schedule."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal, cast

import lightning
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from hotspot_core.data.annotations import Annotation
from hotspot_core.errors import InputError, check_number
from hotspot_core.evaluation.metrics import score
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.hotspots.closed_form import interaction_hotspots
from hotspot_core.hotspots.map_loss import map_loss
from hotspot_core.hotspots.regions import Region, heatmap_region, resample
from hotspot_core.training.initial_model import initial_model


class HotspotTraining(lightning.LightningModule):
    """Learns a `HotspotModel` from clips. The defaults of the optimizer are those of the paper's release.

    Args:
        actions, objects: names in the order of the labels; the data set them.
        preset: of the model.
        model_options: fields of `ModelConfig` that differ from the preset.
        backbone_weights: `imagenet`, another name of torchvision's, or a file; null for random ones, which are refused
            where the backbone is frozen.
        start: a .safetensors checkpoint with the same actions whose weights to start from.
        has_keypoints: whether there are images with annotated keypoints to learn from; the data sets it.
        cls_weight, ant_weight, aux_weight: factors of the paper's three losses.
        map_weight: factor of the loss of maps on images with annotated keypoints, see `map_loss`; unused without them.
        object_weight: factor of a fourth loss that names the object at rest with a linear layer on P(x_I); it helps
            a backbone that is trained from scratch.
        warmup_epochs: first epochs in which only that fourth loss is learned, on inactive images and
            single frames.
        optimizer: `adam` couples the weight decay with the gradient (as released), `adamw` does not.
        learning_rate: largest rate.
        weight_decay: see `optimizer`.
        schedule: `step` divides the rate by 10 after `decay_epochs`, `cosine` takes it to 0 over the run.
        ramp_steps: steps in which the rate rises from 0, at the start and again after the warm-up.

    Raises:
        InputError: a number is out of its range, `start` does not fit, or nothing could be learned.
    """

    def __init__(
        self,
        actions: list[str],
        objects: list[str],
        has_keypoints: bool = False,
        preset: str = "robot",
        model_options: dict[str, Any] | None = None,
        backbone_weights: str | None = "imagenet",
        start: Path | None = None,
        cls_weight: float = 1.0,
        ant_weight: float = 1.0,
        aux_weight: float = 1.0,
        map_weight: float = 1.0,
        object_weight: float = 0.0,
        warmup_epochs: int = 0,
        optimizer: Literal["adam", "adamw"] = "adam",
        learning_rate: float = 1e-4,
        weight_decay: float = 5e-4,
        schedule: Literal["step", "cosine"] = "step",
        decay_epochs: tuple[int, ...] = (15,),
        ramp_steps: int = 0,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        for name in ("cls", "ant", "aux", "map", "object"):
            check_number(f"model.{name}_weight", self.hparams[f"{name}_weight"], 0)
        check_number("model.learning_rate", learning_rate, 0, above=True)
        check_number("model.weight_decay", weight_decay, 0)
        for name, number in {"warmup_epochs": warmup_epochs, "ramp_steps": ramp_steps}.items():
            check_number(f"model.{name}", number, 0, whole=True)
        for epoch in decay_epochs:
            check_number("model.decay_epochs", epoch, 0, whole=True)
        self.model = initial_model(actions, preset, model_options or {}, backbone_weights, start)
        if start is None and backbone_weights is None and self.model.config.freeze_backbone:
            raise InputError(
                "model.backbone_weights null: a frozen backbone of random weights sees nothing: give imagenet, or let "
                "it learn with --model.model_options '{freeze_backbone: false}'"
            )
        # The layout in which convolutions are fastest, on CPUs and on tensor cores.
        self.model = self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if object_weight > 0 or warmup_epochs > 0:
            self.object_head = nn.Linear(self.model.backbone.channels, len(objects))
        self.loss_weights = {"cls": cls_weight, "ant": ant_weight, "aux": aux_weight}
        self.map_weight = map_weight if has_keypoints else 0.0
        # Weights that no loss reaches must not wait for each other's gradients across processes.
        self.model.anticipation.requires_grad_(max(ant_weight, aux_weight, self.map_weight) > 0)

    def training_step(self, batch: dict[str, Tensor], _index: int) -> Tensor:
        """The batch has its clips as `frames`, or as `pooled` frames, and inactive images as `inactive`, or as
        `inactive_features`, from the cache."""
        size = len(batch["action"])
        if self.current_epoch < self.hparams["warmup_epochs"]:
            loss = self._object_loss(self.model.backbone(_single_frames(batch)), batch["object"])
            self.log("train/warmup", loss, prog_bar=True, batch_size=size)
            return loss
        pooled = batch["pooled"] if "pooled" in batch else self.model.pool_frames(batch["frames"])
        losses = self._losses(pooled, batch)
        total = torch.stack([self.loss_weights[name] * value.mean() for name, value in losses.items()]).sum()
        for name, value in losses.items():
            self.log(f"train/{name}", value.mean(), prog_bar=True, batch_size=size)
        self.log("train/clip_accuracy", self._clip_accuracy(pooled, batch), prog_bar=True, batch_size=size)
        if self.map_weight > 0:
            divergence = self._map_divergence(batch)
            self.log("train/map", divergence, prog_bar=True, batch_size=size)
            total = total + self.map_weight * divergence
        if self.hparams["object_weight"] > 0:
            total = total + self.hparams["object_weight"] * self._object_loss(self._at_rest(batch), batch["object"])
        return total

    def _losses(self, pooled: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """The losses that have a weight, per sample; a run that learns from clips alone does not look at inactive
        images."""
        lengths, action = batch["length"], batch["action"]
        if self.loss_weights["ant"] or self.loss_weights["aux"]:
            features = self._at_rest(batch)
            return self.model.losses_from_features(pooled, lengths, features, action, batch.get("negative"))
        return {"cls": functional.cross_entropy(self._last_logits(pooled, lengths), action, reduction="none")}

    def _at_rest(self, batch: dict[str, Tensor]) -> Tensor:
        """Features x_I of the inactive images: (B, C, h, w)."""
        if "inactive_features" in batch:
            return batch["inactive_features"].contiguous(memory_format=torch.channels_last)
        return cast(Tensor, self.model.backbone(batch["inactive"]))

    def _last_logits(self, pooled: Tensor, lengths: Tensor) -> Tensor:
        """What the classifier says after the last frame of each clip: (B, actions)."""
        return self.model.clip_logits(pooled)[torch.arange(len(pooled), device=pooled.device), lengths - 1]

    @torch.no_grad()
    def _clip_accuracy(self, pooled: Tensor, batch: dict[str, Tensor]) -> Tensor:
        """Fraction of clips whose action the classifier names."""
        return (self._last_logits(pooled, batch["length"]).argmax(dim=1) == batch["action"]).float().mean()

    def _map_divergence(self, batch: dict[str, Tensor]) -> Tensor:
        """Mean over the images on which a place is annotated; the others would spoil F_ant's batch statistics."""
        keypoints = batch["place"].flatten(1).sum(dim=1) > 0
        if not keypoints.any():
            return batch["place"].sum()
        images, actions, places = (batch[name][keypoints] for name in ("keypoints", "action", "place"))
        return map_loss(self.model, images, actions, places).mean()

    def _object_loss(self, features: Tensor, objects: Tensor) -> Tensor:
        return functional.cross_entropy(self.object_head(self.model.pool(features)), objects)

    def validation_step(self, batch: dict[str, Tensor], _index: int) -> None:
        """Scores maps and points of annotated images as the evaluation does: KLD, SIM, AUC-J, NSS, the pointing-game
        accuracy, and that of actions which the image does not afford (a model that knows actions keeps it low)."""
        targets, actions = batch["target"].cpu().numpy(), batch["action"].cpu().numpy()
        maps, region = self._maps(batch["image"])
        height, width = batch["image"].shape[2:]
        own = [m[action : action + 1] for m, action in zip(maps, actions, strict=True)]
        over_images = [resample(m, region, (height, width), targets.shape[1:]) for m in own]
        values = {name: list(scores) for name, scores in score(np.concatenate(over_images), targets).items()}
        for row, index in enumerate(batch["index"].tolist()):
            for name, hits in self._pointing_games(maps[row], index, (height, width)).items():
                values.setdefault(name, []).extend(hits)
        for name, scores in values.items():
            defined = np.array(scores)[np.isfinite(scores)]
            if len(defined):
                self.log(
                    f"val/{name}",
                    float(defined.mean()),
                    batch_size=len(defined),
                    prog_bar=name in ("kld", "pointing_game"),
                    sync_dist=True,
                )

    def _maps(self, images: Tensor) -> tuple[NDArray[np.float32], Region]:
        """Maps (B, A, h, w) on the model's own grid, and the region of the images that it covers."""
        height, width = images.shape[2:]
        backbone = self.model.backbone
        region = heatmap_region((height, width), (height, width), backbone.stride, backbone.first_cell_center)
        return interaction_hotspots(self.model, images).maps.cpu().numpy(), region

    def _pointing_games(
        self, maps: NDArray[np.float32], index: int, input_hw: tuple[int, int]
    ) -> dict[str, list[float]]:
        """Hits of the points that a predictor would publish for an entry's own action, and for those that its image
        does not afford; maps (A, h, w)."""
        data = self.trainer.datamodule  # type: ignore[attr-defined]
        entry: Annotation = data.validation_set.entries[index]
        protocol, backbone = Protocol(), self.model.backbone
        places = protocol.places(entry)
        if not len(places):
            return {}
        region = heatmap_region(entry.size_hw, input_hw, backbone.stride, backbone.first_cell_center)

        def hit(action: str) -> float:
            points = protocol.points(maps[self.model.actions.index(action)], entry.size_hw, region)
            return float(bool(points) and protocol.is_near(points[0][:2], places, entry.size_hw))

        others = data.not_afforded(entry.image)
        return {"pointing_game": [hit(entry.action)], "cross_action": [hit(action) for action in others]}

    def configure_optimizers(self) -> Any:
        options = self.hparams
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[options["optimizer"]]
        learned = [parameter for parameter in self.parameters() if parameter.requires_grad]
        optimizer = kind(learned, lr=options["learning_rate"], weight_decay=options["weight_decay"])
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, self._rate_factor)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def _rate_factor(self, step: int) -> float:
        """Fraction of the largest learning rate at a step of the optimizer."""
        options = self.hparams
        total = max(1, int(self.trainer.estimated_stepping_batches))
        per_epoch = max(1, total // max(1, self.trainer.max_epochs or 1))
        warmup = options["warmup_epochs"] * per_epoch
        since = step if step < warmup else step - warmup
        ramp = min(1.0, (since + 1) / (options["ramp_steps"] + 1))
        if step < warmup:
            return ramp
        if options["schedule"] == "cosine":
            return ramp * 0.5 * (1 + math.cos(math.pi * min(1.0, since / max(1, total - warmup))))
        return ramp * 0.1 ** sum(step // per_epoch >= epoch for epoch in options["decay_epochs"])


def _single_frames(batch: dict[str, Tensor]) -> Tensor:
    """The inactive image of every other sample and a middle frame of the rest: (B, 3, H, W)."""
    images = batch["inactive"].clone()
    middle = batch["length"] // 2
    odd = torch.arange(1, len(images), 2, device=images.device)
    images[odd] = batch["frames"][odd, middle[odd]]
    return images
