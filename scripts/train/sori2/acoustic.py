"""sori-2's acoustic model in the form in which it is exported: every tensor is [batch, time, channels].

- Text encoder: ConvNeXt blocks (Liu et al. 2022) and self-attention over the phonemes, durations as in FastSpeech 2 (Ren et al. 2021).
- Adaptive layer norm by a style vector: StyleTTS 2 (Li et al. 2023).
- Style encoder with attentive statistics pooling (Okabe et al. 2018).

Style S = 128: acoustic half [0:64) for the mel decoder, prosodic half [64:128) for text encoder and prosody. STATISTICS are measured quantities that the networks use
as what they are: F0 = 160 Hz * exp(pitch + pitchRange * contour), and `rate` and `pauses` are added to the logarithm of the durations of sounds and of pauses.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from phonemes import BASE_OF, BASES, OPTIONAL, STRESS_OF
from spectra import MELS, RATE

STYLE, HALF = 128, 64
STATISTICS = dict(pitch=64, pitchRange=65, rate=66, pauses=67)
CONTENT, PROSODIC = 128, 64
HIDDEN = CONTENT + PROSODIC
"""D: channels of the text encoder's output, first those of the sounds, then those of the tune."""
LANGUAGE_SLOTS = 8
F_REF = 160.0
HARMONIC_BANDS = 40
"""Mel bands, up to 1.6 kHz, in which a frame shows single harmonics."""
MEL_MEAN, MEL_SCALE, MEL_FLOOR = -2.5, 3.0, -8.0


