"""What a checkpoint says of itself, as the model card of a repository."""

from __future__ import annotations

from hotspot_core.model.checkpoint_info import CheckpointInfo

# Stands in cards that may be written anew; one without it is somebody's own.
MARK = "<!-- written by hotspot_core from the checkpoint's metadata -->"


def model_card(info: CheckpointInfo, place: str) -> str:
    """The card in Markdown, with the hub's front matter.

    Args:
        info: of the checkpoint.
        place: what loads it, such as hf://owner/name.
    """
    name = place.removeprefix("hf://").partition("@")[0]
    parts = [
        "---\ntags:\n- affordance\n- interaction-hotspots\n- robotics\n---",
        MARK,
        f"# {name}",
        "Interaction hotspots: where on an object each action happens. " + _learned(info),
        f"```python\nfrom hotspot_core import HotspotPredictor\n\nHotspotPredictor({place!r})\n```",
        "## Model\n\n" + _table(_model(info), "", ""),
        "## Data and their licenses\n\n" + _licenses(info),
    ]
    if results := _results(info):
        parts.append("## Numbers of the last epoch\n\n" + _table(results, "quantity", "value"))
    return "\n\n".join(parts) + "\n"


def _learned(info: CheckpointInfo) -> str:
    if not info.trained:
        return "**These weights are random: nothing was learned yet.**"
    keypoints = "images with annotated keypoints" if info.learned_keypoints else "action labels"
    epochs = info.training.get("epochs")
    return f"Learned from {keypoints}{f' in {epochs} epochs' if epochs else ''}."


def _model(info: CheckpointInfo) -> dict[str, object]:
    config = info.config
    return {
        "actions": ", ".join(config.actions),
        "preset": config.preset,
        "backbone": config.backbone,
        "input size": config.input_size,
        "scores": config.scores,
        "probabilities of points": "calibrated" if config.point_calibration else "not calibrated",
        "SHA-256": f"`{info.sha256}`",
    }


def _licenses(info: CheckpointInfo) -> str:
    if not info.data_licenses:
        return "The checkpoint does not say which data it learned from, nor under which licenses."
    return _table(info.data_licenses, "data", "license")


def _results(info: CheckpointInfo) -> dict[str, object]:
    results = info.training.get("results", {})
    numbers = {name: value for name, value in results.items() if isinstance(value, int | float)}
    return {name: f"{value:.4g}" for name, value in numbers.items() if not name.startswith("lr-")}


def _table(rows: dict[str, object] | dict[str, str], left: str, right: str) -> str:
    cells = [f"| {_cell(name)} | {_cell(value)} |" for name, value in rows.items()]
    return "\n".join([f"| {left} | {right} |", "|---|---|", *cells])


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
