"""Word error rates by Whisper-base, compared as scripts/train/sori2/evaluate/transcribe.py compares.

    python3 scripts/bench/voice/wer.py list.tsv        with the packages of scripts/train/sori2/evaluate/requirements-judges.txt

list.tsv: set, WAV file, text. Prints {set: {"errors": n, "words": n}} as JSON.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

from faster_whisper import WhisperModel

sys.path.append(str(Path(__file__).resolve().parents[2] / "train" / "sori2" / "evaluate"))
from transcribe import distance, weights_folder, words  # noqa: E402

if __name__ == "__main__":
    model = WhisperModel(str(weights_folder()), device="cpu", compute_type="int8", cpu_threads=2)
    total = defaultdict(lambda: dict(errors=0, words=0))
    for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
        name, path, text = line.split("\t")
        segments, _ = model.transcribe(path, language="en", beam_size=5, condition_on_previous_text=False)
        total[name]["errors"] += distance(words(text), words(" ".join(s.text for s in segments)))
        total[name]["words"] += len(words(text))
    print(json.dumps(total))
