"""AGD20K: the official folders, maps as ground truth, and the constants of its published numbers."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from media.recordings import write_image

from hotspot_core import InputError
from hotspot_core import evaluate as command
from hotspot_core.baselines.annotated_images import AnnotatedImages
from hotspot_core.data.annotations import MapAnnotation
from hotspot_core.data.clips import action_names, check_clips
from hotspot_core.data.dataset import IMAGENET_MEAN, IMAGENET_STD, AnnotatedImageDataset, ClipDataset
from hotspot_core.data.keypoint_images import KeypointImages
from hotspot_core.data.readers.registry import read_annotated_images, read_clips
from hotspot_core.evaluation.protocol import PROTOCOLS, Protocol
from hotspot_core.evaluation.published import PUBLISHED
from hotspot_core.evaluation.scoring import evaluate

QUIET = ("--quiet", "--bootstrap", "0", "--examples", "0")


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    """`Seen` with two images, one of which two actions are annotated on, as copies in two folders."""
    root = tmp_path / "AGD20K" / "Seen"
    rng = np.random.default_rng(0)
    for action, noun, name in (("hold", "cup", "cup_1"), ("sip", "cup", "cup_1"), ("hold", "knife", "knife_7")):
        heat = np.zeros((90, 120))
        heat[rng.integers(20, 70), rng.integers(20, 100)] = 1
        blurred = np.asarray(cv2.GaussianBlur(heat, (41, 41), 0))
        mask = (blurred / blurred.max() * 255).astype(np.uint8)
        path = root / "testset" / "GT" / action / noun / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), mask)
        write_image(
            root / "testset" / "egocentric" / action / noun / f"{name}.jpg", np.full((90, 120, 3), 99, np.uint8)
        )
    return root


def test_the_official_layout_is_read(seen: Path) -> None:
    """An entry per map, with its image, action, object and size."""
    annotations = read_annotated_images(f"agd20k:{seen}")
    assert annotations.actions == ("hold", "sip")
    assert [(e.action, e.object, e.image.name, e.size_hw) for e in annotations.entries] == [
        ("hold", "cup", "cup_1.jpg", (90, 120)),
        ("hold", "knife", "knife_7.jpg", (90, 120)),
        ("sip", "cup", "cup_1.jpg", (90, 120)),
    ]
    assert len(annotations.merged()) == 3


def test_its_protocol_is_the_published_one(seen: Path) -> None:
    """Against the definition written out: both at 224, the prediction stretched to [0, 1], no blur."""
    annotations = read_annotated_images(f"agd20k:{seen}")
    pred = np.random.default_rng(1).random((14, 14)).astype(np.float32) + 0.5
    found = evaluate(lambda image, actions: np.stack([pred] * len(actions)), annotations, PROTOCOLS["agd20k"])
    entry = annotations.entries[0]
    assert isinstance(entry, MapAnnotation)
    mask = np.asarray(cv2.resize(entry.read_map(), (224, 224)))
    large = np.asarray(cv2.resize(pred.astype(np.float64), (224, 224)))
    large = (large - large.min()) / (large.max() - large.min())
    p, t = large / large.sum(), mask / mask.sum()
    scores = found.items[0].scores
    assert scores["kld"] == pytest.approx((t * np.log(t / (p + 1e-12) + 1e-12)).sum(), abs=1e-4)
    assert scores["sim"] == pytest.approx(np.minimum(p, t).sum(), abs=1e-4)
    fixated = (mask - mask.min()) / (mask.max() - mask.min()) > 0.1
    assert scores["nss"] == pytest.approx(((large - large.mean()) / large.std())[fixated].mean(), abs=1e-3)


def test_a_method_that_knows_hits(seen: Path) -> None:
    """The ground truth as the prediction: KLD 0, SIM and pointing game 1; hits are measured at the map's core."""
    annotations = read_annotated_images(f"agd20k:{seen}")
    protocol = PROTOCOLS["agd20k"]
    known = {entry.image: protocol.target(entry) for entry in annotations.entries}
    values = iter(known.values())
    found = evaluate(lambda image, actions: next(values)[None], annotations, protocol).summary
    assert found["kld"].mean == pytest.approx(0, abs=1e-3)
    assert found["sim"].mean == pytest.approx(1, abs=1e-3)
    assert found["pointing_game"].mean == 1


def test_it_is_learned_from_too(seen: Path) -> None:
    """Its maps are ground truth for training as points are: for our model's map loss, for the compared networks, and
    for the pictures that are watched; none of them takes it for a set without annotations."""
    annotations = read_annotated_images(f"agd20k:{seen}", "train")
    picture, place = KeypointImages([annotations], "flip").draw("sip", np.random.default_rng(0), 64)
    assert picture.shape == (64, 64, 3)
    assert place.sum() == pytest.approx(1, abs=1e-5)
    assert len(AnnotatedImages(annotations, 64)) == 3
    entry = annotations.entries[0]
    assert isinstance(entry, MapAnnotation)
    watched = AnnotatedImageDataset(annotations, 64)[0]["target"].numpy()
    mask = np.asarray(cv2.resize(entry.read_map(), (28, 28), interpolation=cv2.INTER_AREA))
    assert np.hypot(*np.subtract(*(np.unravel_index(m.argmax(), m.shape) for m in (watched, mask)))) < 2


