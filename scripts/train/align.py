"""Which frames belong to which phoneme: a forward-sum aligner and a monotonic search that may skip pauses.

Likelihood of a frame given a phoneme from squared distances between learned keys and queries, trained by summing over all monotonic paths
(Badlani et al. 2022, "One TTS Alignment To Rule Them All"), with the beta-binomial diagonal prior of the same paper. Here the sum runs over paths
that may skip word boundaries and punctuation (zero frames): not every comma is a pause.
"""

import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from features import COMMON_BANDS, MELS, Store
from symbols import OPTIONAL, SPACE, SYMBOLS

IMPOSSIBLE = -1e4


def read_phonemes(path: Path) -> dict[str, list[int]]:
    """phonemes.tsv: clip id, tab, phoneme ids separated by spaces."""
    rows = (line.split("\t") for line in Path(path).read_text(encoding="utf-8").splitlines() if line)
    return {row[0]: [int(p) for p in row[1].split()] for row in rows}


def silence_prior(energy: np.ndarray, phonemes: list[int]) -> Tensor:
    """[T, P]: pauses are quiet. Nudges pause tokens by the frame's energy (normalised: silence about -1.5, vowels about 0.8)."""
    nudge = np.clip(3 * (-0.8 - energy), -6, 1.5)
    return torch.from_numpy(nudge[:, None] * skippable(phonemes)[None]).float()


def absorb_short_pauses(phonemes: list[int], durations: np.ndarray, shortest=4) -> np.ndarray:
    """A pause of under 50 ms at a plain word boundary is the closure of the next stop: it goes to the phoneme after it (or before)."""
    durations = durations.copy()
    for i, p in enumerate(phonemes[1:-1], 1):
        if p == SPACE and 0 < durations[i] < shortest:
            durations[i + 1] += durations[i]
            durations[i] = 0
    return durations


def skippable(phonemes: list[int]) -> np.ndarray:
    return np.array([p in OPTIONAL for p in phonemes])


class Aligner(nn.Module):
    """phonemes [B, P], mel [B, T, MELS] -> log-probability of each phoneme given the frame, [B, T, P]."""

    def __init__(self, size=128, key=80):
        super().__init__()
        self.table = nn.Embedding(len(SYMBOLS), size)
        self.context = nn.Conv1d(size, 2 * size, 3, padding=1)
        self.key = nn.Conv1d(2 * size, key, 1)
        self.silence = nn.Parameter(torch.zeros(key))  # every pause token: no context, so that it cannot learn its neighbours' sounds
        self.query = nn.Sequential(
            nn.Conv1d(MELS, 160, 3, padding=1), nn.ReLU(), nn.Conv1d(160, key, 1), nn.ReLU(), nn.Conv1d(key, key, 1)
        )  # fmt: skip

    def forward(self, phonemes: Tensor, mel: Tensor, mask: Tensor) -> Tensor:
        """mask [B, P]: 1 where a phoneme is real, 0 where it is padding."""
        keys = self.key(F.relu(self.context(self.table(phonemes).transpose(1, 2)))).transpose(1, 2)
        keys = torch.where((phonemes < len(OPTIONAL))[..., None], self.silence, keys)
        queries = self.query(mel.transpose(1, 2)).transpose(1, 2)
        distance = (queries**2).sum(-1)[:, :, None] + (keys**2).sum(-1)[:, None] - 2 * queries @ keys.transpose(1, 2)
        logits = (-0.05 * distance).masked_fill(mask[:, None] == 0, IMPOSSIBLE)
        pause = (phonemes < len(OPTIONAL))[:, None].expand_as(logits)
        silence = logits.masked_fill(~pause, IMPOSSIBLE).amax(-1, keepdim=True)  # one silence, however many tokens may take it
        logits = logits.masked_fill(pause, 0) + pause * silence + (mask[:, None] - 1) * -IMPOSSIBLE
        return logits - torch.logsumexp(torch.cat([logits.masked_fill(pause, IMPOSSIBLE), silence], -1), -1, keepdim=True)


def diagonal_prior(frames: int, phonemes: int) -> Tensor:
    """Beta-binomial log-probabilities around the diagonal, [T, P]."""
    t, k, n = torch.arange(1, frames + 1).float(), torch.arange(phonemes).float(), torch.tensor(float(phonemes - 1))
    a, b = t[:, None], (frames + 1 - t)[:, None]
    beta = lambda x, y: torch.lgamma(x) + torch.lgamma(y) - torch.lgamma(x + y)
    choose = torch.lgamma(n + 1) - torch.lgamma(k + 1) - torch.lgamma(n - k + 1)
    return choose + beta(k[None] + a, n - k[None] + b) - beta(a, b)


def forward_sum(scores: Tensor, frames: Tensor, counts: Tensor, skips: Tensor) -> Tensor:
    """Log of the sum over all monotonic paths, [B]. scores [B, T, P]; skips [B, P]: 1 where a phoneme may last zero frames."""
    batch, steps, width = scores.shape
    over_one = F.pad((1 - skips) * IMPOSSIBLE, (1, 0), value=IMPOSSIBLE)[:, :width]  # cost of stepping over phoneme p - 1
    over_two = over_one + F.pad(over_one, (1, 0), value=IMPOSSIBLE)[:, :width]
    start = torch.full((batch, width), IMPOSSIBLE)
    start[:, 0] = 0
    start[:, 1] = over_one[:, 1]
    alpha = start + scores[:, 0]
    for t in range(1, steps):
        one, two, three = (F.pad(alpha, (n, 0), value=IMPOSSIBLE)[:, :width] for n in (1, 2, 3))
        moved = torch.logsumexp(torch.stack([alpha, one, two + over_one, three + over_two]), 0) + scores[:, t]
        alpha = torch.where((t < frames)[:, None], moved, alpha)
    last = (counts - 1)[:, None]
    ends = [alpha.gather(1, last)]
    for back in (1, 2):
        ends.append(alpha.gather(1, last - back) + sum((1 - skips.gather(1, last - k)) * IMPOSSIBLE for k in range(back)))
    return torch.logsumexp(torch.cat(ends, 1), 1)


