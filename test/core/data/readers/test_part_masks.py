"""UMD and IIT-AFF: folders of their layout, made here, give an entry and a mask for each labeled part."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from media.recordings import write_image
from numpy.typing import NDArray

from hotspot_core.data.readers.registry import read_annotated_images
from hotspot_core.errors import InputError
from hotspot_core.evaluation.scoring import evaluate

SIZE = (48, 64)


def labels(*parts: tuple[int, int]) -> np.ndarray:
    """A label map with blocks of 12x12 at (index, left)."""
    found = np.zeros(SIZE, np.uint8)
    for index, left in parts:
        found[20:32, left : left + 12] = index
    return found


@pytest.fixture
def umd(tmp_path: Path) -> Path:
    io = pytest.importorskip("scipy.io", reason="SciPy is not installed")
    folder = tmp_path / "tools" / "knife_02"
    folder.mkdir(parents=True)
    for number, parts in ((1, ((1, 4), (2, 40))), (4, ((1, 20),))):
        io.savemat(folder / f"knife_02_{number:08d}_label.mat", {"gt_label": labels(*parts)})
        write_image(folder / f"knife_02_{number:08d}_rgb.jpg", np.full((*SIZE, 3), 90, np.uint8))
    return tmp_path / "tools"


@pytest.fixture
def iit(tmp_path: Path) -> Path:
    root = tmp_path / "IIT"
    (root / "affordances_labels").mkdir(parents=True)
    for number, parts in ((1, ((5, 4), (2, 40))), (2, ((9, 20),)), (3, ((1, 20),))):
        np.savetxt(root / "affordances_labels" / f"00_{number}.txt", labels(*parts), fmt="%d")
        write_image(root / "rgb" / f"00_{number}.jpg", np.full((*SIZE, 3), 90, np.uint8))
    (root / "test.txt").write_text("00_1.jpg\n00_2.jpg\n")
    return root


def test_umd_gives_a_mask_for_each_part(umd: Path) -> None:
    annotations = read_annotated_images(f"umd:{umd}")
    assert [(e.image.name, e.action, e.object, e.size_hw) for e in annotations.entries] == [
        ("knife_02_00000001_rgb.jpg", "grasp", "knife", SIZE),
        ("knife_02_00000001_rgb.jpg", "cut", "knife", SIZE),
        ("knife_02_00000004_rgb.jpg", "grasp", "knife", SIZE),
    ]


def test_iit_aff_gives_its_test_images(iit: Path) -> None:
    """Those that test.txt names, and all without it."""
    annotations = read_annotated_images(f"iit-aff:{iit}")
    assert [(e.image.name, e.action) for e in annotations.entries] == [
        ("00_1.jpg", "cut"),
        ("00_1.jpg", "grasp"),
        ("00_2.jpg", "wrap-grasp"),
    ]
    (iit / "test.txt").unlink()
    assert len(read_annotated_images(f"iit-aff:{iit}")) == 4


def test_masks_are_scored_as_regions(iit: Path) -> None:
    """1. The mask itself has IoU 1 at .5 without blur, and hits; its mirror image has 0 and misses. 2. A part that is
    not labeled is not afforded: the wrong action's map is judged."""
    from hotspot_core.evaluation.protocol import Protocol

    annotations = read_annotated_images(f"iit-aff:{iit}")
    protocol = Protocol(blur=1, grid=56, pointing_tolerance=0.05)
    masks = {"cut": labels((2, 40)), "grasp": labels((5, 4)), "wrap-grasp": labels((9, 20))}

    def known(image: NDArray[np.uint8], actions: Sequence[str]) -> NDArray[np.float32]:
        empty = np.ones(SIZE)
        return np.stack([(masks.get(action, empty) > 0).astype(np.float32) for action in actions])

    found = evaluate(known, annotations, protocol, affordance=True)
    assert found.summary["iou_50"].mean == pytest.approx(1)
    assert found.summary["top_3"].mean == found.summary["pointing_game"].mean == 1
    assert {item.size for item in found.items} == {"medium"}
    assert {one.action for one in found.judged if not one.afforded} >= {"contain", "display"}
    mirrored = evaluate(lambda image, actions: known(image, actions)[:, :, ::-1], annotations, protocol)
    assert mirrored.items[0].scores["iou_50"] == 0


def test_bad_folders_and_files_are_named(umd: Path, iit: Path, tmp_path: Path) -> None:
    """Nothing there, labels out of range, a test image without labels, another MATLAB file."""
    import scipy.io

    for source, reason in (
        (f"umd:{tmp_path / 'none'}", "give UMD's folder 'tools'"),
        (f"iit-aff:{umd}", "give IIT-AFF's folder"),
    ):
        with pytest.raises(InputError, match=reason):
            read_annotated_images(source)
    (iit / "test.txt").write_text("00_1.jpg\n00_9.jpg\n")
    with pytest.raises(InputError, match="1 of 2 test images have no labels, first 00_9"):
        read_annotated_images(f"iit-aff:{iit}")
    (iit / "test.txt").unlink()
    np.savetxt(iit / "affordances_labels" / "00_1.txt", labels((12, 4)), fmt="%d")
    with pytest.raises(InputError, match=r"give whole numbers .* from 0 to 9"):
        read_annotated_images(f"iit-aff:{iit}")
    scipy.io.savemat(umd / "knife_02" / "knife_02_00000001_label.mat", {"depth": labels((1, 4))})
    with pytest.raises(InputError, match="no MATLAB file with 'gt_label'"):
        read_annotated_images(f"umd:{umd}")
