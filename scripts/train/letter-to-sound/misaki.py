"""misaki's word lists in ARPAbet: python misaki.py us_silver.json > silver.tsv

The lists come with the Python package misaki 0.9.4 (Apache-2.0), in misaki/data. Words with several readings have the first; with `--all` they have a line for each.
"""

import json
import re
import sys

VOWELS = dict(zip("A I O W Y ɑ æ ɔ ɛ ɪ i ʊ u ʌ ə ɜ ᵊ ᵻ a e o".split(), "EY AY OW AW OY AA AE AO EH IH IY UH UW AH AH ER AH IH AA EH OW".split()))
CONSONANTS = dict(zip("b d f h j k l m n p s t v w z ɡ ŋ ɹ ʃ ʒ ð θ ʤ ʧ ɾ T ʔ".split(), "B D F HH Y K L M N P S T V W Z G NG R SH ZH DH TH JH CH T T T".split()))


def arpabet(phonemes):
    phones, stress, skip = [], "0", False
    for i, char in enumerate(phonemes):
        if skip:
            skip = False
        elif char in "ˈˌ":
            stress = "1" if char == "ˈ" else "2"
        elif char in VOWELS:
            skip = char in "ɜə" and phonemes[i + 1 : i + 2] == "ɹ"
            phones.append(("ER" if skip else VOWELS[char]) + stress)
            stress = "0"
        elif char in CONSONANTS:
            phones.append(CONSONANTS[char])
    return " ".join(phones)


for word, reading in json.load(open(sys.argv[1], encoding="utf-8")).items():
    readings = [reading] if isinstance(reading, str) else list(dict.fromkeys(filter(None, reading.values())))
    if re.fullmatch(r"[a-z]+", word):
        for one in readings if "--all" in sys.argv else readings[:1]:
            print(word, arpabet(one), sep="\t")
