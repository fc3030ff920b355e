"""`python -m hotspot_core.evaluate` and `.train_baseline`, from annotated stills to the page that is opened."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from evaluation.squares import ACTIONS, OBJECTS, save_arrays, square_images
from media.recordings import numbered_frames, write_video

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from conftest import randomize_statistics

from hotspot_core import InputError, build_model, evaluate, save_model
from hotspot_core.baselines.learned import LearnedMethod, load_network
from hotspot_core.baselines.untrained import TITLES
from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.evaluation.hotspots import READ_OUTS
from hotspot_core.experiments import table, train_baseline

# The first test trains and evaluates everything; a busy machine takes minutes.
pytestmark = pytest.mark.timeout(400)
SMALL = [
    "--steps",
    "12",
    "--batch-size",
    "4",
    "--size",
    "64",
    "--quiet",
    "--accelerator",
    "cpu",
    "--encoder-weights",
    "none",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stills, two hotspot models with random weights (one says that it learned places), two trained networks, and maps
    made elsewhere."""
    folder = tmp_path_factory.mktemp("evaluation")
    stills = square_images(folder, count=6)
    model = randomize_statistics(build_model("robot", ACTIONS))
    save_model(folder / "model.safetensors", model, {"epochs": 1})
    save_model(folder / "marked.safetensors", model, {"configuration": {"data": {"keypoints": ["marks.json"]}}})
    for index in range(2):
        write_video(folder / f"clip_{index}.mp4", numbered_frames(8), rate=8)
    rows = "".join(f"clip_{k}.mp4,0,1,{action},{OBJECTS[0]},\n" for k, action in enumerate(ACTIONS))
    (folder / "clips.csv").write_text("clip,start,stop,action,object,inactive_image\n" + rows)
    for name in ("mlnet", "demo2vec"):
        files = ["--annotations", str(stills.path), "--clips", str(folder / "clips.csv")]
        train_baseline.main([name, *files, "--output", str(folder / f"{name}.safetensors"), *SMALL])
    save_arrays(folder / "maps.npz", {f"stills/{k:03d}": np.random.default_rng(k).random((9, 9)) for k in range(6)})
    return folder


@pytest.fixture(scope="module")
def report(folder: Path) -> Path:
    """A report of everything at once, on two sets."""
    evaluate.main(
        f"--annotations seen={folder}/stills.json novel={folder}/stills.json --clips {folder}/clips.csv --checkpoint "
        f"{folder}/model.safetensors marked={folder}/marked.safetensors {folder}/mlnet.safetensors "
        f"{folder}/demo2vec.safetensors --bootstrap 50 "
        f"--predictions mine={folder}/maps.npz --examples 2 --quiet --output {folder}/report".split()
    )
    return folder / "report"


def test_the_tables_hold_every_method(report: Path) -> None:
    """1. All methods in the order of the paper's table, on both sets, of the second model its hotspots. 2. Each says
    what it learned from. 3. CSV, JSON and Markdown agree. 4. JSON has no NaN, and holds protocol, provenance and single
    items. 5. The paper's figures stand beside ours."""
    document = json.loads((report / "scores.json").read_text(), parse_constant=lambda name: pytest.fail(name))
    assert [comparison["name"] for comparison in document["comparisons"]] == ["seen", "novel"]
    methods = document["comparisons"][0]["methods"]
    assert list(methods) == [
        *("Uniform", "Center bias", "Center bias, not truncated", "Spectral residual", "Fine-grained saliency"),
        *(*READ_OUTS.values(), "Interaction hotspots (marked)", "MLNet", "Demo2Vec", "mine"),
    ]
    assert methods["Interaction hotspots"]["supervision"] == "action labels"
    assert methods["Interaction hotspots (marked)"]["supervision"] == "action maps"
    assert all(len(method["items"]) == 12 for method in methods.values())
    assert document["protocol"]["kernel_ratio"] == 3
    assert "hotspot_core.evaluate --annotations" in document["provenance"]["command"]
    with (report / "table.csv").open() as file:
        rows = {(row["data"], row["method"], row["metric"]): row for row in csv.DictReader(file)}
    kld = methods["MLNet"]["summary"]["kld"]
    assert float(rows["seen", "MLNet", "kld"]["mean"]) == kld["mean"]
    assert float(rows["seen", "MLNet", "kld"]["low"]) == methods["MLNet"]["minus_reference"]["kld"]["low"]
    text = (report / "table.md").read_text()
    assert f"{kld['mean']:.3f} ± {kld['standard_error']:.3f}" in text
    assert "11.132 · 10.660" in text
    assert "6.281 · 5.910" in text
    assert "kernel_ratio 3.0" in text


