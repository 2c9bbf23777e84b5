"""The networks of sori-1 in the form in which they are exported: every tensor is [batch, time, channels], nearly every weight an nn.Linear.

- ConvNeXt block: Liu et al. 2022, "A ConvNet for the 2020s"; in speech: Vocos (Siuzdak 2023).
- Adaptive layer norm by a style vector: StyleTTS 2 (Li et al. 2023).
- Text encoder, durations, F0 and energy from phonemes: FastSpeech 2 (Ren et al. 2021).
- Refiner: rectified flow (Liu et al. 2022) from a noisy coarse mel, shallow as in DiffSinger (Liu et al. 2022).

- Style encoder with attentive statistics pooling: Okabe et al. 2018; style denoiser with EDM preconditioning: Karras et al. 2022, StyleTTS 2.

Style S = 128: acoustic half [0:64) for mel decoder and refiner, prosodic half [64:128) for text encoder and prosody. The dimensions in STATISTICS are
measured quantities (style_statistics.py); where that is possible the networks use them as what they are and not through learned weights, so that moving
one moves the speech by as much: F0 = 160 Hz * exp(pitch + pitchRange * contour).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from features import COMMON_BANDS, F_REF, MELS
from style_statistics import TILT_BANDS
from symbols import BASE_OF, BASES, OPTIONAL, STRESS_OF, SYMBOLS

STYLE, HALF = 128, 64
STATISTICS = dict(tilt=0, pitch=64, pitchRange=65, slope=66, rate=67, pauses=68, energyRange=69, breathiness=70, energy=71)
LEARNED = [i for i in range(STYLE) if i not in STATISTICS.values()]
USUAL_TILT, USUAL_ENERGY_RANGE = -0.85, 0.6  # about the readers' own, so that a network starts from them
EMOTIONS = ["neutral", "happy", "sad", "angry", "fearful", "surprised", "calm"]
HIDDEN = 192  # D: channels of the text encoder's output
LANGUAGE_SLOTS = 8


def acoustic(style: Tensor) -> Tensor:
    return style[:, :HALF]


def prosodic(style: Tensor) -> Tensor:
    return style[:, HALF:]


def log_pitch(f0: Tensor) -> Tensor:
    """Hz -> natural log relative to F_REF."""
    return torch.log(f0.clamp(min=30.0) * (1 / F_REF))


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
    """Drops whole channels of x [B, T, C] for the length of the clip: one mask value per clip and channel, so it costs next to nothing."""

    def __init__(self, share: float):
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or not self.share:
            return x
        kept = (torch.rand(x.shape[0], 1, x.shape[2]) >= self.share).float()
        return x * (kept / (1 - self.share))


class Block(nn.Module):
    """ConvNeXt block: depthwise convolution over time, norm, inverted bottleneck, residual. With `condition` the norm is adaptive."""

    def __init__(self, channels: int, kernel=7, expand=3, dilation=1, condition=0, dropout=0.0):
        super().__init__()
        self.mix = nn.Conv1d(channels, channels, kernel, padding=kernel // 2 * dilation, groups=channels, dilation=dilation)
        self.norm = AdaptiveNorm(channels, condition) if condition else nn.LayerNorm(channels)
        self.up, self.down = nn.Linear(channels, channels * expand), nn.Linear(channels * expand, channels)
        self.scale = nn.Parameter(torch.full((channels,), 0.1))
        self.drop = ChannelDropout(dropout)
        self.reach = kernel // 2 * dilation

    def forward(self, x: Tensor, condition: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        h = self.mix(x.transpose(1, 2)).transpose(1, 2)
        h = self.norm(h) if condition is None else self.norm(h, condition)
        x = x + self.drop(self.down(F.gelu(self.up(h))) * self.scale)
        return x if mask is None else x * mask


class Attention(nn.Module):
    """Pre-norm multi-head self-attention over the phonemes: x [B, P, C], mask [B, P, 1] (1 = real)."""

    def __init__(self, channels: int, heads=4, dropout=0.0):
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.qkv, self.out = nn.Linear(channels, 3 * channels), nn.Linear(channels, channels)
        self.heads, self.drop = heads, ChannelDropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        size = x.shape[-1] // self.heads
        split = lambda v: v.unflatten(-1, (self.heads, size)).transpose(1, 2)  # [B, heads, P, size]
        q, k, v = (split(part) for part in self.qkv(self.norm(x)).chunk(3, -1))
        score = q @ k.transpose(-1, -2) * size**-0.5
        if mask is not None:
            score = score.masked_fill(mask[:, None, None, :, 0] == 0, -1e4)
        h = (score.softmax(-1) @ v).transpose(1, 2).flatten(2)
        x = x + self.drop(self.out(h))
        return x if mask is None else x * mask


class TextEncoder(nn.Module):
    """phonemes [B, P], language [B], style [B, S] -> hidden [B, P, D], log_durations [B, P] = ln(1 + frames)."""

    def __init__(self, channels=HIDDEN, dropout=0.2):
        super().__init__()
        self.base, self.stress = nn.Embedding(len(BASES), channels), nn.Embedding(3, channels)
        self.language = nn.Embedding(LANGUAGE_SLOTS, channels)
        for table in (self.base, self.stress, self.language):
            nn.init.normal_(table.weight, std=0.5 if table is self.base else 0.1)
        self.register_buffer("base_of", torch.tensor(BASE_OF), persistent=False)
        self.register_buffer("stress_of", torch.tensor(STRESS_OF), persistent=False)
        self.blocks = nn.ModuleList(Block(channels, 5, 3, condition=HALF, dropout=dropout) for _ in range(5))
        self.attention = nn.ModuleDict({str(after): Attention(channels, dropout=dropout) for after in (2, 4)})
        self.norm = AdaptiveNorm(channels, HALF)
        self.duration = nn.ModuleList(Block(channels, 3, 2, condition=HALF, dropout=0.4) for _ in range(2))
        self.duration_out = nn.Linear(channels, 1)
        nn.init.constant_(self.duration_out.bias, 1.8)

    def table(self) -> Tensor:
        """[symbols, D]: a symbol is its base sound plus its stress."""
        return self.base.weight[self.base_of] + self.stress.weight[self.stress_of]

    def forward(self, phonemes: Tensor, language: Tensor, style: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        whole, style = style, prosodic(style)
        x = F.embedding(phonemes, self.table()) + self.language(language).unsqueeze(1)
        x = x if mask is None else x * mask
        for index, block in enumerate(self.blocks):
            x = block(x, style, mask)
            if str(index) in self.attention:
                x = self.attention[str(index)](x, mask)
        hidden = self.norm(x, style)
        hidden = hidden if mask is None else hidden * mask
        d = hidden
        for block in self.duration:
            d = block(d, style, mask)
        pause = (phonemes < len(OPTIONAL)).float()
        rate, pauses = (whole[:, STATISTICS[name]].unsqueeze(1) for name in ("rate", "pauses"))
        return hidden, self.duration_out(d).squeeze(-1) + rate + pause * (pauses - rate)


class Prosody(nn.Module):
    """frames [B, T, D+3], style [B, S] -> F0 [B, T] in Hz, voicing [B, T] probability, energy [B, T] normalised log RMS."""

    def __init__(self, channels=128, dropout=0.25):
        super().__init__()
        self.inp = nn.Linear(HIDDEN + 3, channels)
        self.blocks = nn.ModuleList(Block(channels, 7, 3, dilation=d, condition=HALF, dropout=dropout) for d in (1, 2, 4, 8, 16, 1))
        self.norm, self.out = nn.LayerNorm(channels), nn.Linear(channels, 3)
        self.level = nn.Linear(HALF, 3)  # the speaker's own offset of each curve
        nn.init.zeros_(self.level.weight)

    def curves(self, frames: Tensor, style: Tensor, mask: Tensor | None = None) -> Tensor:
        """[B, T, 3]: log F0 relative to F_REF, voicing logit, energy."""
        of = lambda name: style[:, STATISTICS[name]].unsqueeze(1)
        pitch, pitch_range, energy, energy_range = of("pitch"), of("pitchRange"), of("energy"), of("energyRange") / USUAL_ENERGY_RANGE
        style = prosodic(style)
        x = self.inp(frames)
        x = x if mask is None else x * mask
        for block in self.blocks:
            x = block(x, style, mask)
        contour, voicing, strength = (self.out(self.norm(x)) + self.level(style).unsqueeze(1)).unbind(-1)
        return torch.stack([pitch + pitch_range * contour, voicing, energy + energy_range * strength], -1)

    def forward(self, frames: Tensor, style: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        curves = self.curves(frames, style)
        return F_REF * torch.exp(curves[..., 0]), torch.sigmoid(curves[..., 1]), curves[..., 2]


class MelDecoder(nn.Module):
    """frames [B, T, D+3], F0 [B, T] in Hz, voicing [B, T], energy [B, T], style [B, S] -> coarse mel [B, T, MELS]."""

    def __init__(self, channels=256, layers=5, dropout=0.05):
        super().__init__()
        self.inp = nn.Linear(HIDDEN + 6, channels)
        self.blocks = nn.ModuleList(Block(channels, 7, 3, condition=HALF, dropout=dropout) for _ in range(layers))
        self.norm, self.out = nn.LayerNorm(channels), nn.Linear(channels, MELS)
        self.register_buffer("ramp", tilt_ramp(), persistent=False)

    def forward(self, frames: Tensor, f0: Tensor, voicing: Tensor, energy: Tensor, style: Tensor) -> Tensor:
        tilt = (style[:, STATISTICS["tilt"]] - USUAL_TILT)[:, None, None]
        style = acoustic(style)
        x = self.inp(torch.cat([frames, torch.stack([2 * log_pitch(f0), voicing, energy], -1)], -1))
        for block in self.blocks:
            x = block(x, style)
        return self.out(self.norm(x)) + tilt * self.ramp


class MelRefiner(nn.Module):
    """x [B, T, MELS] at time t [B] in [0, 1), coarse mel [B, T, MELS], style [B, S], emotion [B, E] -> velocity [B, T, MELS]."""

    def __init__(self, channels=192):
        super().__init__()
        self.register_buffer("waves", torch.exp(torch.arange(32) * -0.25) * 1000, persistent=False)
        self.condition = nn.Sequential(nn.Linear(64 + HALF + len(EMOTIONS), 96), nn.GELU())
        self.inp = nn.Linear(2 * MELS, channels)
        self.blocks = nn.ModuleList(Block(channels, 7, 2, dilation=d, condition=96) for d in (1, 2, 1, 4, 1))
        self.norm, self.out = nn.LayerNorm(channels), nn.Linear(channels, MELS)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor, mel: Tensor, style: Tensor, t: Tensor, emotion: Tensor) -> Tensor:
        angle = t.unsqueeze(1) * self.waves
        condition = self.condition(torch.cat([angle.sin(), angle.cos(), acoustic(style), emotion], 1))
        h = self.inp(torch.cat([x, mel], -1))
        for block in self.blocks:
            h = block(h, condition)
        return self.out(self.norm(h))


class StyleEncoder(nn.Module):
    """mel [B, T, MELS] of one voice -> style [B, S]. Looks at the bands below 7 kHz only, so that a recording's bandwidth is no part of its style."""

    def __init__(self, channels=128, heads=4):
        super().__init__()
        self.inp = nn.Linear(COMMON_BANDS, channels)
        self.blocks = nn.ModuleList(Block(channels, 7, 2, dilation=d, dropout=0.1) for d in (1, 2, 4, 8))
        self.norm, self.gate = nn.LayerNorm(channels), nn.Linear(channels, heads)
        self.hidden, self.out = nn.Linear(2 * channels, 256), nn.Linear(256, STYLE)
        self.heads = heads

    def forward(self, mel: Tensor) -> Tensor:
        x = self.inp(mel[..., :COMMON_BANDS])
        for block in self.blocks:
            x = block(x)
        x = self.norm(x)
        weight = self.gate(x).softmax(1).unsqueeze(-1)  # [B, T, heads, 1]: which frames tell each head something
        split = x.unflatten(-1, (self.heads, -1))
        mean = (split * weight).sum(1)
        spread = ((split - mean.unsqueeze(1)) ** 2 * weight).sum(1).clamp(min=1e-5).sqrt()
        return self.out(F.gelu(self.hidden(torch.cat([mean, spread], -1).flatten(1))))


