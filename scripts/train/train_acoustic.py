"""Train text encoder, durations, prosody and mel decoder together; critics of mel patches and of prosody curves join after a warm-up."""

import argparse
import random
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from acoustic import READERS, Acoustic, Example, averaged, load_examples
from discriminators import CurveDiscriminator, MelDiscriminator, critic_loss, generator_losses
from features import F_REF, MELS, Store
from networks import HALF, HIDDEN, LEARNED, STATISTICS, USUAL_ENERGY_RANGE, expand
from symbols import OPTIONAL
from trainer import Run, read_config, seed_everything, warmup_cosine

FIELDS = ["mel", "duration", "pitch", "voicing", "energy", "statistics", "speaker", "fool", "match", "critic"]


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


class SpeakerLoss(nn.Module):
    """Additive-margin softmax over the training speakers (Wang et al. 2018) on the learned part of a style: voices that differ must lie apart."""

    def __init__(self, speakers: int, scale=20.0, margin=0.2):
        super().__init__()
        self.centres, self.scale, self.margin = nn.Parameter(torch.randn(speakers, len(LEARNED)) * 0.1), scale, margin

    def forward(self, encoded: Tensor, speaker: Tensor) -> Tensor:
        cosine = F.normalize(encoded[:, LEARNED], dim=1) @ F.normalize(self.centres, dim=1).T
        return F.cross_entropy(self.scale * (cosine - self.margin * F.one_hot(speaker, len(self.centres))), speaker)


class Sampler:
    """Draws batches: a corpus by its share, then a speaker, then a clip (long ones more often); and a reference recording for every clip."""

    def __init__(self, examples: list[Example], shares: dict[str, float]):
        self.groups, self.shares, self.of_speaker = defaultdict(lambda: defaultdict(list)), shares, defaultdict(list)
        for e in examples:
            self.groups["emotion" if e.emotion else e.clip["corpus"]][e.speaker].append(e)
            self.of_speaker[e.speaker, e.emotion].append(e)
        self.speakers = {name: i for i, name in enumerate(sorted({e.speaker for e in examples}))}
        self.generator = np.random.default_rng(0)

    def draw(self, batch: int) -> list[Example]:
        names = [n for n in self.shares if n in self.groups]
        chosen = []
        for name in random.choices(names, [self.shares[n] for n in names], k=batch):
            clips = self.groups[name][random.choice(list(self.groups[name]))]
            chosen.append(random.choices(clips, [min(e.clip["frames"], 450) for e in clips])[0])
        return chosen

    def references(self, batch: list[Example], own=0.5) -> tuple[Tensor, list[Example]]:
        """[B, frames, MELS] of the clip itself or of another in the same voice and mood, and whose they are."""
        frames = random.choice((160, 240, 320))
        whose = [e if random.random() < own else random.choice(self.of_speaker[e.speaker, e.emotion]) for e in batch]
        return torch.stack([e.reference(frames, self.generator) for e in whose]), whose

    def ids(self, batch: list[Example]) -> Tensor:
        return torch.tensor([self.speakers[e.speaker] for e in batch])


def statistics_loss(encoded: Tensor, measured: Tensor) -> Tensor:
    """L1 between the statistics that the encoder hears in a stretch and those of the whole clip."""
    places = list(STATISTICS.values())
    return (encoded[:, places] - measured[:, places]).abs().mean()


