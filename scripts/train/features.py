"""Log-mel, fundamental frequency and energy, 80 frames a second; and the feature store that every training stage reads.

Frame t of the mel and the energy is centred on sample t * HOP (torch.stft, centred); frame t of F0 on t * HOP + HOP / 2.
"""

import argparse
import json
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch

from corpus import CORPORA, Clip, decode, held_out_prompts, held_out_speakers, read_clips

RATE, HOP, FFT, MELS = 24000, 300, 1024, 100
COMMON_BANDS = 80  # of the MELS bands, those below 7 kHz: present in every corpus, whatever its bandwidth
F_REF = 160.0  # Hz, where log-F0 is zero inside the networks
MEL_MEAN, MEL_SCALE, MEL_FLOOR = -4.5, 2.2, 1e-4
ENERGY_MEAN, ENERGY_SCALE = -4.0, 1.5  # of ln RMS, about zero mean and unit variance on speech at -23 LUFS
WINDOW = torch.hann_window(FFT)
MIN_LAG, MAX_LAG = 60, 420  # samples: F0 from 57 to 400 Hz
CANDIDATES, BLOCKED = 6, 10.0
UNVOICED_COST, SWITCH_COST, JUMP_COST, LONG_LAG_COST = 0.4, 0.15, 1.0, 0.02
QUIETEST = 1e-5  # mean power below which nothing is voiced


def hz_to_mel(hz: torch.Tensor) -> torch.Tensor:
    return 2595 * torch.log10(1 + hz / 700)


