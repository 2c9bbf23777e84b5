"""Train the vocoder: spectral reconstruction first, then with multi-resolution spectral discriminators as well."""

import argparse
import random
from pathlib import Path

import torch
from torch import Tensor, nn

from discriminators import SpectralDiscriminator, critic_loss, generator_losses
from features import HOP, Store, continuous_pitch
from trainer import Run, read_config, seed_everything, warmup_cosine
from vocoder import Vocoder


def spectral_loss(made: Tensor, real: Tensor) -> Tensor:
    """Multi-resolution log-magnitude L1 plus spectral convergence (Parallel WaveGAN, Yamamoto et al. 2020); waveforms [B, samples]."""
    total = torch.zeros(())
    for size, hop in ((2048, 480), (1024, 240), (512, 120), (256, 60)):
        window = torch.hann_window(size)
        a, b = (torch.stft(v, size, hop, window=window, return_complex=True).abs().clamp(min=1e-4) for v in (made, real))
        total = total + (a.log() - b.log()).abs().mean() + 0.5 * (a - b).norm() / b.norm()
    return total


class Crops:
    """Random crops of the recordings: (mel [B, T, MELS], F0 [B, T], voicing [B, T], wave [B, T * HOP])."""

    def __init__(self, store: Store, shortest=110, mels: dict[str, Tensor] | None = None):
        self.clips = [c for c in store.training() if c["frames"] > shortest]
        self.mels = mels or {}
        self.items = []
        for c in self.clips:
            f0 = store.get(c, "f0")
            self.items.append((store, c, torch.from_numpy(continuous_pitch(f0)), torch.from_numpy((f0 > 0).astype("float32"))))

    def draw(self, batch: int, frames: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        rows = []
        for store, clip, f0, voicing in random.choices(self.items, k=batch):
            at = random.randrange(0, clip["frames"] - frames)
            first = clip["start"] + at
            mel = torch.from_numpy(store.arrays["mel"][first : first + frames].copy())
            if clip["id"] in self.mels and random.random() < 0.6:  # fine-tuning: what the mel decoder makes of the same frames
                mel = self.mels[clip["id"]][at : at + frames].float()
            wave = torch.from_numpy(store.arrays["wave"][first * HOP : (first + frames) * HOP].copy())
            rows.append((mel, f0[at : at + frames], voicing[at : at + frames], wave))
        mel, f0, voicing, wave = map(torch.stack, zip(*rows))
        return mel, f0, voicing, wave


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True, help="CSV of the losses")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--finish-at", metavar="HH:MM", help="end the schedule at this time of day, whatever CPU time it gets (default: planned_seconds)")
    parser.add_argument("--predicted", type=Path, help="mels made by the mel decoder (from predict_mels.py), mixed in for fine-tuning")
    args = parser.parse_args()
    config = read_config(args.config)
    plan = config["vocoder"]
    seed_everything(config["seed"])
    net, critics = Vocoder(), nn.ModuleList(SpectralDiscriminator(n, plan["critic_channels"]) for n in (2048, 1024, 512, 256))
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, betas=(0.8, 0.99))
    critic_optimizer = torch.optim.AdamW(critics.parameters(), lr=plan["critic_rate"], betas=(0.8, 0.99))
    parts = dict(vocoder=net, critics=critics, optimizer=optimizer, critic_optimizer=critic_optimizer)
    run = Run(args.checkpoint, parts, args.log, ["spectral", "fool", "match", "critic"])
    run.resume()
    crops = Crops(Store(args.features), mels=torch.load(args.predicted) if args.predicted else None)
    while (progress := run.progress(plan["planned_seconds"], args.finish_at)) < 1:
        adversarial = run.seconds > plan["warmup_seconds"]
        warmup_cosine(optimizer, plan["adversarial_rate"] if adversarial else plan["rate"], run.step, progress)
        warmup_cosine(critic_optimizer, plan["critic_rate"], run.step, progress)
        shape = (plan["adversarial_batch"], plan["adversarial_frames"]) if adversarial else (plan["batch"], plan["frames"])
        mel, f0, voicing, real = crops.draw(*shape)
        made = net(mel, f0, voicing)
        spectral = loss = spectral_loss(made, real)
        fool = match = critic = torch.zeros(())
        if adversarial:
            chosen = random.sample(list(critics), plan["critics_per_step"])  # a step with two of the four costs half as much
            critic = critic_loss(chosen, (real,), (made.detach(),))
            critic_optimizer.zero_grad()
            critic.backward()
            critic_optimizer.step()
            critics.requires_grad_(False)
            fool, match = generator_losses(chosen, (real,), (made,))
            critics.requires_grad_(True)
            loss = 2 * spectral + (fool + 10 * match) * len(critics) / len(chosen)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimizer.step()
        run.record(*(v.item() for v in (spectral, fool, match, critic)))
    run.save()


if __name__ == "__main__":
    main()
