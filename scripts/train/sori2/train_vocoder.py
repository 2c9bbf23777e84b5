"""Trains sori-2's vocoder on the teacher's recordings: spectral losses first, then waveform critics as well.

One process on one core. Stop it with SIGTERM and start it again with the same arguments: it goes on from its checkpoint.
"""

import argparse
import copy
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.signal import resample
from torch import Tensor

from checkpoint import resume_or_restore
from critics.waveform import draw, judge, make_critics
from data import HOP, Corpus
from harmonics import Harmonics, analyse, drift_samples, phase_loss
from spectra import bridge, log_mel
from vocoder import Vocoder

sys.path.append(str(Path(__file__).resolve().parents[1]))
from trainer import Run, seed_everything, warmup_cosine  # noqa: E402


@dataclass
class Crop:
    """Waveform [frames * HOP], bridged F0, voicing and drift of the fundamental [frames], cycles at the first sample, phases and weights of the harmonics [frames, COUNT]."""

    wave: np.ndarray
    f0: np.ndarray
    voiced: np.ndarray
    drift: np.ndarray
    turns: float
    phases: np.ndarray
    weights: np.ndarray


def recorded(corpus: Corpus, harmonics: Harmonics, at: int, frames: int) -> Crop:
    """The corpus from frame `at` on, as it is."""
    part = slice(at, at + frames)
    wave = corpus.audio[at * HOP : (at + frames) * HOP].astype(np.float32) / 32767
    phases, weights = harmonics.phases[part].astype(np.float32) * (np.pi / 127), harmonics.weights[part].astype(np.float32) / 255
    return Crop(wave, harmonics.f0[part], (corpus.f0[part] > 0).astype(np.float32), harmonics.drift[part], float(harmonics.turns[at]), phases, weights)


def resampled(corpus: Corpus, at: int, read: int, frames: int) -> Crop:
    """`read` frames of the corpus from `at` on, played faster or slower so that they fill `frames`: pitch and formants move together by read / frames. Singing needs such pitches."""
    ratio, middles = read / frames, (np.arange(frames) + 0.5) * (read / frames) - 0.5
    wave = resample(corpus.audio[at * HOP : (at + read) * HOP].astype(np.float32) / 32767, frames * HOP).astype(np.float32)
    raw = corpus.f0[at : at + read]
    voiced = raw[np.clip(np.round(middles).astype(int), 0, read - 1)] > 0
    f0 = np.interp(middles, np.arange(read), bridge(torch.from_numpy(raw.copy()), torch.from_numpy((raw > 0).astype(np.float32))).numpy()).astype(np.float32) * np.float32(ratio)
    drift, phases, magnitudes = analyse(wave, np.where(voiced, f0, 0).astype(np.float32))
    level = (magnitudes / max(1e-6, magnitudes.max())) ** 0.5
    f0 = bridge(torch.from_numpy(f0), torch.from_numpy(voiced.astype(np.float32))).numpy()
    return Crop(wave, f0, voiced.astype(np.float32), drift, 0.0, phases, np.where(level > 0.075, level, 0).astype(np.float32))


def batch(corpus: Corpus, harmonics: Harmonics, clips: list, size: int, frames: int, rng: np.random.Generator, decoded: np.ndarray | None, share: float, wide: float) -> tuple[Tensor, ...]:
    """Random crops: waveform [B, frames * HOP], bridged F0 [B, frames], voicing [B, frames], mel [B, MELS, frames], the mel that the network is given: the
    same, or with probability `share` what the acoustic model made of that line (`decoded` [hops, MELS]); cycles at the first sample [B, 1], drift of the fundamental
    [B, frames], phases and weights of the harmonics [B, COUNT, frames]. A share `wide` of the crops is played up to 1.4 times as slowly or 1.5 times as fast."""
    crops, own = [], {}
    while len(crops) < size:
        clip = clips[rng.integers(len(clips))]
        pitched = rng.random() < wide
        read = round(frames * np.exp(rng.uniform(np.log(0.7), np.log(1.5)))) if pitched else frames
        if clip.hops < read + 1:
            continue
        at = clip.start + int(rng.integers(clip.hops - read))
        crop = resampled(corpus, at, read, frames) if pitched else recorded(corpus, harmonics, at, frames)
        gain = float(10 ** (rng.uniform(-6, 2) / 20))
        crop.wave = crop.wave * np.float32(gain)
        if decoded is not None and not pitched and rng.random() < share:
            own[len(crops)] = torch.from_numpy(decoded[at : at + frames].astype(np.float32)).T + float(np.log(gain))
        crops.append(crop)
    stack = lambda name: torch.from_numpy(np.stack([getattr(crop, name) for crop in crops]))
    real = stack("wave")
    mel = log_mel(real)
    given = torch.stack([own.get(i, mel[i]) for i in range(size)])
    turns = torch.tensor([[crop.turns] for crop in crops])
    return real, stack("f0"), stack("voiced"), mel, given, turns, stack("drift"), stack("phases").transpose(1, 2), stack("weights").transpose(1, 2)


WINDOWS = {n: torch.hann_window(n) for n in (96, 192, 512, 1024, 2048)}