class AdaptiveNorm(nn.Module):
    """Layer norm whose gain and bias are moved by a condition vector: x [B, T, C], condition [B, K]."""

    def __init__(self, channels: int, condition: int):
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.affine = nn.Linear(condition, 2 * channels)
        nn.init.zeros_(self.affine.weight)
        nn.init.zeros_(self.affine.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        gain, bias = self.affine(condition).unsqueeze(1).chunk(2, -1)
        return self.norm(x) * (1 + gain) + bias


class ChannelDropout(nn.Module):
    """Drops whole channels of x [B, T, C] for the length of the clip."""

    def __init__(self, share: float):
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self.share:
            return x
        return x * ((torch.rand(x.shape[0], 1, x.shape[2]) >= self.share).to(x.dtype) / (1 - self.share))


class Block(nn.Module):
    """ConvNeXt block: depthwise convolution over time, norm, inverted bottleneck, residual. With `condition` the norm is adaptive."""

    def __init__(self, channels: int, kernel=7, expand=3, dilation=1, condition=0, dropout=0.0):
        super().__init__()
        self.mix = nn.Conv1d(channels, channels, kernel, padding=kernel // 2 * dilation, groups=channels, dilation=dilation)
        self.norm = AdaptiveNorm(channels, condition) if condition else nn.LayerNorm(channels)
        self.up, self.down = nn.Linear(channels, channels * expand), nn.Linear(channels * expand, channels)
        self.scale = nn.Parameter(torch.full((channels,), 0.1))
        self.drop = ChannelDropout(dropout)

    def forward(self, x: Tensor, condition: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        h = self.mix(x.transpose(1, 2)).transpose(1, 2)
        h = self.norm(h) if condition is None else self.norm(h, condition)
        x = x + self.drop(self.down(F.gelu(self.up(h))) * self.scale)
        return x if mask is None else x * mask


class Attention(nn.Module):
    """Pre-norm self-attention over the phonemes x [B, P, C], mask [B, P, 1]. A score falls with the distance (as in ALiBi, Press et al. 2022), by a learned slope for
    each head and direction: a head can look for the mark that ends a phrase, or for the word that began it."""

    def __init__(self, channels: int, heads=4, dropout=0.0):
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.qkv, self.out = nn.Linear(channels, 3 * channels), nn.Linear(channels, channels)
        self.slope = nn.Parameter(torch.tensor([[-8.0, -8.0], [-3.0, -3.0], [-3.0, 1.0], [1.0, -3.0]])[:heads])
        self.heads, self.drop = heads, ChannelDropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        size = x.shape[-1] // self.heads
        q, k, v = (part.unflatten(-1, (self.heads, size)).transpose(1, 2) for part in self.qkv(self.norm(x)).chunk(3, -1))
        place = torch.arange(x.shape[1]).float()
        distance = place[None, :] - place[:, None]
        slope = F.softplus(self.slope)
        fall = F.relu(distance) * slope[:, 0, None, None] + F.relu(-distance) * slope[:, 1, None, None]
        score = (q @ k.transpose(-1, -2)).float() * size**-0.5 - fall
        if mask is not None:
            score = score.masked_fill(mask[:, None, None, :, 0] == 0, -1e4)
        h = (score.softmax(-1).to(v.dtype) @ v).transpose(1, 2).flatten(2)
        x = x + self.drop(self.out(h))
        return x if mask is None else x * mask


class TextEncoder(nn.Module):
    """phonemes [B, P], language [B], style [B, S] -> hidden [B, P, D], log_durations [B, P] = ln(1 + frames)."""

    def __init__(self, channels=192, dropout=0.15):
        super().__init__()
        self.base, self.stress = nn.Embedding(len(BASES), channels), nn.Embedding(3, channels)
        self.language = nn.Embedding(LANGUAGE_SLOTS, channels)
        for table, spread in ((self.base, 0.5), (self.stress, 0.2), (self.language, 0.05)):
            nn.init.normal_(table.weight, std=spread)
        self.register_buffer("base_of", torch.tensor(BASE_OF), persistent=False)
        self.register_buffer("stress_of", torch.tensor(STRESS_OF), persistent=False)
        make = lambda count, kernel, expand=3: nn.ModuleList(Block(channels, kernel, expand, condition=HALF, dropout=dropout) for _ in range(count))
        self.blocks = make(4, 5)
        self.attention = nn.ModuleList(Attention(channels, dropout=dropout) for _ in range(2))
        self.content = AdaptiveNorm(channels, HALF)
        self.content_out = nn.Linear(channels, CONTENT)
        self.tune = make(3, 5, 2)
        self.tune_attention = nn.ModuleList(Attention(channels, dropout=dropout) for _ in range(3))
        self.tune_norm = AdaptiveNorm(channels, HALF)
        self.tune_out = nn.Linear(channels, PROSODIC)
        self.duration = make(2, 3, 2)
        self.duration_out = nn.Linear(channels, 1)
        nn.init.constant_(self.duration_out.bias, 1.6)

    def table(self) -> Tensor:
        """[symbols, C]: a symbol is its base sound plus its stress."""
        return self.base.weight[self.base_of] + self.stress.weight[self.stress_of]

    def parts(self, phonemes: Tensor, language: Tensor, style: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """-> hidden [B, P, D], ln frames [B, P]."""
        whole, style = style, style[:, HALF:]
        x = F.embedding(phonemes, self.table()) + self.language(language).unsqueeze(1)
        x = x if mask is None else x * mask
        for index, block in enumerate(self.blocks):
            x = block(x, style, mask)
            if index % 2:
                x = self.attention[index // 2](x, mask)
        content = self.content_out(self.content(x, style))
        for block, attention in zip(self.tune, self.tune_attention):
            x = attention(block(x, style, mask), mask)
        x = self.tune_norm(x, style)
        hidden = torch.cat([content, self.tune_out(x)], -1)
        for block in self.duration:
            x = block(x, style, mask)
        pause = (phonemes < len(OPTIONAL)).float()
        rate, pauses = (whole[:, STATISTICS[name]].unsqueeze(1) for name in ("rate", "pauses"))
        return hidden, self.duration_out(x).squeeze(-1).float() + rate + pause * (pauses - rate)

    def forward(self, phonemes: Tensor, language: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        hidden, log_frames = self.parts(phonemes, language, style)
        return hidden, F.softplus(log_frames)


class Prosody(nn.Module):
    """frames [B, T, D+3], style [B, S] -> F0 [B, T] in Hz, voicing [B, T] probability, energy [B, T] (the teacher's, normalised)."""

    def __init__(self, channels=96, dropout=0.1):
        super().__init__()
        self.inp = nn.Linear(HIDDEN + 3, channels)
        self.blocks = nn.ModuleList(Block(channels, 7, 2, dilation=d, condition=HALF, dropout=dropout) for d in (1, 2, 4, 8, 1))
        self.norm, self.out = nn.LayerNorm(channels), nn.Linear(channels, 3)

    def curves(self, frames: Tensor, style: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """Contour, voicing logit and energy, [B, T] each; the contour is (ln(F0 / 160 Hz) - pitch) / pitchRange."""
        x = self.inp(frames)
        x = x if mask is None else x * mask
        for block in self.blocks:
            x = block(x, style[:, HALF:], mask)
        return self.out(self.norm(x)).float().unbind(-1)

    def forward(self, frames: Tensor, style: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        contour, voicing, energy = self.curves(frames, style)
        pitch, spread = (style[:, STATISTICS[name]].unsqueeze(1) for name in ("pitch", "pitchRange"))
        return F_REF * torch.exp((pitch + spread * contour).clamp(-1.5, 1.5)), torch.sigmoid(voicing), energy


def band_centres() -> Tensor:
    """Hz of the lowest HARMONIC_BANDS mel bands."""
    top = 2595 * math.log10(1 + RATE / 2 / 700)
    return torch.tensor(700 * (10 ** (top * np.arange(1, HARMONIC_BANDS + 1) / (MELS + 1) / 2595) - 1), dtype=torch.float32)


class MelDecoder(nn.Module):
    """frames [B, T, D+3], F0 [B, T] in Hz, voicing [B, T], energy [B, T], style [B, S] -> mel [B, T, MELS], natural logarithm as in spectra.log_mel.

    Where the low bands lie between the harmonics of F0 is an input, since a network of this size would hardly learn it."""

    def __init__(self, channels=192, layers=5, dropout=0.02):
        super().__init__()
        self.register_buffer("centres", band_centres() * 2 * math.pi, persistent=False)
        self.inp = nn.Linear(HIDDEN + 6 + HARMONIC_BANDS, channels)
        self.blocks = nn.ModuleList(Block(channels, 7, 3, condition=HALF, dropout=dropout) for _ in range(layers))
        self.norm, self.out = nn.LayerNorm(channels), nn.Linear(channels, MELS)

    def forward(self, frames: Tensor, f0: Tensor, voicing: Tensor, energy: Tensor, style: Tensor) -> Tensor:
        f0 = f0.clamp(min=30.0).unsqueeze(-1)
        comb = torch.cos(self.centres / f0) * voicing.unsqueeze(-1)
        x = self.inp(torch.cat([frames, 2 * torch.log(f0 * (1 / F_REF)), torch.stack([voicing, energy], -1), comb], -1))
        for block in self.blocks:
            x = block(x, style[:, :HALF])
        return self.out(self.norm(x)) * MEL_SCALE + MEL_MEAN


class StyleEncoder(nn.Module):
    """mel [B, T, MELS] of one voice -> style [B, S]; the values at STATISTICS are measured, not predicted, and the caller overwrites them."""

    def __init__(self, channels=128, heads=4):
        super().__init__()
        self.inp = nn.Linear(MELS, channels)
        self.blocks = nn.ModuleList(Block(channels, 7, 2, dilation=d, dropout=0.1) for d in (1, 2, 4, 8))
        self.norm, self.gate = nn.LayerNorm(channels), nn.Linear(channels, heads)
        self.hidden, self.out = nn.Linear(2 * channels, 256), nn.Linear(256, STYLE)
        self.heads = heads

    def forward(self, mel: Tensor) -> Tensor:
        x = self.inp((mel.clamp(min=MEL_FLOOR) - MEL_MEAN) * (1 / MEL_SCALE))
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        weight = self.gate(x).softmax(1).unsqueeze(-1)
        split = x.unflatten(-1, (self.heads, -1))
        mean = (split * weight).sum(1)
        spread = ((split - mean.unsqueeze(1)) ** 2 * weight).sum(1).clamp(min=1e-5).sqrt()
        return self.out(F.gelu(self.hidden(torch.cat([mean, spread], -1).flatten(1))))


class Acoustic(nn.Module):
    """The stages, and a learned vector for each of the teacher's voices. A blended voice is the same blend of these vectors, in each half by its own weights."""

    def __init__(self, voices: int):
        super().__init__()
        self.style_encoder, self.text_encoder, self.prosody, self.mel_decoder = StyleEncoder(), TextEncoder(), Prosody(), MelDecoder()
        self.timbre, self.tune = (nn.Parameter(torch.randn(voices, HALF) * 0.3) for _ in range(2))
        self.phoneme_curves = nn.Linear(PROSODIC, 3)
        """Training only: mean contour, voicing and energy of each phoneme from the tune's channels."""

    def blend(self, timbre: Tensor, tune: Tensor) -> Tensor:
        """Weights of the teacher's voices [B, voices] for each half -> style [B, S]; the statistics are not in it."""
        return torch.cat([timbre @ self.timbre, tune @ self.tune], 1)


def with_statistics(style: Tensor, values: Tensor) -> Tensor:
    """Writes values [B, 4] (pitch, pitchRange, rate, pauses) to their places in a style [B, S]."""
    first = STATISTICS["pitch"]
    return torch.cat([style[:, :first], values, style[:, first + 4 :]], 1)


def place(durations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frames per phoneme [P] -> phoneme of each frame [T], and its place (from the start, from the end, ln length) [T, 3], as the product's length regulator has them."""
    owner = np.repeat(np.arange(len(durations)), durations)
    first = np.cumsum(durations) - durations
    position = (np.arange(len(owner)) - first[owner] + 0.5) / durations[owner]
    return owner, np.stack([position, 1 - position, np.log(durations[owner])], 1).astype(np.float32)
