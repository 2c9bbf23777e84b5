"""Fundamental frequency and energy, and a log-mel, 80 frames a second. The product measures references in the same way (src/synthesis/reference), and test/golden/make_features.py checks it against this file.

Frame t of the mel and the energy is centred on sample t * HOP (torch.stft, centred); frame t of F0 on t * HOP + HOP / 2.
"""

import numpy as np
import torch

RATE, HOP, FFT, MELS = 24000, 300, 1024, 100
F_REF = 160.0  # Hz, where the logarithm of F0 is zero in the networks
MEL_MEAN, MEL_SCALE, MEL_FLOOR = -4.5, 2.2, 1e-4
ENERGY_MEAN, ENERGY_SCALE = -4.0, 1.5  # of ln RMS, about zero mean and unit variance on speech at -23 LUFS
WINDOW = torch.hann_window(FFT)
MIN_LAG, MAX_LAG = 60, 420  # samples: F0 from 57 to 400 Hz
CANDIDATES, BLOCKED = 6, 10.0
UNVOICED_COST, SWITCH_COST, JUMP_COST, LONG_LAG_COST = 0.4, 0.15, 1.0, 0.02
QUIETEST = 1e-5  # mean power below which nothing is voiced
FRAMES_PER_SECOND = RATE / HOP
SPEECH_BELOW = 2.0  # a speech frame's energy is at most this far below the clip's 95th percentile
TILT_BANDS = slice(3, 65)  # bands 3 to 64
SLOPE_LIMIT, SLOPE_FRAMES, SLOPE_SECONDS = 0.6, 20, 0.8


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


def pitch_statistics(f0: np.ndarray) -> tuple[float, float, float]:
    """F0 [T] in Hz, 0 = unvoiced -> (pitch, pitchRange, slope) over the voiced frames.

    pitch: mean of ln(F0 / 160 Hz). pitchRange: SD of ln F0. slope: least-squares slope of ln F0 against time, per second, within +-0.6; 0 where there are
    fewer than 20 voiced frames or the first and last are less than 0.8 s apart.
    """
    voiced = np.flatnonzero(f0)
    if not len(voiced):
        return 0.0, 0.0, 0.0
    log = np.log(f0[voiced].astype(np.float64) / F_REF)
    slope, seconds = 0.0, voiced / FRAMES_PER_SECOND
    if len(voiced) >= SLOPE_FRAMES and seconds[-1] - seconds[0] >= SLOPE_SECONDS:
        t = seconds - seconds.mean()
        slope = float(np.clip((t * log).sum() / (t * t).sum(), -SLOPE_LIMIT, SLOPE_LIMIT))
    return float(log.mean()), float(log.std()), slope


def speech_frames(energy: np.ndarray) -> np.ndarray:
    """[T] bool"""
    return energy > np.percentile(energy, 95) - SPEECH_BELOW if len(energy) else np.zeros(0, bool)


def energy_statistics(energy: np.ndarray) -> tuple[float, float]:
    """Mean and SD of the normalised energy [T] over the speech frames: (energy, energyRange)."""
    if not len(energy):
        return 0.0, 0.0
    speech = energy[speech_frames(energy)].astype(np.float64)
    return float(speech.mean()), float(speech.std())


def tilt(mel: np.ndarray, energy: np.ndarray) -> float:
    """Mean over the speech frames of the least-squares slope of the normalised mel [T, MELS] over TILT_BANDS, whose positions run evenly from -1 to 1."""
    if not len(mel):
        return 0.0
    bands = mel[speech_frames(energy), TILT_BANDS].astype(np.float64).mean(0)  # the slope is linear: the mean spectrum's slope is the mean slope
    position = np.linspace(-1, 1, len(bands))
    return float((position * bands).sum() / (position * position).sum())
