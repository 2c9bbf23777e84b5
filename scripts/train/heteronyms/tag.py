"""Tags English sentences with parts of speech: python tag.py SENTENCES... > tags.txt

Needs spaCy and its model en_core_web_sm. A line of the output is a sentence: words with their Penn tags behind \\x01, parted by spaces.
"""

import sys

import spacy


def main():
    nlp = spacy.load("en_core_web_sm", exclude=["parser", "ner", "lemmatizer", "attribute_ruler"])
    lines = [line.strip().split("|")[-1].split("\t")[-1] for path in sys.argv[1:] for line in open(path, encoding="utf-8")]
    for document in nlp.pipe(lines, batch_size=128):
        print(" ".join(f"{word.text}\x01{word.tag_}" for word in document if not word.is_space))


main()
