"""Waveform critics of the vocoder: three spectrogram resolutions and five periods (HiFi-GAN, UnivNet, Vocos), small enough for a CPU."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm


class SpectrogramCritic(nn.Module):
    """Judges the complex STFT with magnitudes compressed to the power 0.4."""

    def __init__(self, size: int, channels=(16, 32, 32, 32)):
        super().__init__()
        self.size = size
        self.register_buffer("window", torch.hann_window(size), persistent=False)
        inputs, layers = 2, []
        for index, c in enumerate(channels):
            kernel, stride = ((3, 9), (1, 4)) if index == 0 else ((3, 5), (1, 2))
            layers.append(weight_norm(nn.Conv2d(inputs, c, kernel, stride, (1, kernel[1] // 2))))
            inputs = c
        self.layers = nn.ModuleList(layers)
        self.head = weight_norm(nn.Conv2d(inputs, 1, 3, 1, 1))

    def forward(self, wave: Tensor) -> tuple[Tensor, list[Tensor]]:
        spectrum = torch.stft(wave, self.size, self.size // 4, self.size, self.window, return_complex=True)
        spectrum = spectrum * spectrum.abs().clamp_min(1e-5).pow(-0.6)
        x, features = torch.stack([spectrum.real, spectrum.imag], 1).transpose(2, 3), []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.1)
            features.append(x)
        return self.head(x), features


class PeriodCritic(nn.Module):
    """Judges the samples folded into rows of one period."""

    def __init__(self, period: int, channels=(16, 32, 64, 128)):
        super().__init__()
        self.period = period
        inputs, layers = 1, []
        for c in channels:
            layers.append(weight_norm(nn.Conv2d(inputs, c, (5, 1), (3, 1), (2, 0))))
            inputs = c
        self.layers = nn.ModuleList(layers)
        self.head = weight_norm(nn.Conv2d(inputs, 1, (3, 1), 1, (1, 0)))

    def forward(self, wave: Tensor) -> tuple[Tensor, list[Tensor]]:
        rows = wave.shape[1] // self.period
        x, features = wave[:, : rows * self.period].reshape(len(wave), 1, rows, self.period), []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.1)
            features.append(x)
        return self.head(x), features


def make_critics() -> nn.ModuleList:
    return nn.ModuleList([SpectrogramCritic(n) for n in (512, 1024, 2048)] + [PeriodCritic(p) for p in (2, 3, 5, 7, 11)])


def draw(critics: nn.ModuleList, rng: np.random.Generator) -> list[tuple[float, nn.Module]]:
    """One spectrogram critic and two period critics of this step with the weight that makes the expected loss that of all eight."""
    spectrogram, period = list(critics)[:3], list(critics)[3:]
    chosen = [(3.0, spectrogram[rng.integers(3)])]
    return chosen + [(2.5, period[i]) for i in rng.choice(5, 2, replace=False)]


def judge(critics: list[tuple[float, nn.Module]], real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(critic loss, generator loss, feature matching), hinge losses. Real and generated audio pass by themselves, so that the generator's gradient runs through one of them only."""
    critic, fooling, matching = torch.zeros(()), torch.zeros(()), torch.zeros(())
    for weight, one in critics:
        (of_real, truth), (of_fake, features) = one(real), one(fake)
        critic = critic + F.relu(1 - of_real.float()).mean() + F.relu(1 + of_fake.float()).mean()
        fooling = fooling + weight * F.relu(1 - of_fake.float()).mean()
        for a, b in zip(truth, features):
            a = a.detach().float()
            matching = matching + weight * (b.float() - a).abs().mean() / a.abs().mean().clamp_min(1e-3)
    return critic, fooling, matching
