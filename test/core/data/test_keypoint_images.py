"""Images with keypoints: what is drawn, and that the marks follow the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from evaluation.squares import square_images
from media.recordings import write_image

from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.data.keypoint_images import KeypointImages
from hotspot_core.errors import InputError


@pytest.fixture
def squares(tmp_path: Path) -> AnnotationSet:
    return square_images(tmp_path)


@pytest.mark.parametrize("policy", ["flip", "paper", "strong"])
def test_the_place_follows_the_picture(squares: AnnotationSet, policy: str) -> None:
    """In every crop and flip, also of other colours, the strongest cell lies on the square of the action."""
    annotated, rng = KeypointImages([squares], policy), np.random.default_rng(0)
    for _ in range(40):
        picture, place = annotated.draw("open", rng, 112)
        assert place.sum() == pytest.approx(1)
        row, column = np.unravel_index(place.argmax(), place.shape)
        there = picture[4 * row + 2, 4 * column + 2].astype(float)
        # The square is the only part that differs that much from the noise around it, whatever its colour.
        assert np.ptp(there) > 60


def test_an_action_that_is_not_marked_gives_nothing(squares: AnnotationSet) -> None:
    """The picture and the place are 0 then, so that batches keep their shape."""
    picture, place = KeypointImages([squares]).draw("pour", np.random.default_rng(0), 64)
    assert picture.shape == (64, 64, 3)
    assert not picture.any()
    assert not place.any()


def test_a_picture_that_was_turned_since_is_refused(tmp_path: Path) -> None:
    """Points that were marked on a picture that lay on its side would silently be in the wrong place; on one that was
    only resized they are right."""
    image = write_image(tmp_path / "door.jpg", np.full((48, 64, 3), 200, np.uint8))
    points = np.array([[10.0, 20.0]])
    resized, turned = (Annotation(image, "open", "door", size_hw, points) for size_hw in ((480, 641), (640, 480)))
    KeypointImages([AnnotationSet(tmp_path, ("open",), (resized,))]).draw("open", np.random.default_rng(0), 64)
    with pytest.raises(InputError, match=r"door\.jpg: 64x48 pixels, annotated as 480x640"):
        KeypointImages([AnnotationSet(tmp_path, ("open",), (turned,))]).draw("open", np.random.default_rng(0), 64)
