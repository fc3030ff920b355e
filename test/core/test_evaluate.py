"""`python -m hotspot_core.evaluate` and `.train_baseline`, from annotated images to the page that is opened."""

from __future__ import annotations

import csv
import importlib.util
import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from evaluation.squares import ACTIONS, OBJECTS, save_arrays, square_images
from media.recordings import numbered_frames, write_image, write_video

pytest.importorskip("lightning", reason="the extra 'train' is not installed")

from conftest import randomize_statistics

from hotspot_core import HotspotPredictor, InputError, build_model, evaluate, load_model, save_model
from hotspot_core.baselines.learned import LearnedMethod, load_network
from hotspot_core.baselines.untrained import TITLES
from hotspot_core.data.annotation_files import read_annotations
from hotspot_core.data.annotations import AnnotationSet
from hotspot_core.evaluation.affordance import AFFORDANCE_METRICS
from hotspot_core.evaluation.comparison import METRICS, REGION_METRICS
from hotspot_core.evaluation.hotspots import JOINT_READ_OUTS, READ_OUTS
from hotspot_core.evaluation.metrics import score
from hotspot_core.evaluation.protocol import Protocol
from hotspot_core.experiments import train_baseline
from hotspot_core.hotspots.closed_form import interaction_hotspots
from hotspot_core.inference.export import ExportConfig, export
from hotspot_core.inference.precision import supported_precisions
from hotspot_core.utils import command_line

