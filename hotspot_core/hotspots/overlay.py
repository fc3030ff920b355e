"""Pictures of predictions: heat in one color per action, interaction points, a legend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hotspot_core.hotspots.prediction import Image, Prediction

# Distinct on photographs and to most color-blind eyes (Okabe and Ito), RGB.
_COLORS = np.array(
    [
        (230, 97, 0),
        (64, 176, 166),
        (213, 17, 101),
        (86, 180, 233),
        (240, 228, 66),
        (120, 94, 240),
        (0, 158, 115),
        (166, 86, 40),
        (204, 121, 167),
        (255, 255, 255),
    ],
    np.float32,
)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
# Side of the grid on which colors are mixed; the mixture is smooth, so that more costs time and shows nothing.
_MIXING_SIDE = 160
_MAX_HEAT = 0.7
# Pixels at scale 1: of a line of text from strip to strip, and of its part below the letters' feet.
_LINE, _BELOW = 34, 9


def draw_overlay(image: Image, prediction: Prediction, note: str = "") -> Image:
    """The image with the heat of every action in its color, its points and a legend with its score.

    Args:
        image: (H, W, 3) uint8 RGB, the image of the prediction.
        note: a remark at the bottom, such as "untrained".

    Returns:
        (H, W, 3) uint8 RGB.
    """
    return _draw(image, prediction, _colors(prediction.actions, prediction), note)


def draw_panels(image: Image, prediction: Prediction, note: str = "", panel_width: int = 360) -> Image:
    """A sheet: the image with all actions, then one panel per action.

    Args:
        image, prediction, note: as for `draw_overlay`.
        panel_width: width of a panel in pixels.

    Returns:
        (rows * h, columns * panel_width, 3) uint8 RGB.
    """
    scale = panel_width / image.shape[1]
    size = panel_width, max(1, round(image.shape[0] * scale))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    scaled = _scaled(prediction, (size[1], size[0]))
    colors = _colors(prediction.actions, prediction)
    panels = [_draw(small, scaled, colors, note)]
    for index, action in enumerate(prediction.actions):
        alone = replace(
            scaled,
            actions=(action,),
            scores=scaled.scores[index : index + 1],
            heatmaps=scaled.heatmaps[index : index + 1],
            points=[p for p in scaled.points if p.action == action],
        )
        panels.append(_draw(small, alone, colors[index : index + 1], note))
    columns = min(4, len(panels))
    blank = np.full_like(small, 24)
    panels += [blank] * (-len(panels) % columns)
    rows = [np.concatenate(panels[start : start + columns], axis=1) for start in range(0, len(panels), columns)]
    return np.concatenate(rows)


def draw_strip(
    images: Sequence[Image], predictions: Sequence[Prediction], note: str = "", panel_width: int = 240
) -> Image:
    """Frames over time, from left to right, one row per action, as in the paper's Figure 4.

    Args:
        images: at least one (H, W, 3) uint8 RGB, all of one size.
        predictions: of each; an action that one of them lacks leaves its panel as the frame.
        note: as for `draw_overlay`.
        panel_width: width of a panel in pixels.

    Returns:
        (actions * h, frames * panel_width, 3) uint8 RGB.
    """
    actions = list(dict.fromkeys(action for prediction in predictions for action in prediction.actions))
    height = max(1, round(images[0].shape[0] * panel_width / images[0].shape[1]))
    rows = []
    colors = _colors(actions, predictions[0])
    for row, action in enumerate(actions):
        panels = []
        for image, prediction in zip(images, predictions, strict=True):
            panel = np.asarray(cv2.resize(image, (panel_width, height), interpolation=cv2.INTER_AREA), np.uint8)
            if action in prediction.actions:
                heatmap = prediction.heatmaps_at(height, panel_width)[prediction.actions.index(action)]
                panel = draw_heatmap(panel, heatmap)
            panels.append(panel)
        strip = np.concatenate(panels, axis=1)
        _write(strip, action, 0, 18, 0.5, colors[row])
        rows.append(strip)
    if not rows:
        return np.concatenate([cv2.resize(image, (panel_width, height)) for image in images], axis=1)
    sheet = np.concatenate(rows)
    if note:
        _write(sheet, note, 0, len(sheet) - 8, 0.5, None)
    return sheet


def draw_heatmap(image: Image, heatmap: NDArray[np.float32]) -> Image:
    """The image under one map, as in the paper's Figure 3: from dark over red to yellow, scaled by its maximum.

    Args:
        image: (H, W, 3) uint8 RGB.
        heatmap: (h, w) >= 0 that covers exactly the image; 0 everywhere leaves the image dim.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    height, width = image.shape[:2]
    heat = np.clip(cv2.resize(heatmap / max(float(heatmap.max()), 1e-30), (width, height)), 0, 1)
    colors = cv2.applyColorMap((heat * 255).round().astype(np.uint8), cv2.COLORMAP_INFERNO)[..., ::-1]
    opacity = (0.25 + 0.55 * heat)[..., None]
    return np.asarray((image * (1 - opacity) + colors * opacity).round(), np.uint8)


