"""Word error rates by pocketsphinx, with the decoder, levels and word forms of scripts/train/evaluate.py.

    PYTHONPATH=scripts/train python3 scripts/bench/voice/wer.py list.tsv

list.tsv: set, WAV file, text. Prints {set: {"errors": n, "words": n}} as JSON.
"""

import json
import sys
from collections import defaultdict
from multiprocessing import Pool
from pathlib import Path

from corpus import decode
from evaluate import edit_distance, levelled, recognise, words


def measure(job: list[str]) -> tuple[str, int, int]:
    name, path, text = job
    wanted = words(text)
    return name, edit_distance(wanted, recognise(levelled(decode(Path(path), 16000)))), len(wanted)


if __name__ == "__main__":
    jobs = [line.split("\t") for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    total = defaultdict(lambda: dict(errors=0, words=0))
    with Pool(2) as pool:
        for name, errors, count in pool.imap_unordered(measure, jobs):
            total[name]["errors"] += errors
            total[name]["words"] += count
    print(json.dumps(total))
