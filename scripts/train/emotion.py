"""Labelled emotional training styles: recordings transformed in the parameter domain by the amounts in emotion-table.json, rendered by the vocoder.

Residual transfer: what changes with F0, voicing and energy is taken from the acoustic model (its mel decoder run with the changed and with the recorded
curves), everything else stays the recording's own:

    mel' = mel + decode(F0', voicing', energy') - decode(F0, voicing, energy) + a tilt that makes the change of tilt the table's,

warped in time, made a waveform by the vocoder, and that waveform brought to energy' by a smooth gain.

Writes a feature store in the layout of features.py (ids `<clip>@<emotion>`) and alignment.json beside it. EMOTION.md has the papers.
"""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from acoustic import READERS, Example, load_acoustic, load_examples
from features import ENERGY_SCALE, F_REF, FILTERBANK, HOP, MEL_MEAN, MEL_SCALE, MELS, RATE, Store, log_energy, log_mel
from networks import expand
from style_statistics import FRAMES_PER_SECOND, TILT_BANDS, VOICED, energy_statistics, inner_pauses, is_sound, speech_frames, tilt
from synthesize import load_vocoder, waveform

TABLE = Path(__file__).resolve().parent / "emotion-table.json"
NEUTRAL = dict(pitch=0, pitchRange=1, slope=0, finalRise=0, rate=1, pauses=1, energy=0, energyRange=1, tilt=0, breath=0)
SEMITONE = np.log(2) / 12
NEPER = np.log(10) / 20  # natural log of amplitude per dB
RISE_SECONDS = 0.35
SLOPE_SPAN = 3.0  # seconds: over longer clips the added slope is as gentle as makes its ends as far apart as over this
MELODY_FACTOR = 0.4, 1.7  # limits to the factor on what is left of the contour without its declination
F0_TOP = 400.0  # Hz, the tracker's upper end: higher targets approach it softly
BAND_WEIGHT = (FILTERBANK > 0).float().sum(1).numpy() / 2  # bins that a band stands for


@dataclass
class Curves:
    """One clip, frame by frame: ln(F0/F_REF) continuous, voicing 0 or 1, normalised energy; all [T]."""

    pitch: np.ndarray
    voicing: np.ndarray
    energy: np.ndarray

    @staticmethod
    def of(example: Example) -> "Curves":
        return Curves(*example.curves.double().numpy().T.copy())


def new_durations(phonemes: np.ndarray, durations: np.ndarray, change: dict) -> np.ndarray:
    """Frames per phoneme: sounds by the rate, inner pauses by the pause factor, silence at the ends as it was.

    The rounding error is carried on, so that short sounds do not all round the same way; no sound gets shorter than one frame.
    """
    sound, inner = is_sound(phonemes), inner_pauses(phonemes)
    result, owed = durations.copy(), 0.0
    for i in np.flatnonzero((sound | inner) & (durations > 0)):
        wanted = durations[i] * (1 / change["rate"] if sound[i] else change["pauses"]) + owed
        result[i] = max(1, round(wanted))
        owed = wanted - result[i]
    return result


def warp_positions(durations: np.ndarray, longer: np.ndarray) -> np.ndarray:
    """[new frames] positions in old frames: each phoneme stretched evenly."""
    starts, place = durations.cumsum() - durations, []
    for start, old, new in zip(starts, durations, longer):
        place.append(start + (np.arange(new) + 0.5) / max(new, 1) * old - 0.5)
    return np.concatenate(place).clip(0, durations.sum() - 1)