def action_color(index: int) -> tuple[float, float, float]:
    """RGB in [0, 1] of the action at an index of the model's, in every picture and marker."""
    red, green, blue = (_COLORS[index % len(_COLORS)] / 255).tolist()
    return red, green, blue


def _colors(actions: Sequence[str], prediction: Prediction) -> NDArray[np.float32]:
    """(A, 3) RGB: each action's own, whichever others are shown, where the prediction tells what the model knows."""
    all_actions = list(prediction.all_scores or actions)
    return _COLORS[[all_actions.index(action) % len(_COLORS) for action in actions]]


def _draw(image: Image, prediction: Prediction, colors: NDArray[np.float32], note: str) -> Image:
    drawn = _heated(image, prediction, colors)
    scale = max(min(image.shape[:2]) / 600, 0.35)
    for action, color in zip(prediction.actions, colors, strict=True):
        for rank, point in enumerate(p for p in prediction.points if p.action == action):
            radius = max(2, round(scale * (9 if rank == 0 else 4)))
            center = round(point.x), round(point.y)
            cv2.circle(drawn, center, radius + 1, (0, 0, 0), -1, cv2.LINE_AA)
            cv2.circle(drawn, center, radius, color.tolist(), -1, cv2.LINE_AA)
    for row, (action, score) in enumerate(zip(prediction.actions, prediction.scores, strict=True)):
        bottom = (row + 1) * round(_LINE * scale) - round(_BELOW * scale)
        _write(drawn, f"{action} {score:.2f}", 0, bottom, scale, colors[row])
    if note:
        _write(drawn, note, 0, image.shape[0] - round(12 * scale), scale, None)
    return drawn


def _heated(image: Image, prediction: Prediction, colors: NDArray[np.float32]) -> Image:
    height, width = image.shape[:2]
    if not prediction.actions:
        return image.copy()
    scale = min(1.0, _MIXING_SIDE / max(height, width))
    heat = prediction.heatmaps_at(max(1, round(height * scale)), max(1, round(width * scale)))
    opacity = _MAX_HEAT * heat.max(axis=0)[..., None]
    tint = cv2.resize(colors[heat.argmax(axis=0)] * opacity, (width, height))
    rest = cv2.resize(1 - opacity, (width, height))[..., None]
    return np.asarray((image * rest + tint).round(), np.uint8)


def _scaled(prediction: Prediction, size_hw: tuple[int, int]) -> Prediction:
    """The same prediction of the image resized to (height, width)."""
    y_scale, x_scale = (new / old for new, old in zip(size_hw, prediction.image_size, strict=True))
    region = prediction.region
    return replace(
        prediction,
        image_size=size_hw,
        region=replace(
            region,
            x=region.x * x_scale,
            y=region.y * y_scale,
            width=region.width * x_scale,
            height=region.height * y_scale,
        ),
        points=[p._replace(x=(p.x + 0.5) * x_scale - 0.5, y=(p.y + 0.5) * y_scale - 0.5) for p in prediction.points],
    )


def _write(image: Image, text: str, left: int, bottom: int, scale: float, swatch: NDArray[np.float32] | None) -> None:
    """A line of white text on a dark strip, behind a square of the swatch's color."""
    (width, _), baseline = cv2.getTextSize(text, _FONT, scale, 1)
    height = cv2.getTextSize("A", _FONT, scale, 1)[0][1]  # one height for every line, with or without descenders
    end, square = bottom + round(_BELOW * scale), height if swatch is not None else 0
    strip = image[max(end - round(_LINE * scale), 0) : end, left : left + width + 2 * square + baseline]
    strip[:] = strip // 4
    if swatch is not None:
        cv2.rectangle(image, (left + baseline, bottom - height), (left + height, bottom), swatch.tolist(), -1)
    cv2.putText(image, text, (left + 2 * square, bottom), _FONT, scale, (255, 255, 255), 1, cv2.LINE_AA)
