"""Train the vocoder: spectral reconstruction first, then with multi-resolution spectral discriminators as well."""

import argparse
import random
from collections import Counter
from pathlib import Path

import torch
from torch import Tensor, nn

from discriminators import SpectralDiscriminator, critic_loss, generator_losses
from features import HOP, MELS, RATE, Store, continuous_pitch, hz_to_mel
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


def band_limit(wave: Tensor, bands: Tensor) -> Tensor:
    """wave [B, samples] without what lies above each row's bandwidth (`bands` of the MELS are real): applied to both sides of every comparison,
    so that a narrow recording teaches nothing about the octave that it lacks."""
    size = wave.shape[1]
    limit = torch.where(bands < MELS, band_edges()[(bands - 1).clamp(min=0)], torch.tensor(float(RATE)))
    frequency = torch.arange(size // 2 + 1) * (RATE / size)
    return torch.fft.irfft(torch.fft.rfft(wave) * (frequency[None] <= limit[:, None]), n=size)


def band_edges() -> Tensor:
    """[MELS]: the upper edge of each band in Hz."""
    top = hz_to_mel(torch.tensor(RATE / 2.0))
    return 700 * (10 ** (torch.arange(2, MELS + 2) / (MELS + 1) * top / 2595) - 1)


class Crops:
    """Random crops of the recordings: (mel [B, T, MELS], F0 [B, T], voicing [B, T], wave [B, T * HOP], bands [B])."""

    def __init__(self, store: Store, shares: dict[str, float], shortest=110, mels: dict[str, Tensor] | None = None):
        self.clips = [c for c in store.training() if c["frames"] > shortest]
        frames = Counter()
        for c in self.clips:
            frames[c["corpus"]] += c["frames"]
        self.weights = [shares[c["corpus"]] * c["frames"] / frames[c["corpus"]] for c in self.clips]
        self.mels = mels or {}
        self.items = []
        for c in self.clips:
            f0 = store.get(c, "f0")
            self.items.append((store, c, torch.from_numpy(continuous_pitch(f0)), torch.from_numpy((f0 > 0).astype("float32"))))

    def draw(self, batch: int, frames: int) -> tuple[Tensor, ...]:
        rows = []
        for store, clip, f0, voicing in random.choices(self.items, self.weights, k=batch):
            at = random.randrange(0, clip["frames"] - frames)
            first = clip["start"] + at
            mel = torch.from_numpy(store.arrays["mel"][first : first + frames].copy())
            if clip["id"] in self.mels and random.random() < 0.6:  # fine-tuning: what the mel decoder makes of the same frames
                mel = self.mels[clip["id"]][at : at + frames].float()
            wave = torch.from_numpy(store.arrays["wave"][first * HOP : (first + frames) * HOP].copy())
            rows.append((mel, f0[at : at + frames], voicing[at : at + frames], wave, torch.tensor(clip["bands"])))
        return tuple(map(torch.stack, zip(*rows)))


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
    crops = Crops(Store(args.features), plan["shares"], mels=torch.load(args.predicted) if args.predicted else None)
    while (progress := run.progress(plan["planned_seconds"], args.finish_at)) < 1:
        adversarial = run.seconds > plan["warmup_seconds"]
        warmup_cosine(optimizer, plan["adversarial_rate"] if adversarial else plan["rate"], run.step, progress)
        warmup_cosine(critic_optimizer, plan["critic_rate"], run.step, progress)
        shape = (plan["adversarial_batch"], plan["adversarial_frames"]) if adversarial else (plan["batch"], plan["frames"])
        mel, f0, voicing, real, bands = crops.draw(*shape)
        made, real = band_limit(net(mel, f0, voicing), bands), band_limit(real, bands)
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
