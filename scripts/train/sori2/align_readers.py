"""Finds which frames of recorded readers belong to which phoneme, so that the mel decoder and the style encoder can learn from real speakers.

    align_readers.py --corpus … --work … --speechocean … --texts texts.txt             the sentences to be read, one a line
    node scripts/phonemize.ts < texts.txt > phonemes.txt                                in the root
    align_readers.py --corpus … --work … --speechocean … --phonemes phonemes.txt        writes WORK/readers and WORK/readers-cache

The model itself speaks each sentence in the reader's voice (style encoder on the recording). Dynamic time warping of the two mels (Sakoe and Chiba 1978) carries its durations over to the recording.
F0 comes from a tracker. Energy, which the teacher gives for its own lines only, is estimated from the mel by a linear fit on the teacher's lines.
The speakers in held-out-speakers.txt are left out. Sentences that fit badly are left out too.
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
import torch

from acoustic import MEL_FLOOR, with_statistics
from checkpoint import COMMITTED
from data import HOP, decode
from lines import load
from phonemes import ID, SYMBOLS, WRITTEN
from speak import curves_of, load_networks
from spectra import log_mel

sys.path.append(str(Path(__file__).resolve().parents[1]))
from features import track_pitch  # noqa: E402

BANDS, CLIPS_A_READER, WORST = 80, 14, 0.15
"""Bands below 7 kHz, which every recording has; clips of one reader at most; share of the clips that is dropped, those that fit worst."""


def chosen(folder: Path) -> list[dict]:
    """Rows of metadata.tsv: at most CLIPS_A_READER of each reader, the longest first."""
    held_out = {s.split("-")[-1] for s in (Path(__file__).resolve().parents[1] / "held-out-speakers.txt").read_text().split() if s.startswith("speechocean")}
    with open(folder / "metadata.tsv", encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if r["speaker"] not in held_out]
    of_reader: dict[str, list[dict]] = {}
    for row in sorted(rows, key=lambda r: -float(r["seconds"])):
        mine = of_reader.setdefault(row["speaker"], [])
        if len(mine) < CLIPS_A_READER and float(row["seconds"]) < 8:
            mine.append(row)
    return sorted((row for mine in of_reader.values() for row in mine), key=lambda r: r["id"])


def warp(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, float]:
    """For each row of a [T, C] the row of b [U, C] that it belongs to, and the mean distance along the path. Steps (1, 0), (0, 1), (1, 1); by anti-diagonals."""
    cost = np.sqrt(np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T, 0))
    t, u = cost.shape
    total = np.full((t + 1, u + 1), np.inf)
    total[0, 0] = 0
    back = np.zeros((t, u), np.int8)
    for d in range(t + u - 1):
        i = np.arange(max(0, d - u + 1), min(t, d + 1))
        j = d - i
        options = np.stack([total[i, j] + 0.5 * cost[i, j], total[i, j + 1], total[i + 1, j]])
        best = options.argmin(0)
        back[i, j] = best
        total[i + 1, j + 1] = options[best, np.arange(len(i))] + cost[i, j]
    i, j, owner, steps = t - 1, u - 1, np.zeros(t, np.int64), 0
    while i >= 0 and j >= 0:
        owner[i] = j
        steps += 1
        move = back[i, j]
        i, j = (i - 1, j - 1) if move == 0 else (i - 1, j) if move == 1 else (i, j - 1)
    return owner, total[t, u] / steps


def frames_of(owner: np.ndarray, durations: np.ndarray) -> np.ndarray | None:
    """Frames per phoneme [P] of the recording, from the row of the model's mel that each of its frames belongs to. Every sound has one at least; None where there is no room."""
    phoneme = np.repeat(np.arange(len(durations)), durations)[owner]
    frames = np.bincount(phoneme, minlength=len(durations))
    for k in np.flatnonzero((frames == 0) & (durations > 0)):
        near = [j for j in (k - 1, k + 1, k - 2, k + 2) if 0 <= j < len(frames) and frames[j] > 2]
        if not near:
            return None
        frames[near[0]] -= 1
        frames[k] += 1
    return frames


def normal(mel: np.ndarray) -> np.ndarray:
    """Mel [T, MELS] with the long-term spectrum and the spread of each band taken out, so that voices and rooms differ less; and its movement."""
    x = np.maximum(mel[:, :BANDS], MEL_FLOOR)
    x = (x - x.mean(0)) / (x.std(0) + 0.5)
    slow = np.stack([x[:, k : k + 4].mean(1) for k in range(0, BANDS, 4)], 1)
    return np.concatenate([slow, 2 * np.gradient(slow, axis=0)], 1)


