"""The acoustic half of sori-1 as one trainable module: learned voices, text encoder, prosody, mel decoder."""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from features import F_REF, Store, continuous_pitch
from networks import HALF, STYLE, MelDecoder, Prosody, TextEncoder, expand

SPEAKERS = ["kathleen", "ljspeech"]  # corpus of each voice, in the order of export.VOICES


class Styles(nn.Module):
    """A learned style vector per voice, plus a small learned residual per training clip (as in GLO, Bojanowski et al. 2018).

    The residual takes up what the text does not tell - microphone level, room, pace, mood - so that the voice vector need not average over it.
    It is narrow, decays towards zero and is dropped at random, and the exported voice is the vector without it.
    """

    WIDTH = 8  # half of it moves the acoustic half of the style, half the prosodic one

    def __init__(self, clips: int):
        super().__init__()
        self.voice = nn.Embedding(len(SPEAKERS), STYLE)
        nn.init.normal_(self.voice.weight, std=0.3)
        self.clip = nn.Embedding(clips, self.WIDTH)
        nn.init.normal_(self.clip.weight, std=0.01)
        self.spread = nn.ModuleList(nn.Linear(self.WIDTH // 2, HALF, bias=False) for _ in range(2))

    def forward(self, speaker: Tensor, clip: Tensor | None = None, keep: Tensor | None = None) -> Tensor:
        """speaker, clip [B] ids; keep [B, 2]: 1 where the acoustic or prosodic residual is used -> style [B, S]."""
        style = self.voice(speaker)
        if clip is None:
            return style
        halves = self.clip(clip).chunk(2, -1)
        residual = [spread(h) * keep[:, i : i + 1] for i, (spread, h) in enumerate(zip(self.spread, halves))]
        return style + torch.cat(residual, -1)


class Acoustic(nn.Module):
    def __init__(self, clips: int):
        super().__init__()
        self.styles = Styles(clips)
        self.text_encoder, self.prosody, self.mel_decoder = TextEncoder(), Prosody(), MelDecoder()

    def voice(self, speaker: int) -> Tensor:
        """[1, S]"""
        return self.styles(torch.tensor([speaker]))

    @torch.no_grad()
    def encode(self, phonemes: list[int], style: Tensor) -> tuple[Tensor, Tensor]:
        """-> hidden [P, D], durations [P] in whole frames, as the product rounds them."""
        hidden, log_durations = self.text_encoder(torch.tensor([phonemes]), torch.zeros(1, dtype=torch.long), style)
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
    """One clip: ids [P], durations [P], curves [T, 3] = (ln F0/F_REF continuous, voicing, energy), and where its mel lies in the store."""

    clip: dict
    index: int
    speaker: int
    phonemes: Tensor
    durations: Tensor
    curves: Tensor


def load_examples(store: Store, alignment: Path, held_out=False) -> list[Example]:
    """`index` is the clip's position in the store, so it does not change when phonemes do."""
    table = json.loads(Path(alignment).read_text())
    examples = []
    for index, clip in enumerate(store.clips):
        if clip["held_out"] != held_out or (held_out and clip["take"] != 1):
            continue
        row, f0 = table[clip["id"]], store.get(clip, "f0")
        pitch = torch.log(torch.from_numpy(continuous_pitch(f0)) / F_REF)
        curves = torch.stack([pitch, torch.from_numpy((f0 > 0).astype("float32")), torch.from_numpy(store.get(clip, "energy"))], -1)
        durations = torch.tensor(row["durations"])
        examples.append(Example(clip, index, SPEAKERS.index(clip["corpus"]), torch.tensor(row["phonemes"]), durations, curves))
    return examples


def load_acoustic(checkpoint: Path, average=True) -> Acoustic:
    """The moving average of the weights (or the last weights) from a training checkpoint."""
    state = torch.load(checkpoint, weights_only=True)
    weights = {k.removeprefix("module."): v for k, v in state["average"].items() if k != "n_averaged"} if average else state["acoustic"]
    model = Acoustic(len(weights["styles.clip.weight"]))
    model.load_state_dict(weights)
    return model.eval()
