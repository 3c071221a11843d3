"""What is looked at to notice a training that has diverged."""

from __future__ import annotations

import pytest
import torch

from encoded_text import InputError
from single_net.losses.retrieval import RetrievalLoss
from single_net.models.single_net import SingleNet
from single_net.training.batches import Batch
from single_net.training.divergence import is_finite, stop_diverged
from single_net.training.step import TrainingStep


@pytest.mark.parametrize("where", ["weights", "centers", "moments"])
def test_weights_centers_and_the_optimizers_moments_are_looked_at(where):
    step = TrainingStep(SingleNet(), RetrievalLoss(torch.arange(2)[:, None]), torch.device("cpu"))
    pixels = torch.randint(0, 256, (4, 3, 75, 75), dtype=torch.uint8)
    step.train()(Batch(pixels, 2, torch.tensor([0, 1, 0, 1]), 2), 1e-3)
    assert is_finite(step)
    spoilt = {
        "weights": step.parameter_list[0].data,
        "centers": step.loss.center_loss.centers,
        "moments": step.optimizer.state[step.parameter_list[0]]["exp_avg_sq"],
    }
    spoilt[where][0] = float("inf")
    assert not is_finite(step)


def test_the_advice_can_be_followed():
    """The folder of a diverged run takes neither other settings nor a new beginning."""
    with pytest.raises(InputError, match=r"at step 12 \(learning rate 0\.1\): lower .*, into another --output$"):
        stop_diverged("the loss is", 12, 0.1)
