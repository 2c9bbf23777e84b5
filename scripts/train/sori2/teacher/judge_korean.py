"""Which recorded Korean lines a recogniser understands: `judge_korean.py CORPUS TEXTS` appends id, edits, characters and what was heard to CORPUS/errors.tsv for the lines that it lacks, one of each speaker in turn."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "evaluate"))
from character_error import Recogniser, character_errors  # noqa: E402
from generate_korean import plan  # noqa: E402


def main() -> None:
    corpus, texts = Path(sys.argv[1]), Path(sys.argv[2])
    path = corpus / "errors.tsv"
    known = {l.split("\t")[0] for l in path.read_text(encoding="utf-8").splitlines()} if path.exists() else set()
    ear, waiting = Recogniser(), []

    def flush() -> None:
        edits, counts = character_errors([text for _, text, _ in waiting], [heard for *_, heard in waiting])
        with open(path, "a", encoding="utf-8") as file:
            file.writelines(f"{id}\t{e}\t{c}\t{heard}\n" for (id, _, heard), e, c in zip(waiting, edits, counts))
        waiting.clear()

    pending, of_speaker = [], Counter()
    for index, line in enumerate(texts.read_text(encoding="utf-8").splitlines()):
        id, _, _, text = line.split("\t")
        opus = corpus / "audio" / f"{id}.opus"
        if opus.exists():
            speaker = plan(index, True)[0]
            of_speaker[speaker] += 1
            pending.append((of_speaker[speaker], id, text, opus))
    for _, id, text, opus in sorted(line for line in pending if line[1] not in known):
        raw = subprocess.run(["ffmpeg", "-v", "error", "-i", str(opus), "-f", "f32le", "-ar", "24000", "-ac", "1", "-"], capture_output=True, check=True).stdout
        waiting.append((id, text, ear.text(np.frombuffer(raw, "<f4"))))
        if len(waiting) >= 20:
            flush()
    if waiting:
        flush()


if __name__ == "__main__":
    main()