def test_the_best_of_each_column_is_marked(report: Path) -> None:
    """In Markdown, bold means the best mean of its column, with the metric's own direction."""
    found = [line for line in (report / "table.md").read_text().splitlines() if line.startswith("| ")][1:]
    first = found[: len(TITLES) + len(READ_OUTS) + 4]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in first]
    for column, choose in ((2, min), (3, max), (4, max)):
        means = {row[0]: float(row[column].strip("*").split(" ±")[0]) for row in rows}
        bold = {row[0] for row in rows if row[column].startswith("**")}
        assert bold == {name for name, mean in means.items() if mean == choose(means.values())}


def test_the_page_needs_nothing_else(report: Path) -> None:
    """No scripts, no links out, no files beside it; every method, plot and picture is in it."""
    page = (report / "report.html").read_text()
    assert not re.search(r"<script|https?://|<link|@import|url\(", page)
    assert all(source.startswith("data:image/jpeg;base64,") for source in re.findall(r'src="([^"]+)"', page))
    assert page.count("<img") >= 2 * (2 * (1 + len(TITLES) + len(READ_OUTS) + 4) + 4)
    assert page.count("<svg") == 2 * 2 * 5
    assert "viewport" in page


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium to open the page with")
def test_a_browser_shows_it_on_wide_and_narrow_screens(report: Path) -> None:
    """Headless Chromium lays it out at 1366 and at 500 pixels: the page itself never scrolls sideways."""
    probe = report / "probe.html"
    script = "<script>document.title = [document.documentElement.scrollWidth, innerWidth].join(' ')</script></body>"
    probe.write_text((report / "report.html").read_text().replace("</body>", script))
    for width in (1366, 500):
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},900", "--dump-dom"]
        shown = subprocess.run(["chromium", *options, probe.as_uri()], capture_output=True, timeout=60, text=True)
        title = re.search(r"<title>(\d+) (\d+)</title>", shown.stdout)
        assert title, shown.stderr
        assert int(title[1]) <= int(title[2])
    probe.unlink()