class StyleDenoiser(nn.Module):
    """Standardised x = style + sigma * noise [B, S], sigma [B], phonemes [1 or B, P], reference style [B, S], emotion [B, E], given [B, 2] -> denoised [B, S].

    given[:, 0]: is the text to be heard; given[:, 1]: is there a reference. Preconditioning by Karras et al. 2022, Table 1; the network sees the text as the mean
    of two convolutions over the phonemes. What it denoises is the difference from the reference where there is one: an emotion is a move, not a place.
    """

    def __init__(self, sigma_data: float = 1.0, channels=256, layers=3):
        super().__init__()
        self.sigma_data = sigma_data
        self.base, self.stress = nn.Embedding(len(BASES), 64), nn.Embedding(3, 64)
        self.register_buffer("base_of", torch.tensor(BASE_OF), persistent=False)
        self.register_buffer("stress_of", torch.tensor(STRESS_OF), persistent=False)
        self.text = nn.ModuleList(Block(64, 5, 2) for _ in range(2))
        self.summary = nn.Linear(64, 64)
        self.register_buffer("waves", torch.exp(torch.linspace(-1.5, 3.0, 16)), persistent=False)
        self.emotion = nn.Linear(len(EMOTIONS), 64, bias=False)
        self.condition = nn.Sequential(nn.Linear(32 + 64 + 64 + 2, channels), nn.GELU())
        self.inp = nn.Linear(2 * STYLE, channels)
        self.blocks = nn.ModuleList(nn.Linear(channels, 2 * channels) for _ in range(layers))
        self.downs = nn.ModuleList(nn.Linear(2 * channels, channels) for _ in range(layers))
        self.norms = nn.ModuleList(nn.LayerNorm(channels) for _ in range(layers))
        self.moves = nn.ModuleList(nn.Linear(channels, 2 * channels) for _ in range(layers))
        self.norm, self.out = nn.LayerNorm(channels), nn.Linear(channels, STYLE)
        self.drop = nn.Dropout(0.1)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor, sigma: Tensor, phonemes: Tensor, reference: Tensor, emotion: Tensor, given: Tensor, mask: Tensor | None = None) -> Tensor:
        h = F.embedding(phonemes, self.base.weight[self.base_of] + self.stress.weight[self.stress_of])
        for block in self.text:
            h = block(h, mask=mask)
        heard = h.mean(1) if mask is None else h.sum(1) / mask.sum(1)
        summary = self.summary(heard) * given[:, :1]
        reference = reference * given[:, 1:]
        variance = sigma.unsqueeze(1) ** 2 + self.sigma_data**2
        skip, scale = self.sigma_data**2 / variance, sigma.unsqueeze(1) * self.sigma_data * variance.rsqrt()
        start = x - reference
        angle = torch.log(sigma.unsqueeze(1)) * 0.25 * self.waves
        condition = self.condition(torch.cat([angle.sin(), angle.cos(), summary, self.emotion(emotion), given], 1))
        h = self.inp(torch.cat([start * variance.rsqrt(), reference], 1)) + condition
        for norm, move, up, down in zip(self.norms, self.moves, self.blocks, self.downs):
            gain, bias = move(condition).chunk(2, 1)
            h = h + self.drop(down(F.gelu(up(norm(h) * (1 + gain) + bias))))
        return reference + skip * start + scale * self.out(self.norm(h))


