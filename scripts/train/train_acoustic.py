"""Train text encoder, durations, prosody and mel decoder together; critics of mel patches and of prosody curves join after a warm-up."""

import argparse
import random
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from acoustic import Acoustic, Example, load_examples
from discriminators import CurveDiscriminator, MelDiscriminator, critic_loss, generator_losses
from features import F_REF, MELS, Store
from networks import HIDDEN, expand
from symbols import OPTIONAL
from trainer import Run, read_config, seed_everything, warmup_cosine

FIELDS = ["mel", "duration", "pitch", "voicing", "energy", "fool", "match", "critic"]


def pad(rows: list[Tensor], value=0.0) -> Tensor:
    return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=value)


def masked(error: Tensor, mask: Tensor) -> Tensor:
    return (error * mask).sum() / mask.sum().clamp(min=1)


def duration_loss(log_durations: Tensor, durations: Tensor, phonemes: Tensor, mask: Tensor) -> Tensor:
    """Sounds: Poisson likelihood of 1 + frames, whose optimum is the mean however uncertain the prediction (a squared error of logs gives the
    geometric mean, and so too fast a voice on new text). Pauses are bimodal: there the squared error of ln(1 + frames)."""
    log_durations, goal = log_durations.clamp(-2, 5), 1 + durations
    sound = 0.25 * (torch.exp(log_durations) - goal * log_durations - goal * (1 - goal.log()))
    pause = (log_durations - goal.log()) ** 2
    return masked(torch.where(phonemes < len(OPTIONAL), pause, sound), mask)


class Trainer:
    def __init__(self, model: Acoustic, plan: dict, store: Store):
        self.model, self.plan, self.store = model, plan, store
        self.mel_critics = nn.ModuleList([MelDiscriminator(1), MelDiscriminator(2)])
        self.curve_critics = nn.ModuleList([CurveDiscriminator(HIDDEN + 3)])

    def forward(self, batch: list[Example], adversarial: float, own_curves: float) -> dict:
        """Losses of one batch. `own_curves`: share of clips whose mel is decoded from predicted voicing and energy, as in synthesis."""
        model, count = self.model, len(batch)
        keep = (torch.rand(count, 2) < 0.6).float()
        style = model.styles(torch.tensor([e.speaker for e in batch]), torch.tensor([e.index for e in batch]), keep)
        phonemes, durations = pad([e.phonemes for e in batch], 0), pad([e.durations for e in batch], 0)
        mask = pad([torch.ones(len(e.phonemes)) for e in batch])
        heard = torch.where(torch.rand(phonemes.shape) < self.plan["token_dropout"], 0, phonemes)  # against learning sentences by heart
        hidden, log_durations = model.text_encoder(heard, torch.zeros(count, dtype=torch.long), style, mask.unsqueeze(-1))
        losses = dict(duration=duration_loss(log_durations, durations.float(), phonemes, mask))

        wide, narrow = self.plan["prosody_frames"], self.plan["mel_frames"]
        frames, truth, crops, mels = [], [], [], []
        for row, example in enumerate(batch):
            total = len(example.curves)
            at = random.randrange(max(1, total - wide + 1))
            frames.append(expand(hidden[row, : len(example.phonemes)], example.durations)[at : at + wide])
            truth.append(example.curves[at : at + wide])
            inner = random.randrange(max(1, len(truth[-1]) - narrow + 1))
            crops.append(inner)
            first = example.clip["start"] + at + inner
            mels.append(torch.from_numpy(self.store.arrays["mel"][first : first + min(narrow, total - at - inner)].copy()))
        present = pad([torch.ones(len(f)) for f in frames])
        frames, truth = pad(frames), pad(truth)
        curves = model.prosody.curves(frames, style, present.unsqueeze(-1))
        voiced = present * (0.05 + 0.95 * truth[..., 1])
        losses["pitch"] = masked((curves[..., 0] - truth[..., 0]).abs(), voiced)
        losses["voicing"] = masked(F.binary_cross_entropy_with_logits(curves[..., 1], truth[..., 1], reduction="none"), present)
        losses["energy"] = masked((curves[..., 2] - truth[..., 2]).abs(), present)

        used = torch.stack([truth[..., 0], curves[..., 1].sigmoid(), curves[..., 2]], -1).detach()
        used = torch.where((torch.rand(count) < own_curves)[:, None, None], used, truth)
        cut = lambda x: torch.stack([F.pad(x[row, at : at + narrow], (0, 0, 0, max(0, narrow - x.shape[1] + at))) for row, at in enumerate(crops)])
        pitch, voicing, energy = cut(used).unbind(-1)
        made = model.mel_decoder(cut(frames), F_REF * torch.exp(pitch), voicing, energy, style)
        real_present = torch.stack([F.pad(torch.ones(len(m)), (0, narrow - len(m))) for m in mels]).unsqueeze(-1)
        real = torch.stack([F.pad(m, (0, 0, 0, narrow - len(m))) for m in mels])
        losses["mel"] = masked((made - real).abs(), real_present.expand(-1, -1, MELS))
        if adversarial:
            some = torch.randperm(count)[: self.plan["critic_batch"]]
            mel = ((real * real_present)[some],), ((made * real_present)[some],)
            shape = lambda c: torch.stack([4 * c[..., 0] * truth[..., 1], c[..., 1], c[..., 2]], -1) * present.unsqueeze(-1)
            text = frames.detach()
            soft = torch.stack([curves[..., 0], curves[..., 1].sigmoid(), curves[..., 2]], -1)
            contour = (shape(truth), text), (shape(soft), text)
            losses["sides"] = mel, contour
        return losses

    def critics(self) -> nn.ModuleList:
        return nn.ModuleList([*self.mel_critics, *self.curve_critics])