def monotonic_search(scores: np.ndarray, skips: np.ndarray) -> np.ndarray:
    """Best path: scores [T, P], skips [P] bool -> frames per phoneme [P]; at least one frame where a phoneme may not be skipped."""
    steps, width = scores.shape
    blocked = np.where(skips, 0.0, IMPOSSIBLE * 100)
    over_one = np.concatenate([[IMPOSSIBLE * 100], blocked[:-1]])
    over_two = over_one + np.concatenate([[IMPOSSIBLE * 100], over_one[:-1]])
    shift = lambda row, n: np.concatenate([np.full(n, IMPOSSIBLE * 1000), row[: width - n]])
    alpha = np.full(width, IMPOSSIBLE * 1000)
    alpha[0] = scores[0, 0]
    if skips[0]:
        alpha[1] = scores[0, 1]
    back = np.zeros((steps, width), np.int8)
    for t in range(1, steps):
        options = np.stack([alpha, shift(alpha, 1), shift(alpha, 2) + over_one, shift(alpha, 3) + over_two])
        back[t] = options.argmax(0)
        alpha = options.max(0) + scores[t]
    ends = [width - 1]
    while skips[ends[-1]] and len(ends) < 3:
        ends.append(ends[-1] - 1)
    place = max(ends, key=lambda p: alpha[p])
    durations = np.zeros(width, int)
    for t in range(steps - 1, -1, -1):
        durations[place] += 1
        place -= int(back[t, place])
    return durations


def batch_of(clips: list[dict], store: Store, phonemes: dict) -> tuple:
    width, steps = max(len(phonemes[c["id"]]) for c in clips), max(c["frames"] for c in clips)
    ids, mask, skips = (torch.zeros(len(clips), width, dtype=d) for d in (torch.long, torch.float, torch.float))
    mel, prior = torch.zeros(len(clips), steps, MELS), torch.zeros(len(clips), steps, width)
    for row, clip in enumerate(clips):
        p, n = phonemes[clip["id"]], len(phonemes[clip["id"]])
        ids[row, :n], mask[row, :n] = torch.tensor(p), 1
        skips[row, :n] = torch.tensor(skippable(p)).float()
        mel[row, : clip["frames"], :COMMON_BANDS] = torch.from_numpy(store.get(clip, "mel")[:, :COMMON_BANDS])
        prior[row, : clip["frames"], :n] = diagonal_prior(clip["frames"], n) + silence_prior(store.get(clip, "energy"), p)
    frames, counts = torch.tensor([c["frames"] for c in clips]), torch.tensor([len(phonemes[c["id"]]) for c in clips])
    return ids, mel, mask, prior, frames, counts, skips


def train(net: Aligner, store: Store, phonemes: dict, seconds: float, batch=8) -> None:
    """Train for `seconds` of process time; the recordings that are held out take no part."""
    clips = sorted(store.training(), key=lambda c: c["frames"])
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    start, step, total = time.process_time(), 0, 0.0
    while time.process_time() - start < seconds:
        first = random.randrange(len(clips) - batch)
        ids, mel, mask, prior, frames, counts, skips = batch_of(clips[first : first + batch], store, phonemes)
        scores = net(ids, mel, mask) + prior
        loss = -(forward_sum(scores, frames, counts, skips) / frames).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        step, total = step + 1, total + loss.item()
        if step % 50 == 0:
            print(f"step {step}  {time.process_time() - start:.0f} s  loss per frame {total / 50:.3f}", flush=True)
            total = 0.0


def align(net: Aligner, store: Store, phonemes: dict) -> dict:
    """clip id -> {phonemes, durations}. The trained aligner also measures the durations of the held-out clips (for evaluation only)."""
    result = {}
    with torch.no_grad():
        for clip in store.clips:
            ids, mel, mask, prior, *_ = batch_of([clip], store, phonemes)
            scores = (net(ids, mel, mask) + prior)[0].double().numpy()
            durations = monotonic_search(scores, skippable(phonemes[clip["id"]]))
            durations = absorb_short_pauses(phonemes[clip["id"]], durations)
            assert durations.sum() == clip["frames"], clip["id"]
            result[clip["id"]] = dict(phonemes=phonemes[clip["id"]], durations=durations.tolist())
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the aligner and write the durations of every clip.")
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--phonemes", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True, help="aligner weights; resumed from when they exist")
    parser.add_argument("--out", type=Path, required=True, help="alignment.json")
    parser.add_argument("--seconds", type=float, default=240, help="process time to train for")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    random.seed(args.seed)
    torch.set_num_threads(1)
    store, phonemes, net = Store(args.features), read_phonemes(args.phonemes), Aligner()
    if args.checkpoint.exists():
        net.load_state_dict(torch.load(args.checkpoint))
    train(net, store, phonemes, args.seconds)
    torch.save(net.state_dict(), args.checkpoint)
    args.out.write_text(json.dumps(align(net, store, phonemes)))
    print(f"process time {time.process_time():.0f} s", flush=True)


if __name__ == "__main__":
    main()