# The first test trains and evaluates everything; a busy machine takes minutes.
pytestmark = pytest.mark.timeout(400)
MLNET, DEMO2VEC = "MLNet-style, trained here", "Demo2Vec-style, trained here"
SMALL = [
    "--steps",
    "12",
    "--batch-size",
    "4",
    "--size",
    "64",
    "--quiet",
    "--device",
    "cpu",
    "--encoder-weights",
    "none",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stills, two hotspot models with random weights (one says that it learned places), two trained networks, and maps
    made elsewhere."""
    folder = tmp_path_factory.mktemp("evaluation")
    annotated = square_images(folder, count=6)
    torch.manual_seed(0)
    model = randomize_statistics(build_model("robot", ACTIONS))
    save_model(folder / "model.safetensors", model, {"epochs": 1})
    save_model(folder / "marked.safetensors", model, {"configuration": {"data": {"keypoints": ["marks.json"]}}})
    for index in range(2):
        write_video(folder / f"clip_{index}.mp4", numbered_frames(8), rate=8)
    rows = "".join(
        f"clip_{k}.mp4,0,1,{action},{OBJECTS[0]},images/{index:03d}.png\n"
        for index in range(6)
        for k, action in enumerate(ACTIONS)
    )
    (folder / "clips.csv").write_text("clip,start,stop,action,object,inactive_image\n" + rows)
    for name in ("mlnet", "demo2vec"):
        files = ["--annotations", str(annotated.path), "--clips", str(folder / "clips.csv")]
        train_baseline.main([name, *files, "--output", str(folder / f"{name}.safetensors"), *SMALL])
    save_arrays(folder / "maps.npz", {f"images/{k:03d}": np.random.default_rng(k).random((9, 9)) for k in range(6)})
    return folder


@pytest.fixture(scope="module")
def report(folder: Path) -> Path:
    """A report of everything at once, on two sets."""
    evaluate.main(
        f"--annotations seen={folder}/images.json novel={folder}/images.json --clips {folder}/clips.csv --checkpoint "
        f"{folder}/model.safetensors marked={folder}/marked.safetensors {folder}/mlnet.safetensors "
        f"{folder}/demo2vec.safetensors --bootstrap 50 "
        f"--predictions mine={folder}/maps.npz --examples 2 --quiet --output {folder}/report".split()
    )
    return folder / "report"


def test_the_tables_hold_every_method(report: Path) -> None:
    """1. All methods in the order of the paper's table, on both sets, of the second model its hotspots. 2. Each says
    what it learned from. 3. CSV, JSON and Markdown agree. 4. JSON has no NaN, and holds protocol, provenance and single
    items. 5. The paper's figures stand nowhere: these are not its data. 6. What was trained here says so, with its data
    and resolution."""
    document = json.loads((report / "scores.json").read_text(), parse_constant=lambda name: pytest.fail(name))
    assert [comparison["name"] for comparison in document["comparisons"]] == ["seen", "novel"]
    methods = document["comparisons"][0]["methods"]
    assert list(methods) == [
        *("Uniform", "Center bias", "Center bias, not truncated", "Spectral residual", "Fine-grained saliency"),
        *("Interaction hotspots", "Interaction hotspots (marked)", MLNET, DEMO2VEC, "mine"),
    ]
    assert methods["Interaction hotspots"]["supervision"] == "action labels"
    assert methods["Interaction hotspots (marked)"]["supervision"] == "action maps"
    assert all(len(method["items"]) == 12 for method in methods.values())
    assert document["protocol"]["kernel_ratio"] == 3
    assert "hotspot_core.evaluate --annotations" in document["provenance"]["command"]
    with (report / "table.csv").open() as file:
        rows = {(row["data"], row["method"], row["metric"]): row for row in csv.DictReader(file)}
    kld = methods[MLNET]["summary"]["kld"]
    assert float(rows["seen", MLNET, "kld"]["mean"]) == kld["mean"]
    assert float(rows["seen", MLNET, "kld"]["low"]) == methods[MLNET]["minus_reference"]["kld"]["low"]
    text = (report / "table.md").read_text()
    assert f"{kld['mean']:.3f} ± {kld['standard_error']:.3f}" in text
    assert "published" not in text
    assert methods[MLNET]["setting"] == "12 maps of images.json, 12 steps, efficientnet_lite0, 64 px"
    assert methods[MLNET]["setting"] in text
    assert methods[MLNET]["setting"] in (report / "report.html").read_text()
    assert "kernel_ratio 3.0" in text


def test_the_best_of_each_column_is_marked(report: Path) -> None:
    """In Markdown, bold means the best mean of its column, with the metric's own direction."""
    found = [line for line in (report / "table.md").read_text().splitlines() if line.startswith("| ")][1:]
    first = found[: len(TITLES) + 1 + 4]
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
    assert page.count("<img") >= 2 * (2 * (1 + len(TITLES) + 1 + 4) + 4)
    assert page.count("<svg") == 2 * 2 * 5
    assert "viewport" in page
    # On a phone, where the headings are left out, every number of the tables has a name of its own.
    tables = re.findall(r'<table class="results">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert len(tables) == 2 * 2
    for table_body in tables:
        cells = re.findall(r"<td[^>]*>", table_body)
        assert len(cells) >= 5 * (len(TITLES) + 1 + 3)
        assert all(re.search(r'data-label="[^"]+"', cell) for cell in cells)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium to open the page with")
def test_a_browser_shows_it_on_wide_and_narrow_screens(report: Path) -> None:
    """Headless Chromium lays it out at 1366 and at 500 pixels: the page itself never scrolls sideways, nor, where it is
    narrow, does a table of results."""
    probe = report / "probe.html"
    widths = "Math.max(...[...document.querySelectorAll('.results')].map((table) => table.scrollWidth))"
    script = f"<script>document.title = [document.documentElement.scrollWidth, innerWidth, {widths}].join(' ')</script>"
    probe.write_text((report / "report.html").read_text().replace("</body>", f"{script}</body>"))
    for width in (1366, 500):
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--window-size={width},900", "--dump-dom"]
        shown = subprocess.run(["chromium", *options, probe.as_uri()], capture_output=True, timeout=60, text=True)
        title = re.search(r"<title>(\d+) (\d+) (\d+)</title>", shown.stdout)
        assert title, shown.stderr
        page_width, window, table_width = map(int, title.groups())
        assert page_width <= window
        assert table_width <= window or width > 640
    probe.unlink()


def test_actions_that_are_not_afforded_are_scored_too(folder: Path, tmp_path: Path) -> None:
    """1. A set in which half of the images afford one action only, and one affords none. 2. With --affordance every
    file of the report has the metrics of affordances beside the others, which stay the same; methods without scores
    have no AUC. 3. Without it, none has."""
    document = json.loads((folder / "images.json").read_text())
    images, last = document["images"], document["images"][-1]["image"]
    document["images"] = [
        e for k, e in enumerate(images) if (e["action"] == "open" or k % 4 == 1) and e["image"] != last
    ]
    document["empty"] = [{"image": last, "width": 64, "height": 64}]
    (folder / "some.json").write_text(json.dumps(document))
    arguments = f"--annotations {folder}/some.json --checkpoint {folder}/model.safetensors --bootstrap 0 --quiet "
    arguments += "--methods hotspots,spectral_residual --examples 0"
    evaluate.main([*arguments.split(), "--affordance", "--output", str(tmp_path / "all")])
    evaluate.main([*arguments.split(), "--output", str(tmp_path / "own")])
    every, own = (
        json.loads((tmp_path / name / "scores.json").read_text())["comparisons"][0] for name in ("all", "own")
    )
    for name, method in every["methods"].items():
        # Maps of more actions at once may be rounded in another way.
        for item, alone in zip(method["items"], own["methods"][name]["items"], strict=True):
            assert item == pytest.approx(alone, rel=1e-4)
        assert set(method["summary"]) == {*METRICS, *REGION_METRICS, *AFFORDANCE_METRICS}
        assert set(own["methods"][name]["summary"]) == {*METRICS, *REGION_METRICS}
        assert len(method["judged"]) == 12
    assert every["methods"]["Spectral residual"]["summary"]["action_auc"]["n"] == 0
    assert 0 <= every["methods"]["Interaction hotspots"]["summary"]["action_auc"]["mean"] <= 1
    for title, _ in AFFORDANCE_METRICS.values():
        for file in ("table.md", "report.html"):
            assert title in (tmp_path / "all" / file).read_text()
            assert title not in (tmp_path / "own" / file).read_text()


def test_what_is_scored_is_what_is_deployed(folder: Path, tmp_path: Path) -> None:
    """1. The maps, points and scores of the row are those of `HotspotPredictor`, in the precision that is asked for,
    which the report tells. 2. A precision that the device lacks is refused."""
    annotations = read_annotations(folder / "images.json")
    (precision, *_) = supported_precisions(torch.device("cpu"))[::-1]
    base = f"--annotations {folder}/images.json --checkpoint {folder}/model.safetensors --methods hotspots --quiet"
    arguments = f"{base} --affordance --bootstrap 0 --examples 0 --device cpu --output {tmp_path}"
    evaluate.main([*arguments.split(), "--precision", precision])
    (method,) = json.loads((tmp_path / "scores.json").read_text())["comparisons"][0]["methods"].values()
    assert f"pytorch, {precision} on cpu" in method["provenance"]
    predictor, protocol = HotspotPredictor(folder / "model.safetensors", "cpu", precision), Protocol()
    for entry, item, judged in zip(annotations.entries, method["items"], method["judged"], strict=True):
        found = predictor.predict(entry.read_image(), list(ACTIONS))
        index = ACTIONS.index(entry.action)
        points = [point for point in found.points if point.action == entry.action]
        assert judged["score"] == pytest.approx(float(found.scores[index]), abs=1e-6)
        assert judged["values"] == pytest.approx([point.value for point in points], abs=1e-6)
        near = [protocol.is_near((point.x, point.y), entry.points, (64, 64)) for point in points]
        assert judged["hits"] == near
        assert item["pointing_game"] == float(near[0])
        heatmap = found.heatmaps_at(*found.heatmaps.shape[1:])[index]
        assert item["kld"] == pytest.approx(float(score(heatmap, protocol.target(entry))["kld"]), abs=1e-5)
    with pytest.raises(InputError, match="'fp16' is not supported by"):
        evaluate.main([*base.split(), "--device", "cpu", "--precision", "fp16"])


@pytest.mark.slow
@pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("onnx", "onnxruntime", "onnxscript"))),
    reason="the extra 'export' is missing",
)
def test_an_export_scores_as_its_checkpoint(folder: Path, tmp_path: Path) -> None:
    """1. A checkpoint and its ONNX export in one table: the same scores to three digits, the runtime told. 2. An export
    has no classifier to read out: that is said."""
    path = tmp_path / "model.onnx"
    # Of weights that were said to be learned, bfloat16 would have to agree, too.
    save_model(tmp_path / "random.safetensors", load_model(folder / "model.safetensors", "cpu"))
    export(ExportConfig(path, tmp_path / "random.safetensors", image_hw=(64, 64)))
    files = f"--checkpoint {folder}/model.safetensors export={path} --output {tmp_path} --bootstrap 0 --quiet"
    evaluate.main(f"--annotations {folder}/images.json {files} --examples 0".split())
    methods = json.loads((tmp_path / "scores.json").read_text())["comparisons"][0]["methods"]
    provenance = methods["Interaction hotspots (export)"]["provenance"]
    assert "openvino" in provenance or "onnxruntime" in provenance
    for one, other in zip(
        methods["Interaction hotspots"]["items"], methods["Interaction hotspots (export)"]["items"], strict=True
    ):
        assert all(one[metric] == pytest.approx(other[metric], abs=1e-3) for metric in METRICS)
    with pytest.raises(InputError, match="is an export, of which grad_cam cannot be read"):
        evaluate.main(f"--annotations {folder}/images.json --checkpoint {path} --methods grad_cam".split())