def test_its_photos_are_clips_of_one_frame(seen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Photos of interactions with any image of such an object at rest; a photo that is none is found before the run;
    photos of objects that are not seen at rest are left out and named."""
    for place, gray in (("exocentric/hold/cup/a.jpg", 200), ("exocentric/sip/cup/b.JPG", 150)):
        write_image(seen / "trainset" / place, np.full((60, 80, 3), gray, np.uint8))
    write_image(seen / "trainset/egocentric/hold/cup/c.png", np.full((50, 50, 3), 20, np.uint8))
    write_image(seen / "trainset/exocentric/hold/axe/d.jpg", np.zeros((60, 80, 3), np.uint8))
    source = read_clips("agd20k", root=seen)
    assert "photos of axe are left out" in capsys.readouterr().err
    assert source.validation is not None
    assert len(source.validation) == 3
    clips = check_clips(source.tables[0], 0)
    assert [(clip.action, clip.object) for clip in clips] == [("hold", "cup"), ("sip", "cup")]
    data = ClipDataset(clips, action_names(clips), frames=4, size=32, inactive_images=source.inactive_images)
    item = data[1]
    assert item["length"] == 1
    bright, dark = (
        float(picture[0].mean()) * IMAGENET_STD[0] + IMAGENET_MEAN[0]
        for picture in (item["frames"][0], item["inactive"])
    )
    assert bright == pytest.approx(150 / 255, abs=0.02)
    assert dark == pytest.approx(20 / 255, abs=0.02)
    assert not item["frames"][1:].any()
    clips[0].video.write_bytes(b"no photo")
    with pytest.raises(InputError, match=r"1 of 2 clips are .*a\.jpg"):
        check_clips(clips, 0)
    with pytest.raises(InputError, match=r"give data\.root, and no data\.annotations"):
        read_clips("agd20k", root=seen, annotations=seen / "annotations.json")
    with pytest.raises(InputError, match="trainset/exocentric and trainset/egocentric"):
        read_clips("agd20k", root=seen / "testset")


def test_other_folders_and_missing_images_are_named(seen: Path, tmp_path: Path) -> None:
    """No AGD20K, a map that is no image, an image that is not there: named; the last is counted if one likes."""
    with pytest.raises(InputError, match="give AGD20K's folder Seen or Unseen"):
        read_annotated_images(f"agd20k:{tmp_path}")
    (seen / "testset/egocentric/sip/cup/cup_1.jpg").unlink()
    annotations = read_annotated_images(f"agd20k:{seen}")
    with pytest.raises(InputError, match="1 of 3 missing"):
        evaluate(lambda image, actions: np.ones((len(actions), 7, 7), np.float32), annotations)
    (seen / "testset/GT/sip/cup/cup_1.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"cup_1\.png: no image"):
        read_annotated_images(f"agd20k:{seen}")


def test_its_source_chooses_its_protocol_and_figures(seen: Path, tmp_path: Path) -> None:
    """1. Without a word its constants are used; sets of other protocols beside it need one. 2. Published figures of its
    split stand below ours. 3. `testsetv2` is read where it is the only one, or is named. 4. "Unseen" is novel."""
    command.main(["--annotations", f"agd20k:{seen}", "--methods", "center,uniform", *QUIET, "--output", str(tmp_path)])
    document = json.loads((tmp_path / "scores.json").read_text())
    assert [document["protocol"][name] for name in ("grid", "normalize", "blur")] == [224, "range", 1]
    text = (tmp_path / "table.md").read_text()
    for name, figures in PUBLISHED["AGD20K", "seen"].rows.items():
        line = next(line for line in text.splitlines() if line.startswith(f"| *{name}, published*"))
        assert all(f"{figure:.3f}" in line for figure in figures)
    with pytest.raises(InputError, match="the sets have the protocols agd20k, deployed: choose one with --protocol"):
        command.main(["--annotations", f"agd20k:{seen}", "other.json"])
    assert not read_annotated_images(f"agd20k:{seen}").novel
    unseen = seen.rename(seen.with_name("Unseen"))
    (unseen / "testset").rename(unseen / "testsetv2")
    for place in (unseen, unseen / "testsetv2"):
        found = read_annotated_images(f"agd20k:{place}")
        assert [len(found), found.novel] == [3, True]


def test_flat_and_negative_maps_are_legal_there(seen: Path) -> None:
    """1. A map that is the same everywhere counts as uniform. 2. Values below zero, of logits or cosines, score as the
    same map lifted above. 3. Under the paper's protocol they stay an error; NaN is one in both."""
    annotations = read_annotated_images(f"agd20k:{seen}")
    protocol = PROTOCOLS["agd20k"]

    def scores(heatmap: np.ndarray, constants: Protocol = protocol) -> dict[str, float]:
        return (
            evaluate(lambda image, actions: np.stack([heatmap] * len(actions)), annotations, constants).items[0].scores
        )

    target = protocol.target(annotations.entries[0]).astype(np.float64)
    uniform = (target * np.log(target * target.size + 1e-12)).sum()
    assert scores(np.full((14, 14), 0.3))["kld"] == pytest.approx(uniform, abs=1e-3)
    raised = np.random.default_rng(0).random((14, 14))
    assert scores(raised - 0.7) == pytest.approx(scores(raised), abs=1e-6)
    with pytest.raises(InputError, match="negative values"):
        scores(raised - 0.7, PROTOCOLS["paper"])
    with pytest.raises(InputError, match="NaN"):
        scores(np.where(raised > 0.5, np.nan, raised))
