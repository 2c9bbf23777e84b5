"""Trains the style denoiser (denoiser.py) on how the readings of one speaker differ: WORK/denoiser.pt, some core-minutes.

- Of every recorded line of the teacher: what the style encoder makes of it, about the vector of its voice (the learned prosodic dimensions).
- Of every line of a real reader: pitch, pitch range, rate and pauses against what the model would do in this reader's style, about the reader's mean. The teacher reads a text always
  in the same way, so that only people can show how far readings differ. A text gets the measured differences of a line of similar length.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from acoustic import HALF, STATISTICS, STYLE, Acoustic, with_statistics
from checkpoint import COMMITTED
from denoiser import EMOTIONS, Denoiser
from lines import VOICES, Line, load
from phonemes import OPTIONAL, SYMBOLS
from release.style_space import style_space
from speak import averaged, curves_of, style_of
from trainer import seed_everything

FIRST = STATISTICS["pitch"] - HALF
"""Place of the statistics within the prosodic half."""
NEIGHBOURS = 20
"""Lines of readers, the nearest in length, from which a text's differences are drawn."""
MOST = 2.0
"""Differences beyond so many standard deviations are brought back to them: some readers stumble."""
KEPT = np.array([1.0, 0.6, 0.7, 0.7], np.float32)
"""Shares of the differences of pitch, range, rate and pauses that are kept: these readers learn English, and differ more from line to line than fluent ones."""


@torch.no_grad()
def encoded(model: Acoustic, line: Line, mels) -> Tensor:
    """[1, S] of a recorded line by the style encoder; its statistics are not set."""
    return model.style_encoder(torch.from_numpy(np.asarray(mels[line.start : line.start + len(line.f0)], np.float32))[None])


def differences(model: Acoustic, line: Line, style: Tensor) -> np.ndarray:
    """[4]: how a line differs from what the model would do: mean ln F0, ln of its deviation, ln of the sounds' durations, ln of the pauses'."""
    predicted = curves_of(model, line.phonemes, style, None, line.language)["predicted"]
    made = curves_of(model, line.phonemes, style, line.frames, line.language)["f0"][0].numpy()
    voiced = line.voiced > 0
    real, own = np.log(line.f0[voiced]), np.log(made[voiced])
    inner = np.arange(len(line.phonemes))
    pause = np.isin(line.phonemes, np.arange(len(OPTIONAL))) & (inner > 0) & (inner < len(inner) - 1)
    sounds = ~np.isin(line.phonemes, np.arange(len(OPTIONAL)))
    ratio = lambda which: float(np.log((line.frames[which].sum() + 4) / (predicted[which].sum() + 4)))
    return np.array([real.mean() - own.mean(), np.log((real.std() + 0.02) / (own.std() + 0.02)), ratio(sounds), ratio(pause)], np.float32)


