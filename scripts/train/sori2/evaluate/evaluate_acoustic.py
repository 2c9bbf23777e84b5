"""Measures the acoustic model on held-out lines against the teacher; one more row in a CSV file.

- F0 with the teacher's durations, lines whose tune is the teacher's own: correlation and root mean square error of ln F0 where both are voiced, ratio of the standard deviations; per group of voices.
- Durations: correlation of the logarithms, and made over real length of all lines.
- Mel: L1 with the teacher's F0, voicing and energy, and with the model's own voicing and energy.
- Tune, with the model's own durations: share of lines whose last 60 ms of loud voice lie at least a semitone above (rise) or below (fall) the median of the last half second
  of it, for the model and for the teacher; frames of commas within lists, where the goal of lines without audio is at least tunes.LIST_PAUSE.
- With --wav: speech of 30 held-out prompts from the model, the same by the vocoder from the recording's mel, and the recordings, for transcribe.py.
"""

import argparse
import csv
import re
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

sys.path.append(str(Path(__file__).resolve().parents[1]))
from lines import HOP, MAIN, Line, load  # noqa: E402
from speak import averaged, curves_of, load_networks, speak, style_of  # noqa: E402
from spectra import log_mel  # noqa: E402
from phonemes import ID  # noqa: E402
from tunes import question_kind  # noqa: E402


def movement(f0: np.ndarray, voiced: np.ndarray, energy: np.ndarray, pitch: float) -> float:
    """Semitones of the last 5 frames above the median of the last 40, of frames that are voiced, loud and not below 0.55 of the voice's usual F0 (there the teacher's F0 decays)."""
    height = np.log(f0 / 160) - pitch
    last = 12 / np.log(2) * height[(voiced > 0.5) & (energy > 0) & (height > -0.6)][-40:]
    return float(last[-5:].mean() - np.median(last)) if len(last) >= 12 else float("nan")


def kind_of(line: Line) -> str:
    """Kind of a line for the tune's table."""
    return question_kind(line.text) or {"narrative": "statement", "prompt": "statement", "banking": "statement"}.get(line.kind, line.kind)


def tune_table(model, lines: list[Line], table: np.ndarray, most=60) -> dict[str, tuple]:
    """kind -> (lines, model's rise and fall rate, teacher's rise and fall rate)."""
    groups = defaultdict(list)
    for line in lines:
        groups[kind_of(line)].append(line)
    result = {}
    for kind in ("yes-no", "wh", "choice", "statement", "short", "list", "aside"):
        rows = []
        for line in groups[kind][:most]:
            made = curves_of(model, line.phonemes, style_of(model, line.tune, table, line.speed, line.timbre), language=line.language)
            pair = movement(made["f0"][0].numpy(), made["voicing"][0].numpy(), made["energy"][0].numpy(), line.statistics[0]), movement(line.f0, line.voiced, line.energy, line.statistics[0])
            if np.isfinite(pair).all():
                rows.append(pair)
        if rows:
            m, t = np.array(rows).T
            result[kind] = len(rows), (m > 1).mean(), (m < -1).mean(), (t > 1).mean(), (t < -1).mean()
    return result


def pauses(model, lines: list[Line], table: np.ndarray) -> tuple[float, float, float]:
    """Mean frames of commas within lists, the model's and the teacher's, and the correlation of their logarithms."""
    made, real = [], []
    for line in lines:
        if line.kind != "list":
            continue
        frames = curves_of(model, line.phonemes, style_of(model, line.tune, table, line.speed, line.timbre))["frames"]
        commas = line.phonemes == ID[","]
        made += list(frames[commas])
        real += list(line.frames[commas])
    return float(np.mean(made)), float(np.mean(real)), float(np.corrcoef(np.log1p(made), np.log1p(real))[0, 1])


def voice_of(line: Line) -> str:
    """The teacher's voice of a line, or `blends`."""
    return "blends" if line.speaker.startswith("blend") else line.speaker.removesuffix(":1.0")


