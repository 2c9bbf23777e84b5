"""Train the style denoiser: what style a text, a reference voice and an emotion call for (StyleTTS 2, section 3.2.3; EDM, Karras et al. 2022).

The styles are those that the trained acoustic model gives to its own training clips. Emotions come from the renders of emotion.py for the readers; every other
speaker gets the same moves (the table's, in the named statistics, and the renders' mean move in the learned dimensions) added to neutral styles.
"""

import argparse
import json
import os
import random
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from acoustic import Acoustic, Example, averaged, load_acoustic, load_examples
from features import Store
from networks import EMOTIONS, STATISTICS, STYLE, StyleDenoiser
from trainer import read_config, seed_everything

SIGMA_MIN, SIGMA_MAX, RHO = 0.02, 3.0, 7.0


def styles_of(model: Acoustic, examples: list[Example], frames=480) -> Tensor:
    """[N, S]: every clip's own style, from its first six seconds."""
    rows, generator = [], np.random.default_rng(0)
    with torch.no_grad():
        for e in examples:
            rows.append(model.style(e.reference(max(160, min(frames, e.clip["frames"])), generator)[None], e.measured[None])[0])
    return torch.cat(rows)


class Pairs:
    """Draws (style, reference, phonemes, emotion): all styles standardised."""

    def __init__(self, examples: list[Example], styles: Tensor, controls: list[Example] = (), control_styles: Tensor | None = None):
        self.examples, self.neutral, self.felt = examples, defaultdict(list), defaultdict(list)
        for i, e in enumerate(examples):
            (self.felt[e.speaker, e.emotion] if e.emotion else self.neutral[e.speaker]).append(i)
        centres = {s: styles[rows].mean(0) for s, rows in self.neutral.items()}
        named = [s for s in centres if "-" not in s]
        self.named, self.others = named, [s for s in centres if s not in named]
        balanced = torch.cat([styles[random.choices(rows, k=20)] for rows in self.neutral.values()])
        self.mean, self.scale = balanced.mean(0), balanced.std(0).clamp(min=0.02)
        self.styles = (styles - self.mean) / self.scale
        if len(controls):  # what the vocoder adds to every render is no part of an emotion
            source = {e.clip["id"]: i for i, e in enumerate(examples) if not e.emotion}
            pairs = [(i, source[e.clip["source"]]) for i, e in enumerate(controls) if e.clip["source"] in source]
            mark = torch.stack([(control_styles[a] - styles[b]) / self.scale for a, b in pairs]).mean(0)
            self.styles[[i for i, e in enumerate(examples) if e.emotion]] -= mark
        self.centres = {s: (c - self.mean) / self.scale for s, c in centres.items()}
        self.moves = self.emotional_moves()

    def emotional_moves(self) -> Tensor:
        """[E, S]: mean difference between a render and the neutral centre of its speaker, over the readers; zero for neutral."""
        moves = torch.zeros(len(EMOTIONS), STYLE)
        source = {e.clip["id"]: i for i, e in enumerate(self.examples) if not e.emotion}
        for emotion in range(1, len(EMOTIONS)):
            rows = [(i, source[self.examples[i].clip["source"]]) for (_, k), felt in self.felt.items() if k == emotion for i in felt
                    if self.examples[i].clip["source"] in source]  # fmt: skip
            moves[emotion] = torch.stack([self.styles[a] - self.styles[b] for a, b in rows]).mean(0)
        return moves

    def draw(self) -> tuple[Tensor, Tensor, Tensor, int]:
        speaker = random.choice(self.named) if random.random() < 0.6 else random.choice(self.others)
        emotion = random.randrange(len(EMOTIONS)) if random.random() < 0.7 else 0
        rendered = self.felt.get((speaker, emotion))
        if emotion and rendered and random.random() < 0.6:
            index = random.choice(rendered)
            style = self.styles[index]
        else:
            index = random.choice(self.neutral[speaker])
            style = self.styles[index] + self.moves[emotion]
        centre, other = self.centres[speaker], self.styles[random.choice(self.neutral[speaker])]
        reference = centre if random.random() < 0.7 else other
        move = torch.zeros(STYLE)
        if random.random() < 0.5:  # voices between and beside those of training: the answer must follow the reference
            stranger = self.centres[random.choice(self.named + self.others)]
            move = (stranger - centre) * random.random()
        if random.random() < 0.5:
            move = move.index_add(0, torch.tensor([STATISTICS["pitch"]]), torch.randn(1) * 0.5)
        return style + move, reference + move, self.examples[index].phonemes, emotion

    def batch(self, count: int) -> tuple[Tensor, ...]:
        rows = [self.draw() for _ in range(count)]
        phonemes = nn.utils.rnn.pad_sequence([r[2][:120] for r in rows], batch_first=True)
        mask = nn.utils.rnn.pad_sequence([torch.ones(len(r[2][:120])) for r in rows], batch_first=True).unsqueeze(-1)
        emotion = nn.functional.one_hot(torch.tensor([r[3] for r in rows]), len(EMOTIONS)).float()
        return torch.stack([r[0] for r in rows]), torch.stack([r[1] for r in rows]), phonemes, mask, emotion