def test_grad_cam_is_of_a_classifier_that_was_trained_alone(folder: Path, tmp_path: Path) -> None:
    """1. A checkpoint that says so is read out as LSTM+Grad-CAM and Eq. 4 without F_ant, and has no hotspots. 2. The
    read-outs of a jointly trained one, which have to be asked for, are not called so."""
    alone = {"configuration": {"model": {"ant_weight": 0.0, "aux_weight": 0.0}}}
    save_model(tmp_path / "alone.safetensors", load_model(folder / "model.safetensors", "cpu"), alone)
    base = f"--annotations {folder}/images.json --bootstrap 0 --examples 0 --quiet --output {tmp_path} --checkpoint"
    names = {}
    for file, options in ((tmp_path / "alone", ""), (folder / "model", "--methods grad_cam,eq4")):
        evaluate.main(f"{base} {file}.safetensors {options}".split())
        document = json.loads((tmp_path / "scores.json").read_text())["comparisons"][0]["methods"]
        names[file.name] = [name for name in document if name not in TITLES.values()]
    assert names["alone"] == [READ_OUTS["grad_cam"], READ_OUTS["eq4"]]
    assert names["model"] == [JOINT_READ_OUTS["grad_cam"], JOINT_READ_OUTS["eq4"]]
    assert not {*names["alone"]} & {*names["model"]}
    with pytest.raises(InputError, match="trained alone, without anticipation: it has no hotspots"):
        evaluate.main(f"{base} {tmp_path}/alone.safetensors --methods hotspots".split())


