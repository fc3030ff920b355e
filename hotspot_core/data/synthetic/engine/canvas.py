"""The drawing surface: antialiased, shaded primitives in world coordinates, painted back to front."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np

from hotspot_core.data.synthetic.engine.geometry import CoordinateFrame, Floats, Image, PinholeCamera
from hotspot_core.data.synthetic.engine.materials import Color, Material
from hotspot_core.data.synthetic.engine.strokes import Layer, stroke_layers

_SHIFT = 4
_CIRCLE = np.stack(
    [np.cos(np.linspace(0, 2 * np.pi, 28, endpoint=False)), np.sin(np.linspace(0, 2 * np.pi, 28, endpoint=False))],
    axis=1,
)


def _fixed(points: Floats) -> Any:
    """Pixels in the fixed-point numbers of OpenCV's drawing functions."""
    return np.rint(np.minimum(np.maximum(points, -4000), 4000) * (1 << _SHIFT)).astype(np.int32)


class Canvas:
    """An RGB image (size, size, 3) with a camera and a light, plus a map of which part was drawn last at each pixel.

    `light` is a unit vector (3,) in world coordinates that points towards the lamp. While `tag` is not 0, whatever is
    drawn writes it into `tags` (size, size), so that after painting `tags == k` is the visible region of part k.
    """

    def __init__(self, camera: PinholeCamera, light: Floats, image: Image, ambient: float = 0.5) -> None:
        self.camera, self.light, self.image, self.ambient = camera, light, image, ambient
        self.size = image.shape[0]
        self.tags = np.zeros(image.shape[:2], np.uint8)
        self.tag = 0
        self.tracking = True
        toward = camera.axes[:2] @ light * (1, -1)
        self._toward = toward / (np.linalg.norm(toward) + 1e-6)

    def copy(self, tracking: bool = True) -> Canvas:
        """A canvas that can be painted further without changing this one; with `tracking` it goes on keeping tags."""
        twin = Canvas(self.camera, self.light, self.image.copy(), self.ambient)
        if tracking:
            twin.tags[:] = self.tags
        twin.tracking = tracking
        return twin

    @contextmanager
    def untagged(self) -> Iterator[None]:
        """Within this block nothing drawn belongs to a part (a base plate, a screw)."""
        tag, self.tag = self.tag, 0
        yield
        self.tag = tag

    def shade(self, normal: Floats) -> float:
        """Brightness of a flat surface with world normal (3,)."""
        diffuse = float(normal @ self.light) / (float(np.linalg.norm(normal)) + 1e-9)
        return self.ambient + (1.1 - self.ambient) * max(diffuse, 0.0)

    def fill(self, outlines: Sequence[Floats], color: Color) -> None:
        """Fill polygons (N, 2) of pixels by the even-odd rule."""
        contours = [_fixed(outline - 0.5) for outline in outlines]
        cv2.fillPoly(self.image, contours, color, cv2.LINE_AA, _SHIFT)
        if self.tracking:
            cv2.fillPoly(self.tags, contours, self.tag, cv2.LINE_8, _SHIFT)

    def polygon(self, points: Any, color: Color) -> None:
        """Fill a flat polygon of world points (N, 3)."""
        self.fill([self.camera.project(points)], color)

    def region(self, points: Any) -> None:
        """Mark a polygon of world points (N, 3) as belonging to the current part without painting."""
        cv2.fillPoly(self.tags, [_fixed(self.camera.project(points))], self.tag, cv2.LINE_8, _SHIFT)

    def blend(self, color: Any, alpha: Floats, left: int, top: int) -> None:
        """Mix an image (h, w, 3), or one color, into the canvas at (left, top) with weights alpha (h, w) in [0, 1]."""
        rows, columns = alpha.shape
        target = self.image[top : top + rows, left : left + columns]
        mixed = target + (color - target.astype(np.float32)) * alpha[..., None]
        target[:] = np.clip(mixed, 0, 255).astype(np.uint8)

    def _window(self, pixels: Floats, margin: float = 1) -> tuple[int, int, int, int] | None:
        """Left, top, width, height of the part of the canvas that holds the pixels, or None when there is none."""
        low = np.clip(np.floor(pixels.min(0) - margin), 0, self.size).astype(int)
        high = np.clip(np.ceil(pixels.max(0) + margin) + 1, 0, self.size).astype(int)
        if (high <= low).any():
            return None
        return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])

    def _coverage(self, pixels: Floats, window: tuple[int, int, int, int]) -> Floats:
        left, top, width, height = window
        mask = np.zeros((height, width), np.uint8)
        cv2.fillPoly(mask, [_fixed(pixels - 0.5 - (left, top))], 255, cv2.LINE_AA, _SHIFT)
        region = self.tags[top : top + height, left : left + width]
        region[mask > 127] = self.tag
        return np.asarray(mask * np.float32(1 / 255))

    def quad(self, corners: Any, texture: Image, light: float = 1.0, alpha: float = 1.0) -> None:
        """Paint a texture onto world corners (4, 3): bottom left, bottom right, top right, top left."""
        pixels = self.camera.project(corners)
        window = self._window(pixels)
        if window is None:
            return
        left, top, width, height = window
        rows, columns = texture.shape[:2]
        source = np.array([[0, rows], [columns, rows], [columns, 0], [0, 0]], np.float32)
        matrix = cv2.getPerspectiveTransform(source, (pixels - (left, top)).astype(np.float32))
        warped = cv2.warpPerspective(texture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        if light != 1:
            warped = cv2.convertScaleAbs(warped, alpha=light)
        self.blend(warped, self._coverage(pixels, window) * alpha, left, top)

    def rectangle(self, frame: CoordinateFrame, low: Any, high: Any, depth: float = 0.0, **options: Any) -> None:
        """Paint a texture, or a material's flat color, on the rectangle low..high (u, v) of the frame at n = depth."""
        (left, bottom), (right, top) = low, high
        corners = frame.at([(left, bottom, depth), (right, bottom, depth), (right, top, depth), (left, top, depth)])
        light = self.shade(frame.axes[2])
        if "texture" in options:
            self.quad(corners, options["texture"], light, options.get("alpha", 1.0))
        else:
            self.polygon(corners, options["material"].tone(light))

    def box(
        self,
        frame: CoordinateFrame,
        low: Any,
        high: Any,
        material: Material,
        front: Image | None = None,
        side: Image | None = None,
    ) -> None:
        """Paint the visible faces of the box low..high (3,) of the frame; `front` and `side` are textures."""
        low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
        middle, half = (low + high) / 2, (high - low) / 2
        for direction, (across, along, out) in {
            "left": (2, 1, 0),
            "right": (2, 1, 0),
            "down": (0, 2, 1),
            "up": (0, 2, 1),
            "back": (0, 1, 2),
            "front": (0, 1, 2),
        }.items():
            sign = -1.0 if direction in ("left", "down", "back") else 1.0
            normal = frame.axes[out] * sign
            offset = np.zeros(3)
            offset[out] = sign * half[out]
            center = frame.at(middle + offset)
            if (self.camera.position - center) @ normal <= 0:
                continue
            corners = np.zeros((4, 3))
            corners[:, across] = np.array([-1, 1, 1, -1]) * half[across]
            corners[:, along] = np.array([-1, -1, 1, 1]) * half[along]
            world = frame.at(middle + offset + corners)
            texture = front if direction == "front" else side
            if texture is None:
                self.polygon(world, material.tone(self.shade(normal)))
            else:
                self.quad(world, texture, self.shade(normal))

    def tube(self, points: Any, radius: float | Floats, material: Material, closed: bool = False) -> None:
        """Paint a round bar along world points (N, 3); `radius` in meters, one or one per point."""
        points = np.asarray(points, dtype=float)
        scale = self.camera.pixels_per_meter(points.mean(0))
        widths = np.broadcast_to(np.asarray(radius, dtype=float) * scale, len(points))
        self.stroke(self.camera.project(points), np.maximum(widths, 0.6), material, closed)

    def stroke(self, pixels: Floats, widths: Floats, material: Material, closed: bool = False) -> None:
        """Paint a round bar along pixels (N, 2) with half widths (N,) in pixels."""
        for outline, color in self.stroke_layers(pixels, widths, material, closed):
            self.fill(outline, color)

    def stroke_layers(self, pixels: Floats, widths: Floats, material: Material, closed: bool = False) -> list[Layer]:
        """The nested outlines, and their colors, that a stroke is painted with."""
        return stroke_layers(pixels, widths, material, self._toward, closed)

    def discs(self, frame: CoordinateFrame, profile: Sequence[tuple[float, float]], material: Material) -> None:
        """Paint a turned shape around the frame's n, seen from the front: (radius, n) from the base outwards."""
        facing = self.shade(frame.axes[2])
        dense = self._dense(frame, np.array(profile, dtype=float))
        rings = np.empty((len(dense), len(_CIRCLE), 3))
        rings[..., :2] = _CIRCLE * dense[:, :1, None]
        rings[..., 2] = dense[:, 1:]
        for index, pixels in enumerate(self.camera.project(frame.at(rings))):
            rise = index / max(len(dense) - 1, 1)
            light = facing * (0.62 + 0.43 * rise) * (1 + (0.25 * np.sin(2 + 8 * rise) if material.metallic else 0))
            self.fill([pixels], material.tone(light))
        radius, depth = profile[-1]
        self.highlight(frame, radius, depth, material)

    def _dense(self, frame: CoordinateFrame, profile: Floats) -> Floats:
        """The profile with steps of at most about a pixel and a half, as seen from the camera."""
        ends = self.camera.project(frame.at([(0, 0, depth) for depth in profile[:, 1]]))
        steps = np.linalg.norm(np.diff(ends, axis=0), axis=1)
        stations = np.r_[0, np.cumsum(np.maximum(np.ceil(steps / 1.5), 1))]
        positions = np.arange(min(stations[-1], 80) + 1) * (stations[-1] / max(min(stations[-1], 80), 1))
        return np.stack([np.interp(positions, stations, column) for column in profile.T], axis=1)

    def highlight(self, frame: CoordinateFrame, radius: float, depth: float, material: Material) -> None:
        """Paint the gleam of a lamp on a disc of the given radius at n = depth."""
        local = frame.axes[:2] @ self.light
        center = local / (np.linalg.norm(frame.axes[0]) + 1e-9) * radius * 0.45
        for size, light in ((0.5, 1.0 + 0.25 * material.gloss), (0.25, 1.1 + 0.9 * material.gloss)):
            ring = np.c_[_CIRCLE * radius * size + center, np.full(len(_CIRCLE), depth)]
            self.polygon(frame.at(ring), material.tone(light))

    def lathe(
        self,
        frame: CoordinateFrame,
        profile: Floats,
        lut: Floats,
        bands: Floats | None = None,
        alpha: float = 1.0,
        label: Image | None = None,
    ) -> None:
        """Paint an upright body of revolution around the frame's v axis.

        `profile` (N, 2) holds (height, radius); `lut` (256, 3) the color from the left to the right silhouette,
        `bands` (64, 3) factors from bottom to top, `label` an image glued onto the front.
        """
        heights, radii = profile[:, 0] * frame.scale, profile[:, 1] * frame.scale
        up = frame.axes[1] / frame.scale
        base, tip = self.camera.project(np.stack([frame.origin, frame.origin + up * heights[-1]]))
        scale = self.camera.pixels_per_meter(frame.origin + up * heights[-1] / 2)
        axis = tip - base
        length = float(np.linalg.norm(axis)) + 1e-6
        axis /= length
        across = np.array([-axis[1], axis[0]])
        upright = float(np.clip(length / (heights[-1] * scale), 0.2, 1.0))
        back = self.camera.position - frame.origin
        tilt = np.sqrt(1 - upright**2) * np.sign(back @ up)
        reach = radii.max() * scale
        extent = np.stack([base - reach, base + reach, tip - reach, tip + reach])
        window = self._window(extent)
        if window is None:
            return
        left, top, width, height = window
        y, x = np.mgrid[top : top + height, left : left + width].astype(np.float32) + 0.5
        along = ((x - base[0]) * axis[0] + (y - base[1]) * axis[1]) / scale
        side = ((x - base[0]) * across[0] + (y - base[1]) * across[1]) / scale
        level = along / upright
        for _ in range(2):
            radius = np.interp(level, heights, radii)
            level = (along + np.sqrt(np.maximum(radius**2 - side**2, 0)) * tilt) / upright
        radius = np.interp(level, heights, radii)
        turn = np.clip(side / np.maximum(radius, 1e-6), -1, 1)
        edge = np.minimum((radius - np.abs(side)) * scale, np.minimum(level, heights[-1] - level) * scale * upright)
        coverage = np.clip(edge + 0.5, 0, 1) * alpha
        color = lut[np.clip(turn * 127.5 + 127.5, 0, 255).astype(np.int32)]
        fraction = np.clip(level / heights[-1], 0, 1)
        if bands is not None:
            color = color * bands[(fraction * 63).astype(np.int32)]
        if label is not None:
            angle = np.arcsin(turn)
            inside = (np.abs(angle) < 0.7) & (np.abs(fraction - 0.45) < 0.22)
            rows = np.clip((0.67 - fraction) / 0.44 * label.shape[0], 0, label.shape[0] - 1).astype(np.int32)
            columns = np.clip((angle + 0.7) / 1.4 * label.shape[1], 0, label.shape[1] - 1).astype(np.int32)
            lightness = (lut.mean(1) / (lut.mean() + 1e-6))[np.clip(turn * 127.5 + 127.5, 0, 255).astype(np.int32)]
            color = np.where(inside[..., None], label[rows, columns] * lightness[..., None], color)
        self.blend(color, coverage, left, top)
        self.tags[top : top + height, left : left + width][coverage > 0.5 * alpha] = self.tag

    def shadow(self, pixels: Floats, softness: float, strength: float) -> None:
        """Darken what lies inside a polygon (N, 2), its edge blurred over `softness` pixels."""
        window = self._window(pixels, margin=2 * softness + 1)
        if window is None:
            return
        left, top, width, height = window
        mask = np.zeros((height, width), np.uint8)
        cv2.fillPoly(mask, [_fixed(pixels - (left, top))], 255, cv2.LINE_AA, _SHIFT)
        kernel = (int(softness) | 1, int(softness) | 1)
        soft = cv2.blur(cv2.blur(mask, kernel), kernel)
        self.blend(np.float32(0), np.asarray(soft * np.float32(strength / 255)), left, top)

    def glow(self, point: Any, radius: float, color: Color) -> None:
        """Paint a lit lamp of `radius` meters with its halo at a world point (3,)."""
        center = self.camera.project(np.asarray(point))
        reach = max(radius * self.camera.pixels_per_meter(point), 1.0)
        ring = center + _CIRCLE * reach
        window = self._window(ring, margin=3 * reach)
        if window is None:
            return
        left, top, width, height = window
        y, x = np.mgrid[top : top + height, left : left + width]
        distance = np.hypot(x - center[0], y - center[1]) / reach
        self.blend(np.asarray(color, np.float32), np.exp(-((distance / 1.6) ** 2)) * 0.8, left, top)
        self.fill([ring], (255, 255, 240))
