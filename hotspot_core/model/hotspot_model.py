"""The whole model: what it computes on inactive images, and the losses it learns from."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from hotspot_core.errors import InputError
from hotspot_core.model.anticipation import Anticipation
from hotspot_core.model.backbone import build_backbone
from hotspot_core.model.classifier import ActionClassifier
from hotspot_core.model.config import ModelConfig as ModelConfig
from hotspot_core.model.config import Scores
from hotspot_core.model.place_head import PlaceHead, ScoreLayer


def scores_of(logits: Tensor, kind: Scores) -> Tensor:
    """Scores in [0, 1] of logits (B, actions), see `ModelConfig.scores`."""
    return logits.softmax(dim=1) if kind == "softmax" else logits.sigmoid()


class HotspotModel(nn.Module):
    """Backbone, F_ant, P and action classifier.

    The symbols of the paper: x_I = `backbone(images)`, x~_I = `anticipation(x_I)`, P = `pool`,
    A = `classifier`. Maps are read out by `hotspot_core.hotspots.closed_form.interaction_hotspots`.
    """

    def __init__(self, config: ModelConfig, backbone_weights: str | None = None) -> None:
        super().__init__()
        if not config.actions or len(set(config.actions)) != len(config.actions):
            raise InputError(f"actions {config.actions}: give at least one name, each once")
        self.config = config
        self.backbone = build_backbone(config.backbone, config.stages, config.dilation, backbone_weights)
        self.anticipation = Anticipation(self.backbone.channels, config.anticipation)
        self.classifier = ActionClassifier(self.backbone.channels, config.hidden_size, len(config.actions))
        independent = config.scores == "independent"
        if config.place_channels and not independent:
            raise InputError(f"place_channels {config.place_channels}: a place head needs scores 'independent'")
        width, actions = config.place_channels, len(config.actions)
        self.places = PlaceHead(self.backbone.channels, width, actions) if width else None
        self.affordance = ScoreLayer(self.backbone.channels, actions, width > 0) if independent else None
        self.backbone.requires_grad_(not config.freeze_backbone)
        self.train()

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the actions, in the order of the logits."""
        return self.config.actions

    def train(self, mode: bool = True) -> HotspotModel:
        super().train(mode)
        if self.config.freeze_backbone:
            self.backbone.eval()
        return self

    def pool(self, features: Tensor) -> Tensor:
        """P: (B, C, h, w) -> (B, C) float32, the L2 norm of each channel over the grid (section 3.1 of the paper)."""
        norm = torch.linalg.vector_norm(features, dim=(2, 3), dtype=torch.float32)
        if self.config.pooling == "sum":
            return norm
        return cast(Tensor, norm / (features.shape[2] * features.shape[3]) ** 0.5)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of the actions that inactive images afford: (B, 3, H, W), ImageNet-normalized -> (B, actions)."""
        return self._anticipate(self.backbone(images))[1]

    def _anticipate(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """P(x~_I) (B, C) of features x_I and the logits of one LSTM step on it (B, actions)."""
        pooled = self.pool(self.anticipation(features))
        return pooled, self.classifier.linear(self.classifier.first_step(pooled).hidden)

    def pool_frames(self, frames: Tensor) -> Tensor:
        """P(x_t) of a clip's frames, all that the classifier sees of them: (B, T, 3, H, W) -> (B, T, C)."""
        return self.pool(self.backbone(frames.flatten(0, 1))).unflatten(0, frames.shape[:2])

    def clip_logits(self, pooled: Tensor) -> Tensor:
        """Logits of the actions after each frame: (B, T, C) pooled frames -> (B, T, actions)."""
        return cast(Tensor, self.classifier.linear(self.classifier(pooled)))

    def losses(
        self,
        frames: Tensor,
        lengths: Tensor,
        inactive: Tensor,
        action: Tensor,
        negative: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """The paper's three losses, per sample; training minimises the mean of their sum (section 3.2, Eq. 1-3).

        Args:
            frames: (B, T, 3, H, W) float, clips, ImageNet-normalized, padded at the end.
            lengths: (B,) int, number of valid frames of each clip, 1 to T.
            inactive: (B, 3, H, W) float, the object of each clip at rest.
            action: (B,) int, index of each clip's action.
            negative: (B, 3, H, W) float, another object at rest; only for the triplet loss.

        Returns:
            'cls', cross-entropy of the clip; 'ant', distance between the anticipated and the active features:
            0.1 * mean squared difference or triplet loss with margin 0.5 on unit vectors; 'aux', cross-entropy of
            the anticipated features. Each of shape (B,).
        """
        pooled = self.pool_frames(frames)
        return self.losses_from_features(pooled, lengths, self.backbone(inactive), action, negative)

    def losses_from_features(
        self,
        pooled: Tensor,
        lengths: Tensor,
        inactive: Tensor,
        action: Tensor,
        negative: Tensor | None = None,
    ) -> dict[str, Tensor]:
        """The same from the clips' pooled frames, (B, T, C), and the features x_I of their inactive images, (B, C, h,
        w), neither of which changes while the backbone is frozen."""
        batch, time = pooled.shape[:2]
        if lengths.min() < 1 or lengths.max() > time:
            raise InputError(f"clip lengths {lengths.tolist()} must lie in 1 ... {time}")
        logits = self.clip_logits(pooled)
        rows = torch.arange(batch, device=pooled.device)
        active = self._active_frames(logits, lengths, action)
        target = pooled[rows, active]
        anticipated, anticipated_logits = self._anticipate(inactive)
        return {
            "cls": functional.cross_entropy(logits[rows, lengths - 1], action, reduction="none"),
            "ant": self._anticipation_loss(anticipated, target, negative),
            "aux": functional.cross_entropy(anticipated_logits, action, reduction="none"),
        }

    @staticmethod
    @torch.no_grad()
    def _active_frames(frame_logits: Tensor, lengths: Tensor, action: Tensor) -> Tensor:
        """t*: the valid frame after which the classifier is most confident of the true action. (B,) int."""
        batch, time = frame_logits.shape[:2]
        confidence = frame_logits.log_softmax(dim=2)[torch.arange(batch, device=action.device), :, action]
        padding = torch.arange(time, device=lengths.device) >= lengths[:, None]
        return confidence.masked_fill(padding, -torch.inf).argmax(dim=1)

    def _anticipation_loss(self, anticipated: Tensor, target: Tensor, negative: Tensor | None) -> Tensor:
        if self.config.detach_target:
            target = target.detach()
        if self.config.anticipation_loss == "mse":
            return 0.1 * (anticipated - target).square().mean(dim=1)
        if negative is None:
            raise InputError("the triplet loss needs `negative`: inactive images of other objects, (B, 3, H, W)")
        vectors = anticipated, target, self.pool(self.backbone(negative))
        anchor, positive, other = (functional.normalize(vector) for vector in vectors)
        return functional.triplet_margin_loss(anchor, positive, other, margin=0.5, reduction="none")