class VocoderNet(nn.Module):
    """mel [B, T, MELS], F0 [B, T] in Hz (continuous), voicing [B, T] -> harmonic, noise [B, T, MELS]: ln magnitude at mel-spaced points."""

    def __init__(self, channels=192, layers=5):
        super().__init__()
        self.inp = nn.Linear(MELS + 2, channels)
        self.blocks = nn.ModuleList(Block(channels, 7, 3) for _ in range(layers))
        self.norm, self.out = nn.LayerNorm(channels), nn.Linear(channels, 2 * MELS)

    @property
    def context(self) -> int:
        """Receptive field to each side, in frames."""
        return sum(block.reach for block in self.blocks)

    def forward(self, mel: Tensor, f0: Tensor, voicing: Tensor) -> tuple[Tensor, Tensor]:
        x = self.inp(torch.cat([mel, torch.stack([log_pitch(f0), voicing], -1)], -1))
        for block in self.blocks:
            x = block(x)
        harmonic, noise = self.out(self.norm(x)).chunk(2, -1)
        return harmonic, noise


def expand(hidden: Tensor, durations: Tensor) -> Tensor:
    """hidden [P, D], durations [P] in frames -> frames [T, D+3]: each phoneme repeated, then its position from both ends and ln(length)."""
    repeated = torch.repeat_interleave(hidden, durations, dim=0)
    first = torch.repeat_interleave(durations.cumsum(0) - durations, durations)
    length = torch.repeat_interleave(durations, durations).float()
    position = (torch.arange(len(first)) - first + 0.5) / length
    return torch.cat([repeated, torch.stack([position, 1 - position, length.log()], -1)], -1)


def tilt_ramp() -> Tensor:
    """[MELS]: band positions as style_statistics.py counts them, -1 at its lowest band to 1 at its highest; level beyond."""
    first, last = TILT_BANDS.start, TILT_BANDS.stop - 1
    return ((torch.arange(MELS) - first) / (last - first) * 2 - 1).clamp(-1, 1)


def parameters_of(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


__all__ = ["HIDDEN", "STYLE", "MelDecoder", "MelRefiner", "Prosody", "StyleDenoiser", "StyleEncoder", "TextEncoder", "VocoderNet", "expand", "parameters_of"]
assert len(BASE_OF) == len(SYMBOLS)