def spectral_loss(made: Tensor, real: Tensor) -> Tensor:
    """Mean over five resolutions of log-magnitude L1 and spectral convergence."""
    total = torch.zeros(())
    for size, window in WINDOWS.items():
        a, b = (torch.stft(x, size, size // 4, size, window, return_complex=True).abs() for x in (made, real))
        convergence = (a - b).square().sum((1, 2)).sqrt() / b.square().sum((1, 2)).sqrt().clamp_min(1e-2)
        total = total + (a.clamp_min(1e-4).log() - b.clamp_min(1e-4).log()).abs().mean() + convergence.mean()
    return total / len(WINDOWS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with metadata.tsv, frames.npz and audio/")
    parser.add_argument("--work", type=Path, required=True, help="folder for the decoded corpus and the checkpoint")
    parser.add_argument("--log", type=Path, required=True, help="CSV file of the curve")
    parser.add_argument("--planned-hours", type=float, default=10.0, help="core-hours after which the learning rate has reached its floor")
    parser.add_argument("--warmup-hours", type=float, default=0.2, help="core-hours with spectral losses only")
    parser.add_argument("--stop-after", type=float, default=1e9, help="stop with a checkpoint after so many core-minutes of this run")
    parser.add_argument("--decoded-share", type=float, default=0.5, help="share of the crops whose mel is the acoustic model's, where predict_mels.py has made decoded.npy")
    parser.add_argument("--wide-share", type=float, default=0.15, help="share of the crops that are played faster or slower")
    parser.add_argument("--critic-rate", type=float, default=1e-3, help="learning rate of the critics, each of which is drawn in every third step or so")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--frames", type=int, default=56)
    a = parser.parse_args()
    seed_everything(0)
    corpus = Corpus(a.corpus, a.work)
    harmonics = Harmonics(corpus, a.work)
    clips = corpus.split(held_out=False)
    model, critics = Vocoder(rounds=2), make_critics()
    average = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(model.parameters(), 8e-4, betas=(0.8, 0.99), weight_decay=0.01, fused=True)
    critic_optimizer = torch.optim.AdamW(critics.parameters(), 3e-4, betas=(0.8, 0.99), fused=True)
    parts = dict(model=model, average=average, critics=critics, optimizer=optimizer, critic_optimizer=critic_optimizer)
    run = Run(a.work / "vocoder.pt", parts, a.log, ["spectral", "mel", "fooling", "matching", "critic", "phase"])
    resume_or_restore(run, "vocoder")
    decoded = np.load(a.work / "decoded.npy", mmap_mode="r") if (a.work / "decoded.npy").exists() else None
    end = run.seconds + 60 * a.stop_after
    rng = np.random.default_rng(run.step + 1)
    bf16 = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, {len(clips)} clips, bf16 {bf16}, decoded mels {decoded is not None}", flush=True)
    while run.seconds < min(end, a.planned_hours * 3600):
        progress = run.seconds / (a.planned_hours * 3600)
        adversarial = run.seconds > a.warmup_hours * 3600
        warmup_cosine(optimizer, 8e-4 if not adversarial else 5e-4, run.step - run.restored_at, progress)
        warmup_cosine(critic_optimizer, a.critic_rate, run.step - run.restored_at, progress)
        real, f0, voiced, mel, given, turns, drift, phases, weights = batch(corpus, harmonics, clips, a.batch, a.frames, rng, decoded, a.decoded_share, a.wide_share)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            # The pulses start where the recording's do, so that waveforms can be compared.
            made, cosine, sine = model.synthesize(given, f0, voiced, turns, drift_samples(drift))
        spectral, mel_loss = spectral_loss(made, real), (log_mel(made) - mel).abs().mean()
        angles = phase_loss(cosine, sine, f0, phases, weights)
        loss = spectral + mel_loss + angles
        critic = fooling = matching = torch.zeros(())
        if adversarial:
            # Without the first and last 1024 samples: there the crop has no context, and a critic must not learn from that.
            chosen = draw(critics, rng)
            heard = made[:, 1024:-1024].detach().requires_grad_()
            with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
                critic, fooling, matching = judge(chosen, real[:, 1024:-1024], heard)
            weight = min(1.0, (run.seconds / 3600 - a.warmup_hours) / 0.1)
            (gradient,) = torch.autograd.grad(weight * (0.1 * fooling + 0.05 * matching), heard, retain_graph=True)
            parameters = [p for _, one in chosen for p in one.parameters()]
            critic_optimizer.zero_grad()
            for parameter, value in zip(parameters, torch.autograd.grad(critic, parameters)):
                parameter.grad = value
            critic_optimizer.step()
            loss = loss + (made[:, 1024:-1024] * gradient).sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 3.0)
        optimizer.step()
        with torch.no_grad():
            decay = min(0.999, (1 + run.step) / (10 + run.step))
            torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - decay)
        run.record(spectral.item(), mel_loss.item(), fooling.item(), matching.item(), critic.item(), angles.item())
    run.save()
    print("done", time.strftime("%H:%M"), flush=True)


if __name__ == "__main__":
    main()
