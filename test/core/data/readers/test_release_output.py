"""The maps of the authors' release: files of their layout are made here, and scored by formulas that are typed anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch.nn import functional

from hotspot_core import evaluate as command
from hotspot_core.data.readers.registry import read_annotated_images
from hotspot_core.data.readers.release_output import read_released_maps
from hotspot_core.errors import InputError
from hotspot_core.evaluation.external import ExternalPredictions
from hotspot_core.evaluation.published import PUBLISHED
from hotspot_core.evaluation.scoring import evaluate

ITEMS = 9
EMPTY = (2, 5)


def _save(path: Path, maps: torch.Tensor, keys: Any) -> None:
    torch.save({"heatmaps": maps, "keys": keys}, path)


@pytest.fixture(params=["opra", "epic"])
def output(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """data/opra/output or data/epic/output as the release has it, with two of the rows' files: of one the maps are of
    28x28, in another order, and with one item too many."""
    generator = torch.Generator().manual_seed(0)
    folder = tmp_path / "data" / request.param / "output"
    folder.mkdir(parents=True)
    opra = request.param == "opra"
    keys = [
        (("chan", "list", f"p{k // 2}", f"{k}.jpg") if opra else (f"P01_17_{k}",)) + (str(k % 7),) for k in range(ITEMS)
    ]
    truth = torch.rand(ITEMS, 224, 224, generator=generator) ** 8
    truth[list(EMPTY)] = 0
    truth = truth / (truth.sum((1, 2), keepdim=True) + 1e-12)
    _save(folder / "gt.pth", truth, keys)
    _save(folder / "egogaze.pth", torch.rand(ITEMS, 224, 224, generator=generator), keys)
    order = torch.randperm(ITEMS, generator=generator).tolist()
    maps = torch.rand(ITEMS + 1, 28, 28, generator=generator)
    other = (*keys[0][:-2], "other.jpg", "3")
    _save(folder / "mlnet.pth", maps, [keys[index] for index in order] + [other])
    if not opra:
        document = {"verbs": [f"do{k}" for k in range(7)], "nouns": ["cup"]}
        (folder.parent / "annotations.json").write_text(json.dumps(document))
    return folder


def _theirs(truth: dict[str, Any], predicted: dict[str, Any]) -> dict[str, list[float]]:
    """KLD and SIM of each item, and AUC-J where it is defined, as the release defines them, typed anew."""
    small = [
        {
            key: functional.interpolate(one[None, None], (28, 28), mode="bilinear", align_corners=False)[0, 0].numpy()
            for key, one in zip(part["keys"], part["heatmaps"], strict=True)
        }
        for part in (truth, predicted)
    ]
    scores: dict[str, list[float]] = {"kld": [], "sim": [], "auc_judd": []}
    for key, target in small[0].items():
        pred = cv2.GaussianBlur(small[1][key] / (small[1][key].max() + 1e-12), (5, 5), 0).astype(np.float64)
        filled = target.astype(np.float64) if target.sum() else np.ones((28, 28))
        p, t = pred / pred.sum(), filled / filled.sum()
        scores["kld"].append(float((t * np.log(t / (p + 1e-12) + 1e-12)).sum()))
        scores["sim"].append(float(np.minimum(p, t).sum()))
        if target.max() > 0:
            positive = target / target.max() > 0.5
            places = np.sort(pred[positive])[::-1]
            false = [(pred[~positive] >= place).mean() for place in places]
            true = np.arange(1, len(places) + 1) / len(places)
            heights, places = np.array([0, *true, 1]), np.array([0, *false, 1])
            scores["auc_judd"].append(float((np.diff(places) * (heights[1:] + heights[:-1]) / 2).sum()))
    return scores


def test_the_rows_of_table_1_are_those_of_the_files(output: Path, tmp_path: Path) -> None:
    """One command, without images: 1. a row for each file of the table by its name there, and the center bias; 2. all
    items, the empty ones counted as the release counts them; 3. the numbers of its formulas; 4. published figures
    below, and none where there is no file."""
    report = tmp_path / "report"
    command.main(["--annotations", f"release:{output}", "--output", str(report), "--quiet", "--bootstrap", "0"])
    document = json.loads((report / "scores.json").read_text())
    methods = document["comparisons"][0]["methods"]
    assert list(methods) == ["Center bias", "EgoGaze", "MLNet"]
    assert document["protocol"]["read_out"] == "release"
    truth = torch.load(output / "gt.pth", weights_only=True)
    for row, file in (("EgoGaze", "egogaze.pth"), ("MLNet", "mlnet.pth")):
        expected = _theirs(truth, torch.load(output / file, weights_only=True))
        for metric, values in expected.items():
            found = methods[row]["summary"][metric]
            assert found["n"] == len(values) == ITEMS - (len(EMPTY) if metric == "auc_judd" else 0)
            assert found["mean"] == pytest.approx(np.mean(values), abs=2e-6)
            assert found["standard_error"] == pytest.approx(np.std(values) / len(values) ** 0.5, abs=2e-6)
    text = (report / "table.md").read_text()
    benchmark = output.parent.name.upper()
    for row, figures in PUBLISHED[benchmark, "seen"].rows.items():
        line = next(line for line in text.splitlines() if line.startswith(f"| *{row}, published*"))
        assert all(f"{figure:.3f}" in line for figure in figures)
    assert "AUC-J 2" in text


def test_objects_actions_and_the_last_map_of_a_key(output: Path) -> None:
    """Actions have the authors' names, and of two maps of one key the last one counts, as in the release."""
    opra = output.parent.name == "opra"
    annotations = read_annotated_images(f"release:{output}")
    assert annotations.entries[1].action == ("touch" if opra else "do1")
    assert annotations.entries[1].object == ("chan/list/p0" if opra else "")
    released = torch.load(output / "egogaze.pth", weights_only=True)
    first = torch.zeros(1, 224, 224)
    _save(output / "twice.pth", torch.cat([first, released["heatmaps"]]), [released["keys"][0], *released["keys"]])
    method = ExternalPredictions("twice", output / "twice.pth", annotations)
    entry = annotations.entries[0]
    found = method(np.zeros((2, 2, 3), np.uint8), [entry.action], entry)
    assert np.array_equal(found[0], released["heatmaps"][0].numpy())


