"""Small critics used in training only: of the waveform's spectra, of the mel, and of the prosody curves. Least-squares GAN with feature matching."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm


class SpectralDiscriminator(nn.Module):
    """One STFT resolution (as in UnivNet and EnCodec, but tiny), on log and on compressed magnitudes of a waveform [B, samples]."""

    def __init__(self, size: int, channels=32):
        super().__init__()
        self.size, self.hop, c = size, size // 4, channels
        self.register_buffer("window", torch.hann_window(size), persistent=False)
        shapes = [(2, c, (7, 5), (2, 1)), (c, c, (5, 3), (2, 1)), (c, c, (5, 3), (2, 2)), (c, 2 * c, (5, 3), (2, 1)), (2 * c, 2 * c, (3, 3), (1, 1))]
        self.layers = nn.ModuleList(weight_norm(nn.Conv2d(i, o, k, s, (k[0] // 2, k[1] // 2))) for i, o, k, s in shapes)
        self.head = weight_norm(nn.Conv2d(2 * c, 1, 3, 1, 1))

    def forward(self, wave: Tensor) -> tuple[Tensor, list[Tensor]]:
        magnitude = torch.stft(wave, self.size, self.hop, window=self.window, return_complex=True).abs().clamp(min=1e-5)
        x, features = torch.stack([torch.log(magnitude) / 4 + 1, magnitude.pow(0.3)], 1), []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.1)
            features.append(x)
        return self.head(x), features


class MelDiscriminator(nn.Module):
    """Patches of a log-mel [B, T, MELS]; `stretch` is the first stride over time, so that several critics see windows of several lengths."""

    def __init__(self, stretch=1, channels=16):
        super().__init__()
        c = channels
        shapes = [(1, c, (5, 5), (stretch, 2)), (c, c, (3, 5), (1, 2)), (c, 2 * c, (3, 5), (2, 2)), (2 * c, 2 * c, (3, 3), (1, 1))]
        self.layers = nn.ModuleList(weight_norm(nn.Conv2d(i, o, k, s, (k[0] // 2, k[1] // 2))) for i, o, k, s in shapes)
        self.head = weight_norm(nn.Conv2d(2 * c, 1, 3, 1, 1))

    def forward(self, mel: Tensor) -> tuple[Tensor, list[Tensor]]:
        x, features = mel.unsqueeze(1), []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.1)
            features.append(x)
        return self.head(x), features


class CurveDiscriminator(nn.Module):
    """Prosody curves [B, T, 3] given the frames' text features [B, T, K]: is this contour one that a person speaks here?"""

    def __init__(self, text: int, channels=64):
        super().__init__()
        self.text = nn.Linear(text, 16)
        sizes = [(3 + 16, channels, 5, 1), (channels, channels, 5, 2), (channels, channels, 5, 2), (channels, channels, 3, 1)]
        self.layers = nn.ModuleList(weight_norm(nn.Conv1d(i, o, k, s, k // 2)) for i, o, k, s in sizes)
        self.head = weight_norm(nn.Conv1d(channels, 1, 3, 1, 1))

    def forward(self, curves: Tensor, text: Tensor) -> tuple[Tensor, list[Tensor]]:
        x, features = torch.cat([curves, self.text(text)], -1).transpose(1, 2), []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.1)
            features.append(x)
        return self.head(x), features


def critic_loss(critics, real: tuple, fake: tuple) -> Tensor:
    """What the critics minimise: real -> 1, fake -> 0."""
    return sum(((1 - critic(*real)[0]) ** 2).mean() + (critic(*fake)[0] ** 2).mean() for critic in critics)


def generator_losses(critics, real: tuple, fake: tuple) -> tuple[Tensor, Tensor]:
    """(fooling loss, feature matching) that the generator minimises."""
    fool, match = torch.zeros(()), torch.zeros(())
    for critic in critics:
        with torch.no_grad():
            truth = critic(*real)[1]
        score, features = critic(*fake)
        fool = fool + ((1 - score) ** 2).mean()
        match = match + sum((a - b).abs().mean() for a, b in zip(truth, features)) / len(truth)
    return fool, match
