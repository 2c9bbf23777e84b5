"""Train a speaker-verification network that judges clones, apart from everything that makes them: it shares no weights with the style encoder.

Convolutions over time, pooled mean and deviation (x-vector: Snyder et al. 2018), additive-margin softmax (Wang et al. 2018). It hears the bands below 6.8 kHz
only and no absolute level, and is trained through noise, random equalisation and band limits, so that it judges the voice and not the recording.
Prints the equal error rate on speakers that it has never seen, and writes ONNX: mel [1, T, MELS] -> embedding [1, SIZE] of unit length.
"""

import argparse
import json
import random
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from features import MEL_FLOOR, MEL_MEAN, MEL_SCALE, MELS, Store
from trainer import seed_everything

BANDS, SIZE = 80, 64
SHORTEST, LONGEST = 160, 400  # frames of a training crop
SECONDS = 6  # of a segment in the evaluation
SCALE, MARGIN = 30.0, 0.2


class SpeakerNet(nn.Module):
    """mel [B, T, MELS] normalised -> embedding [B, SIZE] of unit length."""

    def __init__(self, channels=160, wide=384):
        super().__init__()
        layer = lambda i, o, kernel, dilation: nn.Sequential(nn.Conv1d(i, o, kernel, padding=kernel // 2 * dilation, dilation=dilation), nn.ReLU(), nn.BatchNorm1d(o))
        self.layers = nn.Sequential(layer(BANDS, channels, 5, 1), layer(channels, channels, 3, 2), layer(channels, channels, 3, 3), layer(channels, wide, 1, 1))
        self.out = nn.Sequential(nn.BatchNorm1d(2 * wide), nn.Dropout(0.2), nn.Linear(2 * wide, SIZE))

    def forward(self, mel: Tensor) -> Tensor:
        mel = mel[..., :BANDS]
        h = self.layers((mel - mel.mean((1, 2), keepdim=True)).transpose(1, 2))
        mean = h.mean(2)
        deviation = torch.sqrt((h - mean.unsqueeze(2)).square().mean(2) + 1e-4)
        embedding = self.out(torch.cat([mean, deviation], 1))
        return embedding / torch.sqrt(embedding.square().sum(1, keepdim=True) + 1e-9)


def augment(mel: Tensor) -> Tensor:
    """mel [B, T, BANDS]: a random smooth equalisation, noise of a random colour added in power, and a random upper limit of the bandwidth."""
    count = len(mel)
    points = torch.randn(count, 1, 6) * 0.25
    mel = mel + F.interpolate(points, size=BANDS, mode="linear", align_corners=True)
    quiet, loud = mel.mean((1, 2)), torch.linspace(-1, 1, BANDS)[None] * torch.randn(count, 1) * 0.4
    colour = (quiet - torch.empty(count).uniform_(-0.6, 2.5))[:, None] + loud  # normalised level of the noise
    noise = colour[:, None] * MEL_SCALE + 0.4 * torch.randn_like(mel)
    speech = mel * MEL_SCALE
    mel = 0.5 * torch.logaddexp(2 * speech, 2 * noise) / MEL_SCALE
    limit = torch.where(torch.rand(count) < 0.3, torch.randint(60, BANDS, (count,)), BANDS)
    floor = (np.log(MEL_FLOOR) - MEL_MEAN) / MEL_SCALE
    return torch.where(torch.arange(BANDS) < limit[:, None, None], mel, torch.full_like(mel, floor) + 0.1 * torch.randn_like(mel))


class Sampler:
    """Batches with every speaker equally likely; short clips of one speaker are joined."""

    def __init__(self, store: Store, clips: list[dict]):
        self.store, by_speaker = store, defaultdict(list)
        for clip in clips:
            by_speaker[clip["speaker"]].append(clip)
        self.clips = [by_speaker[name] for name in sorted(by_speaker)]

    def crop(self, speaker: int, frames: int) -> np.ndarray:
        parts, left = [], frames
        while left > 0:
            clip = random.choice(self.clips[speaker])
            take = min(left, clip["frames"])
            first = clip["start"] + random.randrange(clip["frames"] - take + 1)
            parts.append(self.store.arrays["mel"][first : first + take, :BANDS])
            left -= take
        return np.concatenate(parts)

    def draw(self, count: int) -> tuple[Tensor, Tensor]:
        speakers, frames = random.sample(range(len(self.clips)), count), random.randrange(SHORTEST, LONGEST)
        return torch.from_numpy(np.stack([self.crop(s, frames) for s in speakers])), torch.tensor(speakers)


def segments(store: Store, clips: list[dict], frames: int) -> tuple[list[np.ndarray], list[str]]:
    """Each speaker's clips joined and cut into pieces of `frames` that do not overlap; and whose each one is."""
    by_speaker, pieces, whose = defaultdict(list), [], []
    for clip in clips:
        by_speaker[clip["speaker"]].append(store.get(clip, "mel"))
    for name, mels in by_speaker.items():
        joined = np.concatenate(mels)
        for first in range(0, len(joined) - frames + 1, frames):
            pieces.append(joined[first : first + frames])
            whose.append(name)
    return pieces, whose


def equal_error_rate(same: np.ndarray, different: np.ndarray) -> tuple[float, float]:
    """Scores of pairs -> (equal error rate, its threshold)."""
    scores = np.sort(np.concatenate([same, different]))
    missed = np.searchsorted(np.sort(same), scores) / len(same)
    accepted = 1 - np.searchsorted(np.sort(different), scores) / len(different)
    at = int(np.abs(missed - accepted).argmin())
    return float((missed[at] + accepted[at]) / 2), float(scores[at])


def verify(embed, store: Store, clips: list[dict], seconds: float) -> dict:
    """Every pair of different segments, scored by the cosine of their embeddings."""
    pieces, whose = segments(store, clips, round(seconds * 80))
    vectors = np.concatenate([embed(piece[None]) for piece in pieces])
    first, second = np.triu_indices(len(vectors), 1)
    score, same = (vectors[first] * vectors[second]).sum(1), np.array(whose)[first] == np.array(whose)[second]
    rate, threshold = equal_error_rate(score[same], score[~same])
    return dict(seconds=seconds, speakers=len(set(whose)), segments=len(whose), same=int(same.sum()), different=int((~same).sum()), eer=round(rate, 4),
                threshold=round(threshold, 3), same_mean=round(float(score[same].mean()), 3), different_mean=round(float(score[~same].mean()), 3))  # fmt: skip


def train(net: SpeakerNet, sampler: Sampler, seconds: float, batch: int, log=print) -> int:
    """One cosine schedule over `seconds` of CPU time; returns the number of steps."""
    centres = nn.Parameter(torch.randn(len(sampler.clips), SIZE) * 0.1)
    optimizer = torch.optim.AdamW([*net.parameters(), centres], lr=2e-3, weight_decay=0.05)
    began, step, total, right = time.process_time(), 0, 0.0, 0.0
    while (progress := (time.process_time() - began) / seconds) < 1:
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * min(1, (step + 1) / 50) * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * progress)))
        mel, speaker = sampler.draw(batch)
        cosine = net(augment(mel)) @ F.normalize(centres, dim=1).T
        loss = F.cross_entropy(SCALE * (cosine - MARGIN * min(1, 3 * progress) * F.one_hot(speaker, len(centres))), speaker)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step, total, right = step + 1, total + loss.item(), right + float((cosine.argmax(1) == speaker).float().mean())
        if step % 50 == 0:
            log(f"{step} {time.process_time() - began:.0f}s loss {total / 50:.3f} right {right / 50:.1%}", flush=True)
            total = right = 0.0
    return step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=480, help="CPU seconds of training")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--out", type=Path, required=True, help="ONNX file; its weights go beside it as .pt and the measures as .json")
    args = parser.parse_args()
    seed_everything(0)
    store = Store(args.features)
    known = {c["speaker"] for c in store.training()}
    strangers = [c for c in store.clips if c["speaker"] not in known]
    net, sampler = SpeakerNet(), Sampler(store, store.training())
    steps = train(net, sampler, args.seconds, min(args.batch, len(sampler.clips)))
    net.eval()
    torch.save(net.state_dict(), args.out.with_suffix(".pt"))
    torch.onnx.export(net, (torch.randn(1, 200, MELS),), str(args.out), input_names=["mel"], output_names=["embedding"], dynamic_axes={"mel": {1: "T"}},
                      opset_version=17, do_constant_folding=True, dynamo=False)  # fmt: skip
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(args.out), options, providers=["CPUExecutionProvider"])
    measures = [verify(lambda mel: session.run(None, {"mel": mel})[0], store, strangers, seconds) for seconds in (3, SECONDS, 12)]
    args.out.with_suffix(".json").write_text(json.dumps(dict(steps=steps, training_speakers=len(sampler.clips), held_out=measures), indent=1))
    for row in measures:
        print(json.dumps(row))


if __name__ == "__main__":
    main()