def test_our_own_maps_score_as_the_method(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A network's maps, written to an .npz file and scored with --predictions, give its very numbers."""
    method = LearnedMethod(folder / "mlnet.safetensors")
    from hotspot_core.data.annotations import read_annotations
    from hotspot_core.media.images import read_image

    stills = read_annotations(folder / "stills.json")
    maps = {}
    for entry in stills.entries:
        heatmap = method(read_image(entry.image), [entry.action], entry)[0]
        maps[f"stills/{entry.image.stem}/{entry.action}"] = heatmap
    save_arrays(folder / "own.npz", maps)
    output = folder / "own"
    evaluate.main(
        f"--annotations {folder}/stills.json --methods uniform --checkpoint {folder}/mlnet.safetensors --bootstrap 0 "
        f"--predictions own={folder}/own.npz --examples 0 --quiet --output {output}".split()
    )
    methods = json.loads((output / "scores.json").read_text())["comparisons"][0]["methods"]
    assert methods["own"]["items"] == methods["MLNet"]["items"]
    assert "no pictures" in (output / "report.html").read_text().lower()


def test_constants_are_options_and_are_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Other constants change the scores and stand under the table; per annotation there are more items."""
    arguments = f"--annotations {folder}/stills.json --methods center --quiet --bootstrap 0".split()
    evaluate.main([*arguments, "--kernel-ratio", "6", "--blur", "1", "--intermediate-size", "0", "--ties", "jitter"])
    told = " ".join(capsys.readouterr().out.split())
    assert "kernel_ratio 6.0, between None, grid 28, blur 1" in told
    assert "ties jitter" in told


def test_splits_give_the_mean_over_their_own_models(folder: Path, tmp_path: Path) -> None:
    """`{split}` in paths stands for the number of the split; the row is the mean of the splits' means."""
    for split, stem in enumerate(("mlnet", "demo2vec")):
        (tmp_path / f"split_{split}").mkdir()
        square_images(tmp_path / f"split_{split}", count=3, seed=split + 5)
        shutil.copy(folder / "mlnet.safetensors", tmp_path / f"split_{split}" / "net.safetensors")
        assert stem
    arguments = f"--annotations novel={tmp_path}/split_{{split}}/stills.json --splits 2 --methods center --quiet"
    checkpoint = f"--checkpoint {tmp_path}/split_{{split}}/net.safetensors --bootstrap 50 --output {tmp_path}/report"
    evaluate.main(f"{arguments} {checkpoint}".split())
    found = json.loads((tmp_path / "report" / "scores.json").read_text())["comparisons"][0]["methods"]["MLNet"]
    parts = [split["kld"]["mean"] for split in found["splits"]]
    assert found["summary"]["kld"]["mean"] == pytest.approx(sum(parts) / 2)
    assert len(found["items"]) == 12
    assert parts[0] != parts[1]


def test_bad_input_is_named(folder: Path, tmp_path: Path) -> None:
    """One line that says what is wrong, before the work."""
    stills = f"--annotations {folder}/stills.json --quiet"
    other = square_images(tmp_path, count=2)
    document = json.loads(other.path.read_text())
    document["actions"].append("pour")
    document["images"][0]["action"] = "pour"
    other.path.write_text(json.dumps(document))
    (tmp_path / "text.safetensors").write_text("no weights")
    for arguments, reason in (
        (f"{stills} --actions opne", "unknown action 'opne': did you mean 'open'"),
        (f"{stills} --methods centre", "unknown method 'centre': did you mean 'center'"),
        (f"{stills} --checkpoint {tmp_path}/text.safetensors", r"text\.safetensors"),
        (f"{stills} --checkpoint {folder}/demo2vec.safetensors --methods center", "name a table with --clips"),
        (f"{stills} --predictions {folder}/maps.npz", "give NAME=FOLDER"),
        (f"{stills} --methods center --reference hotspots", "no method 'hotspots' to compare with"),
        (f"{stills} --blur 4", "--blur 4: give an odd number"),
        (f"{stills} --grid 0", "--grid 0: give a positive number"),
        (f"--annotations {other.path} --checkpoint {folder}/model.safetensors", "does not know pour; choose others"),
        (f"--annotations {folder}/none.json", "none.json"),
        (
            f"{stills} --methods center --checkpoint {folder}/mlnet.safetensors {folder}/mlnet.safetensors",
            "two methods",
        ),
    ):
        with pytest.raises(InputError, match=reason):
            evaluate.main(arguments.split())


def test_training_says_what_is_wrong(folder: Path, tmp_path: Path) -> None:
    """Missing clips, stills without points, a wrong output: before the first step."""
    stills = ["--annotations", str(folder / "stills.json"), *SMALL]
    output = ["--output", str(tmp_path / "net.safetensors")]
    with pytest.raises(InputError, match="name a table with --clips"):
        train_baseline.main(["demo2vec", *stills, *output])
    with pytest.raises(InputError, match=r"name a \.safetensors file"):
        train_baseline.main(["mlnet", *stills, "--output", str(tmp_path / "net.pth")])
    with pytest.raises(InputError, match="--size 60: give a multiple of 16"):
        train_baseline.main(["mlnet", *stills, *output, "--size", "60"])
    with pytest.raises(InputError, match="the loss became"):
        train_baseline.main(["mlnet", *stills, *output, "--learning-rate", "1e30"])
    assert not (tmp_path / "net.safetensors").exists()


def test_a_network_is_one_file_that_says_what_it_is(folder: Path, tmp_path: Path) -> None:
    """Its description names data, settings and results; a file of another kind is refused; the same seed gives the
    same weights."""
    description, network = load_network(folder / "mlnet.safetensors")
    assert (description.network, description.actions, description.size) == ("mlnet", ACTIONS, 64)
    assert description.training["steps"] == 12
    assert description.training["items"] == 12
    with pytest.raises(InputError, match="no network of train_baseline"):
        load_network(folder / "model.safetensors")
    stills = ["--annotations", str(folder / "stills.json"), *SMALL]
    train_baseline.main(["mlnet", *stills, "--output", str(tmp_path / "again.safetensors")])
    again = load_network(tmp_path / "again.safetensors")[1].state_dict()
    assert all((value == again[name]).all() for name, value in network.state_dict().items())


def test_sections_of_a_page_are_replaced(tmp_path: Path) -> None:
    """Between its marks only; a page without them is refused."""
    page = tmp_path / "results.md"
    page.write_text("before\n<!-- doors begin -->\nold\n<!-- doors end -->\nafter\n")
    table.write_section(page, "doors", "new \\1 table")
    table.write_section(page, "doors", "newest \\1 table")
    assert page.read_text().split("\n") == (
        ["before", "<!-- doors begin -->", "", "newest \\1 table", "", "<!-- doors end -->", "after", ""]
    )
    with pytest.raises(InputError, match="no '<!-- synthetic begin -->'"):
        table.write_section(page, "synthetic", "table")


def test_augmented_targets_follow_their_stills(folder: Path) -> None:
    """In every crop and flip the strongest cell of the target lies on the square of its action's colour."""
    from hotspot_core.baselines.annotated_images import AnnotatedImages
    from hotspot_core.baselines.demonstrations import MEAN, STD
    from hotspot_core.data.annotations import read_annotations

    stills: AnnotationSet = read_annotations(folder / "stills.json")
    dataset = AnnotatedImages(stills, 112)
    for index in [*range(len(dataset))] * 2:
        item = dataset[index]
        image = item["image"].numpy() * STD + MEAN
        row, column = np.unravel_index(int(item["target"].argmax()), (28, 28))
        red, _, blue = image[:, 4 * row + 2, 4 * column + 2]
        assert (red > blue + 60) == (ACTIONS[item["action"]] == "open")
        assert abs(red - blue) > 60
