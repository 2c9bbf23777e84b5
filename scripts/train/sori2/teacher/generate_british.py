"""The teacher's British voices read British English: one Opus file and one .npz (symbols, frames, F0, energy) a line with --audio, else the durations, F0 and energy of all lines.

Which voice reads a line follows from its number. A second run goes on where the first stopped.

    generate_british.py --model kokoro-float.onnx --voices package/voices --texts texts.tsv --phonemes phonemes.txt --out gb --audio
"""

import random

from british import pack
from generate_korean import main

MAIN = ["bf_emma", "bm_george", "bf_isabella", "bm_fable"]
BLENDED = {"f": ["bf_emma", "bf_isabella", "bf_alice", "bf_lily"], "m": ["bm_george", "bm_fable", "bm_daniel", "bm_lewis"]}


def plan(index: int, audio: bool) -> tuple[str, str, str, float]:
    """Speaker, timbre, tune, speed. Of eight recorded lines seven are one of the four main voices', in turn; one is a blend's of two British voices. Lines without audio: as many of each."""
    r = random.Random(index * 7331 + 17)
    speed = r.choice([0.85, 0.92, 1.1, 1.2]) if r.random() < 0.12 else 1.0
    if index % 8 == 7:
        number = index // 8
        sex = "fm"[number % 2]
        one, other = r.sample(BLENDED[sex], 2)
        share = round(r.uniform(0.3, 0.7), 2)
        mixture = f"{one}:{share} {other}:{1 - share:.2f}"
        return (f"blend{8001 + number:04d}{sex}" if audio else f"blend_{sex}"), mixture, mixture, speed
    name = MAIN[(index + index // 8) % 4]
    return name, f"{name}:1", f"{name}:1", speed


if __name__ == "__main__":
    main(plan, pack, __doc__)
