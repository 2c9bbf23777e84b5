"""The teacher reads Korean: one Opus file and one .npz (symbols, frames, F0, energy) a line with --audio, else the durations, F0 and energy of all lines (tune-NNNN.npz, as generate_tune.py).

Which voice reads a line follows from its number. A second run goes on where the first stopped.

    generate_korean.py --model kokoro-float.onnx --voices package/voices --texts texts.tsv --phonemes phonemes.txt --out corpus --audio
"""

import argparse
import random
import subprocess
from pathlib import Path

import numpy as np
import onnxruntime
from generate_tune import CHUNK, OUTPUTS, cut
from korean import pack, share_frames
from teacher import Teacher, voice_pack

WOMAN = "ef_dora:0.5 jf_alpha:0.5"
SECOND = ["if_sara:0.4 jf_alpha:0.4 ef_dora:0.2", "zf_xiaoxiao:0.4 jf_alpha:0.3 ef_dora:0.3", "af_heart:0.4 ef_dora:0.3 jf_alpha:0.3"]
"""Timbres of further women; their tune is WOMAN's."""
MEN = [("em_alex:1", "em_alex:1"), ("em_alex:1", "em_alex:0.6 ef_dora:0.2 jf_alpha:0.2"), ("em_alex:0.7 jm_kumo:0.3", "em_alex:0.7 jm_kumo:0.3")]
"""Timbre and tune."""
ENGLISH = ["af_heart", "af_sarah", "af_river", "am_michael", "am_puck", "am_echo"]


def plan(index: int, audio: bool) -> tuple[str, str, str, float]:
    """Speaker, timbre, tune, speed. Of sixteen recorded lines seven are the first woman's, three the second's, three the man's, and three have an English voice's timbre
    and a Korean voice's tune. Lines without audio: two thirds woman, one third man."""
    r = random.Random(index * 7717 + 41)
    speed = r.choice([0.85, 0.92, 1.1]) if r.random() < 0.1 else 1.0
    if not audio:
        return ("ko_man", *MEN[0], speed) if r.random() < 1 / 3 else ("ko_woman", WOMAN, WOMAN, speed)
    turn, round = (index * 7) % 16, index // 16
    if turn < 7:
        return "ko_woman", WOMAN, WOMAN, speed
    if turn < 10:
        return f"ko_second{round % 3}", SECOND[round % 3], WOMAN, speed
    if turn < 13:
        return f"ko_man{round % 3}", *MEN[round % 3], speed
    name = ENGLISH[(round + turn * 2) % 6]
    return f"ko_{name}", f"{name}:1", WOMAN if name[1] == "f" else MEN[0][1], speed


def mixture(text: str) -> dict[str, float]:
    return {name: float(share) for name, share in (part.split(":") for part in text.split())}


def record(teacher: Teacher, line: list[str], index: int, packs: dict, stem: Path, frames_file: Path, plan, pack) -> None:
    name, timbre, tune, speed = plan(index, True)
    mix = lambda text: sum(packs[n] * w for n, w in mixture(text).items())
    rows = np.concatenate([mix(timbre)[:, :128], mix(tune)[:, 128:]], 1).astype(np.float32)
    audio, frames, f0, energy = teacher.speak_ids(*pack(line), len(line), rows, speed)
    frames = share_frames(line, frames)
    assert frames.sum() * 300 == len(audio) == len(f0) * 300 and np.isfinite(audio).all()
    gain = min(1.0, 0.97 / max(np.abs(audio).max(), 1e-9))
    np.savez(frames_file, symbols=np.array(line), frames=frames.astype(np.int16), f0=f0.astype(np.float16), energy=energy.astype(np.float16), voice=name, speed=speed, gain=np.float32(gain), timbre=str(mixture(timbre)), prosody=str(mixture(tune)))
    part = stem.with_suffix(".part.opus")
    command = ["ffmpeg", "-v", "error", "-y", "-f", "f32le", "-ar", "24000", "-ac", "1", "-i", "-", "-threads", "1", "-c:a", "libopus", "-b:a", "56k", "-application", "audio", str(part)]
    subprocess.run(command, input=(audio * gain).astype("<f4").tobytes(), check=True)
    part.rename(stem.with_suffix(".opus"))