def test_bad_files_are_named(output: Path, tmp_path: Path) -> None:
    """Of another layout or system, keys that match nothing, missing items, NaN: named and counted, never scored."""
    annotations = read_annotated_images(f"release:{output}")
    released = torch.load(output / "egogaze.pth", weights_only=True)
    maps, keys = released["heatmaps"], released["keys"]

    def external(contents: Any) -> ExternalPredictions:
        torch.save(contents, tmp_path / "other.pth")
        return ExternalPredictions("other", tmp_path / "other.pth", annotations)

    for contents, reason in (
        ({"state_dict": {"features.0.weight": maps}}, "no dict of 'heatmaps' and 'keys'"),
        ({"heatmaps": maps, "keys": keys[:4]}, f"4 'keys' for {ITEMS} maps"),
        ({"heatmaps": maps[:, 0, 0], "keys": keys}, r"floating point \(N, h, w\) expected"),
        ({"heatmaps": maps, "keys": [3] * ITEMS}, "key 0 is 3: the parts of a path"),
        ({"heatmaps": maps, "keys": [(*key[:-1], "77") for key in keys]}, "has the verb 77: there are 7"),
        ({"heatmaps": maps, "keys": [("elsewhere", *key) for key in keys]}, f"none of its {ITEMS} maps belongs"),
        ({"heatmaps": maps[:3], "keys": None}, f"3 maps without keys for {ITEMS} entries"),
    ):
        with pytest.raises(InputError, match=reason):
            external(contents)
    with pytest.raises(InputError, match=f"no prediction for .*, {ITEMS - 4} of {ITEMS} missing"):
        evaluate(external({"heatmaps": maps[:4], "keys": keys[:4]}), annotations, images=False)
    counted = evaluate(external({"heatmaps": maps[:4], "keys": keys[:4]}), annotations, images=False, skip_missing=True)
    assert [len(counted.items), len(counted.unpredicted)] == [4, ITEMS - 4]
    broken = maps.clone()
    broken[3, 0, 0] = torch.nan
    with pytest.raises(InputError, match=r"action .*: .*finite"):
        evaluate(external({"heatmaps": broken, "keys": keys}), annotations, images=False)
    (tmp_path / "code.pth").write_bytes(b"cos\nsystem\n(S'touch /tmp/run'\ntR.")
    with pytest.raises(InputError, match="cannot be read as maps of the authors' release"):
        read_released_maps(tmp_path / "code.pth")
    with pytest.raises(InputError, match=r"no gt\.pth in it"):
        read_annotated_images(f"release:{tmp_path}")