def test_the_releases_read_out_is_what_protocol_paper_means(folder: Path, tmp_path: Path) -> None:
    """1. With --protocol paper, and with --read-out release, the map is that of the image resized to a square, its grid
    over the whole image, whatever its shape. 2. Neither changes the constants; --read-out deployed takes it back. 3. An
    export cannot be read so."""
    wide = square_images(tmp_path / "wide", count=1, size=64)
    image = cv2.resize(wide.entries[0].read_image(), (120, 64))
    write_image(wide.entries[0].image, image)
    document = json.loads(wide.path.read_text())
    for entry in document["images"]:
        entry["width"] = 120
    wide.path.write_text(json.dumps(document))
    model = load_model(folder / "model.safetensors", "cpu")
    base = f"--annotations {wide.path} --checkpoint {folder}/model.safetensors --methods hotspots --bootstrap 0 --quiet"
    found = {}
    for options in ("", "--protocol paper", "--read-out release", "--protocol paper --read-out deployed"):
        evaluate.main(f"{base} --examples 0 --device cpu --output {tmp_path} {options}".split())
        document = json.loads((tmp_path / "scores.json").read_text())
        found[options] = document["comparisons"][0]["methods"]["Interaction hotspots"]["items"]
    assert found["--protocol paper"] == found["--read-out release"]
    assert found[""] == found["--protocol paper --read-out deployed"]
    side = model.config.input_size
    pixels = cv2.resize(image, (side, side), interpolation=cv2.INTER_LINEAR).astype(np.float32) / 255
    normalized = (pixels - np.array(model.config.mean)) / np.array(model.config.std)
    maps = interaction_hotspots(model, torch.from_numpy(normalized.transpose(2, 0, 1)[None]).float(), ACTIONS).maps[0]
    for item in found["--read-out release"]:
        entry = next(e for e in read_annotations(wide.path).entries if e.action == item["action"])
        expected = score(maps[ACTIONS.index(item["action"])].numpy(), Protocol().target(entry))
        assert item["kld"] == pytest.approx(float(expected["kld"]), abs=1e-4)
        assert item["kld"] != pytest.approx(
            next(e for e in found[""] if e["action"] == item["action"])["kld"], abs=1e-4
        )
    (tmp_path / "model.onnx").touch()
    with pytest.raises(InputError, match=r"model\.onnx"):
        evaluate.main(f"--annotations {wide.path} --checkpoint {tmp_path}/model.onnx --read-out release".split())


