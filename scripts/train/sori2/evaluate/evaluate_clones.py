"""Do clones sound like their reference? Speakers that training never saw: held-out blended voices, and the held-out readers of speechocean.

From 3 s of a reference come the style encoder's vector and the mean and spread of F0; two other lines are spoken with it. Reported: the mean cosine of Resemblyzer's embeddings
(package resemblyzer, Apache-2.0; only its weights are needed) to the reference, to another speaker of the same sex (the next one of the list), and between two real lines of a speaker.
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
import torch
from scipy.signal import resample_poly
from torch import nn

sys.path.append(str(Path(__file__).resolve().parents[1]))
from acoustic import STATISTICS, with_statistics  # noqa: E402
from data import decode  # noqa: E402
from lines import HOP, Line, load  # noqa: E402
from speak import load_networks, speak  # noqa: E402
from spectra import log_mel  # noqa: E402

sys.path.append(str(Path(__file__).resolve().parents[2]))
SECONDS = 3


class Judge(nn.Module):
    """Resemblyzer's speaker encoder (GE2E, Wan et al. 2018)."""

    def __init__(self, weights: Path):
        super().__init__()
        self.lstm, self.linear = nn.LSTM(40, 256, 3, batch_first=True), nn.Linear(256, 256)
        self.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True)["model_state"], strict=False)
        hz = lambda m: np.where(m < 15, m * 200 / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))
        top = 15 + 27 * np.log(8000 / 1000) / np.log(6.4)
        points, bins = hz(np.linspace(0, top, 42)), np.linspace(0, 8000, 201)
        rise, fall = (bins - points[:-2, None]) / np.diff(points)[:-1, None], (points[2:, None] - bins) / np.diff(points)[1:, None]
        self.filters = np.maximum(0, np.minimum(rise, fall)) * (2 / (points[2:] - points[:-2]))[:, None]

    @torch.no_grad()
    def forward(self, wave: np.ndarray) -> np.ndarray:
        """Samples at 24 kHz -> unit vector: mean over windows of 1.6 s, silence left out."""
        wave = resample_poly(wave, 2, 3).astype(np.float64)
        wave *= max(1.0, 10 ** (-30 / 20) / (np.sqrt((wave**2).mean()) + 1e-9))
        padded = np.pad(wave, 200)
        frames = np.lib.stride_tricks.sliding_window_view(padded, 400)[::160] * np.hanning(401)[:400]
        power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
        level = power.sum(1)
        mel = (power @ self.filters.T)[level > level.max() * 1e-4].astype(np.float32)
        mel = np.tile(mel, (-(-160 // len(mel)), 1))
        windows = [mel[at : at + 160] for at in range(0, len(mel) - 159, 80)]
        hidden = torch.relu(self.linear(self.lstm(torch.from_numpy(np.stack(windows)))[1][0][-1]))
        mean = nn.functional.normalize(hidden, dim=1).mean(0)
        return nn.functional.normalize(mean, dim=0).numpy()


def blended(corpus, lines: list[Line]) -> list[tuple]:
    """(speaker, sex, [(wave, F0)]) of the held-out blended voices."""
    result = []
    for speaker in sorted({l.speaker for l in lines if l.held_out and l.speaker.startswith("blend")}):
        mine = [l for l in lines if l.speaker == speaker]
        clips = [(corpus.audio[l.start * HOP : (l.start + len(l.f0)) * HOP].astype(np.float32) / 32767, np.where(l.voiced > 0, l.f0, 0)) for l in mine]
        if len(clips) > 1:
            result.append((speaker, speaker[-1], clips))
    return result


def readers(folder: Path) -> list[tuple]:
    """The same of the speechocean readers in held-out-speakers.txt; F0 by sori-1's tracker."""
    from features import track_pitch

    wanted = {s.split("-")[-1] for s in (Path(__file__).resolve().parents[2] / "held-out-speakers.txt").read_text().split() if "speechocean" in s}
    with open(folder / "metadata.tsv", encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if r["speaker"] in wanted and float(r["seconds"]) > 3.2]
    result = []
    for speaker in sorted(wanted):
        mine = [r for r in rows if r["speaker"] == speaker][:2]
        if len(mine) == 2:
            waves = [decode(folder / "audio" / f"{r['id']}.opus", int(float(r["seconds"]) * 80) * HOP) for r in mine]
            result.append((speaker, mine[0]["sex"], [(w, track_pitch(w)) for w in waves]))
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--judge", type=Path, required=True, help="resemblyzer/pretrained.pt")
    parser.add_argument("--speechocean", type=Path, help="folder of that corpus")
    a = parser.parse_args()
    torch.set_num_threads(1)
    corpus, _, recorded, _, _ = load(a.corpus, a.work)
    model, vocoder = load_networks(a.work / "acoustic.pt", a.work / "vocoder.pt")
    judge = Judge(a.judge)
    spoken = [l for l in recorded if l.held_out and l.kind == "narrative" and 200 < len(l.f0) < 400][:2]
    for name, speakers in (("blended voices", blended(corpus, recorded)), ("speechocean", readers(a.speechocean) if a.speechocean else [])):
        real, made = [], []
        for number, (_, _, clips) in enumerate(speakers):
            wave, f0 = clips[0]
            frames = min(SECONDS * 80, len(wave) // HOP)
            known = np.log(f0[:frames][f0[:frames] > 60] / 160)
            values = torch.tensor([[known.mean(), max(0.1, known.std()), 0.0, 0.0]], dtype=torch.float32)
            with torch.no_grad():
                style = with_statistics(model.style_encoder(log_mel(torch.from_numpy(wave[: frames * HOP])[None]).transpose(1, 2)), values)
            real.append([judge(wave[: frames * HOP]), judge(clips[1][0])])
            made.append(np.mean([judge(speak(model, vocoder, l.phonemes, style, number)[0]) for l in spoken], 0))
            made[-1] /= np.linalg.norm(made[-1])
        if not speakers:
            continue
        other = []
        for i, (_, sex, _) in enumerate(speakers):
            others = [j for j in range(i + 1, i + len(speakers)) if speakers[j % len(speakers)][1] == sex]
            other.append(made[i] @ real[others[0] % len(speakers)][0] if others else np.nan)
        own = [m @ r[0] for m, r in zip(made, real)]
        print(f"{name}: {len(speakers)} speakers, clone to reference {np.mean(own):.3f} (lowest {np.min(own):.3f}), to another of the same sex {np.nanmean(other):.3f}, two real lines {np.mean([r[0] @ r[1] for r in real]):.3f}")


assert STATISTICS["pitch"] == 64
if __name__ == "__main__":
    main()
