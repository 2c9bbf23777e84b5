"""Copy-synthesis of held-out clips with the vocoder's averaged weights, measured against the recordings; one more row in a CSV file.

- PESQ wide band (ITU-T P.862.2, package pesq) at 16 kHz, mean over women and over men; `pesq` with the pulses where the recording's are, `pesq_free` with pulses that
  start anywhere and follow the teacher's F0. PESQ depends on where the pulses lie: a recording whose own pulses are moved by half a period gets 3.61 (women) and 3.10 (men).
- Crest factor: peak over RMS in dB in windows of 100 ms; the median over a clip's speech, synthesis minus recording, mean over women and men.
- Log-spectral distance in dB between 1024-sample spectra, mean over the frames of speech.
"""

import argparse
import csv
import sys
import time
from pathlib import Path

import numpy as np
import torch
from pesq import pesq
from scipy.signal import resample_poly

sys.path.append(str(Path(__file__).resolve().parents[1]))
from data import RATE, Clip, Corpus  # noqa: E402
from harmonics import analyse, drift_samples  # noqa: E402
from spectra import bridge, log_mel, stft  # noqa: E402
from vocoder import Vocoder  # noqa: E402


def chosen(corpus: Corpus, count: int) -> list[Clip]:
    """`count` held-out clips of 1.5 to 5 s, half of them women, always the same."""
    fit = [clip for clip in corpus.split(held_out=True) if 120 <= clip.hops <= 400]
    halves = ([clip for clip in fit if clip.sex == sex] for sex in "fm")
    return [half[i] for half in halves for i in np.linspace(0, len(half) - 1, count // 2).astype(int)]


def crest_factor(wave: np.ndarray) -> float:
    """Median over windows of 100 ms within 30 dB of the loudest: peak over RMS in dB."""
    size = RATE // 10
    windows = wave[: len(wave) // size * size].reshape(-1, size)
    rms = np.sqrt((windows**2).mean(1) + 1e-12)
    loud = rms > rms.max() * 10 ** (-30 / 20)
    return float(np.median(20 * np.log10(np.abs(windows[loud]).max(1) / rms[loud])))


def spectral_distance(made: torch.Tensor, real: torch.Tensor) -> float:
    """Root mean square over frequency of the difference in dB, mean over frames within 40 dB of the loudest."""
    a, b = (20 * torch.log10(stft(x).abs().clamp_min(1e-4)) for x in (made, real))
    level = b.amax(1)
    return float((a - b).square().mean(1).sqrt()[level > level.max() - 40].mean())


def wide_band_pesq(real: np.ndarray, made: np.ndarray) -> float:
    to_16k = lambda x: resample_poly(x, 2, 3).astype(np.float32)
    return pesq(16000, to_16k(real), to_16k(made), "wb")


def load_vocoder(checkpoint: Path) -> tuple[Vocoder, dict]:
    state = torch.load(checkpoint, weights_only=True)
    model = Vocoder()
    model.load_state_dict(state["average"])
    return model.eval(), state


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder with the decoded corpus and vocoder.pt")
    parser.add_argument("--log", type=Path, required=True, help="CSV file that gets one more row")
    parser.add_argument("--clips", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3, help="how often the waveform is matched to the mel")
    parser.add_argument("--wav", type=Path, help="folder for the first clips as WAV files, recording and synthesis")
    a = parser.parse_args()
    torch.set_num_threads(1)
    corpus = Corpus(a.corpus, a.work)
    model, state = load_vocoder(a.work / "vocoder.pt")
    model.rounds = a.rounds
    rows = []
    for number, clip in enumerate(chosen(corpus, a.clips)):
        wave, f0 = corpus.wave(clip), torch.from_numpy(corpus.pitch(clip).copy())
        real, voiced = torch.from_numpy(wave)[None], (f0 > 0).float()
        mel, pitch, chance = log_mel(real), bridge(f0, voiced)[None], lambda: torch.Generator().manual_seed(number)
        drift = drift_samples(torch.from_numpy(analyse(wave, f0.numpy())[0])[None])
        with torch.no_grad():
            made, _, _ = model.synthesize(mel, pitch, voiced[None], torch.zeros(1, 1), drift, chance())
            free = model(mel, pitch, voiced[None], chance())
        sound = made[0].numpy()
        rows.append((clip.sex, wide_band_pesq(wave, sound), wide_band_pesq(wave, free[0].numpy()), crest_factor(sound) - crest_factor(wave), spectral_distance(made, real)))
        if a.wav:
            import soundfile

            a.wav.mkdir(parents=True, exist_ok=True)
            soundfile.write(a.wav / f"{clip.id}-{clip.speaker}-real.wav", wave, RATE)
            soundfile.write(a.wav / f"{clip.id}-{clip.speaker}-made.wav", sound, RATE)
    fields, values = ["step", "cpu_seconds"], [state["step"], round(state["seconds"])]
    for column, name in enumerate(["pesq", "pesq_free", "crest_difference_db", "log_spectral_distance_db"], 1):
        for sex, word in (("f", "women"), ("m", "men")):
            fields.append(f"{name}_{word}")
            values.append(f"{np.mean([row[column] for row in rows if row[0] == sex]):.3f}")
    new = not a.log.exists()
    with open(a.log, "a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(fields)
        writer.writerow(values)
    print(time.strftime("%H:%M"), dict(zip(fields, values)), flush=True)


if __name__ == "__main__":
    main()
