"""Every data set by its name, to score and to learn from."""

from __future__ import annotations

from pathlib import Path

import pytest
from data.readers.miniatures import epic_authors_file, epic_release, opra_release
from evaluation.squares import square_images

from hotspot_core import InputError
from hotspot_core.data.readers.registry import CLIP_KINDS, READERS, SOURCES, read_annotated_images, read_clips


def test_sources_by_name(tmp_path: Path) -> None:
    """1. A file without a name is an annotation file, whatever the split. 2. A data set is read by its name, and its
    splits differ. 3. What is not afforded is known of annotation files alone. 4. The help names all."""
    squares = square_images(tmp_path)
    for split in ("train", "test"):
        assert len(read_annotated_images(str(squares.path), split)) == len(squares)
    assert read_annotated_images(squares.path).exhaustive
    opra = opra_release(tmp_path)
    train, test = (read_annotated_images(f"opra:{opra}", split) for split in ("train", "test"))
    assert {entry.image for entry in train.entries} != {entry.image for entry in test.entries}
    assert not test.exhaustive
    first = test.entries[0]
    assert test.judged(first.image, {first.action}) == (first.action,)
    assert all((name in SOURCES) == (reader.annotated_images is not None) for name, reader in READERS.items())
    with pytest.raises(InputError, match="has clips, but no annotated images"):
        read_annotated_images("lerobot:somewhere")


def test_clips_by_name(tmp_path: Path) -> None:
    """Each data set with clips brings its own images for validation along; one that nobody knows is refused."""
    assert CLIP_KINDS == ("table", "opra", "epic", "agd20k", "lerobot")
    opra = read_clips("opra", root=opra_release(tmp_path))
    assert len(opra.tables[0])
    assert opra.validation is not None
    assert opra.inactive_images is None
    root = epic_release(tmp_path)
    epic = read_clips("epic", root=root, annotations=epic_authors_file(root))
    assert epic.inactive_images
    assert epic.validation is not None
    with pytest.raises(InputError, match=r"unknown data\.kind 'opera'"):
        read_clips("opera", root=tmp_path)
    with pytest.raises(InputError, match=r"give data\.annotations"):
        read_clips("epic", root=root)
    with pytest.raises(InputError, match=r"data\.kind epic: it has no cameras"):
        read_clips("epic", root=root, cameras=["front"])
