"""The phoneme table of sori-1: an id is a position in SYMBOLS. The TypeScript front end holds the same table."""

PAUSES = [" ", ",", ".", "?", "!", ";", ":", "—", "…"]
CONSONANTS = "p b t d k ɡ tʃ dʒ f v θ ð s z ʃ ʒ h m n ŋ l ɹ w j".split()
FULL_VOWELS = "ɑ æ ɔ aʊ aɪ ɛ eɪ ɪ i oʊ ɔɪ ʊ u".split()

SYMBOLS = ["_", "^", "$", *PAUSES, *CONSONANTS]
SYMBOLS += [stress + vowel for vowel in FULL_VOWELS for stress in ("", "ˈ", "ˌ")]
SYMBOLS += ["ə", "ˈʌ", "ˌʌ", "ɚ", "ˈɝ", "ˌɝ"]

ID = {symbol: index for index, symbol in enumerate(SYMBOLS)}
START, END, SPACE = ID["^"], ID["$"], ID[" "]
OPTIONAL = set(range(12))  # ids that may last zero frames: pad, start, end, word boundary, punctuation
LANGUAGES = ["en", "en-AU"]  # the slot after them is the accented readers of training, which no request can name


def base_and_stress(symbol: str) -> tuple[str, int]:
    """`ˈɪ` -> (`ɪ`, 1): stress 0 none, 1 primary, 2 secondary. Lets a vowel's three ids share most of one embedding."""
    stress = {"ˈ": 1, "ˌ": 2}.get(symbol[0], 0)
    return (symbol[1:] if stress else symbol), stress


BASES = sorted({base_and_stress(s)[0] for s in SYMBOLS})
BASE_OF = [BASES.index(base_and_stress(s)[0]) for s in SYMBOLS]
STRESS_OF = [base_and_stress(s)[1] for s in SYMBOLS]
