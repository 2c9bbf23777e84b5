"""Trains the network of src/text/en/letter-network.ts: python train.py labels.tsv letter-network.en.bin [--minutes 28]

labels.tsv comes from `npm run lexicon -- --labels labels.tsv`; with `--more silver.tsv` (misaki.py writes it) there are 38,000 more words.
A bidirectional LSTM of two layers predicts the phonemes of every letter. The learning rate falls to zero over the processor time that is
given; the weights that ship took 28 minutes on one thread. Needs PyTorch.
"""

import argparse
import json
import pathlib
import random
import struct
import time

import torch
from torch import nn

SIZE, CELLS, RATE, SOURCES = 48, 176, 3e-3, 3


class Network(nn.Module):
    def __init__(self, labels):
        super().__init__()
        self.letters = nn.Embedding(27, SIZE)
        # Dictionaries write weak vowels differently: the network is told which one a word is from, and ships as for CMUdict.
        self.source = nn.Embedding(SOURCES, SIZE)
        self.lstm = nn.LSTM(SIZE, CELLS, 2, batch_first=True, bidirectional=True, dropout=0.3)
        self.output = nn.Linear(2 * CELLS, labels)
        nn.init.normal_(self.source.weight, 0, 0.1)

    def forward(self, words, sources):
        return self.output(self.lstm(self.letters(words) + self.source(sources)[:, None])[0])


def read(path):
    """Words by length, so that no batch is padded: letters, sources, labels."""
    rows = [line.split("\t") for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines()]
    labels = sorted({label for row in rows for label in row[2].split(" ")})
    index = {label: i for i, label in enumerate(labels)}
    groups = {}
    for word, source, spoken in rows:
        item = [ord(letter) - 96 for letter in word], int(source), [index[label] for label in spoken.split(" ")]
        groups.setdefault(len(word), []).append(item)
    return labels, [[torch.tensor(column) for column in zip(*group)] for group in groups.values()]


def batches(groups):
    found = []
    for words, sources, labels in groups:
        kept = torch.nonzero((sources < 2) | (torch.rand(len(sources)) < 0.5))[:, 0]
        kept = kept[torch.randperm(len(kept))]
        size = max(32, 2400 // words.shape[1])
        found += [(words[part], sources[part], labels[part]) for part in kept.split(size)]
    random.shuffle(found)
    return found


def train(network, groups, seconds):
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.01, betas=(0.9, 0.98))
    average, step, start = None, 0, time.process_time()
    while True:
        for words, sources, labels in batches(groups):
            progress = (time.process_time() - start) / seconds
            if progress >= 1:
                return average or network.state_dict()
            optimizer.param_groups[0]["lr"] = RATE * min(1, (step + 1) / 200) * max(0.002, 1 - progress)
            loss = nn.functional.cross_entropy(network(words, sources).flatten(0, 1), labels.flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            step += 1
            if step % 200 == 0:
                print(f"{progress:.3f} step {step} loss {loss.item():.4f}", flush=True)
            if progress > 0.85:
                state = network.state_dict()
                average = average or {name: value.clone() for name, value in state.items()}
                for name, value in state.items():
                    average[name].mul_(0.995).add_(value, alpha=0.005)


def aligned(data):
    return data + b"\0" * (-len(data) % 4)


def matrix(weights):
    """int8 with a scale for each row."""
    scales = (weights.abs().amax(1) / 127).clamp(min=1e-8)
    values = (weights / scales[:, None]).round().to(torch.int8)
    return aligned(scales.numpy().tobytes() + values.numpy().tobytes())


def pack(state, labels, symbols):
    data = struct.pack("<BBH", CELLS, SIZE, len(labels))
    for label in labels:
        ids = [] if label == "-" else [symbols.index(symbol) for symbol in label.split("+")]
        data += bytes([len(ids), *ids])
    data = aligned(data) + matrix(state["letters.weight"] + state["source.weight"][:1])
    for layer in ("l0", "l0_reverse", "l1", "l1_reverse"):
        bias = state[f"lstm.bias_ih_{layer}"] + state[f"lstm.bias_hh_{layer}"]
        data += matrix(state[f"lstm.weight_ih_{layer}"]) + matrix(state[f"lstm.weight_hh_{layer}"]) + bias.numpy().tobytes()
    return data + matrix(state["output.weight"]) + state["output.bias"].numpy().tobytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labels")
    parser.add_argument("out")
    parser.add_argument("--minutes", type=float, default=28, help="processor time")
    parser.add_argument("--manifest", default=pathlib.Path(__file__).parents[3] / "shards/sori-2/manifest.json")
    args = parser.parse_args()


    symbols = json.loads(pathlib.Path(args.manifest).read_text(encoding="utf-8"))["phonemes"]
    torch.set_num_threads(1)
    torch.manual_seed(1)
    random.seed(1)
    labels, groups = read(args.labels)
    network = Network(len(labels))
    state = train(network, groups, 60 * args.minutes)
    pathlib.Path(args.out).write_bytes(pack(state, labels, symbols))


main()
