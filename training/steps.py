"""How both nets learn: how fast at each step, one step, and the net that follows slowly and is kept."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Course:
    """How long is learned, and how fast: up to `rate` for a share `warm` of the time, then down to a share `last`."""

    epochs: int
    rate: float
    warm: float
    last: float

    def rate_at(self, done: float) -> float:
        """The rate when the share `done` of the time is over: up in a line, down along a cosine."""
        if done < self.warm:
            return self.rate * (0.05 + 0.95 * done / self.warm)
        fallen = 0.5 * (1 + math.cos(math.pi * (done - self.warm) / (1 - self.warm)))
        return self.rate * (self.last + (1 - self.last) * fallen)


def step(net: nn.Module, optimiser: torch.optim.Optimizer, lost: Tensor, rate: float) -> None:
    """Make `lost` less, at this rate."""
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.zero_grad()
    lost.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 2.0)
    optimiser.step()


def follow(slow: nn.Module, net: nn.Module, keep: float) -> None:
    """Move the weights of `slow` towards those of `net`: the mean over many steps knows no page by heart."""
    with torch.no_grad():
        for mean, weight in zip(slow.parameters(), net.parameters(), strict=True):
            mean.lerp_(weight, 1 - keep)
