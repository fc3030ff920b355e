"""What data modules keep of an epoch that is ended in its middle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import lightning
from torch.utils.data import Sampler

from hotspot_core.data.replacements import Failures


class ResumableData(lightning.LightningDataModule):
    """Its state is the epoch and the number of batches that it is through; `train_dataloader` leaves those out, by
    `batches_done`, where a run goes on. It may be asked for a loader more than once, as Lightning does."""

    def __init__(self) -> None:
        super().__init__()
        self._epoch, self._batches_done = 0, 0

    def failures(self) -> list[Failures]:
        """What failed and was replaced so far."""
        return []

    def batches_done(self, epoch: int) -> int:
        """The number of batches of an epoch to leave out: 0 but for the one that was ended in its middle."""
        return self._batches_done if epoch == self._epoch else 0

    def state_dict(self) -> dict[str, Any]:
        """How far the epoch is, for a run that is ended in the middle of it."""
        trainer = self.trainer
        assert trainer is not None
        # What Lightning calls processed has had its step; completed, also its callbacks, from which this may be called.
        progress: Any = trainer.fit_loop.epoch_loop.batch_progress.current
        return {"epoch": trainer.current_epoch, "batches_done": progress.processed % trainer.num_training_batches}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._epoch, self._batches_done = state_dict["epoch"], state_dict["batches_done"]


class RemainingItems(Sampler[int]):
    """The items of an epoch from one on. Its length is that of the whole epoch, by which schedules count."""

    def __init__(self, items: Sequence[int], skipped: int) -> None:
        self.items, self.skipped = items, skipped

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[int]:
        return iter(self.items[self.skipped :])