def test_every_pair_and_every_group_has_its_numbers(folder: Path, tmp_path: Path) -> None:
    """1. breakdown.csv has each method's means per action, object and size, which agree with its items. 2. With --pairs
    every two methods are in pairs.csv once per metric, with p corrected. 3. With --regions the table shows them."""
    base = f"--annotations {folder}/images.json --methods center,spectral_residual,uniform --quiet --examples 0"
    evaluate.main(f"{base} --bootstrap 200 --pairs --regions --output {tmp_path}".split())
    methods = json.loads((tmp_path / "scores.json").read_text())["comparisons"][0]["methods"]
    with (tmp_path / "breakdown.csv").open() as file:
        groups = list(csv.DictReader(file))
    assert {row["by"] for row in groups} == {"action", "object", "size"}
    for row in groups:
        items = [item for item in methods[row["method"]]["items"] if item[row["by"]] == row["group"]]
        values = [item[row["metric"]] for item in items if item[row["metric"]] is not None]
        assert int(row["n"]) == len(values)
        assert float(row["mean"]) == pytest.approx(np.mean(values)) if values else row["mean"] == "nan"
    with (tmp_path / "pairs.csv").open() as file:
        pairs = list(csv.DictReader(file))
    kld = {(row["method"], row["other"]): row for row in pairs if row["metric"] == "kld"}
    names = ("Center bias", "Spectral residual", "Uniform")
    assert {frozenset(pair) for pair in kld} == {frozenset(pair) for pair in itertools.combinations(names, 2)}
    for pair, row in kld.items():
        means = [methods[name]["summary"]["kld"]["mean"] for name in pair]
        assert float(row["difference"]) == pytest.approx(means[0] - means[1], abs=1e-9)
        assert float(row["p"]) <= float(row["p_holm"]) <= 1
    text = (tmp_path / "table.md").read_text()
    assert all(title in text for title, _ in REGION_METRICS.values())


def test_demo2vec_sees_a_clip_of_the_very_image(folder: Path, tmp_path: Path) -> None:
    """Clips of other images demonstrate nothing: 1. none at all is an error that counts; 2. with --skip-missing, what
    has no clip of its own is counted, and not scored."""
    lines = (folder / "clips.csv").read_text().splitlines()
    (folder / "some.csv").write_text("\n".join(lines[:3]) + "\n")
    (folder / "others.csv").write_text("\n".join([lines[0], *(line.rsplit(",", 1)[0] + "," for line in lines[1:])]))
    base = f"--annotations {folder}/images.json --checkpoint {folder}/demo2vec.safetensors --quiet --bootstrap 0 "
    base += f"--examples 0 --output {tmp_path} --skip-missing --methods center --clips"
    with pytest.raises(InputError, match=r"no prediction for 000\.png, open, 12 of 12 missing"):
        evaluate.main(f"{base} {folder}/others.csv".split())
    evaluate.main(f"{base} {folder}/some.csv".split())
    found = json.loads((tmp_path / "scores.json").read_text())["comparisons"][0]["methods"][DEMO2VEC]
    assert [len(found["items"]), len(found["unpredicted"])] == [2, 10]


