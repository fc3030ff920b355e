"""SalGAN: Pan et al., "SalGAN: Visual Saliency Prediction with Generative Adversarial Networks", 2017."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from hotspot_core.baselines.networks.encoder import VGGS, Encoder
from hotspot_core.baselines.networks.network import Batch, HeatmapNetwork, at_size, decoder, peak_one

# Weight of the content loss beside the adversarial one, and the fraction of the training before the latter (the paper's
# alpha, and its 15 of 120 epochs).
ALPHA = 0.005
CONTENT_ONLY = 0.125

# (width, convolutions) of each group: VGG-16 reversed, and a narrow one for encoders of a stride of 8.
VGG_DECODER = ((512, 3), (512, 3), (256, 3), (128, 2), (64, 2))
NARROW_DECODER = ((128, 1), (64, 1), (32, 1), (16, 1))


class SalGAN(HeatmapNetwork):
    """An encoder-decoder, trained on binary cross-entropy and, against a discriminator of image and map, adversarially.

    The paper: VGG-16 without its last pooling and its mirror image as the decoder, nearest-neighbour enlargement, a
    sigmoid; cross-entropy on maps reduced by 4, from 1/8 of the training on weighted 0.005 beside the adversarial
    loss, generator and discriminator in turn, the first three stages of VGG-16 kept as they were (here all or none).
    That is `encoder="vgg16"`, which also takes the published weights (`load_published_salgan`); with another encoder
    the decoder is narrower.
    """

    title = "SalGAN"

    def __init__(self, encoder: str, actions: int, size: int, weights: str | None, frozen: bool = True) -> None:
        super().__init__()
        vgg = encoder in VGGS
        self.encoder = Encoder(encoder, "top", weights, frozen, stride=16 if vgg else 8)
        self.decoder = decoder(self.encoder.channels[0], VGG_DECODER if vgg else NARROW_DECODER, 1)
        self.discriminator = Discriminator(size)

    def maps(self, batch: Batch) -> Tensor:
        return self._scores(batch["image"]).sigmoid()

    def learned(self) -> list[list[nn.Parameter]]:
        generator = [*self.encoder.parameters(), *self.decoder.parameters()]
        return [[weight for weight in generator if weight.requires_grad], list(self.discriminator.parameters())]

    def losses(self, batch: Batch, progress: float) -> Iterator[Tensor]:
        images = batch["image"]
        scores = self._scores(images)
        target = peak_one(at_size(batch["target"], scores.shape[1:]))
        content = functional.binary_cross_entropy(
            functional.avg_pool2d(scores.float().sigmoid(), 4).clamp(1e-6, 1 - 1e-6), functional.avg_pool2d(target, 4)
        )
        if progress < CONTENT_ONLY:
            yield content
        else:
            fooled = self.discriminator(images, scores.sigmoid())
            yield ALPHA * content + functional.binary_cross_entropy_with_logits(fooled, torch.ones_like(fooled))
        real, fake = self.discriminator(images, target), self.discriminator(images, scores.detach().sigmoid())
        yield functional.binary_cross_entropy_with_logits(
            torch.cat([real, fake]), torch.cat([torch.ones_like(real), torch.zeros_like(fake)])
        )

    def _scores(self, images: Tensor) -> Tensor:
        return self.decoder(self.encoder(images)[0])[:, 0]


class Discriminator(nn.Module):
    """Images (B, 3, S, S) and maps (B, S, S) in [0, 1] -> (B,) logits of the map being an annotated one."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(4, 3, 1),
            *(nn.ReLU(), nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Flatten(), nn.Linear(64 * (size // 8) ** 2, 100), nn.Tanh(), nn.Linear(100, 2), nn.Tanh()),
            nn.Linear(2, 1),
        )

    def forward(self, images: Tensor, maps: Tensor) -> Tensor:
        return self.layers(torch.cat([images, maps[:, None].to(images.dtype)], dim=1))[:, 0]
