"""What is marked on the images of a folder, and the file that it makes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from annotation.folders import marks, open_session, photo_folder
from media.recordings import write_image

from hotspot_core.annotation.session import ConflictError
from hotspot_core.data.annotation_files import read_annotations
from hotspot_core.errors import InputError


def test_the_file_is_what_training_reads(tmp_path: Path) -> None:
    """1. One image has points and is done, one is done without points, one only begun. 2. The file says of the first
    what it affords and what not, lists the second as empty, and of the third only what is marked."""
    folder = photo_folder(tmp_path)
    session = open_session(folder)
    session.save(0, {"version": 0, "marks": marks({"open": [[10, 20], [79.5, 0]]}, ["open", "press"])})
    session.save(1, {"version": 0, "marks": marks({}, ["open", "press"])})
    session.save(2, {"version": 0, "marks": marks({"press": [[1, 2]]})})
    read = read_annotations(folder / "annotations.json")
    assert read.actions == ("open", "press")
    assert [(entry.image.name, entry.action, entry.object, entry.points.tolist()) for entry in read.entries] == [
        ("a.png", "open", "door", [[10, 20], [79.5, 0]]),
        ("c.png", "press", "door", [[1, 2]]),
    ]
    assert {entry.size_hw for entry in read.entries} == {(60, 80)}
    assert [one.image.name for one in read.empty] == ["b.jpg"]
    assert read.judged(folder / "a.png", ["open"]) == ("open", "press")
    assert read.judged(folder / "sub" / "c.png", ["press"]) == ("press",)
    assert not read.missing_images()
    assert not read.broken_images()


def test_a_session_goes_on_where_another_ended(tmp_path: Path) -> None:
    """Points, objects, what is done and what was skipped are there again; the file changes by what is marked alone."""
    folder = photo_folder(tmp_path)
    first = open_session(folder)
    sent = [marks({"open": [[10, 20]]}, ["open", "press"]), marks(skipped=True), marks({"press": [[3, 4]]})]
    for index, one in enumerate(sent):
        first.save(index, {"version": 0, "marks": one})
    second = open_session(folder, ())
    assert second.document.actions == ("open", "press")
    assert [second.state(index)["marks"] for index in range(3)] == sent
    assert [image["status"] for image in second.overview()["images"]] == ["done", "skipped", "begun"]
    before = json.loads((folder / "annotations.json").read_text())
    second.save(1, {"version": 0, "marks": marks()})
    after = json.loads((folder / "annotations.json").read_text())
    assert after == {**before, "skipped": []}


def test_marks_on_an_older_state_are_refused(tmp_path: Path) -> None:
    """1. Two pages have the same state; one saves. 2. The other's marks are refused, with the state as it is now, and
    the file stays. 3. On that state they are taken."""
    session = open_session(photo_folder(tmp_path))
    session.save(0, {"version": 0, "marks": marks({"open": [[1, 1]]})})
    written = (tmp_path / "annotations.json").read_bytes()
    with pytest.raises(ConflictError, match="another tab") as conflict:
        session.save(0, {"version": 0, "marks": marks({"open": [[2, 2]]})})
    assert conflict.value.current["marks"] == marks({"open": [[1, 1]]})
    assert (tmp_path / "annotations.json").read_bytes() == written
    session.save(0, {"version": conflict.value.current["version"], "marks": marks({"open": [[2, 2]]})})
    assert session.state(0)["marks"] == marks({"open": [[2, 2]]})


def test_what_another_program_wrote_is_not_overwritten(tmp_path: Path) -> None:
    """Two sessions over one file: the second to save is refused, and what the first wrote stays."""
    folder = photo_folder(tmp_path)
    first, second = open_session(folder), open_session(folder)
    first.save(0, {"version": 0, "marks": marks({"open": [[1, 1]]})})
    written = (folder / "annotations.json").read_bytes()
    with pytest.raises(ConflictError, match="changed by another program"):
        second.save(1, {"version": 0, "marks": marks({"open": [[2, 2]]})})
    assert (folder / "annotations.json").read_bytes() == written


def test_a_file_that_cannot_be_written_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the file; the page's state stays what the file has, and the next saving works."""
    session = open_session(photo_folder(tmp_path))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(Path, "write_text", full)
        with pytest.raises(InputError, match="No space left"):
            session.save(0, {"version": 0, "marks": marks({"open": [[1, 1]]})})
    assert session.state(0) == {**session.state(1), "marks": marks()}
    session.save(0, {"version": 0, "marks": marks({"open": [[1, 1]]})})
    assert session.state(0)["status"] == "begun"