def mel_filterbank() -> torch.Tensor:
    """[MELS, FFT/2+1] triangles, each with unit sum, evenly spaced in mel from 0 to Nyquist."""
    bins = torch.linspace(0, RATE / 2, FFT // 2 + 1)
    top = float(hz_to_mel(torch.tensor(RATE / 2.0)))
    edges = 700 * (10 ** (torch.linspace(0, top, MELS + 2) / 2595) - 1)
    up = (bins[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    down = (edges[2:, None] - bins[None]) / (edges[2:] - edges[1:-1])[:, None]
    bank = torch.minimum(up, down).clamp(min=0)
    return bank / bank.sum(1, keepdim=True).clamp(min=1e-3)


FILTERBANK = mel_filterbank()


def bands_below(hz: float) -> int:
    """How many of the MELS bands lie wholly below a frequency."""
    last_bin = (FILTERBANK > 0).float().cumsum(1).argmax(1)
    return int((last_bin * RATE / FFT <= 0.96 * hz).sum()) if hz < RATE / 2 - 1500 else MELS


def log_mel(wave: torch.Tensor, frames: int) -> torch.Tensor:
    """wave [..., samples] -> [..., frames, MELS], normalised to about zero mean and unit variance."""
    spectrum = torch.stft(wave, FFT, HOP, window=WINDOW, return_complex=True).abs()[..., :frames]
    mel = torch.log((FILTERBANK @ spectrum).clamp(min=MEL_FLOOR))
    return ((mel - MEL_MEAN) / MEL_SCALE).transpose(-1, -2)


def log_energy(wave: torch.Tensor, frames: int) -> torch.Tensor:
    """wave [samples] -> [frames], normalised natural log of the Hann-weighted RMS."""
    padded = torch.nn.functional.pad(wave, (FFT // 2, FFT // 2))
    power = (padded.unfold(0, FFT, HOP)[:frames] * WINDOW).square().mean(1) / 0.375
    return (0.5 * torch.log(power.clamp(min=1e-9)) - ENERGY_MEAN) / ENERGY_SCALE


def period_difference(wave: np.ndarray, window=1000, max_lag=MAX_LAG) -> tuple[np.ndarray, np.ndarray]:
    """wave [T * HOP] -> cumulative mean normalised difference of lags 1 to max_lag - 1, [T, max_lag - 1], and each frame's mean power [T]
    (de Cheveigne and Kawahara 2002, eq. 8)."""
    frames, pad = len(wave) // HOP, 2 * window
    padded = np.pad(wave, (pad, pad + HOP))
    centre = np.arange(frames) * HOP + HOP // 2 + pad
    segment = padded[(centre - window // 2 - max_lag)[:, None] + np.arange(window + max_lag)[None]].astype(np.float32)
    tail = segment[:, max_lag:]
    correlation = np.fft.irfft(np.fft.rfft(segment, 2048) * np.conj(np.fft.rfft(tail, 2048)), 2048)
    lags = np.arange(max_lag)
    cumulative = np.cumsum(np.pad(segment.astype(np.float64) ** 2, ((0, 0), (1, 0))), 1)
    energy = cumulative[:, max_lag - lags + window] - cumulative[:, max_lag - lags]
    tail_energy = (tail**2).sum(1, keepdims=True)
    difference = np.maximum(tail_energy + energy - 2 * correlation[:, max_lag - lags], 0)
    return difference[:, 1:] * lags[1:] / np.maximum(np.cumsum(difference[:, 1:], 1), 1e-9), tail_energy[:, 0] / window


def pitch_candidates(normal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The CANDIDATES deepest dips of each frame's difference: ln F0 and cost, [T, CANDIDATES]; cost BLOCKED where there are fewer."""
    row = normal[:, MIN_LAG - 1 :]
    dip = (row[:, 1:-1] < row[:, :-2]) & (row[:, 1:-1] <= row[:, 2:])
    depth = np.where(dip, row[:, 1:-1], BLOCKED)
    place = np.argsort(depth, 1, kind="stable")[:, :CANDIDATES]
    cost, rows = np.take_along_axis(depth, place, 1), np.arange(len(row))[:, None]
    before, at, after = row[rows, place], row[rows, place + 1], row[rows, place + 2]
    curve = before - 2 * at + after
    offset = np.where(np.abs(curve) > 1e-9, 0.5 * (before - after) / np.where(np.abs(curve) > 1e-9, curve, 1), 0)
    lag = place + 1 + MIN_LAG + np.clip(offset, -0.5, 0.5)
    return np.log(RATE / lag), cost + LONG_LAG_COST * np.log2(lag / MIN_LAG)


def track_pitch(wave: np.ndarray) -> np.ndarray:
    """F0 in Hz per frame, 0 where unvoiced: the cheapest path through the dips of YIN's difference function and an unvoiced state.

    A path and not a threshold per frame, because noisy and band-limited recordings rarely dip below YIN's 0.1-0.2 where they are plainly voiced.
    """
    normal, power = period_difference(wave)
    pitch, cost = pitch_candidates(normal)
    cost = np.where((power < QUIETEST)[:, None], BLOCKED, cost)
    frames = len(pitch)
    total = np.concatenate([cost[0], [UNVOICED_COST]])
    back = np.zeros((frames, CANDIDATES + 1), np.int8)
    for t in range(1, frames):
        step = np.full((CANDIDATES + 1, CANDIDATES + 1), SWITCH_COST)  # [to, from]
        step[:-1, :-1] = JUMP_COST * np.abs(pitch[t][:, None] - pitch[t - 1][None])
        step[-1, -1] = 0
        options = total[None] + step
        back[t] = options.argmin(1)
        total = options.min(1) + np.append(cost[t], UNVOICED_COST)
    f0, state = np.zeros(frames, np.float32), int(total.argmin())
    for t in range(frames - 1, -1, -1):
        if state < CANDIDATES:
            f0[t] = np.exp(pitch[t, state])
        state = int(back[t, state])
    return f0


def clean_pitch(f0: np.ndarray, reach=20) -> np.ndarray:
    """Octave slips moved to the octave nearest the running median; voiced islands of one frame removed, holes of one frame filled."""
    f0 = f0.copy()
    voiced = np.flatnonzero(f0)
    if len(voiced) < 5:
        return f0 * 0
    log = np.log2(f0[voiced])
    whole = np.median(log)
    log = np.where(log - whole > 0.85, log - 1, np.where(log - whole < -0.85, log + 1, log))
    for i in range(len(log)):
        near = np.abs(voiced - voiced[i]) <= reach
        slip = log[i] - np.median(log[near])
        log[i] -= round(slip) if abs(slip) > 0.7 else 0
    f0[voiced] = 2**log
    on = f0 > 0
    island = on & ~np.roll(on, 1) & ~np.roll(on, -1)
    f0[island] = 0
    hole = np.flatnonzero(~on[1:-1] & on[:-2] & on[2:]) + 1
    f0[hole] = np.sqrt(np.maximum(f0[hole - 1] * f0[hole + 1], 0))
    return f0.astype(np.float32)


def continuous_pitch(f0: np.ndarray) -> np.ndarray:
    """F0 interpolated in log through unvoiced frames, so that the network and not the tracker decides how much is harmonic."""
    voiced = np.flatnonzero(f0)
    if not len(voiced):
        return np.full(len(f0), F_REF, np.float32)
    return np.exp(np.interp(np.arange(len(f0)), voiced, np.log(f0[voiced]))).astype(np.float32)


def extract(clip: Clip) -> dict:
    """Decode one clip and compute its features; its length is cut to whole frames."""
    torch.set_num_threads(1)
    wave = decode(clip.path, RATE)
    wave = wave[: len(wave) // HOP * HOP]
    frames, tensor = len(wave) // HOP, torch.from_numpy(wave)
    mel = log_mel(tensor, frames).numpy()
    return dict(wave=wave, mel=mel, f0=clean_pitch(track_pitch(wave)), energy=log_energy(tensor, frames).numpy())


class Store:
    """Memory-mapped features of every clip: flat arrays plus an index, so that several processes share one copy."""

    FIELDS = {"wave": HOP, "mel": 1, "f0": 1, "energy": 1}

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.clips = json.loads((self.folder / "index.json").read_text())
        self.arrays = {name: np.load(self.folder / f"{name}.npy", mmap_mode="r") for name in self.FIELDS}

    def get(self, clip: dict, name: str) -> np.ndarray:
        """Field of a clip: wave [T * HOP], mel [T, MELS], f0 [T] (0 = unvoiced), energy [T]."""
        scale = self.FIELDS[name]
        return np.array(self.arrays[name][clip["start"] * scale : (clip["start"] + clip["frames"]) * scale])

    def training(self) -> list[dict]:
        return [c for c in self.clips if not c["held_out"]]

    def held_out(self) -> list[dict]:
        """One clip of each held-out prompt: the preferred take."""
        return [c for c in self.clips if c["held_out"] and c["take"] == 1]


def main() -> None:
    parser = argparse.ArgumentParser(description="Compute the feature store of one or more corpora.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the corpora")
    parser.add_argument("--corpora", nargs="+", default=CORPORA)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    clips = [clip for corpus in args.corpora for clip in read_clips(args.data, corpus)]
    hidden, strangers = held_out_prompts(), held_out_speakers()
    with Pool(args.processes) as pool:
        items = pool.map(extract, clips, chunksize=16)
    index, start = [], 0
    for clip, item in zip(clips, items):
        frames = len(item["f0"])
        index.append(dict(id=clip.id, corpus=clip.corpus, speaker=clip.speaker, sex=clip.sex, prompt=clip.prompt, text=clip.text, take=clip.take,
                          bands=bands_below(clip.bandwidth), held_out=clip.prompt in hidden or clip.speaker in strangers,
                          start=start, frames=frames))  # fmt: skip
        start += frames
    for name in Store.FIELDS:
        np.save(args.out / f"{name}.npy", np.concatenate([item[name] for item in items]))
    (args.out / "index.json").write_text(json.dumps(index))
    minutes = start * HOP / RATE / 60
    print(f"{len(index)} clips, {minutes:.1f} minutes, {sum(c['held_out'] for c in index)} held-out clips")  # fmt: skip


if __name__ == "__main__":
    main()
