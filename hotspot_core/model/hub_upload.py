"""Puts a checkpoint with its model card into a repository of the Hugging Face hub."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hotspot_core.errors import InputError
from hotspot_core.model.checkpoint_info import DEFAULT_CHECKPOINT, read_info
from hotspot_core.model.hub import DEFAULT_FILE, HubFile, hub_errors, hub_library, parse_hub
from hotspot_core.model.model_card import MARK, model_card

CARD = "README.md"


def upload_checkpoint(
    checkpoint: str | Path, target: str | Path, private: bool = False, message: str | None = None
) -> str:
    """Writes a checkpoint or export, and a model card, in one commit; the repository is made where there is none.

    A card that somebody wrote by hand stays.

    Args:
        checkpoint: a file, or "default".
        target: hf://owner/name[/file][@branch].
        private: whether a repository that is made here is private.
        message: of the commit.

    Returns:
        The commit's address.

    Raises:
        InputError: the checkpoint or the target cannot be used, or the hub refuses.
    """
    info = read_info(checkpoint)
    goal, hub = parse_hub(target), hub_library()
    path = info.path or DEFAULT_CHECKPOINT
    if Path(goal.file).suffix != path.suffix:
        raise InputError(f"{goal}: {path.name} is a {path.suffix} file: write hf://owner/name/file{path.suffix}")
    api = hub.HfApi()
    with hub_errors(goal):
        api.create_repo(goal.repository, private=private, exist_ok=True)
        if goal.revision is not None:
            api.create_branch(goal.repository, branch=goal.revision, exist_ok=True)
        operations = [hub.CommitOperationAdd(goal.file, str(path))]
        if _may_write_card(api, goal):
            place = f"hf://{goal.repository}" if goal.file == DEFAULT_FILE and not goal.revision else str(goal)
            operations.append(hub.CommitOperationAdd(CARD, model_card(info, place).encode()))
        commit = api.create_commit(
            goal.repository,
            operations,
            revision=goal.revision,
            commit_message=message or f"{goal.file} of hotspot_core",
        )
    return str(commit.commit_url)


def _may_write_card(api: Any, goal: HubFile) -> bool:
    if not api.file_exists(goal.repository, CARD, revision=goal.revision):
        return True
    card = api.hf_hub_download(goal.repository, CARD, revision=goal.revision)
    return MARK in Path(card).read_text(encoding="utf-8")
