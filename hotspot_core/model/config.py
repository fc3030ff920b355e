"""Everything that fixes a model's architecture; read without PyTorch, as where an export runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Pooling = Literal["sum", "mean"]
AnticipationLoss = Literal["mse", "triplet"]
Scores = Literal["softmax", "independent"]
# See `ResNetBackbone`.
Dilation = Literal["first_block", "every_block"]


@dataclass(frozen=True)
class ModelConfig:
    """Everything that fixes a model's architecture and the scale of its losses.

    Attributes:
        preset: name of the preset it was built from.
        actions: names of the actions, in the order of the logits.
        backbone, stages, dilation: see `build_backbone`.
        pooling: P, the L2 norm of each channel over the grid: the root of the `sum` of squares (the paper's) or of
            their `mean`, which does not depend on the image's size and does not saturate an LSTM trained from scratch.
        hidden_size: size of the LSTM's state.
        anticipation: (output channels, kernel size) of each block of F_ant.
        anticipation_loss: `mse` (the paper's for OPRA) or `triplet` (the paper's for EPIC-Kitchens).
        freeze_backbone: keep the backbone's weights and batch statistics as they are.
        detach_target: no gradient from L_ant to the active frame; matters only where the backbone is trained.
        input_size: side in pixels of the square crops that the model is trained on; at inference an image keeps its
            aspect ratio and gets about as many pixels.
        mean, std: of the normalisation of RGB values in [0, 1].
        scores: what an image's scores are: `softmax` of the classifier's logits, which of the actions is done, as clips
            teach; or `independent`: a linear layer on P(x~_I) says of each action by itself whether it can be done to
            anything in the image.
        place_channels: width of the `PlaceHead`, which says of every cell whether an action can be done there; 0 for
            none. It needs independent scores, to which its most probable cell contributes.
        point_calibration: what makes a probability of a point: weights of the logit of its cell's place, the logarithm
            of its value and the logit of its action's score, and a constant; None where nothing was calibrated.
    """

    preset: str
    actions: tuple[str, ...]
    backbone: str
    stages: int
    dilation: Dilation
    pooling: Pooling
    hidden_size: int
    anticipation: tuple[tuple[int, int], ...]
    anticipation_loss: AnticipationLoss = "mse"
    freeze_backbone: bool = False
    detach_target: bool = True
    input_size: int = 224
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    scores: Scores = "softmax"
    place_channels: int = 0
    point_calibration: tuple[float, float, float, float] | None = None