def test_entries_of_others_stay_word_for_word(tmp_path: Path) -> None:
    """1. A file with keys of its own, an image that is not there, and entries without `complete`, which says that all
    its actions were looked for. 2. A new action and a point on another image: entries stay, and now say what was looked
    for, so that nothing is claimed of the new action."""
    folder = photo_folder(tmp_path)
    entry = {"image": "a.png", "action": "open", "object": "x", "width": 80, "height": 60, "points": [[1, 2]]}
    items = [{**entry, "parts": [["knob", 1]]}, {**entry, "image": "gone.png"}]
    (folder / "annotations.json").write_text(json.dumps({"actions": ["open"], "images": items, "source": "ours"}))
    session = open_session(folder, ["press"], add_actions=True)
    session.save(1, {"version": 0, "marks": marks({"press": [[5, 6]]}, ["press"])})
    document = json.loads((folder / "annotations.json").read_text())
    assert document["images"][:2] == [{**item, "complete": ["open"]} for item in items]
    assert (document["actions"], document["source"]) == (["open", "press"], "ours")
    assert read_annotations(folder / "annotations.json").judged(folder / "a.png", ["open"]) == ("open",)


def test_points_of_a_smaller_copy_lie_at_the_same_places(tmp_path: Path) -> None:
    """A photo annotated at half its size: the page gets, and then the file has, pixels of the photo."""
    folder = photo_folder(tmp_path)
    entry = {"image": "a.png", "action": "open", "object": "", "width": 40, "height": 30, "points": [[10, 20]]}
    (folder / "annotations.json").write_text(json.dumps({"actions": ["open"], "images": [entry]}))
    session = open_session(folder, ())
    state = session.state(0)
    assert state["marks"]["points"] == {"open": [[20, 40]]}
    session.save(0, {"version": 0, "marks": state["marks"]})
    (read,) = read_annotations(folder / "annotations.json").entries
    assert (read.size_hw, read.points.tolist()) == ((60, 80), [[20, 40]])
    assert session.state(0)["marks"] == state["marks"]


def test_links_out_of_the_folder_are_no_images(tmp_path: Path) -> None:
    """1. A link to a photo outside is not listed, one to a photo inside is that photo. 2. A photo that becomes a link
    after the start is not read."""
    folder = photo_folder(tmp_path / "photos")
    write_image(tmp_path / "secret.png", np.zeros((9, 9, 3), np.uint8))
    (folder / "out.png").symlink_to(tmp_path / "secret.png")
    (folder / "twin.png").symlink_to(folder / "a.png")
    session = open_session(folder)
    assert [image["name"] for image in session.overview()["images"]] == ["a.png", "b.jpg", "sub/c.png"]
    (folder / "a.png").unlink()
    (folder / "a.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(InputError, match="has become a link"):
        session.picture(0)


def test_the_guess_is_the_models(tmp_path: Path) -> None:
    """The points are those of the predictor, from the image's corner; a new action has none."""
    from hotspot_core import HotspotPredictor

    folder = tmp_path
    image = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    write_image(folder / "a.png", image)
    session = open_session(folder, ["open", "stroke"])
    found = session.guess(0, "open")
    expected = HotspotPredictor().predict(image, actions=["open"]).points
    np.testing.assert_allclose(
        found["points"], [[point.x + 0.5, point.y + 0.5, point.probability] for point in expected], atol=2e-3
    )
    assert found["heatmap"].startswith("data:image/png;base64,")
    with pytest.raises(InputError, match="the model does not know 'stroke'"):
        session.guess(0, "stroke")


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (marks({"fly": [[1, 1]]}), "'points' must have"),
        (marks({"open": [[80.5, 1]]}), "outside of the 80x60 image"),
        (marks({"open": [[float("nan"), 1]]}), "is not \\[x, y\\]"),
        (marks({"open": [[1, 1]] * 1001}), "up to 1000 points"),
        (marks(complete=["fly"]), "'complete' must list actions"),
        ({**marks({"open": [[1, 1]]}), "objects": {"open": "a\nb"}}, "the object"),
        ([], "no object"),
    ],
)
def test_wrong_marks_are_refused(tmp_path: Path, sent: object, reason: str) -> None:
    session = open_session(photo_folder(tmp_path))
    with pytest.raises(InputError, match=reason):
        session.save(0, {"version": 0, "marks": sent})
    assert not (tmp_path / "annotations.json").exists()
