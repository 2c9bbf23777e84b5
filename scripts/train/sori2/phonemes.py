"""The phoneme table of sori-2: that of sori-1, then what Korean needs besides (src/text/ko/symbols.ts in the order in which it stands there), then British English (BRITISH_SYMBOLS in
src/text/symbols.ts). Ids are positions, so new symbols go to the end."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
import symbols as english  # noqa: E402

KOREAN_NEAREST = dict(
    pair.split(":")
    for pair in "tɕ:tʃ dʑ:dʒ p͈:p t͈:t k͈:k tɕ͈:tʃ pʰ:p tʰ:t kʰ:k tɕʰ:tʃ ɕ:ʃ s͈:s ɕ͈:ʃ ɦ:h ɾ:d p̚:p t̚:t k̚:k ɰ:w a:ɑ e:eɪ ʌ:ʌ o:oʊ ɯ:ʊ".split()
) | {"|": " ", "↘": ".", "↗": "?", "↓": ".", "→": ","}
"""Korean symbols that English lacks, and whose vector each starts from when it is new to a model. `|` bounds accentual phrases; arrows are the tunes of phrases."""
BRITISH_NEAREST = {"ɒ": "ɑ", "əʊ": "oʊ", "ɜː": "ɝ", "ɛː": "ɛ"}
"""Vowels of British English that American lacks (LOT, GOAT, NURSE, SQUARE), each in three stresses like every full vowel."""
NEAREST = KOREAN_NEAREST | BRITISH_NEAREST
WRITTEN = {"|": " ", "‖": "|"}
"""Symbols that scripts/phonemize.ts writes otherwise."""

SYMBOLS = [*english.SYMBOLS, *KOREAN_NEAREST, *(stress + vowel for vowel in BRITISH_NEAREST for stress in ("", "ˈ", "ˌ"))]
ID = {symbol: index for index, symbol in enumerate(SYMBOLS)}
OPTIONAL = english.OPTIONAL
LANGUAGES = ["en", "ko", "en-GB"]
"""The language's number in the text encoder is its place here. British English has a place of its own, so that one voice can speak with both accents."""
ACCENT_OF = {"en-GB": "en"}
"""Languages whose vector starts from another's when they are new to a model."""
BASES = english.BASES + [s for s in NEAREST if s not in english.BASES]
BASE_OF = [BASES.index(english.base_and_stress(s)[0]) for s in SYMBOLS]
STRESS_OF = [english.base_and_stress(s)[1] for s in SYMBOLS]


def id_of(written: str) -> int:
    """Id of a symbol as scripts/phonemize.ts writes it."""
    return ID[WRITTEN.get(written, written)]
