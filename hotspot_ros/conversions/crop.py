"""The part of an image that is looked at, and the way back to the pixels of the whole."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from hotspot_core.hotspots.overlay import draw_overlay
from hotspot_core.hotspots.prediction import Image, Prediction
from hotspot_core.hotspots.regions import Region

# A region of interest that is all of the image.
WHOLE = (0.0, 0.0, 1.0, 1.0)


class Crop(NamedTuple):
    """A rectangle of whole pixels of an image of `image_hw` (height, width)."""

    left: int
    top: int
    width: int
    height: int
    image_hw: tuple[int, int]

    def of(self, image: Image) -> Image:
        """The pixels in it, a view of the image."""
        return image[self.top : self.top + self.height, self.left : self.left + self.width]

    def region(self) -> Region:
        """The same rectangle, as what heatmaps can cover."""
        return Region(float(self.left), float(self.top), float(self.width), float(self.height))

    def to_image(self, prediction: Prediction) -> Prediction:
        """A prediction of the cropped image in the coordinates of the whole one."""
        region = prediction.region
        return replace(
            prediction,
            region=replace(region, x=region.x + self.left, y=region.y + self.top),
            points=[p._replace(x=p.x + self.left, y=p.y + self.top) for p in prediction.points],
            image_size=self.image_hw,
        )


def enlarged(prediction: Prediction, factor: int) -> Prediction:
    """A prediction of an image in the coordinates of one whose sides are `factor` times as long."""
    if factor == 1:
        return prediction
    region, (height, width) = prediction.region, prediction.image_size
    return replace(
        prediction,
        region=Region(region.x * factor, region.y * factor, region.width * factor, region.height * factor),
        # Pixel 0 reaches from -0.5 to 0.5.
        points=[p._replace(x=(p.x + 0.5) * factor - 0.5, y=(p.y + 0.5) * factor - 0.5) for p in prediction.points],
        image_size=(height * factor, width * factor),
    )


def whole(image_hw: tuple[int, int]) -> Crop:
    """All of an image of this (height, width)."""
    height, width = image_hw
    return Crop(0, 0, width, height, image_hw)


def crop(image_hw: tuple[int, int], fractions: tuple[float, float, float, float]) -> Crop:
    """The rectangle (x, y, width, height), in fractions of an image's sides, as whole pixels; at least one."""
    height, width = image_hw
    left, top = (min(int(f * side), side - 1) for f, side in zip(fractions[:2], (width, height), strict=True))
    right, bottom = round((fractions[0] + fractions[2]) * width), round((fractions[1] + fractions[3]) * height)
    return Crop(left, top, max(1, min(right, width) - left), max(1, min(bottom, height) - top), (height, width))


def draw_region_overlay(image: Image, prediction: Prediction, part: Crop, note: str = "") -> Image:
    """The image darkened, with the overlay of a prediction of its part in the part's place.

    Args:
        image: (H, W, 3) uint8 RGB, the whole image.
        prediction: of the part.
        note: see `hotspot_core.hotspots.overlay.draw_overlay`.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    overlay = draw_overlay(part.of(image), prediction, note)
    if (part.height, part.width) == part.image_hw:
        return overlay
    drawn = image // 2
    part.of(drawn)[:] = overlay
    return drawn
