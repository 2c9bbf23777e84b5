"""Measures sung audio against its score: pitch by Praat or CREPE, vowel onsets by the rise of the voice's energy, words by Whisper, harmonics by Praat.

Usage: measure.py FOLDER [--whisper] [--crepe]
FOLDER holds for each song NAME.wav and NAME.json, as `npm run sing -- SONG -o NAME.wav --timestamps NAME.json --expression 0` writes them.
Needs: numpy scipy soundfile praat-parselmouth; torch and torchcrepe for --crepe, the packages of ../train/sori2/evaluate/requirements-judges.txt for --whisper.
"""

import argparse
import json
import pathlib
import re
import sys
import types

import numpy as np
import parselmouth
import soundfile
from scipy.signal import butter, resample_poly, sosfiltfilt

EDGE = 0.12  # seconds at either end of a vowel that belong to its neighbours
SUSTAINED = 0.3  # seconds of a vowel's middle that make a note sustained
# Syllables whose vowel follows an obstruent: only there does the energy rise at the vowel. Beside `l`, `m` or `w` it rises before.
OBSTRUENT = re.compile(r"^(?:s?[ptkbdɡfvszʃʒθðɕ]|tʃ|dʒ|tɕ|dʑ)[\u0348ʰ]*[ˈˌ]?[ɑɒaæɔɛeɪioʊuəʌɚɝɜɯ]")


