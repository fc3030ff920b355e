"""Predictions made elsewhere: what our own method predicts, written and read back, scores as the method itself."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from evaluation.squares import save_arrays, square_images

from hotspot_core import InputError
from hotspot_core.baselines.saliency import spectral_residual
from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.evaluation.external import ExternalPredictions
from hotspot_core.evaluation.results import Evaluation
from hotspot_core.evaluation.scoring import evaluate
from hotspot_core.media.images import read_image


@pytest.fixture
def annotated(tmp_path: Path) -> AnnotationSet:
    return square_images(tmp_path, count=4)


def predicted(annotated: AnnotationSet) -> dict[tuple[str, str], np.ndarray]:
    """A method's maps by the image's path as the annotation file writes it, and the action."""
    maps = {}
    for entry in annotated.entries:
        image = read_image(entry.image)
        maps[f"images/{entry.image.name}", entry.action] = spectral_residual(image, [entry.action])[0]
    return maps


def written(folder: Path, maps: dict[tuple[str, str], np.ndarray]) -> Path:
    for (image, action), heatmap in maps.items():
        path = folder / Path(image).with_suffix("") / f"{action}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, heatmap)
    return folder


def same(found: Evaluation, expected: Evaluation) -> bool:
    return [item.scores for item in found.items] == [item.scores for item in expected.items]


def test_folders_and_archives_score_as_the_method(annotated: AnnotationSet, tmp_path: Path) -> None:
    """1. A folder of .npy files. 2. An .npz with one array per name. 3. An .npz with three arrays. 4. One map for all
    actions of an image. All give the very scores of the method that made them."""
    expected = evaluate(spectral_residual, annotated)
    maps = predicted(annotated)
    sources = [
        written(tmp_path / "maps", maps),
        tmp_path / "named.npz",
        tmp_path / "table.npz",
        tmp_path / "single.npz",
    ]
    save_arrays(sources[1], {f"{image}/{action}": heatmap for (image, action), heatmap in maps.items()})
    images, actions = ([key[part] for key in maps] for part in (0, 1))
    np.savez(sources[2], images=np.array(images), actions=np.array(actions), maps=np.stack(list(maps.values())))
    save_arrays(sources[3], {image: heatmap for (image, _), heatmap in maps.items()})
    for source in sources:
        method = ExternalPredictions("mine", source, annotated)
        assert not method.unused
        assert same(evaluate(method, annotated, images=False), expected), source


def test_gray_pictures_are_maps(annotated: AnnotationSet, tmp_path: Path) -> None:
    """8 and 16 bits of a PNG give the same scores as the array, as far as their depth goes."""
    maps = predicted(annotated)
    expected = evaluate(spectral_residual, annotated).summary["kld"].mean
    for depth, most in ((np.uint8, 255), (np.uint16, 65535)):
        folder = tmp_path / str(most)
        for (image, action), heatmap in maps.items():
            path = folder / Path(image).with_suffix("") / f"{action}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), (heatmap / heatmap.max() * most).round().astype(depth))
        found = evaluate(ExternalPredictions("mine", folder, annotated), annotated, images=False).summary["kld"].mean
        assert found == pytest.approx(expected, rel=0.02 if most == 255 else 1e-3)


def test_missing_predictions_are_named_or_counted(annotated: AnnotationSet, tmp_path: Path) -> None:
    """Never scored as zero: an error that names the first, or a count with `skip_missing`; all missing is an error."""
    maps = predicted(annotated)
    del maps["images/002.png", "press"]
    method = ExternalPredictions("mine", written(tmp_path / "maps", maps), annotated)
    with pytest.raises(InputError, match=r"mine: no prediction for 002\.png, press, 1 of 8 missing"):
        evaluate(method, annotated, images=False)
    found = evaluate(method, annotated, images=False, skip_missing=True)
    assert found.unpredicted == ("002.png, press",)
    assert len(found.items) == 7
    save_arrays(tmp_path / "other.npz", {"elsewhere/open": np.ones((4, 4))})
    with pytest.raises(
        InputError, match="none of its 1 maps belongs to an entry: the first is called 'elsewhere/open'"
    ):
        ExternalPredictions("mine", tmp_path / "other.npz", annotated)


def test_two_predictions_for_one_item_are_refused(annotated: AnnotationSet, tmp_path: Path) -> None:
    """As .npy and as .png; for one action and for all; twice in a table: each names both."""
    maps = predicted(annotated)
    folder = written(tmp_path / "maps", maps)
    cv2.imwrite(str(folder / "images/001/open.png"), np.ones((4, 4), np.uint8))
    with pytest.raises(InputError, match=r"two for images/001/open"):
        ExternalPredictions("mine", folder, annotated)
    (folder / "images/001/open.png").unlink()
    np.save(folder / "images/001.npy", np.ones((4, 4)))
    with pytest.raises(InputError, match=r"two for 001\.png, open: images/001/open and images/001"):
        ExternalPredictions("mine", folder, annotated)
    np.savez(
        tmp_path / "t.npz", images=np.array(["a", "a"]), actions=np.array(["open", "open"]), maps=np.ones((2, 4, 4))
    )
    with pytest.raises(InputError, match="two for a, open"):
        ExternalPredictions("mine", tmp_path / "t.npz", annotated)


@pytest.mark.parametrize(
    ("heatmap", "reason"),
    [
        (np.full((64, 64), np.nan), r"000\.png, action open: prediction has values that are NaN"),
        (np.full((64, 64), -1.0), r"000\.png, action open: prediction has negative values"),
        (np.ones((4, 4, 3)), r"images/000/open: float64 of shape \(4, 4, 3\)"),
        (np.array([["a"]]), "images/000/open: <U1 of shape"),
    ],
    ids=["NaN", "negative", "axes", "text"],
)
def test_bad_maps_are_named(annotated: AnnotationSet, tmp_path: Path, heatmap: np.ndarray, reason: str) -> None:
    """With image and action."""
    maps = predicted(annotated)
    maps["images/000.png", "open"] = heatmap
    with pytest.raises(InputError, match=reason):
        evaluate(ExternalPredictions("mine", written(tmp_path / "maps", maps), annotated), annotated, images=False)


def test_bad_sources_are_named(annotated: AnnotationSet, tmp_path: Path) -> None:
    """Missing, empty, no archive, a pickle, arrays that do not belong together."""
    (tmp_path / "text.npz").write_text("no archive")
    (tmp_path / "empty").mkdir()
    np.savez(tmp_path / "odd.npz", images=np.array(["a"]), actions=np.array(["x", "y"]), maps=np.ones((1, 4, 4)))
    save_arrays(tmp_path / "objects.npz", {"images/000": np.array([{}], object)})
    for name, reason in (
        ("missing", "no such folder"),
        ("empty", "nothing in it"),
        ("text.npz", "no .npz file"),
        ("odd.npz", r"give \(N,\), \(N,\) and \(N, h, w\)"),
        ("objects.npz", "no .npz file of arrays"),
    ):
        with pytest.raises(InputError, match=reason):
            ExternalPredictions("mine", tmp_path / name, annotated)
