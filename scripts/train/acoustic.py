"""The acoustic half of sori-1 as one trainable module: style encoder, text encoder, prosody, mel decoder; and the clips that it learns from."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from features import COMMON_BANDS, F_REF, Store, continuous_pitch
from networks import EMOTIONS, LEARNED, STATISTICS, STYLE, MelDecoder, Prosody, StyleEncoder, TextEncoder, expand
from style_statistics import average_durations, statistics
from symbols import LANGUAGES

READERS = ["kathleen", "ljspeech"]  # whose durations are what `rate` and `pauses` are measured against
ACCENTS = {"kathleen": 0, "ljspeech": 0, "cameron": LANGUAGES.index("en-AU"), "speechocean": len(LANGUAGES)}  # language slot of each corpus


class Acoustic(nn.Module):
    """Everything between phonemes and the coarse mel. A style is the encoder's answer with the measured statistics in their places."""

    def __init__(self):
        super().__init__()
        self.style_encoder, self.text_encoder, self.prosody, self.mel_decoder = StyleEncoder(), TextEncoder(), Prosody(), MelDecoder()
        self.register_buffer("learned", torch.zeros(STYLE).index_fill(0, torch.tensor(LEARNED), 1.0), persistent=False)

    def style(self, mel: Tensor, measured: Tensor) -> tuple[Tensor, Tensor]:
        """Reference mel [B, T, MELS], statistics in their places [B, S] -> style [B, S], and the encoder's own answer [B, S]."""
        encoded = self.style_encoder(mel)
        return encoded * self.learned + measured * (1 - self.learned), encoded

    @torch.no_grad()
    def encode(self, phonemes: list[int], style: Tensor, language=0) -> tuple[Tensor, Tensor]:
        """-> hidden [P, D], durations [P] in whole frames, as the product rounds them."""
        hidden, log_durations = self.text_encoder(torch.tensor([phonemes]), torch.tensor([language]), style)
        frames = torch.floor(torch.expm1(log_durations[0]).clamp(min=0) + 0.5).long()
        floor = torch.tensor([0 if p < 12 else 1 for p in phonemes])
        return hidden[0], torch.maximum(frames, floor)

    @torch.no_grad()
    def decode(self, hidden: Tensor, durations: Tensor, style: Tensor, pitch_range=1.0, f0: Tensor | None = None):
        """-> mel [T, MELS], F0 [T], voicing [T]; with `f0` given (teacher forcing) the predicted contour is not used."""
        frames = expand(hidden, durations)[None]
        predicted, voicing, energy = self.prosody(frames, style)
        if f0 is None:
            log, weight = torch.log(predicted), voicing
            mean = (log * weight).sum() / weight.sum().clamp(min=1e-3)
            f0 = torch.exp(mean + (log - mean) * pitch_range)[0]
        return self.mel_decoder(frames, f0[None], voicing, energy, style)[0], f0, voicing[0]


@dataclass
class Example:
    """One clip: ids [P], durations [P], curves [T, 3] = (ln F0/F_REF continuous, voicing, energy), statistics in their places of a style [S], and its store."""

    clip: dict
    store: Store
    speaker: str
    language: int
    emotion: int
    phonemes: Tensor
    durations: Tensor
    curves: Tensor
    measured: Tensor

    def mel(self, first=0, last: int | None = None) -> Tensor:
        """Frames [first, last) of the recording's mel."""
        start, last = self.clip["start"], self.clip["frames"] if last is None else last
        return torch.from_numpy(self.store.arrays["mel"][start + first : start + last].copy())

    def reference(self, frames: int, generator: np.random.Generator) -> Tensor:
        """[frames, MELS]: a random stretch, repeated where the clip is shorter."""
        total = self.clip["frames"]
        first = int(generator.integers(max(1, total - frames + 1)))
        mel = self.mel(first, min(total, first + frames))
        return mel.repeat(-(-frames // len(mel)), 1)[:frames]


def load_examples(stores: list[Store], alignments: list[Path], held_out=False) -> list[Example]:
    """Clips that training may see, or (`held_out`) those that it must not; narrower ones than the common bands are left out."""
    tables = [json.loads(Path(path).read_text()) for path in alignments]
    readers = [(r["phonemes"], r["durations"]) for c in stores[0].training() if c["corpus"] in READERS and (r := tables[0].get(c["id"]))]
    expected, examples = average_durations(readers), []
    for store, table in zip(stores, tables):
        for clip in store.clips:
            if clip["held_out"] != held_out or (held_out and clip["take"] != 1) or clip["bands"] < COMMON_BANDS or clip["id"] not in table:
                continue
            row, f0, energy = table[clip["id"]], store.get(clip, "f0"), store.get(clip, "energy")
            pitch = torch.log(torch.from_numpy(continuous_pitch(f0)) / F_REF)
            curves = torch.stack([pitch, torch.from_numpy((f0 > 0).astype("float32")), torch.from_numpy(energy)], -1)
            measured = torch.zeros(STYLE)
            for name, value in statistics(store.get(clip, "mel"), f0, energy, row["phonemes"], row["durations"], expected).items():
                measured[STATISTICS[name]] = value
            examples.append(Example(clip, store, clip["speaker"], ACCENTS[clip["corpus"]], EMOTIONS.index(clip.get("emotion", "neutral")),
                                    torch.tensor(row["phonemes"]), torch.tensor(row["durations"]), curves, measured))  # fmt: skip
    return examples


def averaged(state: dict, name="average") -> dict:
    """The moving average's weights under the names of the module itself."""
    return {k.removeprefix("module."): v for k, v in state[name].items() if k != "n_averaged"}


def load_acoustic(checkpoint: Path, average=True) -> Acoustic:
    """The moving average of the weights (or the last weights) from a training checkpoint."""
    state = torch.load(checkpoint, weights_only=True)
    model = Acoustic()
    model.load_state_dict(averaged(state) if average else state["acoustic"])
    return model.eval()


def voice_style(model: Acoustic, examples: list[Example], clips=64, seconds=6) -> Tensor:
    """[S]: mean of the encoder's answers and of the measured statistics over up to `clips` of a speaker's recordings."""
    generator, frames = np.random.default_rng(0), seconds * 80
    longest = sorted(examples, key=lambda e: -e.clip["frames"])[:clips]
    with torch.no_grad():
        styles = [model.style(e.reference(min(frames, max(160, e.clip["frames"])), generator)[None], e.measured[None])[0] for e in longest]
    return torch.cat(styles).mean(0)
