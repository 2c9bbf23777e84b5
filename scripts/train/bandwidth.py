"""Bandwidth extension of log-mels: the bands above a narrow recording's bandwidth, guessed from those below by a small network.

Two of the four corpora stop at 8 kHz. Their upper bands are not silence but unknown; a decoder that is trained on the floor there would learn that some people
have no sibilants. The network is trained on the full-band readers and fills the feature store's upper bands, which then count for little in the losses
(`narrow_weight`) and keep every mel that the networks meet of one kind.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from features import COMMON_BANDS, MELS, Store
from networks import Block


class BandwidthExtension(nn.Module):
    """mel [B, T, COMMON_BANDS] -> mel [B, T, MELS - COMMON_BANDS]"""

    def __init__(self, channels=128):
        super().__init__()
        self.inp = nn.Linear(COMMON_BANDS, channels)
        self.blocks = nn.ModuleList(Block(channels, 5, 2) for _ in range(3))
        self.norm, self.out = nn.LayerNorm(channels), nn.Linear(channels, MELS - COMMON_BANDS)

    def forward(self, mel: Tensor) -> Tensor:
        x = self.inp(mel)
        for block in self.blocks:
            x = block(x)
        return self.out(self.norm(x))


def train(net: BandwidthExtension, store: Store, seconds: float, batch=32, frames=96) -> None:
    """`seconds` of process time on full-band training clips."""
    clips = [c for c in store.training() if c["bands"] == MELS and c["frames"] > frames]
    generator, mels = np.random.default_rng(0), store.arrays["mel"]
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3)
    start, step = time.process_time(), 0
    while (spent := time.process_time() - start) < seconds:
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * (1 - 0.97 * spent / seconds)
        rows = []
        for index in generator.integers(len(clips), size=batch):
            first = clips[index]["start"] + generator.integers(clips[index]["frames"] - frames)
            rows.append(torch.from_numpy(mels[first : first + frames].copy()))
        mel = torch.stack(rows)
        level = torch.randn(batch, 1, 1) * 0.2  # other people are recorded at other levels
        loss = (net(mel[..., :COMMON_BANDS] + level) - mel[..., COMMON_BANDS:] - level).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        step += 1
        if step % 100 == 0:
            print(f"step {step}  {spent:.0f} s  L1 {loss.item():.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=Path, required=True, help="feature store; the upper bands of its narrow clips are replaced")
    parser.add_argument("--seconds", type=float, default=90, help="process time to train for")
    args = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    store, net = Store(args.features), BandwidthExtension()
    train(net, store, args.seconds)
    net.eval()
    mels = np.load(args.features / "mel.npy", mmap_mode="r+")
    with torch.no_grad():
        held = [c for c in store.held_out() if c["bands"] == MELS]
        error = [float((net(torch.from_numpy(store.get(c, "mel"))[None, :, :COMMON_BANDS])[0] - store.get(c, "mel")[:, COMMON_BANDS:]).abs().mean()) for c in held]
        print(f"held-out L1 of the guessed bands {np.mean(error):.3f} over {len(held)} clips")
        for clip in store.clips:
            bands = clip["bands"]
            if bands < MELS:
                low = torch.from_numpy(store.get(clip, "mel"))[None, :, :COMMON_BANDS]
                first = max(bands - 2, COMMON_BANDS)  # the last bands below the edge are already weakened by the filters
                if bands >= COMMON_BANDS:
                    mels[clip["start"] : clip["start"] + clip["frames"], first:] = net(low)[0, :, first - COMMON_BANDS :].numpy()
    mels.flush()
    narrow = [c["id"] for c in store.clips if c["bands"] < COMMON_BANDS]
    print(f"{len(narrow)} clips are narrower than the common bands and keep their floor: {json.dumps(sorted(set(i[:5] for i in narrow)))}")


if __name__ == "__main__":
    main()