def test_our_own_maps_score_as_the_method(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A network's maps, written to an .npz file and scored with --predictions, give its very numbers."""
    method = LearnedMethod(folder / "mlnet.safetensors")
    from hotspot_core.media.images import read_image

    annotated = read_annotations(folder / "images.json")
    maps = {}
    for entry in annotated.entries:
        heatmap = method(read_image(entry.image), [entry.action], entry)[0]
        maps[f"images/{entry.image.stem}/{entry.action}"] = heatmap
    save_arrays(folder / "own.npz", maps)
    output = folder / "own"
    evaluate.main(
        f"--annotations {folder}/images.json --methods uniform --checkpoint {folder}/mlnet.safetensors --bootstrap 0 "
        f"--predictions own={folder}/own.npz --examples 0 --quiet --output {output}".split()
    )
    methods = json.loads((output / "scores.json").read_text())["comparisons"][0]["methods"]
    assert methods["own"]["items"] == methods[MLNET]["items"]
    assert "no pictures" in (output / "report.html").read_text().lower()


def test_constants_are_options_and_are_printed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Other constants change the scores and stand under the table; per annotation there are more items."""
    arguments = f"--annotations {folder}/images.json --methods center --quiet --bootstrap 0".split()
    evaluate.main([*arguments, "--kernel-ratio", "6", "--blur", "1", "--intermediate-size", "0", "--ties", "jitter"])
    told = " ".join(capsys.readouterr().out.split())
    assert "kernel_ratio 6.0, intermediate_size None, grid 28, blur 1" in told
    assert "ties jitter" in told


def test_splits_give_the_mean_over_their_own_models(folder: Path, tmp_path: Path) -> None:
    """`{split}` in paths stands for the number of the split; the row is the mean of the splits' means."""
    for split in range(2):
        (tmp_path / f"split_{split}").mkdir()
        square_images(tmp_path / f"split_{split}", count=3, seed=split + 5)
        shutil.copy(folder / "mlnet.safetensors", tmp_path / f"split_{split}" / "net.safetensors")
    arguments = f"--annotations novel={tmp_path}/split_{{split}}/images.json --splits 2 --methods center --quiet"
    checkpoint = f"--checkpoint {tmp_path}/split_{{split}}/net.safetensors --bootstrap 50 --output {tmp_path}/report"
    evaluate.main(f"{arguments} {checkpoint}".split())
    found = json.loads((tmp_path / "report" / "scores.json").read_text())["comparisons"][0]["methods"][MLNET]
    parts = [split["kld"]["mean"] for split in found["splits"]]
    assert found["summary"]["kld"]["mean"] == pytest.approx(sum(parts) / 2)
    assert len(found["items"]) == 12
    assert parts[0] != parts[1]


def test_bad_input_is_named(folder: Path, tmp_path: Path) -> None:
    """One line that says what is wrong, before the work."""
    annotated = f"--annotations {folder}/images.json --quiet"
    other = square_images(tmp_path, count=2)
    document = json.loads(other.path.read_text())
    document["actions"].append("pour")
    document["images"][0]["action"] = "pour"
    other.path.write_text(json.dumps(document))
    (tmp_path / "text.safetensors").write_text("no weights")
    for arguments, reason in (
        (f"{annotated} --actions opne", "unknown action 'opne': did you mean 'open'"),
        (f"{annotated} --methods centre", "unknown method 'centre': did you mean 'center'"),
        (f"{annotated} --checkpoint {tmp_path}/text.safetensors", r"text\.safetensors"),
        (f"{annotated} --checkpoint {folder}/demo2vec.safetensors --methods center", "name a table with --clips"),
        (f"{annotated} --predictions {folder}/maps.npz", "give NAME=FOLDER"),
        (f"{annotated} --methods center --reference hotspots", "no method 'hotspots' to compare with"),
        (f"{annotated} --blur 4", "blur 4: give an odd number"),
        (f"{annotated} --grid 0", "grid 0: give a whole number from 1 to 4096"),
        (f"--annotations {other.path} --checkpoint {folder}/model.safetensors", "does not know pour; choose others"),
        (f"--annotations {folder}/none.json", "none.json"),
        (
            f"{annotated} --methods center --checkpoint {folder}/mlnet.safetensors {folder}/mlnet.safetensors",
            "two methods",
        ),
    ):
        with pytest.raises(InputError, match=reason):
            evaluate.main(arguments.split())


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("--examples -2", "examples -2: give a whole number of at least 0"),
        ("--splits -1", "splits -1: give a whole number of at least 0"),
        ("--bootstrap -5", "bootstrap resamples -5: give a whole number of at least 0"),
        ("--seed -1", "bootstrap seed -1: give a whole number of at least 0"),
        ("--intermediate-size -3", "intermediate_size -3: give a whole number from 1 to 4096"),
        ("--blur -1", "blur -1: give a whole number from 1 to 999"),
        ("--kernel-ratio nan", "kernel_ratio nan: give a number from 0.1 to 1000"),
        ("--kernel-ratio 1e-9", "kernel_ratio 1e-09: give a number from 0.1 to 1000"),
        ("--threshold nan", "threshold nan: give a number from 0 to 1"),
        ("--threshold 5", "threshold 5: give a number from 0 to 1"),
        ("--nss-threshold -4", "nss_threshold -4: give a number from 0 to 1"),
        ("--eps inf", "eps inf: give a number above 0 and up to 1"),
        ("--pointing-tolerance -1", "pointing_tolerance -1: give a number from 0 to 1"),
        ("--pointing-tolerance nan", "pointing_tolerance nan: give a number from 0 to 1"),
    ],
)
def test_numbers_out_of_range_are_named(option: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2 and one line, before the annotations are looked for."""
    assert command_line.run(evaluate.main, ["--annotations", "none.json", *option.split()]) == 2
    assert capsys.readouterr().err == f"error: {reason}\n"


def test_training_says_what_is_wrong(folder: Path, tmp_path: Path) -> None:
    """Missing clips, images without points, a wrong output: before the first step."""
    annotated = ["--annotations", str(folder / "images.json"), *SMALL]
    output = ["--output", str(tmp_path / "net.safetensors")]
    with pytest.raises(InputError, match="name a table with --clips"):
        train_baseline.main(["demo2vec", *annotated, *output])
    with pytest.raises(InputError, match=r"name a \.safetensors file"):
        train_baseline.main(["mlnet", *annotated, "--output", str(tmp_path / "net.pth")])
    with pytest.raises(InputError, match="--size 60: give a multiple of 16"):
        train_baseline.main(["mlnet", *annotated, *output, "--size", "60"])
    for option, reason in (
        ("--steps 0", "--steps 0: give a whole number of at least 1"),
        ("--batch-size -2", "--batch-size -2: give a whole number of at least 1"),
        ("--learning-rate nan", "--learning-rate nan: give a number above 0"),
        ("--workers -1", "--workers -1: give a whole number of at least 0"),
        ("--seed -1", "--seed -1: give a whole number of at least 0"),
        ("--minutes -1", "--minutes -1: give a number above 0"),
    ):
        with pytest.raises(InputError, match=reason):
            train_baseline.main(["mlnet", *annotated, *output, *option.split()])
    with pytest.raises(InputError, match="the loss became"):
        train_baseline.main(["mlnet", *annotated, *output, "--learning-rate", "1e30"])
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
    annotated = ["--annotations", str(folder / "images.json"), *SMALL]
    train_baseline.main(["mlnet", *annotated, "--output", str(tmp_path / "again.safetensors")])
    again = load_network(tmp_path / "again.safetensors")[1].state_dict()
    assert all((value == again[name]).all() for name, value in network.state_dict().items())


def test_augmented_targets_follow_their_images(folder: Path) -> None:
    """In every crop and flip the strongest cell of the target lies on the square of its action's colour."""
    from hotspot_core.baselines.annotated_images import AnnotatedImages
    from hotspot_core.baselines.demonstrations import MEAN, STD

    annotated: AnnotationSet = read_annotations(folder / "images.json")
    dataset = AnnotatedImages(annotated, 112)
    for index in [*range(len(dataset))] * 2:
        item = dataset[index]
        image = item["image"].numpy() * STD + MEAN
        row, column = np.unravel_index(int(item["target"].argmax()), (28, 28))
        red, _, blue = image[:, 4 * row + 2, 4 * column + 2]
        assert (red > blue + 60) == (ACTIONS[item["action"]] == "open")
        assert abs(red - blue) > 60
