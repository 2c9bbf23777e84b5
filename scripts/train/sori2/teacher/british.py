"""British symbols of the front end (src/text/en/british) in the teacher's alphabet, as misaki writes British English for it (gb_gold.json)."""

import numpy as np
from teacher import VOCAB

SOUNDS = dict(pair.split(":") for pair in "æ:a ɑ:ɑː ɔ:ɔː əʊ:Q eɪ:A aɪ:I aʊ:W ɔɪ:Y tʃ:ʧ dʒ:ʤ".split())
PAUSES = (",", ";", ":", "—", "…", ".", "!", "?")
BETWEEN = ("|", "^", "$", *PAUSES)
OBSTRUENTS = tuple("ptkbdɡszʃʒfvθð") + ("tʃ", "dʒ")


def is_vowel(symbol: str) -> bool:
    return symbol.lstrip("ˈˌ")[:1] in tuple("ɑæɔaɛeɪioʊuəʌɒɜ")


def sound(symbols: list[str], k: int) -> str:
    """What the teacher reads for symbol k."""
    symbol, before, after = symbols[k], symbols[k - 1], symbols[k + 1]
    stress = symbol[0] if symbol[0] in "ˈˌ" else ""
    base = symbol[len(stress) :]
    if base in ("i", "u"):
        first = k - next(n for n in range(1, k + 1) if symbols[k - n] in BETWEEN)
        other = any(is_vowel(s) for s in symbols[first + 1 : k])
        weak = not stress and (is_vowel(after) or (base == "i" and after in BETWEEN and other))
        return base if weak and base == "i" else ("ʊ" if weak else stress + base + "ː")
    if base == "ə" and before in BETWEEN and after in BETWEEN:
        return "ɐ"
    if base == "ə" and after in ("l", "n") and before in OBSTRUENTS and not is_vowel(symbols[k + 2]):
        return "ᵊ"
    return stress + SOUNDS.get(base, base)


def pack(symbols: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Token ids, and the number of the symbol that each belongs to."""
    ids, owner = [], []
    for k, s in enumerate(symbols):
        row = [0] if s in ("^", "$") else [16] if s == "|" else [VOCAB[c] for c in sound(symbols, k)]
        if s in PAUSES and symbols[k + 1] not in ("$", "|"):
            row = row + [16]
        ids += row
        owner += [k] * len(row)
    return np.array(ids), np.array(owner)