def warp(values: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """values [T] or [T, C], linearly interpolated at positions."""
    low = np.floor(positions).astype(int)
    high, part = np.minimum(low + 1, len(values) - 1), (positions - low).astype(values.dtype)
    part = part.reshape(-1, *[1] * (values.ndim - 1))
    return values[low] * (1 - part) + values[high] * part


def changed_voicing(curves: Curves, sounds: np.ndarray, share: float) -> np.ndarray:
    """The weakest `share` of the voiced frames lose their voicing, or (share < 0) the strongest unvoiced frames of voiced sounds gain it."""
    voicing = curves.voicing.copy()
    pool = np.flatnonzero(voicing > 0) if share > 0 else np.flatnonzero((voicing == 0) & sounds & speech_frames(curves.energy))
    count = round(abs(share) * len(pool))
    weakest = pool[np.argsort(curves.energy[pool] * np.sign(share), kind="stable")[:count]]
    voicing[weakest] = share < 0
    return voicing


def changed_pitch(curves: Curves, seconds: np.ndarray, change: dict) -> np.ndarray:
    """ln(F0'/F_REF). `seconds` [T]: when each frame will be heard, so that slope and rise hold after the change of rate."""
    voiced = np.flatnonzero(curves.voicing)
    if not len(voiced):
        return curves.pitch
    old = np.arange(len(curves.pitch)) / FRAMES_PER_SECOND
    mean, first, last = curves.pitch[voiced].mean(), seconds[voiced[0]], seconds[voiced[-1]]
    centred = old[voiced] - old[voiced].mean()
    trend = (centred * curves.pitch[voiced]).sum() / max((centred**2).sum(), 1e-6)  # the recording's declination per second
    melody = curves.pitch - mean - trend * (old - old[voiced].mean())
    slope = trend * min(1.0, change["pitchRange"]) ** 0.5 + change["slope"] * SEMITONE * min(1.0, SLOPE_SPAN / max(last - first, 1e-3))
    line = slope * (seconds - seconds[voiced].mean())
    left = (change["pitchRange"] * curves.pitch[voiced].std()) ** 2 - line[voiced].var()  # variance that the melody has to make up
    pitch = line + melody * np.sqrt(max(left, 0) / max(melody[voiced].var(), 1e-9)).clip(*MELODY_FACTOR)
    rise = change["finalRise"] * ((seconds - last) / RISE_SECONDS + 1).clip(0, 1)
    pitch = mean + pitch + (change["pitch"] + rise - rise[voiced].mean()) * SEMITONE
    knee, top = np.log(0.85 * F0_TOP / F_REF), np.log(F0_TOP / F_REF)
    return np.where(pitch > knee, knee + (top - knee) * np.tanh((pitch - knee) / (top - knee)), pitch)


def speech_gate(energy: np.ndarray) -> np.ndarray:
    """[T] 0 in silence, 1 in speech, smooth between: the room's noise keeps its level and its colour."""
    return 1 / (1 + np.exp(-(energy + 2.0) / 0.25))


def changed_energy(curves: Curves, change: dict) -> np.ndarray:
    """Spread about the mean of the speech, which then moves by exactly the table's amount."""
    mean, gate = energy_statistics(curves.energy)[0], speech_gate(curves.energy)
    spread = curves.energy + gate * (change["energyRange"] - 1) * (curves.energy - mean).clip(-1.5, 1.5)
    return spread + gate * (mean + change["energy"] * NEPER / ENERGY_SCALE - energy_statistics(spread)[0])


def change_curves(curves: Curves, phonemes: np.ndarray, durations: np.ndarray, longer: np.ndarray, change: dict) -> Curves:
    """The curves of the emotion, still in the recording's timing."""
    bounds = np.concatenate([[0], longer.cumsum()]) / FRAMES_PER_SECOND
    starts = np.concatenate([[0], durations.cumsum()])
    real = np.concatenate([[True], np.diff(starts) > 0])
    seconds = np.interp(np.arange(len(curves.pitch)) + 0.5, starts[real], bounds[real])
    sounds = np.repeat(VOICED[phonemes], durations)
    pitch = changed_pitch(curves, seconds, change)
    return Curves(pitch, changed_voicing(curves, sounds, change["breath"]), changed_energy(curves, change))


def frame_level(mel: np.ndarray) -> np.ndarray:
    """mel [T, MELS] normalised -> [T] natural log of the amplitude, up to a constant."""
    return 0.5 * np.log((BAND_WEIGHT * np.exp(2 * (mel * MEL_SCALE + MEL_MEAN))).sum(1))


def tilt_ramp(slope: float) -> np.ndarray:
    """[MELS] normalised: a straight line of this slope (as style_statistics.tilt measures it) over TILT_BANDS, level beyond them."""
    return slope * np.interp(np.arange(MELS), [TILT_BANDS.start, TILT_BANDS.stop - 1], [-1, 1])


def brought_to(wave: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The wave with a smooth gain that brings its speech to the normalised energy `wanted` [T] (a vocoder does not follow unusual levels by itself)."""
    have = log_energy(torch.from_numpy(wave), len(wanted)).numpy()
    gain = (wanted - have).clip(-1, 1) * ENERGY_SCALE * speech_gate(wanted)
    window = np.hanning(9)[1:-1]
    gain = np.convolve(np.pad(gain, 3, mode="edge"), window / window.sum(), "valid")
    return (wave * np.exp(np.interp(np.arange(len(wave)) / HOP, np.arange(len(gain)), gain))).astype(np.float32)


class Renderer:
    """The two checkpoints, and the clip at hand."""

    def __init__(self, acoustic: Path, vocoder: Path):
        self.model, self.vocoder = load_acoustic(acoustic), load_vocoder(vocoder)

    @torch.no_grad()
    def decode(self, example: Example, versions: list[Curves]) -> np.ndarray:
        """The mel decoder on the clip's text and timing, in the clip's own style, with several sets of curves: [versions, T, MELS]."""
        style, count = self.model.style(example.mel()[None], example.measured[None])[0], len(versions)
        hidden, _ = self.model.encode(example.phonemes.tolist(), style, example.language)
        frames = expand(hidden, example.durations)[None].expand(count, -1, -1)
        stack = lambda name: torch.from_numpy(np.stack([getattr(v, name) for v in versions])).float()
        f0 = F_REF * torch.exp(stack("pitch"))
        return self.model.mel_decoder(frames, f0, stack("voicing"), stack("energy"), style.expand(count, -1)).numpy()

    def render(self, example: Example, changes: list[dict]) -> list[dict]:
        """-> per change: durations [P], F0 [T] in Hz (0 = unvoiced), wave [T * HOP]."""
        phonemes, durations, mel, curves = example.phonemes.numpy(), example.durations.numpy(), example.mel().numpy(), Curves.of(example)
        longer = [new_durations(phonemes, durations, change) for change in changes]
        versions = [change_curves(curves, phonemes, durations, new, change) for new, change in zip(longer, changes)]
        base, *made = self.decode(example, [curves, *versions])
        gate, level, results = speech_gate(curves.energy), frame_level(mel), []
        for decoded, version, new, change in zip(made, versions, longer, changes):
            goal = mel + decoded - base
            slope = tilt(mel, curves.energy) + change["tilt"] * NEPER / (2 * MEL_SCALE) - tilt(goal, curves.energy)
            goal = goal + gate[:, None] * tilt_ramp(slope)
            goal = goal + ((level - frame_level(goal)) / MEL_SCALE)[:, None]  # the recording's own level: what the vocoder knows
            at = warp_positions(durations, new)
            goal = warp(goal.astype(np.float32), at)
            f0 = (F_REF * np.exp(warp(version.pitch, at))).astype(np.float32)
            voicing = version.voicing[np.round(at).astype(int)].astype(np.float32)
            wave = waveform(self.vocoder, torch.from_numpy(goal), torch.from_numpy(f0), torch.from_numpy(voicing))
            results.append(dict(durations=new, f0=f0 * voicing, wave=brought_to(wave, warp(version.energy, at))))
        return results


def choose_clips(examples: list[Example], each: int, seconds: tuple[float, float], speakers: list[str]) -> list[Example]:
    """Preferred takes of a fair length, spread evenly over each speaker's clips, speakers taking turns."""
    low, high = (s * FRAMES_PER_SECOND for s in seconds)
    turns = []
    for speaker in speakers:
        fit = [e for e in examples if e.speaker == speaker and e.clip["take"] == 1 and low <= e.clip["frames"] <= high]
        chosen = [fit[i] for i in sorted({round(x) for x in np.linspace(0, len(fit) - 1, min(each, len(fit)))})]
        turns += [(i / len(chosen), e) for i, e in enumerate(chosen)]
    return [example for _, example in sorted(turns, key=lambda turn: turn[0])]


class Writer:
    """Feature arrays of known total length on disk, filled clip by clip."""

    def __init__(self, folder: Path, frames: int):
        folder.mkdir(parents=True, exist_ok=True)
        shapes = {name: (frames * scale, MELS) if name == "mel" else (frames * scale,) for name, scale in Store.FIELDS.items()}
        self.arrays = {name: np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.float32, shape) for name, shape in shapes.items()}
        self.folder, self.index, self.alignment, self.at = folder, [], {}, 0

    def add(self, example: Example, emotion: str, made: dict) -> None:
        frames, tensor = len(made["f0"]), torch.from_numpy(made["wave"])
        fields = dict(wave=made["wave"], mel=log_mel(tensor, frames).numpy(), f0=made["f0"], energy=log_energy(tensor, frames).numpy())
        for name, values in fields.items():
            scale = Store.FIELDS[name]
            self.arrays[name][self.at * scale : (self.at + frames) * scale] = values
        source = example.clip
        name = f"{source['id']}@{emotion}"
        self.index.append(source | dict(id=name, held_out=False, emotion=emotion, source=source["id"], start=self.at, frames=frames))
        self.alignment[name] = dict(phonemes=example.phonemes.tolist(), durations=made["durations"].tolist())
        self.at += frames

    def save(self) -> None:
        for array in self.arrays.values():
            array.flush()
        (self.folder / "alignment.json").write_text(json.dumps(self.alignment))
        (self.folder / "index.json").write_text(json.dumps(self.index))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--alignment", type=Path, required=True)
    parser.add_argument("--acoustic", type=Path, required=True, help="checkpoint of train_acoustic.py that knows the speakers")
    parser.add_argument("--vocoder", type=Path, required=True, help="checkpoint of train_vocoder.py")
    parser.add_argument("--speakers", nargs="+", default=READERS)
    parser.add_argument("--clips", type=int, default=220, help="of each speaker")
    parser.add_argument("--seconds", type=float, nargs=2, default=(2.0, 7.0))
    parser.add_argument("--neutral", type=Path, help="folder for the same clips rendered unchanged, so that having been rendered can be told from the emotion")
    parser.add_argument("--minutes", type=float, default=30, help="stop after so many minutes of CPU time")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    examples = choose_clips(load_examples([Store(args.features)], [args.alignment]), args.clips, args.seconds, args.speakers)
    emotions = json.loads(TABLE.read_text())["emotions"]
    stores = {args.out: list(emotions)} | ({args.neutral: ["neutral"]} if args.neutral else {})
    changes = emotions | {"neutral": NEUTRAL} if args.neutral else emotions
    length = lambda change: sum(int(new_durations(e.phonemes.numpy(), e.durations.numpy(), change).sum()) for e in examples)
    frames = {name: length(change) for name, change in changes.items()}
    writers = {folder: Writer(folder, sum(frames[name] for name in names)) for folder, names in stores.items()}
    writer_of = {name: writers[folder] for folder, names in stores.items() for name in names}
    renderer, began = Renderer(args.acoustic, args.vocoder), time.process_time()
    for number, example in enumerate(examples, 1):
        for emotion, made in zip(changes, renderer.render(example, list(changes.values()))):
            writer_of[emotion].add(example, emotion, made)
        if number % 40 == 0:
            print(f"{number} of {len(examples)} clips, {time.process_time() - began:.0f} CPU s", flush=True)
        if time.process_time() - began > 60 * args.minutes:
            break
    for folder, writer in writers.items():
        writer.save()
        print(f"{folder.name}: {len(writer.index)} renders of {number} clips, {writer.at * HOP / RATE / 60:.1f} minutes")
    print(f"{time.process_time() - began:.0f} CPU s")


if __name__ == "__main__":
    main()