def energy_fit(mels, lines) -> np.ndarray:
    """Weights of the mean of each ten bands, and a constant, that give the teacher's energy."""
    some = [l for l in lines if l.start >= 0 and not l.held_out and not l.language][::7]
    x = np.concatenate([features(np.asarray(mels[l.start : l.start + len(l.f0)], np.float32)) for l in some])
    y = np.concatenate([l.energy for l in some])
    weights = np.linalg.lstsq(x, y, rcond=None)[0]
    print(f"energy from mels: correlation {np.corrcoef(x @ weights, y)[0, 1]:.3f}")
    return weights


def features(mel: np.ndarray) -> np.ndarray:
    mel = np.maximum(mel, MEL_FLOOR)[:, :BANDS]
    return np.concatenate([*(mel[:, k : k + 10].mean(1, keepdims=True) for k in range(0, BANDS, 10)), np.ones((len(mel), 1), np.float32)], 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--speechocean", type=Path, required=True, help="folder of that corpus")
    parser.add_argument("--texts", type=Path, help="write the sentences there and end")
    parser.add_argument("--phonemes", type=Path, help="their phonemes, a line each")
    a = parser.parse_args()
    rows = chosen(a.speechocean)
    if a.texts:
        a.texts.write_text("".join(r["text"].capitalize().replace(" i ", " I ").replace(" i'", " I'") + ".\n" for r in rows), encoding="utf-8")
        return
    torch.set_num_threads(1)
    _, mels, recorded, _, _ = load(a.corpus, a.work)
    weights = energy_fit(mels, recorded)
    checkpoint = lambda name: a.work / f"{name}.pt" if (a.work / f"{name}.pt").exists() else COMMITTED
    model, _ = load_networks(checkpoint("acoustic"), checkpoint("vocoder"))
    whole = []
    for row, line in zip(rows, a.phonemes.read_text(encoding="utf-8").splitlines(), strict=True):
        symbols = np.array([ID[WRITTEN.get(s, s)] for s in line.split(" ")])
        wave = decode(a.speechocean / "audio" / f"{row['id']}.opus", int(float(row["seconds"]) * 80) * HOP)
        f0 = track_pitch(wave)
        known = np.log(f0[f0 > 60] / 160)
        if len(known) < 30:
            continue
        mel = log_mel(torch.from_numpy(wave)[None])[0].T
        with torch.no_grad():
            style = with_statistics(model.style_encoder(mel[None]), torch.tensor([[known.mean(), max(0.1, known.std()), 0.2, 0.0]], dtype=torch.float32))
            made = curves_of(model, symbols, style)
            said = model.mel_decoder(made["expanded"], made["f0"], made["voicing"], made["energy"], style)[0].numpy()
        owner, distance = warp(normal(mel.numpy()), normal(said))
        frames = frames_of(owner, made["frames"])
        if frames is not None:
            whole.append((distance, row, symbols, frames, f0, features(mel.numpy()) @ weights, wave))
    limit = np.quantile([w[0] for w in whole], 1 - WORST)
    kept = [w for w in whole if w[0] <= limit]
    print(f"{len(rows)} sentences, {len(kept)} kept, {sum(len(w[4]) for w in kept) / 4800:.1f} minutes, distance {np.median([w[0] for w in whole]):.2f}, limit {limit:.2f}")
    save(kept, a)


def save(kept: list[tuple], a: argparse.Namespace) -> None:
    """Writes the corpus in the form of teacher/pack.py, and its decoded audio."""
    folder, cache = a.work / "readers", a.work / "readers-cache"
    folder.mkdir(exist_ok=True), cache.mkdir(exist_ok=True)
    used = sorted({int(s) for w in kept for s in w[2]})
    at, rows = [(0, 0)], []
    for _, row, symbols, _, f0, _, _ in kept:
        at.append((at[-1][0] + len(symbols), at[-1][1] + len(f0)))
        rows.append("\t".join([row["id"], f"reader{row['speaker']}", "en", row["sex"], row["seconds"], "1", "1", "reader", "", "", "speechocean762", row["text"].lower()]))
    header = "\t".join("id speaker language sex seconds speed gain kind timbre prosody source text".split())
    (folder / "metadata.tsv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    join = lambda k, kind: np.concatenate([w[k] for w in kept]).astype(kind)
    np.savez_compressed(folder / "frames.npz", table=np.array([SYMBOLS[s] for s in used]), ids=np.array([w[1]["id"] for w in kept]), symbols=np.searchsorted(used, join(2, int)).astype(np.uint8),
                        frames=join(3, np.uint16), f0=join(4, np.float16), energy=join(5, np.float16), offsets=np.array(at, np.int64))  # fmt: skip
    np.save(cache / "audio.npy", np.round(np.clip(join(6, np.float32), -1, 1) * 32767).astype(np.int16))


if __name__ == "__main__":
    main()
