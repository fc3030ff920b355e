"""The action classifier: a one-layer LSTM over pooled frame features, and a linear layer on its hidden state."""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
from torch import Tensor, nn


class LSTMStep(NamedTuple):
    """One LSTM step from the learned initial state.

    Attributes:
        gates: (4, B, hidden), what the input gate, forget gate, candidate and output gate are taken of.
        cell: (B, hidden), the cell state after the step.
        hidden: (B, hidden), the hidden state after the step.
    """

    gates: Tensor
    cell: Tensor
    hidden: Tensor


class ActionClassifier(nn.Module):
    """A: pooled features of a clip's frames -> action logits.

    Args:
        channels: size of a pooled feature vector.
        hidden_size: size of the LSTM's state.
        actions: number of actions.
    """

    def __init__(self, channels: int, hidden_size: int, actions: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(channels, hidden_size, batch_first=True)
        self.linear = nn.Linear(hidden_size, actions)
        # Xavier with a gain of sqrt 2, of a tensor (1, 1, hidden), whose fan-in and fan-out are both its last side.
        deviation = (2.0 * 2.0 / (2 * hidden_size)) ** 0.5
        self.initial_hidden = nn.Parameter(torch.randn(hidden_size) * deviation)
        self.initial_cell = nn.Parameter(torch.randn(hidden_size) * deviation)

    def forward(self, pooled: Tensor) -> Tensor:
        """Hidden states after each frame: (B, T, channels) -> (B, T, hidden).

        The LSTM looks back only, so the states of a clip's own frames do not depend on the padding after them.
        """
        state = [s.expand(1, pooled.shape[0], -1).contiguous() for s in (self.initial_hidden, self.initial_cell)]
        return cast(Tensor, self.lstm(pooled, (state[0], state[1]))[0])

    def first_step(self, pooled: Tensor) -> LSTMStep:
        """One LSTM step from the initial state: (B, channels) -> the step's gates and states."""
        input_weight, hidden_weight, input_bias, hidden_bias = self.lstm.all_weights[0]
        initial_gates = hidden_weight @ self.initial_hidden + hidden_bias + input_bias
        gates = pooled @ input_weight.T + initial_gates
        gates = gates.unflatten(1, (4, -1)).transpose(0, 1)
        i, f, g, o = gates
        cell = f.sigmoid() * self.initial_cell + i.sigmoid() * g.tanh()
        return LSTMStep(gates, cell, o.sigmoid() * cell.tanh())

    def logit_gradients(self, step: LSTMStep, actions: Tensor, dtype: torch.dtype = torch.float64) -> Tensor:
        """d(logit_a) / d(pooled) of one LSTM step, in closed form.

        Args:
            actions: (A,) indices.
            dtype: of the gates' derivatives.

        Returns:
            (B, A, channels).
        """
        i, f, g, o = step.gates.to(dtype)
        cell = step.cell.to(dtype)
        d_cell = o.sigmoid() * _tanh_derivative(cell)
        d_gates = [
            d_cell * g.tanh() * _sigmoid_derivative(i),
            d_cell * self.initial_cell * _sigmoid_derivative(f),
            d_cell * i.sigmoid() * _tanh_derivative(g),
            cell.tanh() * _sigmoid_derivative(o),
        ]
        d_hidden = torch.stack(d_gates, dim=1).to(step.hidden.dtype)
        per_action = self.linear.weight[actions][None, :, None, :] * d_hidden[:, None]
        return per_action.flatten(2) @ self.lstm.all_weights[0][0]


def _sigmoid_derivative(x: Tensor) -> Tensor:
    """Without the cancellation of s(x) * (1 - s(x)), which costs a saturated gate all its digits."""
    return x.sigmoid() * (-x).sigmoid()


def _tanh_derivative(x: Tensor) -> Tensor:
    """1 - tanh(x)^2, likewise."""
    return 4 * _sigmoid_derivative(2 * x)