def train_step(trainer: Trainer, optimizer, critic_optimizer, batch, adversarial: float, own_curves: float) -> list[float]:
    """One update of the critics (when adversarial > 0) and of the model; returns the values of FIELDS."""
    model, plan = trainer.model, trainer.plan
    losses = trainer.forward(batch, adversarial, own_curves)
    loss = losses["mel"] + plan["duration_weight"] * losses["duration"] + plan["pitch_weight"] * losses["pitch"]
    loss = loss + plan["voicing_weight"] * losses["voicing"] + plan["energy_weight"] * losses["energy"]
    fool = match = critic = torch.zeros(())
    if adversarial:
        (real_mel, made_mel), (real_curve, made_curve) = losses["sides"]
        detach = lambda side: tuple(x.detach() for x in side)
        critic = critic_loss(trainer.mel_critics, real_mel, detach(made_mel)) + critic_loss(trainer.curve_critics, real_curve, detach(made_curve))
        critic_optimizer.zero_grad()
        critic.backward()
        critic_optimizer.step()
        critics = trainer.critics().requires_grad_(False)
        fool, match = generator_losses(trainer.mel_critics, real_mel, made_mel)
        curve_fool, curve_match = generator_losses(trainer.curve_critics, real_curve, made_curve)
        critics.requires_grad_(True)
        loss = loss + adversarial * (plan["fool_weight"] * fool + plan["match_weight"] * match)
        loss = loss + adversarial * plan["curve_weight"] * (curve_fool + 2 * curve_match)
    loss = loss + plan["residual_decay"] * model.styles.clip.weight[[e.index for e in batch]].square().sum(1).mean()
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return [losses[n].item() for n in FIELDS[:5]] + [fool.item(), match.item(), critic.item()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--alignment", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True, help="CSV of the losses")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--finish-at", metavar="HH:MM", help="end the schedule at this time of day, whatever CPU time it gets (default: planned_seconds)")
    args = parser.parse_args()
    config = read_config(args.config)
    plan = config["acoustic"]
    seed_everything(config["seed"])
    store = Store(args.features)
    examples = load_examples(store, args.alignment)
    model = Acoustic(len(store.clips))
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(plan["average"]))
    trainer = Trainer(model, plan, store)
    decay = [p for n, p in model.named_parameters() if p.ndim > 1 and not n.startswith("styles.clip")]
    rest = [p for n, p in model.named_parameters() if not (p.ndim > 1 and not n.startswith("styles.clip"))]
    optimizer = torch.optim.AdamW([dict(params=decay, weight_decay=0.02), dict(params=rest, weight_decay=0.0)], lr=1e-3, betas=(0.9, 0.98))
    critic_optimizer = torch.optim.AdamW(trainer.critics().parameters(), lr=plan["critic_rate"], betas=(0.8, 0.99))
    parts = dict(acoustic=model, average=average, mel_critics=trainer.mel_critics, curve_critics=trainer.curve_critics)
    run = Run(args.checkpoint, parts | dict(optimizer=optimizer, critic_optimizer=critic_optimizer), args.log, FIELDS)
    if run.resume():
        random.seed(config["seed"] + run.step)
        torch.manual_seed(config["seed"] + run.step)
    weights = [min(e.clip["frames"], 450) for e in examples]
    while (progress := run.progress(plan["planned_seconds"], args.finish_at)) < 1:
        adversarial = min(1.0, max(0.0, (progress - plan["warmup"]) / 0.05))
        own_curves = 0.5 if progress > plan["warmup"] else 0.0
        warmup_cosine(optimizer, plan["rate"], run.step, progress)
        warmup_cosine(critic_optimizer, plan["critic_rate"], run.step, progress)
        batch = random.choices(examples, weights, k=plan["batch"])
        run.record(*train_step(trainer, optimizer, critic_optimizer, batch, adversarial, own_curves))
        average.update_parameters(model)
    run.save()


if __name__ == "__main__":
    main()
