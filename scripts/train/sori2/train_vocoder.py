"""Trains sori-2's vocoder on the teacher's recordings: spectral losses first, then waveform critics as well.

One process on one core. Stop it with SIGTERM and start it again with the same arguments: it goes on from its checkpoint.
"""

import argparse
import copy
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from checkpoint import resume_or_restore
from critics.waveform import draw, judge, make_critics
from data import HOP, Corpus
from harmonics import Harmonics, drift_samples, phase_loss
from spectra import bridge, log_mel
from vocoder import Vocoder

sys.path.append(str(Path(__file__).resolve().parents[1]))
from trainer import Run, seed_everything, warmup_cosine  # noqa: E402


def batch(corpus: Corpus, harmonics: Harmonics, clips: list, size: int, frames: int, rng: np.random.Generator, decoded: np.ndarray | None, share: float) -> tuple[Tensor, ...]:
    """Random crops: waveform [B, frames * HOP], bridged F0 [B, frames], voicing [B, frames], mel [B, MELS, frames], the mel that the network is given: the
    same, or with probability `share` what the acoustic model made of that line (`decoded` [hops, MELS]); drift of the fundamental [B, frames], phases and weights
    of the harmonics [B, COUNT, frames]."""
    waves, pitches, voicings, drifts, phases, weights, own = [], [], [], [], [], [], {}
    while len(waves) < size:
        clip = clips[rng.integers(len(clips))]
        if clip.hops < frames + 1:
            continue
        at = clip.start + int(rng.integers(clip.hops - frames))
        f0 = torch.from_numpy(corpus.f0[at : at + frames].copy())
        voiced = (f0 > 0).float()
        wave = corpus.audio[at * HOP : (at + frames) * HOP].astype(np.float32) / 32767
        gain = float(10 ** (rng.uniform(-6, 2) / 20))
        waves.append(torch.from_numpy(wave * np.float32(gain)))
        if decoded is not None and rng.random() < share:
            own[len(waves) - 1] = torch.from_numpy(decoded[at : at + frames].astype(np.float32)).T + float(np.log(gain))
        pitches.append(bridge(f0, voiced))
        voicings.append(voiced)
        drifts.append(torch.from_numpy(harmonics.drift[at : at + frames]))
        phases.append(torch.from_numpy(harmonics.phases[at : at + frames].T.astype(np.float32)) * (np.pi / 127))
        weights.append(torch.from_numpy(harmonics.weights[at : at + frames].T.astype(np.float32)) / 255)
    real = torch.stack(waves)
    mel = log_mel(real)
    given = torch.stack([own.get(i, mel[i]) for i in range(size)])
    return real, torch.stack(pitches), torch.stack(voicings), mel, given, torch.stack(drifts), torch.stack(phases), torch.stack(weights)


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
        real, f0, voiced, mel, given, drift, phases, weights = batch(corpus, harmonics, clips, a.batch, a.frames, rng, decoded, a.decoded_share)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            # The pulses start where the recording's do, so that waveforms can be compared.
            made, cosine, sine = model.synthesize(given, f0, voiced, torch.zeros(a.batch, 1), drift_samples(drift))
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