def praat(wave: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times in s, Hz, strength of the period: Praat's autocorrelation method (Boersma 1993)."""
    pitch = parselmouth.Sound(wave.astype(np.float64), rate).to_pitch_ac(time_step=0.01, pitch_floor=60, pitch_ceiling=1100)
    return pitch.xs(), pitch.selected_array["frequency"], pitch.selected_array["strength"]


def crepe(wave: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times in s, Hz, periodicity, every 20 ms: CREPE (Kim et al. 2018). Its bins are 20 cents wide, its own error some cents."""
    sys.modules.setdefault("torchaudio", types.ModuleType("torchaudio"))  # torchcrepe imports it for reading files, which is not done here
    import torch
    import torchcrepe

    torch.set_num_threads(1)
    audio = torch.from_numpy(resample_poly(wave, 16000, rate).astype(np.float32))[None]
    decoder = torchcrepe.decode.weighted_argmax
    pitch, periodicity = torchcrepe.predict(audio, 16000, 320, 50, 1100, "tiny", batch_size=256, return_periodicity=True, decoder=decoder)
    return np.arange(pitch.shape[1]) * 0.02, pitch[0].numpy(), periodicity[0].numpy()


def pitch_errors(wave, rate, times, track):
    """Median error in cents of each sustained note, between the vowel's edges."""
    t, hz, periodicity = track(wave, rate)
    syllables = [(s["part"], s["vowel_ms"] / 1000, s["end_ms"] / 1000) for s in times["syllable"]]
    errors = []
    for note in times["note"]:
        start, end = note["start_ms"] / 1000, note["end_ms"] / 1000
        own = [(v, e) for part, v, e in syllables if part == note["part"] and v < end and e > start]
        if not own:
            continue
        start, end = max(start, own[0][0]) + EDGE, min(end, own[-1][1]) - EDGE - 0.05
        inside = (t >= start) & (t <= end) & (periodicity > 0.5) & (hz > 0)
        if end - start < SUSTAINED:
            continue
        if inside.sum() < 10:
            errors.append((note, np.nan))
            continue
        errors.append((note, float(np.median(1200 * np.log2(hz[inside] / note["hz"])))))
    return errors


def onset_errors(wave, rate, times):
    """Milliseconds from each vowel that follows an obstruent to where the voice's energy rises fastest."""
    low = sosfiltfilt(butter(4, [150, 1200], "band", fs=rate, output="sos"), wave)
    hop = rate // 500
    frames = np.array([np.sqrt(np.mean(low[i : i + 5 * hop] ** 2) + 1e-10) for i in range(0, len(low) - 5 * hop, hop)])
    level = np.log(frames)
    at = (np.arange(len(level)) * hop + 2.5 * hop) / rate
    errors = []
    for s in times["syllable"]:
        vowel = s["vowel_ms"] / 1000
        if not OBSTRUENT.match(s["phonemes"]) or vowel - s["start_ms"] / 1000 < 0.02:
            continue
        near = np.flatnonzero((at > vowel - 0.1) & (at < vowel + 0.1))
        slope = level[near[5:]] - level[near[:-5]]
        errors.append((s["text"], 1000 * (at[near[:-5]][slope.argmax()] + at[near[5:]][slope.argmax()]) / 2 - 1000 * vowel))
    return errors


def harmonicity(wave, rate, times):
    """dB in the middles of the longest notes."""
    sound = parselmouth.Sound(wave.astype(np.float64), rate)
    hnr = sound.to_harmonicity_cc(0.01, 60.0)
    values = []
    for note in times["note"]:
        start, end = note["start_ms"] / 1000 + 0.2, note["end_ms"] / 1000 - 0.3
        if end - start >= 0.4:
            inside = [hnr.get_value(x) for x in np.arange(start, end, 0.02)]
            inside = [x for x in inside if x == x and x > -100]
            if inside:
                values.append(float(np.median(inside)))
    return values


def words(text: str) -> list[str]:
    return re.sub(r"[^a-z' ]", " ", text.lower()).replace("'", "").split()


def word_errors(said: list[str], heard: list[str]) -> int:
    row = list(range(len(heard) + 1))
    for i, a in enumerate(said, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(heard, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def lyrics(times) -> str:
    out = ""
    for s in times["syllable"]:
        out += s["text"] + ("" if not s["ends"] else " ")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--whisper", action="store_true", help="transcribe English songs with Whisper base (../train/sori2/evaluate/requirements-judges.txt)")
    parser.add_argument("--crepe", action="store_true", help="track the pitch with CREPE (tiny) and not with Praat")
    args = parser.parse_args()
    whisper = None
    if args.whisper:
        sys.path.append(str(pathlib.Path(__file__).parents[1] / "train" / "sori2" / "evaluate"))
        from faster_whisper import WhisperModel
        from transcribe import weights_folder

        whisper = WhisperModel(str(weights_folder()), device="cpu", compute_type="int8", cpu_threads=1)
    all_pitch, all_onset, all_hnr, wrong, said_total = [], [], [], 0, 0
    for path in sorted(args.folder.glob("*.wav")):
        times = json.loads(path.with_suffix(".json").read_text())
        wave, rate = soundfile.read(path)
        pitch = pitch_errors(wave, rate, times, crepe if args.crepe else praat)
        onset = onset_errors(wave, rate, times)
        hnr = harmonicity(wave, rate, times)
        cents = np.abs([e for _, e in pitch])
        ms = np.abs([e for _, e in onset])
        line = f"{path.stem:16} notes {len(cents):3} pitch: median {np.nanmedian(cents):5.1f} worst {np.nanmax(cents):6.1f} cents, beyond 15: {int((~(cents <= 15)).sum())}"
        if len(ms):
            line += f" | onsets {len(ms):3} median {np.median(ms):4.0f} within 30 ms {100 * np.mean(ms <= 30):3.0f} %"
        line += f" | HNR {np.median(hnr):4.1f} dB"
        for note, error in pitch:
            if not abs(error) <= 15:
                print("   ", note["pitch"], note.get("text"), f"{note['start_ms'] / 1000:.2f} s: {error:.1f} cents")
        all_pitch += list(cents)
        all_onset += list(ms)
        all_hnr += hnr
        text = lyrics(times)
        if whisper and re.match(r"^[\x00-\x7f]*$", text):
            segments, _ = whisper.transcribe(resample_poly(wave, 16000, rate).astype(np.float32), language="en", beam_size=5)
            heard = " ".join(s.text for s in segments)
            said, got = words(text), words(heard)
            errors = word_errors(said, got)
            wrong += errors
            said_total += len(said)
            line += f" | WER {100 * errors / len(said):3.0f} %"
            print("   ", heard.strip())
        print(line, flush=True)
    cents, ms = np.array(all_pitch), np.array(all_onset)
    print(f"all: {len(cents)} sustained notes, median {np.nanmedian(cents):.1f}, 95th percentile {np.nanpercentile(cents, 95):.1f}, worst {np.nanmax(cents):.1f} cents, {100 * np.mean(cents <= 15):.1f} % within 15;", end=" ")
    print(f"{len(ms)} onsets, median {np.median(ms):.0f} ms, {100 * np.mean(ms <= 30):.0f} % within 30 ms; HNR median {np.median(all_hnr):.1f} dB", end="")
    print(f"; WER {100 * wrong / said_total:.1f} % of {said_total} words" if said_total else "")


main()
