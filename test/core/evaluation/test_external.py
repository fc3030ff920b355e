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
from hotspot_core.evaluation.protocol import Evaluation, evaluate
from hotspot_core.media.images import read_image


@pytest.fixture
def stills(tmp_path: Path) -> AnnotationSet:
    return square_images(tmp_path, count=4)


def predicted(stills: AnnotationSet) -> dict[tuple[str, str], np.ndarray]:
    """A method's maps by the image's path as the annotation file writes it, and the action."""
    maps = {}
    for entry in stills.entries:
        image = read_image(entry.image)
        maps[f"stills/{entry.image.name}", entry.action] = spectral_residual(image, [entry.action])[0]
    return maps


def written(folder: Path, maps: dict[tuple[str, str], np.ndarray]) -> Path:
    for (image, action), heatmap in maps.items():
        path = folder / Path(image).with_suffix("") / f"{action}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, heatmap)
    return folder


def same(found: Evaluation, expected: Evaluation) -> bool:
    return [item.scores for item in found.items] == [item.scores for item in expected.items]


def test_folders_and_archives_score_as_the_method(stills: AnnotationSet, tmp_path: Path) -> None:
    """1. A folder of .npy files. 2. An .npz with one array per name. 3. An .npz with three arrays. 4. One map for all
    actions of an image. All give the very scores of the method that made them."""
    expected = evaluate(spectral_residual, stills)
    maps = predicted(stills)
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
        method = ExternalPredictions("mine", source, stills)
        assert not method.unused
        assert same(evaluate(method, stills, images=False), expected), source


def test_gray_pictures_are_maps(stills: AnnotationSet, tmp_path: Path) -> None:
    """8 and 16 bits of a PNG give the same scores as the array, as far as their depth goes."""
    maps = predicted(stills)
    expected = evaluate(spectral_residual, stills).summary["kld"].mean
    for depth, most in ((np.uint8, 255), (np.uint16, 65535)):
        folder = tmp_path / str(most)
        for (image, action), heatmap in maps.items():
            path = folder / Path(image).with_suffix("") / f"{action}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), (heatmap / heatmap.max() * most).round().astype(depth))
        found = evaluate(ExternalPredictions("mine", folder, stills), stills, images=False).summary["kld"].mean
        assert found == pytest.approx(expected, rel=0.02 if most == 255 else 1e-3)


def test_missing_predictions_are_named_or_counted(stills: AnnotationSet, tmp_path: Path) -> None:
    """Never scored as zero: an error that names the first, or a count with `skip_missing`; all missing is an error."""
    maps = predicted(stills)
    del maps["stills/002.png", "press"]
    method = ExternalPredictions("mine", written(tmp_path / "maps", maps), stills)
    with pytest.raises(InputError, match=r"mine: no prediction for 002\.png, press, 1 of 8 missing"):
        evaluate(method, stills, images=False)
    found = evaluate(method, stills, images=False, skip_missing=True)
    assert found.unpredicted == ("002.png, press",)
    assert len(found.items) == 7
    save_arrays(tmp_path / "other.npz", {"elsewhere/open": np.ones((4, 4))})
    foreign = ExternalPredictions("mine", tmp_path / "other.npz", stills)
    assert foreign.unused == ["elsewhere/open"]
    with pytest.raises(InputError, match="8 of 8 missing"):
        evaluate(foreign, stills, images=False, skip_missing=True)


def test_two_predictions_for_one_item_are_refused(stills: AnnotationSet, tmp_path: Path) -> None:
    """As .npy and as .png; for one action and for all; twice in a table: each names both."""
    maps = predicted(stills)
    folder = written(tmp_path / "maps", maps)
    cv2.imwrite(str(folder / "stills/001/open.png"), np.ones((4, 4), np.uint8))
    with pytest.raises(InputError, match=r"two for stills/001/open"):
        ExternalPredictions("mine", folder, stills)
    (folder / "stills/001/open.png").unlink()
    np.save(folder / "stills/001.npy", np.ones((4, 4)))
    with pytest.raises(InputError, match=r"two for 001\.png, open: stills/001/open and stills/001"):
        ExternalPredictions("mine", folder, stills)
    np.savez(
        tmp_path / "t.npz", images=np.array(["a", "a"]), actions=np.array(["open", "open"]), maps=np.ones((2, 4, 4))
    )
    with pytest.raises(InputError, match="two for a, open"):
        ExternalPredictions("mine", tmp_path / "t.npz", stills)


@pytest.mark.parametrize(
    ("heatmap", "reason"),
    [
        (np.full((64, 64), np.nan), r"000\.png, action open: prediction has values that are NaN"),
        (np.full((64, 64), -1.0), r"000\.png, action open: prediction has negative values"),
        (np.ones((4, 4, 3)), r"stills/000/open: float64 of shape \(4, 4, 3\)"),
        (np.array([["a"]]), "stills/000/open: <U1 of shape"),
    ],
    ids=["NaN", "negative", "axes", "text"],
)
def test_bad_maps_are_named(stills: AnnotationSet, tmp_path: Path, heatmap: np.ndarray, reason: str) -> None:
    """With image and action."""
    maps = predicted(stills)
    maps["stills/000.png", "open"] = heatmap
    with pytest.raises(InputError, match=reason):
        evaluate(ExternalPredictions("mine", written(tmp_path / "maps", maps), stills), stills, images=False)


def test_bad_sources_are_named(stills: AnnotationSet, tmp_path: Path) -> None:
    """Missing, empty, no archive, a pickle, arrays that do not belong together."""
    (tmp_path / "text.npz").write_text("no archive")
    (tmp_path / "empty").mkdir()
    np.savez(tmp_path / "odd.npz", images=np.array(["a"]), actions=np.array(["x", "y"]), maps=np.ones((1, 4, 4)))
    save_arrays(tmp_path / "objects.npz", {"stills/000": np.array([{}], object)})
    for name, reason in (
        ("missing", "no such folder"),
        ("empty", "nothing in it"),
        ("text.npz", "no .npz file"),
        ("odd.npz", r"give \(N,\), \(N,\) and \(N, h, w\)"),
        ("objects.npz", "no .npz file of arrays"),
    ):
        with pytest.raises(InputError, match=reason):
            ExternalPredictions("mine", tmp_path / name, stills)