class Trainer:
    def __init__(self, model: Acoustic, plan: dict, sampler: Sampler):
        self.model, self.plan, self.sampler = model, plan, sampler
        self.mel_critics = nn.ModuleList([MelDiscriminator(1), MelDiscriminator(2)])
        self.curve_critics = nn.ModuleList([CurveDiscriminator(HIDDEN + 3)])
        self.speaker_loss = SpeakerLoss(len(sampler.speakers))

    def forward(self, batch: list[Example], adversarial: float, own_curves: float) -> dict:
        """Losses of one batch. `own_curves`: share of clips whose mel is decoded from predicted voicing and energy, as in synthesis."""
        model, count, plan = self.model, len(batch), self.plan
        references, whose = self.sampler.references(batch)
        style, encoded = model.style(references, torch.stack([e.measured for e in batch]))
        losses = dict(statistics=statistics_loss(encoded, torch.stack([e.measured for e in whose])))
        losses["speaker"] = self.speaker_loss(encoded, self.sampler.ids(batch))
        accented = torch.tensor([float(e.clip["corpus"] == "speechocean") for e in batch])
        excluded = plan["accents"] == "excluded"
        prosody_weight = 1 - accented * (1.0 if excluded else 1 - plan["accented_prosody"])
        language = torch.tensor([0 if excluded and accented[i] else e.language for i, e in enumerate(batch)])

        phonemes, durations = pad([e.phonemes for e in batch], 0), pad([e.durations for e in batch], 0)
        mask = pad([torch.ones(len(e.phonemes)) for e in batch])
        heard = torch.where(torch.rand(phonemes.shape) < plan["token_dropout"], 0, phonemes)  # against learning sentences by heart
        hidden, log_durations = model.text_encoder(heard, language, style, mask.unsqueeze(-1))
        losses["duration"] = duration_loss(log_durations, durations.float(), phonemes, mask * prosody_weight[:, None])

        wide, narrow = plan["prosody_frames"], plan["mel_frames"]
        frames, truth, crops, mels = [], [], [], []
        for row, example in enumerate(batch):
            total = len(example.curves)
            at = random.randrange(max(1, total - wide + 1))
            frames.append(expand(hidden[row, : len(example.phonemes)], example.durations)[at : at + wide])
            truth.append(example.curves[at : at + wide])
            inner = random.randrange(max(1, len(truth[-1]) - narrow + 1))
            crops.append(inner)
            mels.append(example.mel(at + inner, at + inner + min(narrow, total - at - inner)))
        present = pad([torch.ones(len(f)) for f in frames])
        frames, truth = pad(frames), pad(truth)
        curves = model.prosody.curves(frames, style, present.unsqueeze(-1))
        counted = present * prosody_weight[:, None]
        losses["pitch"] = masked((curves[..., 0] - truth[..., 0]).abs(), counted * (0.05 + 0.95 * truth[..., 1]))
        losses["voicing"] = masked(F.binary_cross_entropy_with_logits(curves[..., 1], truth[..., 1], reduction="none"), counted)
        losses["energy"] = masked((curves[..., 2] - truth[..., 2]).abs(), counted)

        used = torch.stack([truth[..., 0], curves[..., 1].sigmoid(), curves[..., 2]], -1).detach()
        used = torch.where((torch.rand(count) < own_curves)[:, None, None], used, truth)
        cut = lambda x: torch.stack([F.pad(x[row, at : at + narrow], (0, 0, 0, max(0, narrow - x.shape[1] + at))) for row, at in enumerate(crops)])
        pitch, voicing, energy = cut(used).unbind(-1)
        made = model.mel_decoder(cut(frames), F_REF * torch.exp(pitch), voicing, energy, style)
        real_present = torch.stack([F.pad(torch.ones(len(m)), (0, narrow - len(m))) for m in mels]).unsqueeze(-1)
        real = torch.stack([F.pad(m, (0, 0, 0, narrow - len(m))) for m in mels])
        real_bands = (torch.arange(MELS) < torch.tensor([e.clip["bands"] for e in batch])[:, None]).float()
        weight = real_present * (plan["narrow_weight"] + (1 - plan["narrow_weight"]) * real_bands).unsqueeze(1)
        losses["mel"] = masked((made - real).abs(), weight)
        if adversarial:
            some = torch.randperm(count)[: plan["critic_batch"]]
            mel = ((real * real_present)[some],), ((made * real_present)[some],)
            shape = lambda c: torch.stack([4 * c[..., 0] * truth[..., 1], c[..., 1], c[..., 2]], -1) * present.unsqueeze(-1)
            native = accented < 0.5  # contours of the readers only
            text = frames.detach()[native]
            soft = torch.stack([curves[..., 0], curves[..., 1].sigmoid(), curves[..., 2]], -1)
            contour = (shape(truth)[native], text), (shape(soft)[native], text)
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
    loss = loss + plan["statistics_weight"] * losses["statistics"] + plan["speaker_weight"] * losses["speaker"]
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_([*model.parameters(), *trainer.speaker_loss.parameters()], 1.0)
    optimizer.step()
    return [losses[n].item() for n in FIELDS[:7]] + [fool.item(), match.item(), critic.item()]