def tunes(session, lines: list[list[str]], texts: list[list[str]], first: int, packs: dict, plan, pack) -> dict:
    rows = dict(ids=[], kinds=[], texts=[], tune=[], speed=[], symbols=[], frames=[], f0=[], energy=[], sizes=[])
    for index in range(first, min(first + CHUNK, len(texts))):
        line = lines[index]
        if len(line) < 3 or len(line) > 250:
            continue
        _, _, tune, speed = plan(index, False)
        ids, owner = pack(line)
        style = sum(packs[n] * w for n, w in mixture(tune).items())[min(len(ids) - 2, 510) - 1][None].astype(np.float32)
        durations, f0, energy = session.run(OUTPUTS, dict(tokens=ids[None].astype(np.int64), style=style, speed=np.array([speed], np.float32)))
        frames = np.zeros(len(line), np.int64)
        np.add.at(frames, owner, np.maximum(1, durations.reshape(-1)).astype(int) * 2)
        assert frames.sum() == f0.size == energy.size
        values = dict(ids=texts[index][0], kinds=texts[index][1], texts=texts[index][3], tune=tune, speed=speed, frames=share_frames(line, frames).astype(np.uint16), f0=f0.reshape(-1).astype(np.float16), energy=energy.reshape(-1).astype(np.float16), sizes=(len(line), f0.size))
        for key, value in values.items():
            rows[key].append(value)
        rows["symbols"] += line
    return {k: np.concatenate(v) if k in ("frames", "f0", "energy") else np.array(v) for k, v in rows.items()}


def main(plan=plan, pack=pack, description=__doc__) -> None:
    """`plan` says who reads a line, `pack` writes it in the teacher's alphabet; generate_british.py has its own."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="the float graph (dequantize.py)")
    parser.add_argument("--voices", type=Path, required=True)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--phonemes", type=Path, required=True, help="of the texts, by `node scripts/phonemize.ts --language …`")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--audio", action="store_true")
    parser.add_argument("--speakers", help="only these, separated by commas, as ko_woman,ko_man")
    parser.add_argument("--lines", type=int, default=10**6, help="only the first so many")
    a = parser.parse_args()
    packs = {f.stem: voice_pack(f) for f in sorted(a.voices.glob("*.bin"))}
    texts = [l.split("\t") for l in a.texts.read_text(encoding="utf-8").splitlines()][: a.lines]
    lines = [l.split(" ") if l else [] for l in a.phonemes.read_text(encoding="utf-8").split("\n")][: len(texts)]
    for name in ("audio", "frames") if a.audio else (".",):
        (a.out / name).mkdir(parents=True, exist_ok=True)
    if a.audio:
        teacher = Teacher(a.model)
        for index, (row, line) in enumerate(zip(texts, lines)):
            stem = a.out / "audio" / row[0]
            if a.speakers and plan(index, True)[0] not in a.speakers.split(","):
                continue
            if len(line) > 2 and not stem.with_suffix(".opus").exists():
                record(teacher, line, index, packs, stem, a.out / "frames" / f"{row[0]}.npz", plan, pack)
        return
    part = a.out / "tune.onnx"
    if not part.exists():
        cut(a.model, part)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(str(part), options, providers=["CPUExecutionProvider"])
    for first in range(0, len(texts), CHUNK):
        path = a.out / f"tune-{first // CHUNK:04d}.npz"
        if not path.exists():
            np.savez_compressed(path, **tunes(session, lines, texts, first, packs, plan, pack))
            print(path.name, flush=True)


if __name__ == "__main__":
    main()