def loss_of(net: nn.Module, pairs: Pairs, sigma_data: float, count: int) -> Tensor:
    """EDM's weighted denoising error; text, reference and emotion are left out at random, as guidance needs it."""
    style, reference, phonemes, mask, emotion = pairs.batch(count)
    given = torch.stack([(torch.rand(count) > 0.15).float(), (torch.rand(count) > 0.05).float()], 1)
    emotion = emotion * (torch.rand(count, 1) > 0.12)
    sigma = torch.exp(torch.randn(count) * 1.0 - 0.6)
    made = net(style + sigma[:, None] * torch.randn_like(style), sigma, phonemes, reference, emotion, given, mask)
    weight = (sigma**2 + sigma_data**2) / (sigma * sigma_data) ** 2
    return ((made - style) ** 2 * weight[:, None]).mean()


def load_controls(args: argparse.Namespace) -> list[Example]:
    """Neutral renders, their pace measured against the same readers as everything else's."""
    if not args.controls:
        return []
    both = load_examples([Store(args.features[0]), Store(args.controls[0])], [args.alignment[0], args.controls[1]])
    return [e for e in both if "source" in e.clip]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=Path, nargs="+", required=True)
    parser.add_argument("--alignment", type=Path, nargs="+", required=True)
    parser.add_argument("--controls", type=Path, nargs=2, metavar=("FEATURES", "ALIGNMENT"), help="renders without an emotion, from emotion.py --neutral")
    parser.add_argument("--acoustic", type=Path, required=True, help="checkpoint of train_acoustic.py")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    args = parser.parse_args()
    config = read_config(args.config)
    plan = config["style"]
    seed_everything(config["seed"] + 2)
    began = time.process_time()
    model = load_acoustic(args.acoustic)
    examples = load_examples([Store(folder) for folder in args.features], args.alignment)
    controls = load_controls(args)
    pairs = Pairs(examples, styles_of(model, examples), controls, styles_of(model, controls) if controls else None)
    draws = [pairs.draw() for _ in range(2000)]
    sigma_data = float(torch.stack([d[0] - d[1] for d in draws]).std())
    print(f"{len(examples)} styles, {time.process_time() - began:.0f} s; spread about the reference {sigma_data:.3f}", flush=True)
    for name, place in STATISTICS.items():
        print(name, [f"{float(m[place] * pairs.scale[place]):+.3f}" for m in pairs.moves], flush=True)
    net = StyleDenoiser(round(sigma_data, 2))
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.998))
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.02)
    start, step, total = time.process_time(), 0, 0.0
    while (progress := (time.process_time() - start) / plan["planned_seconds"]) < 1:
        for group in optimizer.param_groups:
            group["lr"] = plan["rate"] * min(1, (step + 1) / 100) * (1 - 0.97 * progress)
        loss = loss_of(net, pairs, net.sigma_data, plan["batch"])
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        average.update_parameters(net)
        step, total = step + 1, total + loss.item()
        if step % 100 == 0:
            print(f"{step} {time.process_time() - start:.0f} s  {total / 100:.4f}", flush=True)
            total = 0.0
    space = dict(mean=pairs.mean, scale=pairs.scale, moves=pairs.moves * pairs.scale)
    temporary = args.checkpoint.with_suffix(".tmp")
    torch.save(dict(average=average.state_dict(), sigma_data=net.sigma_data, space=space, step=step, seconds=time.process_time() - began), temporary)
    os.replace(temporary, args.checkpoint)
    print(json.dumps(dict(step=step, seconds=round(time.process_time() - began))))


def load_denoiser(checkpoint: Path) -> tuple[StyleDenoiser, dict]:
    """The averaged network and its state (space: mean, scale [S])."""
    state = torch.load(checkpoint, weights_only=True)
    net = StyleDenoiser(state["sigma_data"])
    net.load_state_dict(averaged(state))
    return net.eval(), state


if __name__ == "__main__":
    main()