def warm_start(trainer: Trainer, checkpoint: Path, readers: list[Example], steps=1200) -> None:
    """Begin with the two-voice model of version 1: its networks expect a learned vector per voice, so the style encoder first learns to answer with those."""
    old = averaged(torch.load(checkpoint, weights_only=True))
    voices = old.pop("styles.voice.weight")
    mean, model = voices.mean(0), trainer.model
    places = torch.tensor(list(STATISTICS.values()))
    for name in [n for n in old if n.endswith(("affine.weight", "level.weight"))]:
        half = 0 if name.startswith("mel_decoder") else HALF
        mine = places[(places >= half) & (places < half + HALF)]
        old[name.replace("weight", "bias")] += old[name][:, mine - half] @ mean[mine]
        old[name][:, mine - half] = 0
    average = torch.stack([e.measured for e in readers]).mean(0)
    of = lambda statistic: average[STATISTICS[statistic]]
    for row, level, spread in ((0, of("pitch"), of("pitchRange")), (2, of("energy"), of("energyRange") / USUAL_ENERGY_RANGE)):
        offset = old["prosody.level.weight"][row] @ mean[HALF:] + old["prosody.level.bias"][row]
        old["prosody.out.bias"][row] = (old["prosody.out.bias"][row] + offset - level) / spread
        old["prosody.out.weight"][row] /= spread
        old["prosody.level.weight"][row], old["prosody.level.bias"][row] = 0, 0
    kept = {k: v for k, v in old.items() if not k.startswith("styles.")}
    missing = model.load_state_dict(kept, strict=False).missing_keys
    assert all(k.startswith("style_encoder") for k in missing), missing
    language = model.text_encoder.language.weight.data
    language[1:] = language[:1] + 0.01 * torch.randn_like(language[1:])

    goals = {"kathleen": voices[0], "ljspeech": voices[1]}
    parameters = [*model.style_encoder.parameters(), *trainer.speaker_loss.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3)
    for step in range(steps):
        batch = trainer.sampler.draw(16)
        references, whose = trainer.sampler.references(batch, own=1)
        encoded = model.style_encoder(references)
        goal = torch.stack([goals.get(e.speaker, mean) for e in batch])
        weight = torch.tensor([1.0 if e.speaker in goals else 0.1 for e in batch])
        near = ((encoded - goal)[:, LEARNED].square().mean(1) * weight).mean()
        loss = 5 * near + 0.05 * trainer.speaker_loss(encoded, trainer.sampler.ids(batch)) + statistics_loss(encoded, torch.stack([e.measured for e in whose]))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        if step % 200 == 0:
            print(f"style encoder {step}: loss {loss.item():.3f}, squared distance {near.item():.4f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=Path, nargs="+", required=True, help="feature stores: the recordings, then the emotional renders")
    parser.add_argument("--alignment", type=Path, nargs="+", required=True, help="one for each feature store")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True, help="CSV of the losses")
    parser.add_argument("--config", type=Path)
    parser.add_argument("--warm-start", type=Path, help="checkpoint of the two-voice model to begin with")
    parser.add_argument("--accents", choices=["conditioned", "excluded"], default="conditioned",
                        help="accented readers get a language slot of their own, or take no part in the prosody losses")  # fmt: skip
    parser.add_argument("--finish-at", metavar="HH:MM", help="end the schedule at this time of day, whatever CPU time it gets (default: planned_seconds)")
    args = parser.parse_args()
    config = read_config(args.config)
    plan = config["acoustic"] | dict(accents=args.accents)
    seed_everything(config["seed"])
    examples = load_examples([Store(folder) for folder in args.features], args.alignment)
    model, sampler = Acoustic(), Sampler(examples, plan["shares"])
    trainer = Trainer(model, plan, sampler)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(plan["average"]))
    everything = nn.ModuleDict(dict(model=model, speaker_loss=trainer.speaker_loss))
    decay = [p for p in everything.parameters() if p.ndim > 1]
    rest = [p for p in everything.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW([dict(params=decay, weight_decay=0.02), dict(params=rest, weight_decay=0.0)], lr=1e-3, betas=(0.9, 0.98))
    critic_optimizer = torch.optim.AdamW(trainer.critics().parameters(), lr=plan["critic_rate"], betas=(0.8, 0.99))
    parts = dict(acoustic=model, average=average, speaker_loss=trainer.speaker_loss, mel_critics=trainer.mel_critics, curve_critics=trainer.curve_critics)
    run = Run(args.checkpoint, parts | dict(optimizer=optimizer, critic_optimizer=critic_optimizer), args.log, FIELDS)
    if run.resume():
        random.seed(config["seed"] + run.step)
        torch.manual_seed(config["seed"] + run.step)
    elif args.warm_start:
        warm_start(trainer, args.warm_start, [e for e in examples if e.clip["corpus"] in READERS and not e.emotion])
        average.module.load_state_dict(model.state_dict())
    print(f"{len(examples)} clips, {len(sampler.speakers)} speakers", flush=True)
    while (progress := run.progress(plan["planned_seconds"], args.finish_at)) < 1:
        adversarial = min(1.0, max(0.0, (progress - plan["warmup"]) / 0.05))
        own_curves = 0.5 if progress > plan["warmup"] else 0.0
        warmup_cosine(optimizer, plan["rate"], run.step, progress)
        warmup_cosine(critic_optimizer, plan["critic_rate"], run.step, progress)
        run.record(*train_step(trainer, optimizer, critic_optimizer, sampler.draw(plan["batch"]), adversarial, own_curves))
        average.update_parameters(model)
    run.save()


if __name__ == "__main__":
    main()
