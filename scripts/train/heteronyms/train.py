"""Trains the tagger of src/text/en/tagger.ts: python train.py tags.txt > ../../../src/text/en/tagger-weights.ts

Multinomial logistic regression over hashed features of a word's neighbours, AdaGrad, a tenth of the sentences held out. The features are
those of `features` in tagger.ts; the word itself is not among them. Prints the held-out accuracy to standard error.
"""

import base64
import collections
import re
import sys

import numpy as np
import scipy.sparse

BUCKETS = 1 << 14
TAGS = ["verb", "third", "past", "participle", "noun", "adjective", "adverb"]
PENN = dict(VB=0, VBP=0, VBZ=1, VBD=2, VBN=3, NN=4, NNS=4, NNP=4, NNPS=4, JJ=5, JJR=5, JJS=5, RB=6)


def bucket(feature):
    value = 0x811C9DC5
    for char in feature:
        value = ((value ^ ord(char)) * 0x01000193) & 0xFFFFFFFF
    return value % BUCKETS


def neighbour(words, pauses, i, k):
    j = i + k
    if k < 0:
        if j < 0:
            return "<s>" if j == -1 else ""
        if any(pauses[j:i]):
            return "<,>" if k == -1 else ""
        return words[j]
    if j >= len(words):
        return "</s>" if j == len(words) else ""
    if any(pauses[i:j]):
        return "<,>" if k == 1 else ""
    return words[j]


def features(words, pauses, i):
    a, b, c, d, e = (neighbour(words, pauses, i, k) for k in (-1, -2, 1, 2, -3))
    own = "s" if words[i].endswith("s") else ""
    return [f"a{a}", f"b{b}", f"c{c}", f"d{d}", f"e{b} {a}", f"f{a} {c}", f"g{c} {d}", f"h{a[-3:]}", f"i{c[-3:]}", f"j{a[-2:]}",
            f"k{c[-2:]}", f"l{e}", f"m{b[-2:]} {a[-2:]}", f"n{a[-2:]} {c[-2:]}", f"o{own}"]


def read(path):
    """Sentences as words in small letters, whether a pause follows each, and their Penn tags."""
    for line in open(path, encoding="utf-8"):
        words, pauses, tags = [], [], []
        for token in line.rstrip("\n").split(" "):
            if "\x01" not in token:
                continue
            text, tag = token.split("\x01")
            if re.fullmatch(r"[A-Za-z]+(?:['’][A-Za-z]+)?", text):
                words.append(text.lower()), pauses.append(False), tags.append(tag)
            elif re.fullmatch(r"['’][A-Za-z]+|n['’]t", text) and words:
                words[-1] += text.lower()
            elif re.fullmatch(r"\d.*", text):
                words.append("7"), pauses.append(False), tags.append("CD")
            elif words and re.search(r"[,.;:?!()—]|--", text):
                pauses[-1] = True
        if words:
            pauses[-1] = True
            yield words, pauses, tags


def main():
    rows, labels, held, counts = [], [], [], collections.Counter()
    for number, (words, pauses, tags) in enumerate(read(sys.argv[1])):
        for i, (word, tag) in enumerate(zip(words, tags)):
            if tag not in PENN or word.endswith("ing"):
                continue
            rows.append(features(words, pauses, i))
            labels.append(PENN[tag])
            held.append(number % 10 == 0)
            if number % 10:
                counts.update(rows[-1])
    indices, starts = [], [0]
    for row in rows:
        indices += [bucket(feature) for feature in row if counts[feature] >= 2]
        starts.append(len(indices))
    x = scipy.sparse.csr_matrix((np.ones(len(indices), np.float32), indices, starts), shape=(len(rows), BUCKETS))
    y, held = np.array(labels), np.array(held)
    weights = np.zeros((BUCKETS, len(TAGS)), np.float32)
    squares = np.full_like(weights, 1e-6)
    random = np.random.default_rng(0)
    train = np.flatnonzero(~held)
    for _ in range(12):
        order = random.permutation(train)
        for start in range(0, len(order), 4000):
            batch = order[start:start + 4000]
            scores = x[batch] @ weights
            errors = np.exp(scores - scores.max(1, keepdims=True))
            errors /= errors.sum(1, keepdims=True)
            errors[np.arange(len(batch)), y[batch]] -= 1
            gradient = x[batch].T @ errors * (40 / len(batch)) + 1e-4 * weights
            squares += gradient * gradient
            weights -= 0.3 * gradient / np.sqrt(squares)
    scale = np.abs(weights).max() / 127
    steps = np.clip(np.round(weights / scale), -127, 127).astype(np.int8)
    guess = (x[held] @ (steps * scale)).argmax(1)
    print(f"held out: {held.sum()} words, {100 * (guess == y[held]).mean():.1f} % of tags right", file=sys.stderr)
    print(f"""/**
 * Weights of the tagger: seven for each of {BUCKETS} feature buckets, one signed byte each, in base64.
 * Written by `scripts/train/heteronyms/train.py`.
 */
export const TAGGER_WEIGHTS =
  '{base64.b64encode(steps.tobytes()).decode()}';
/** What one step of a weight is worth. */
export const TAGGER_SCALE = {scale:.9f};""")


main()
