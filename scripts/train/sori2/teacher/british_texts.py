"""Lines for British English: british_texts.py CORPUS TUNE_NPZ OUT writes OUT/texts.tsv (to be recorded) and OUT/more.tsv (without audio): id, kind, source, text.

Both take lines that the American corpora have, so that the accents differ in nothing else, and none that is held out there; prompts with British words are added.
"""

import csv
import random
import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from data import is_held_out  # noqa: E402

random.seed(20261130)
RECORDED, MORE = 560, 1000
SHARES = dict(narrative=0.4, banking=0.14, prompt=0.18, question=0.14, list=0.08, short=0.06)
OWN = """Mind the gap between the train and the platform.|Your parcel was left with a neighbour.|The lift is out of order; please take the stairs.|Please queue on the left.|I'd rather have half a glass of water.
The car park closes at half past ten.|Turn right at the roundabout, then take the first exit.|We can't answer your call at the moment.|The last bath was drained on Thursday afternoon.|Would you like tomato or pasta sauce?
The new tube timetable starts on Tuesday.|There are four hours of thunder to come.|Fast cars pass the castle after dark.|Ask the clerk to schedule a visit.|Her daughter bought a dozen bottles of water.
A hundred and five people voted for the law.|The third of April, or the fourth?|Press the hash key to continue.|Your postcode ends in zed.|The weather in Oxford will be rather cloudy.|Sorry, the mobile you are calling is switched off.
What time does the chemist open?|Our offices are closed for the bank holiday.|The hot dog fell on the cloth.|Nurse, could you turn the light off?|I thought the north road was shorter.|Are there more over there?|The idea of it is absurd.
Here and there, the fear of war is real.|She had no hope of going home alone.|Go slowly over the old stone bridge.|Don't go, he told Joan.|You owe four pounds and fifty pence.|The lorry broke down on the motorway.
Is the ground floor open to the public?|Half past nine, or quarter to ten?|Please leave your umbrella at the door.|We can post the letter on Saturday or Sunday.|He was born in Birmingham, and worked in Leicester and Edinburgh.
The secretary's advice was to dance and laugh.|Poor Arthur's sure to be bored.|The staff are rather tired after all the chores.""".replace("\n", "|").split("|")


def main() -> None:
    corpus, tune, out = map(Path, sys.argv[1:4])
    out.mkdir(parents=True, exist_ok=True)
    with open(corpus / "metadata.tsv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    held = {row["text"] for row in rows if is_held_out(row["id"], row["speaker"])}
    lines = [("prompt", "own", text) for text in OWN]
    for kind, share in SHARES.items():
        fit = [row for row in rows if row["kind"] == kind and row["text"] not in held and len(row["text"]) < 85]
        lines += [(kind, row["source"], row["text"]) for row in random.sample(fit, min(len(fit), round(RECORDED * share)))]
    random.shuffle(lines)
    write(out / "texts.tsv", lines)
    known = {text for _, _, text in lines} | held
    arrays = np.load(tune)
    fit = [(str(kind), str(i), str(text)) for kind, i, text in zip(arrays["kinds"], arrays["ids"], arrays["texts"]) if int(str(i)[1:]) % 20 != 7 and str(text) not in known and len(str(text)) < 120]
    write(out / "more.tsv", random.sample(fit, MORE))


def write(path: Path, lines: list[tuple[str, str, str]]) -> None:
    path.write_text("".join(f"g{i:05d}\t{kind}\t{source}\t{text}\n" for i, (kind, source, text) in enumerate(lines)), encoding="utf-8")


if __name__ == "__main__":
    main()
