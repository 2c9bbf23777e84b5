"""Writes features.json: what scripts/train/features.py makes of a synthetic signal, for test/unit/reference-features.test.ts.

    PYTHONPATH=scripts/train python3 test/golden/make_features.py

The signal, made anew by the test from the same formulas: a gliding harmonic sound with pauses, over noise of a 32-bit congruential generator.
"""

import json
from pathlib import Path

import numpy as np
import torch

from features import HOP, RATE, clean_pitch, energy_statistics, log_energy, log_mel, pitch_statistics, tilt, track_pitch

SECONDS = 1.5
MEL_FRAMES = range(0, 120, 10)


def signal() -> np.ndarray:
    count = int(SECONDS * RATE)
    t = np.arange(count) / RATE
    phase = 2 * np.pi * (130 * t + 40 * t**2)  # 130 Hz, rising by 80 Hz a second
    sound = sum(np.sin(k * phase) / k for k in range(1, 20))
    gate = np.where((t % 0.5) < 0.38, 0.08, 0.0) * (1 + 0.5 * np.sin(2 * np.pi * 4 * t))
    state, noise = 1, np.zeros(count)
    for n in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        noise[n] = state / 2**31 - 1
    return (gate * sound + 0.003 * noise).astype(np.float32)


wave = signal()
frames = len(wave) // HOP
tensor = torch.from_numpy(wave)
mel = log_mel(tensor, frames).numpy()
f0, energy = track_pitch(wave), log_energy(tensor, frames).numpy()
pitch, pitch_range, slope = pitch_statistics(clean_pitch(f0))
result = dict(
    mel={str(t): [round(float(v), 5) for v in mel[t]] for t in MEL_FRAMES},
    f0=[round(float(v), 3) for v in f0],
    clean=[round(float(v), 3) for v in clean_pitch(f0)],
    energy=[round(float(v), 5) for v in energy],
    statistics=dict(pitch=pitch, pitchRange=pitch_range, slope=slope, energyRange=energy_statistics(energy)[1], tilt=tilt(mel, energy)),
)
(Path(__file__).parent / "features.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
