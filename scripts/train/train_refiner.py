"""Train the mel refiner: a rectified flow (Liu et al. 2022) from the frozen decoder's coarse mel plus noise to the recording's mel."""

import argparse
import random
from pathlib import Path

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from acoustic import SPEAKERS, load_acoustic
from export import SIGMA
from features import Store
from networks import MelRefiner
from trainer import Run, read_config, seed_everything, warmup_cosine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--acoustic", type=Path, required=True, help="checkpoint of train_acoustic.py, for the voices' styles")
    parser.add_argument("--predicted", type=Path, required=True, help="coarse mels from predict_mels.py")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True, help="CSV of the losses")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--finish-at", metavar="HH:MM", help="end the schedule at this time of day, whatever CPU time it gets (default: planned_seconds)")
    args = parser.parse_args()
    config = read_config(args.config)
    plan = config["refiner"]
    seed_everything(config["seed"] + 1)
    store, coarse = Store(args.features), torch.load(args.predicted)
    voices = load_acoustic(args.acoustic).styles.voice.weight.detach()
    net = MelRefiner()
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.995))
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, betas=(0.9, 0.98))
    run = Run(args.checkpoint, dict(refiner=net, average=average, optimizer=optimizer), args.log, ["flow"])
    run.resume()
    frames = plan["frames"]
    clips = [c for c in store.training() if c["frames"] > frames]
    while (progress := run.progress(plan["planned_seconds"], args.finish_at)) < 1:
        warmup_cosine(optimizer, plan["rate"], run.step, progress)
        real, rough, speakers = [], [], []
        for clip in random.choices(clips, [min(c["frames"], 450) for c in clips], k=plan["batch"]):
            at = random.randrange(clip["frames"] - frames)
            first = clip["start"] + at
            real.append(torch.from_numpy(store.arrays["mel"][first : first + frames].copy()))
            rough.append(coarse[clip["id"]][at : at + frames].float())
            speakers.append(SPEAKERS.index(clip["corpus"]))
        real, rough = torch.stack(real), torch.stack(rough)
        start = rough + SIGMA * torch.randn_like(rough)
        t = torch.rand(len(real))
        x = start + (real - start) * t[:, None, None]
        loss = ((net(x, rough, voices[speakers], t) - (real - start)) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        average.update_parameters(net)
        run.record(loss.item())
    run.save()


if __name__ == "__main__":
    main()
