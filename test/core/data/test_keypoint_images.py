"""Images with keypoints: what is drawn, and that the ground truth follows the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from evaluation.squares import square_images
from media.recordings import write_image

from hotspot_core.data.annotations import Annotation, AnnotationSet, MapAnnotation
from hotspot_core.data.augmentation import Box, View
from hotspot_core.data.keypoint_images import KeypointImages
from hotspot_core.data.targets import target_in_view
from hotspot_core.errors import InputError


@pytest.fixture
def squares(tmp_path: Path) -> AnnotationSet:
    return square_images(tmp_path)


@pytest.mark.parametrize("policy", ["flip", "paper", "strong"])
def test_the_place_follows_the_picture(squares: AnnotationSet, policy: str) -> None:
    """In every crop and flip, also of other colors, the strongest cell lies on the square of the action."""
    images, rng = KeypointImages([squares], policy), np.random.default_rng(0)
    for _ in range(40):
        picture, place = images.draw("open", rng, 112)
        assert place.sum() == pytest.approx(1)
        row, column = np.unravel_index(place.argmax(), place.shape)
        there = picture[4 * row + 2, 4 * column + 2].astype(float)
        # The square is the only part that differs that much from the noise around it, whatever its color.
        assert np.ptp(there) > 60


def test_an_action_that_is_not_annotated_gives_nothing(squares: AnnotationSet) -> None:
    """The picture and the place are 0 then, so that batches keep their shape."""
    picture, place = KeypointImages([squares]).draw("pour", np.random.default_rng(0), 64)
    assert picture.shape == (64, 64, 3)
    assert not picture.any()
    assert not place.any()


def test_a_picture_that_was_turned_since_is_refused(tmp_path: Path) -> None:
    """Points that were annotated on a picture that lay on its side would silently be in the wrong place; on one that
    was only resized they are right."""
    image = write_image(tmp_path / "door.jpg", np.full((48, 64, 3), 200, np.uint8))
    points = np.array([[10.0, 20.0]])
    resized, turned = (Annotation(image, "open", "door", size_hw, points) for size_hw in ((480, 641), (640, 480)))
    KeypointImages([AnnotationSet(tmp_path, ("open",), (resized,))]).draw("open", np.random.default_rng(0), 64)
    with pytest.raises(InputError, match=r"door\.jpg: 64x48 pixels, annotated as 480x640"):
        KeypointImages([AnnotationSet(tmp_path, ("open",), (turned,))]).draw("open", np.random.default_rng(0), 64)


def test_an_annotated_map_follows_the_picture(squares: AnnotationSet, tmp_path: Path) -> None:
    """The same squares, annotated with gray maps in place of points: in every crop and flip the strongest cell lies on
    the square of the action, and the place is 0 where the crop leaves it out, which `draw` never gives."""
    entries = []
    for index, entry in enumerate(squares.entries):
        heatmap = np.zeros((64, 64), np.uint8)
        x, y = entry.points[0].astype(int)
        heatmap[y - 2 : y + 2, x - 2 : x + 2] = 255
        path = write_image(tmp_path / f"{index}.png", np.repeat(heatmap[..., None], 3, axis=2))
        nothing = np.zeros((0, 2))
        entries.append(MapAnnotation(entry.image, entry.action, entry.object, entry.size_hw, nothing, path))
    images = KeypointImages([AnnotationSet(squares.path, squares.actions, tuple(entries))], "strong")
    rng = np.random.default_rng(0)
    for _ in range(30):
        picture, place = images.draw("open", rng, 112)
        assert place.sum() == pytest.approx(1, abs=1e-5)
        row, column = np.unravel_index(place.argmax(), place.shape)
        assert np.ptp(picture[4 * row + 2, 4 * column + 2].astype(float)) > 60
    corner = View(Box(0, 0, 2, 2), 112)
    assert not target_in_view(entries[0], corner, (64, 64)).any()
