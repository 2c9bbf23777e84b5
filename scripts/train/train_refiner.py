"""Train the mel refiner: a rectified flow (Liu et al. 2022) from the frozen decoder's coarse mel plus noise to the recording's mel."""

import argparse
import random
from collections import defaultdict
from pathlib import Path

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from export import SIGMA
from features import MELS, Store
from networks import EMOTIONS, MelRefiner
from trainer import Run, read_config, seed_everything, warmup_cosine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=Path, nargs="+", required=True)
    parser.add_argument("--predicted", type=Path, required=True, help="coarse mels from predict_mels.py")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True, help="CSV of the losses")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--finish-at", metavar="HH:MM", help="end the schedule at this time of day, whatever CPU time it gets (default: planned_seconds)")
    args = parser.parse_args()
    config = read_config(args.config)
    plan = config["refiner"]
    seed_everything(config["seed"] + 1)
    coarse, stores = torch.load(args.predicted), [Store(folder) for folder in args.features]
    shares = config["acoustic"]["shares"]
    net = MelRefiner()
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.995))
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, betas=(0.9, 0.98))
    run = Run(args.checkpoint, dict(refiner=net, average=average, optimizer=optimizer), args.log, ["flow"])
    run.resume()
    frames = plan["frames"]
    groups = defaultdict(list)
    for store in stores:
        for clip in store.training():
            if clip["frames"] > frames and clip["id"] in coarse:
                groups["emotion" if clip.get("emotion") else clip["corpus"]].append((store, clip))
    names = [n for n in shares if n in groups]
    while (progress := run.progress(plan["planned_seconds"], args.finish_at)) < 1:
        warmup_cosine(optimizer, plan["rate"], run.step, progress)
        real, rough, styles, emotions, bands = [], [], [], [], []
        for name in random.choices(names, [shares[n] for n in names], k=plan["batch"]):
            store, clip = random.choice(groups[name])
            at = random.randrange(clip["frames"] - frames)
            first = clip["start"] + at
            real.append(torch.from_numpy(store.arrays["mel"][first : first + frames].copy()))
            rough.append(coarse[clip["id"]][at : at + frames].float())
            styles.append(coarse[f"style:{clip['id']}"].float())
            emotions.append(EMOTIONS.index(clip.get("emotion", "neutral")))
            bands.append(clip["bands"])
        real, rough, styles = torch.stack(real), torch.stack(rough), torch.stack(styles)
        emotion = torch.nn.functional.one_hot(torch.tensor(emotions), len(EMOTIONS)).float()
        heard = (torch.arange(MELS) < torch.tensor(bands)[:, None]).float().clamp(min=0.1)[:, None]  # above a recording's bandwidth its mel is a guess
        start = rough + SIGMA * torch.randn_like(rough)
        t = torch.rand(len(real))
        x = start + (real - start) * t[:, None, None]
        loss = ((net(x, rough, styles, t, emotion) - (real - start)) ** 2 * heard).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        average.update_parameters(net)
        run.record(loss.item())
    run.save()


if __name__ == "__main__":
    main()
