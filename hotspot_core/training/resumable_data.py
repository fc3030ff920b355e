"""What data modules keep of an epoch that is ended in its middle."""

from __future__ import annotations

from typing import Any

import lightning


class ResumableData(lightning.LightningDataModule):
    """Its state is the number of batches that the present epoch is through; `train_dataloader` leaves them out, by
    `take_batches_done`, where a run goes on."""

    def __init__(self) -> None:
        super().__init__()
        self._batches_done = 0

    def take_batches_done(self) -> int:
        """The number of batches to leave out, once: the next epoch is a whole one."""
        done, self._batches_done = self._batches_done, 0
        return done

    def state_dict(self) -> dict[str, Any]:
        """How far the epoch is, for a run that is ended in the middle of it."""
        trainer = self.trainer
        assert trainer is not None
        progress = trainer.fit_loop.epoch_loop.batch_progress.current
        return {"batches_done": progress.completed % trainer.num_training_batches}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._batches_done = state_dict["batches_done"]