def of_readers(model: Acoustic, lines: list[Line], mels) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of all readers' lines: number of phonemes [N]; differences [N, 4] about the reader's mean; and the readers' styles [R, S]."""
    by_reader: dict[str, list[Line]] = {}
    for line in lines:
        by_reader.setdefault(line.speaker, []).append(line)
    lengths, found, styles = [], [], []
    for own in by_reader.values():
        statistics = torch.from_numpy(np.array([[*own[0].statistics[:2], 0, 0]], np.float32))
        style = with_statistics(torch.stack([encoded(model, line, mels) for line in own]).mean(0), statistics)
        styles.append(style[0].numpy())
        rows = np.stack([differences(model, line, style) for line in own])
        found.append(rows - rows.mean(0))
        lengths += [len(line.phonemes) for line in own]
    rows = np.concatenate(found)
    spread = rows.std(0)
    return np.array(lengths), np.clip(rows, -MOST * spread, MOST * spread) * KEPT, np.stack(styles)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=4000)
    a = parser.parse_args()
    seed_everything(0)
    rng = np.random.default_rng(0)
    corpus, mels, recorded, more, table = load(a.corpus, a.work)
    model = Acoustic(len(VOICES))
    model.load_state_dict(averaged(a.work / "acoustic.pt" if (a.work / "acoustic.pt").exists() else COMMITTED, "acoustic")[0])
    model.eval()
    space = style_space(model, table)
    mean, scale = (np.array(space[name], np.float32) for name in ("mean", "scale"))
    plain = lambda style: (style - mean) / scale

    lengths, measured, reader_styles = of_readers(model, [l for l in recorded if l.reader and not l.held_out], mels)
    print(f"{len(lengths)} lines of {len(reader_styles)} readers; standard deviations of pitch, range, rate, pauses: {measured.std(0).round(3)}", flush=True)
    order = np.argsort(lengths, kind="stable")
    texts = [l for l in recorded + more if not l.reader]
    rows = [(l, style_of(model, l.tune, table, 1.0, l.timbre)[0].numpy()) for l in recorded if not l.reader]
    learned = np.stack([(encoded(model, line, mels)[0].numpy() - style)[HALF:] / scale[HALF:] for line, style in rows])
    learned[:, FIRST : FIRST + 4] = 0
    spread = learned.std(0)
    learned = np.clip(learned - learned.mean(0), -MOST * spread, MOST * spread)
    references = np.concatenate([plain(np.stack([style for _, style in rows])), plain(reader_styles)])
    counts = np.zeros((len(texts), len(SYMBOLS)), np.float32)
    for row, line in zip(counts, texts):
        np.add.at(row, line.phonemes, 1 / len(line.phonemes))
    sizes = np.array([len(line.phonemes) for line in texts])
    near = np.searchsorted(lengths[order], sizes)

    def draw(chosen: np.ndarray, size: int) -> tuple[Tensor, ...]:
        """Text, reference and style of `size` readings of the chosen texts."""
        text = rng.choice(chosen, size)
        reader = order[np.clip(near[text] + rng.integers(-NEIGHBOURS // 2, NEIGHBOURS // 2, size), 0, len(order) - 1)]
        away = learned[rng.integers(len(learned), size=size)].copy()
        reference = references[rng.integers(len(references), size=size)].copy()
        # The range is a factor of the voice's.
        place = STATISTICS["pitchRange"]
        span = reference[:, place] * scale[place] + mean[place]
        changes = measured[reader].copy()
        changes[:, 1] = span * np.expm1(changes[:, 1])
        away[:, FIRST : FIRST + 4] = changes / scale[STATISTICS["pitch"] : STATISTICS["pitch"] + 4]
        return torch.from_numpy(counts[text]), torch.from_numpy(sizes[text]), torch.from_numpy(reference), torch.from_numpy(away)

    net = Denoiser()
    held = rng.random(len(texts)) < 0.05
    net.spread.copy_(draw(np.flatnonzero(~held), 20000)[3].std(0).clamp_min(0.02))
    optimizer = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=0.01)

    def loss_of(chosen: np.ndarray, size: int) -> Tensor:
        text, length, reference, away = draw(chosen, size)
        sigma = torch.exp(torch.randn(size) * 1.3 - 1.2)
        x = torch.cat([reference[:, :HALF], reference[:, HALF:] + away], 1)
        noisy = x + torch.randn(size, STYLE) * sigma[:, None]
        given = torch.ones(size, 2)
        given[:, 0] = (torch.rand(size) >= 0.1).float()
        features = torch.cat([text @ net.symbol.weight, torch.log(length.float())[:, None] - 3.5], 1)
        made = net.denoise(noisy, sigma, features, reference, torch.zeros(size, EMOTIONS), given)
        weight = (sigma[:, None] ** 2 + net.spread**2) / (sigma[:, None] * net.spread) ** 2
        return (weight * (made - x)[:, HALF:] ** 2).mean()

    for step in range(a.steps):
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * min(1, step / 100) * 0.5 * (1 + np.cos(np.pi * step / a.steps))
        loss = loss_of(np.flatnonzero(~held), 256)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 500 == 0 or step == a.steps - 1:
            net.eval()
            with torch.no_grad():
                print(f"{step} loss {loss.item():.3f}, texts that are held out {loss_of(np.flatnonzero(held), 4096).item():.3f}; without a network 1", flush=True)
            net.train()
    torch.save(dict(average=net.state_dict(), step=a.steps, seconds=time.process_time()), a.work / "denoiser.pt")


if __name__ == "__main__":
    main()