@torch.no_grad()
def against_teacher(model, lines: list[Line], mels: np.ndarray, table: np.ndarray) -> dict[str, float]:
    logs, lengths, frames, errors = defaultdict(list), [], [], defaultdict(list)
    for line in lines:
        style = style_of(model, line.tune, table, line.speed, line.timbre)
        c = curves_of(model, line.phonemes, style, line.frames, line.language)
        lengths.append((c["predicted"].sum(), line.frames.sum()))
        frames.append(np.stack([np.log(np.maximum(c["predicted"], 0.5)), np.log(np.maximum(line.frames, 0.5))]))
        errors["energy"].append(np.abs(c["energy"][0].numpy() - line.energy).mean())
        if not line.edited:
            both = (line.voiced > 0) & (c["voicing"][0].numpy() > 0.5)
            errors["voicing"].append(((c["voicing"][0].numpy() > 0.5) != (line.voiced > 0)).mean())
            logs[voice_of(line)].append(np.stack([np.log(c["f0"][0].numpy()[both]), np.log(line.f0[both])]))
        if line.start >= 0:
            real = torch.from_numpy(mels[line.start : line.start + len(line.f0)].astype(np.float32))[None]
            row = lambda x: torch.from_numpy(x.astype(np.float32))[None]
            forced = model.mel_decoder(c["expanded"], row(line.f0), row(line.voiced), row(line.energy), style)
            own = model.mel_decoder(c["expanded"], row(line.f0), c["voicing"], c["energy"], style)
            errors["mel"].append(float((forced - real).abs().mean()))
            errors["mel_own_curves"].append(float((own - real).abs().mean()))
    result = {}
    for group, values in logs.items():
        joined = np.concatenate(values, 1)
        result[f"f0_correlation_{group}"] = np.corrcoef(joined)[0, 1]
        result[f"f0_deviation_ratio_{group}"] = joined[0].std() / joined[1].std()
    # Each line's own mean removed on both sides, so that voices of different height do not help.
    centred = np.concatenate([v - v.mean(1, keepdims=True) for values in logs.values() for v in values], 1)
    result |= dict(f0_correlation_within_lines=np.corrcoef(centred)[0, 1], f0_deviation_ratio=centred[0].std() / centred[1].std(), f0_rmse_semitones=np.sqrt(np.mean(np.concatenate([np.diff(v, axis=0)[0] for vs in logs.values() for v in vs]) ** 2)) * 12 / np.log(2))  # fmt: skip
    joined = np.concatenate(frames, 1)
    result |= dict(duration_correlation=np.corrcoef(joined)[0, 1], length_ratio=sum(a for a, _ in lengths) / sum(b for _, b in lengths))
    return result | {k: float(np.mean(v)) for k, v in errors.items()}


def write_speech(model, vocoder, corpus, lines: list[Line], table: np.ndarray, folder: Path, count=30) -> None:
    """<folder>/{model,copy,teacher}/<id>.wav and texts.tsv, of prompts and questions, then of narrative lines, without digits and spelled letters."""
    import soundfile

    kinds = ["prompt", "banking", "question", "narrative"]
    usable = [l for l in lines if not l.speaker.startswith("blend") and l.kind in kinds and not re.search(r"\d|\b[A-Z] [A-Z]\b", l.text)]
    usable.sort(key=lambda l: kinds.index(l.kind) == 3)
    rows = []
    for number, line in enumerate(usable[:count]):
        wave = corpus.audio[line.start * HOP : (line.start + len(line.f0)) * HOP].astype(np.float32) / 32767
        made, _ = speak(model, vocoder, line.phonemes, style_of(model, line.tune, table, line.speed), seed=number)
        with torch.no_grad():
            row = lambda x: torch.from_numpy(x.astype(np.float32))[None]
            copied = vocoder(log_mel(torch.from_numpy(wave)[None]), row(line.f0), row(line.voiced), torch.Generator().manual_seed(number))[0].numpy()
        for name, sound in (("model", made), ("copy", copied), ("teacher", wave)):
            (folder / name).mkdir(parents=True, exist_ok=True)
            soundfile.write(folder / name / f"{line.id}.wav", np.clip(sound, -1, 1), 24000)
            rows.append(f"{name}\t{line.id}\t{line.text}\n")
    (folder / "texts.tsv").write_text("".join(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True, help="CSV file that gets one more row")
    parser.add_argument("--lines", type=int, default=150, help="at most so many recorded held-out lines; those without audio of single voices count for F0 and durations too")
    parser.add_argument("--wav", type=Path)
    a = parser.parse_args()
    torch.set_num_threads(1)
    corpus, mels, recorded, more, table = load(a.corpus, a.work)
    # Korean has evaluate_korean.py.
    recorded, more = ([line for line in lines if line.held_out and not line.language and not line.reader] for lines in (recorded, more))
    single = [line for line in more if voice_of(line) in MAIN]
    model, vocoder = load_networks(a.work / "acoustic.pt", a.work / "vocoder.pt")
    _, step, seconds = averaged(a.work / "acoustic.pt", "acoustic")
    values = dict(step=step, cpu_seconds=round(seconds)) | against_teacher(model, recorded[:: max(1, len(recorded) // a.lines)][: a.lines] + single, mels, table)
    for kind, (count, rise, fall, teacher_rise, teacher_fall) in tune_table(model, recorded + more, table).items():
        print(f"{kind}: {count} lines, model rises {rise:.2f} falls {fall:.2f}, teacher rises {teacher_rise:.2f} falls {teacher_fall:.2f}")
        values |= {f"{kind}_rise": rise, f"{kind}_fall": fall}
    values |= dict(zip(("comma_frames", "comma_frames_teacher", "comma_correlation"), pauses(model, recorded + more, table)))
    new = not a.log.exists()
    with open(a.log, "a", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(values)
        writer.writerow([f"{v:.4g}" if isinstance(v, float) else v for v in values.values()])
    print(time.strftime("%H:%M"), {k: round(float(v), 3) for k, v in values.items()})
    if a.wav:
        write_speech(model, vocoder, corpus, recorded, table, a.wav)


if __name__ == "__main__":
    main()
