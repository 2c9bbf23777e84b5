"""phonemes.tsv by the product's own text front end (scripts/phonemize.ts), so that training sees exactly what the Worker will say."""

import argparse
import subprocess
from pathlib import Path

from corpus import CORPORA, read_clips
from symbols import END, ID, START


def phonemize(texts: list[str], command: list[str], folder: Path) -> list[list[int]]:
    """Ids per text. The front end reads lines and writes symbols separated by spaces, the word boundary as `|`."""
    lines = "".join(" ".join(text.split()) + "\n" for text in texts)
    result = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, cwd=folder).stdout.splitlines()
    assert len(result) == len(texts), (len(result), len(texts))
    rows = [[ID[" " if symbol == "|" else symbol] for symbol in line.split(" ")] for line in result]
    assert all(row[0] == START and row[-1] == END for row in rows)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the corpora")
    parser.add_argument("--corpora", nargs="+", default=CORPORA)
    parser.add_argument("--repository", type=Path, default=Path(__file__).resolve().parents[2])
    parser.add_argument("--node", default="node")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    clips = [clip for corpus in args.corpora for clip in read_clips(args.data, corpus)]
    rows = phonemize([c.text for c in clips], [args.node, "scripts/phonemize.ts"], args.repository)
    args.out.write_text("".join(f"{c.id}\t{' '.join(map(str, row))}\n" for c, row in zip(clips, rows)), encoding="utf-8")
    print(f"{len(clips)} clips, {sum(map(len, rows))} tokens")


if __name__ == "__main__":
    main()
