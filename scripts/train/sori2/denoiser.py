"""The style denoiser: what the style of one line may have been, given the voice, the text and a noisy style. Sampling from it gives other readings of a text (`diffusion_steps`).

Style diffusion as in StyleTTS 2 (Li et al. 2023), preconditioned as in EDM (Karras et al. 2022, table 1) with a standard deviation for each dimension. Only the prosodic half is
sampled: the acoustic half of the answer is the reference's. Emotions are no part of it: the manifest's `emotionEffects` speak them, and the weights of that input stay zero.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from acoustic import HALF, STYLE
from phonemes import SYMBOLS

EMOTIONS = 7
SIGMA_MIN, SIGMA_MAX, RHO = 0.05, 2.0, 3.0
"""Noise levels of the sampler, in standard deviations of the style space."""


class Block(nn.Module):
    def __init__(self, channels: int, dropout: float):
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(channels), nn.Linear(channels, 2 * channels), nn.Linear(2 * channels, channels)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.drop(self.down(F.gelu(self.up(self.norm(x)))))


class Denoiser(nn.Module):
    """x [B, S] and reference [B, S] in standard deviations of the style space, sigma [B], phonemes [1, P], emotion [B, E], given [B, 2] (are text and emotion given?) -> denoised [B, S]."""

    def __init__(self, channels=192, layers=3, text=24, emotions=EMOTIONS, dropout=0.1):
        super().__init__()
        self.symbol = nn.Embedding(len(SYMBOLS), text)
        self.emotion = nn.Linear(emotions, 8, bias=False)
        nn.init.zeros_(self.emotion.weight)
        self.inp = nn.Linear(HALF + 1 + STYLE + text + 1 + 8, channels)
        self.blocks = nn.ModuleList(Block(channels, dropout) for _ in range(layers))
        self.norm, self.out = nn.LayerNorm(channels), nn.Linear(channels, HALF)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)
        self.register_buffer("spread", torch.ones(HALF))
        """Standard deviation of a line's style about its voice's, for each prosodic dimension."""

    def text(self, phonemes: Tensor) -> Tensor:
        """[B, P] -> [B, text + 1]: mean of the symbols' vectors, and the logarithm of their number."""
        vectors = self.symbol(phonemes)
        count = torch.ones_like(phonemes, dtype=torch.float32).sum(1, keepdim=True)
        return torch.cat([vectors.mean(1), torch.log(count) - 3.5], 1)

    def forward(self, x: Tensor, sigma: Tensor, phonemes: Tensor, reference: Tensor, emotion: Tensor, given: Tensor) -> Tensor:
        return self.denoise(x, sigma, self.text(phonemes), reference, emotion, given)

    def denoise(self, x: Tensor, sigma: Tensor, text: Tensor, reference: Tensor, emotion: Tensor, given: Tensor) -> Tensor:
        """As forward, with text [B or 1, text + 1]."""
        noise, own = sigma.unsqueeze(1), reference[:, HALF:]
        away = x[:, HALF:] - own
        total = noise * noise + self.spread * self.spread
        feeling = self.emotion(emotion) * given[:, 1:]
        h = self.inp(torch.cat([away * torch.rsqrt(total), torch.log(noise) * 0.25, reference, text * given[:, :1], feeling], 1))
        for block in self.blocks:
            h = block(h)
        skip, scale = self.spread * self.spread / total, noise * self.spread * torch.rsqrt(total)
        return torch.cat([reference[:, :HALF], own + skip * away + scale * self.out(self.norm(h))], 1)
