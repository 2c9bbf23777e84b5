"""Trains sori-2's acoustic model on the teacher's durations, F0, energy and mels; critics of mel patches and of prosody curves join after a warm-up.

One process on one core. Stop it with SIGTERM and start it again with the same arguments: it goes on from its checkpoint.
"""

import argparse
import copy
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from acoustic import MEL_FLOOR, Acoustic, place, with_statistics
from checkpoint import resume_or_restore
from critics.acoustic import make_acoustic_critics
from critics.speaker import SpeakerJudge
from critics.speech import SpeechJudge
from critics.waveform import judge
from imagined import Imagined, imagine
from lines import VOICES, Joined, Line, load
from sampler import NARROW_BANDS, Sampler
from stretched import stretch_vowels
from trainer import Run, seed_everything, warmup_cosine

FIELDS = ["mel", "duration", "contour", "voicing", "energy", "style", "fooling", "matching", "critic", "spelling", "near", "telling", "speaker", "balance"]
HEARD_WEIGHTS = dict(spelling=0.05, near=0.2, fooling=0.02)
"""Of the losses of critics/speech.py."""
SPEAKER_WEIGHT, BALANCE_WEIGHT = 0.5, 1.0
"""Of the loss of critics/speaker.py, and of that of the mean spectrum."""
CURVE_FRAMES, MEL_FRAMES, REFERENCE_FRAMES = 192, 112, 160
IMAGINED_SHARE = 0.6
"""Share of the lines with the style encoder's style whose speaker is changed (imagined.py)."""
STRETCHED_SHARE = 0.12
"""Share of the recorded lines whose vowels are stretched (stretched.py)."""
HIDDEN_SHARE = 0.04
"""Share of the phonemes hidden from the text encoder, against learning sentences by heart."""


def stack(rows: list[np.ndarray], length: int) -> Tensor:
    """Rows padded with zeros to one length."""
    out = np.zeros((len(rows), length, *rows[0].shape[1:]), rows[0].dtype)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return torch.from_numpy(out)


def masked(error: Tensor, mask: Tensor) -> Tensor:
    return (error * mask).sum() / mask.sum().clamp(min=1)


def phoneme_means(line: Line) -> np.ndarray:
    """[P, 4]: mean contour over voiced frames, mean voicing, mean energy, and whether any frame is voiced."""
    first = np.cumsum(line.frames) - line.frames
    total = lambda x: np.add.reduceat(x, first)
    voiced = total(line.goal_voiced)
    return np.stack([total(line.contour() * line.goal_voiced) / np.maximum(voiced, 1), voiced / line.frames, total(line.energy) / line.frames, voiced > 0], 1).astype(np.float32)


class Trainer:
    def __init__(self, model: Acoustic, critics, sampler: Sampler, mels: np.ndarray | Joined, rng: np.random.Generator, bf16: bool):
        self.model, self.critics, self.sampler, self.mels, self.rng, self.bf16 = model, critics, sampler, mels, rng, bf16

    def styles(self, batch: list[Line]) -> tuple[Tensor, Tensor, dict[int, Imagined]]:
        """Style of each line [B, S], for readers and a part of the teacher's recorded lines as the encoder makes it; the encoder's loss; and how the speakers of some lines were changed."""
        table = self.model.blend(torch.from_numpy(np.stack([l.timbre for l in batch])), torch.from_numpy(np.stack([l.tune for l in batch])))
        rows = [i for i, line in enumerate(batch) if line.start >= 0 and not line.reader][::2]
        readers = [i for i, line in enumerate(batch) if line.reader]
        heard = torch.zeros(len(batch), 1)
        heard[rows[::2] + readers] = 1.0
        changes = {i: imagine(self.rng) for i in rows[::2] + readers if self.rng.random() < IMAGINED_SHARE}
        # What the encoder is to answer is known for the teacher's own voices.
        plain = [i for i in rows if i not in changes]
        known, rows = len(plain), plain + [i for i in rows if i in changes] + readers
        encoded = self.model.style_encoder(torch.stack([self.sampler.reference(batch[i], self.mels, REFERENCE_FRAMES, changes.get(i)) for i in rows])).float()
        goal = table[plain].detach()
        loss = (encoded[:known] - goal).square().mean() / goal.var().clamp_min(1e-3) if known > 1 else encoded.sum() * 0
        mixed = table * (1 - heard) + torch.zeros_like(table).index_copy(0, torch.tensor(rows), encoded) * heard
        statistics = np.stack([l.statistics for l in batch])
        for i, change in changes.items():
            statistics[i, 0] += np.log(change.factor)
        return with_statistics(mixed, torch.from_numpy(statistics)), loss, changes

    def stretched(self, line: Line) -> Line:
        """The line, or for a share of the recorded ones the line with long vowels."""
        if line.start < 0 or self.rng.random() >= STRETCHED_SHARE:
            return line
        return stretch_vowels(line, self.mels[line.start : line.start + len(line.f0)].astype(np.float32), self.rng)

    def forward(self, batch: list[Line], adversarial: bool) -> tuple[dict, tuple]:
        """Losses, and (real, made) pairs of mels and curves for the critics."""
        batch = [self.stretched(line) for line in batch]
        losses, count = {}, len(batch)
        longest = max(len(l.phonemes) for l in batch)
        phonemes, durations = (stack([getattr(l, name).astype(np.int64) for l in batch], longest) for name in ("phonemes", "frames"))
        mask = stack([np.ones(len(l.phonemes), np.float32) for l in batch], longest)
        style, losses["style"], changes = self.styles(batch)
        seen = torch.where(torch.rand(phonemes.shape) < HIDDEN_SHARE, 0, phonemes)
        hidden, log_frames = self.model.text_encoder.parts(seen, torch.tensor([l.language for l in batch]), style, mask.unsqueeze(-1))
        goal = stack([(l.frames if l.goal_frames is None else l.goal_frames).astype(np.float32) for l in batch], longest).clamp(min=1)
        likelihood = torch.exp(log_frames.clamp(max=6)) - goal * log_frames - goal * (1 - goal.log())
        losses["duration"] = masked(0.1 * likelihood + (log_frames - goal.log()).abs(), stack([l.counted for l in batch], longest))
        of_phonemes = self.model.phoneme_curves(hidden[..., -64:]).float()
        means = stack([phoneme_means(l) for l in batch], longest)
        by_phoneme = (of_phonemes[..., 0] - means[..., 0]).abs() * means[..., 3] + (of_phonemes[..., 1:] - means[..., 1:3]).abs().sum(-1)

        # A stretch of frames of every line: the phoneme of each frame, its place in it, and the curves.
        starts = [int(self.rng.integers(max(1, len(l.f0) - CURVE_FRAMES + 1))) for l in batch]
        owners, places, curves = [], [], []
        for line, at in zip(batch, starts):
            owner, position = place(line.frames)
            cut = slice(at, at + CURVE_FRAMES)
            owners.append(owner[cut]), places.append(position[cut])
            curves.append(np.stack([line.contour()[cut], line.goal_voiced[cut], line.energy[cut]], 1).astype(np.float32))
        present = stack([np.ones(len(o), np.float32) for o in owners], CURVE_FRAMES)
        owner = stack(owners, CURVE_FRAMES)
        frames = torch.cat([hidden.gather(1, owner.unsqueeze(-1).expand(-1, -1, hidden.shape[-1])), stack(places, CURVE_FRAMES).to(hidden.dtype)], -1)
        truth = stack(curves, CURVE_FRAMES)
        contour, voicing, energy = self.model.prosody.curves(frames, style, present.unsqueeze(-1))
        # A reader's own durations and curves are not to be learned: many of these readers do not speak fluently. Nor are those of stretched lines.
        taught = torch.tensor([[0.0 if l.reader or l.original else 1.0] for l in batch])
        learned, mask = present * taught, mask * taught
        voiced = truth[..., 1] * learned
        steps = (contour.diff(dim=1) - truth[..., 0].diff(dim=1)).abs()
        losses["contour"] = masked((contour - truth[..., 0]).abs(), voiced) + 2 * masked(steps, voiced[:, 1:] * voiced[:, :-1]) + 0.2 * masked(by_phoneme, mask)
        losses["voicing"] = masked(F.binary_cross_entropy_with_logits(voicing, truth[..., 1], reduction="none"), learned)
        losses["energy"] = masked((energy - truth[..., 2]).abs(), learned)

        recorded = [i for i, line in enumerate(batch) if line.start >= 0]
        inner = [int(self.rng.integers(max(1, int(present[i].sum()) - MEL_FRAMES + 1))) for i in recorded]
        cut = lambda x: torch.stack([x[i, at : at + MEL_FRAMES] for i, at in zip(recorded, inner)])
        real, heard = [], cut(present)
        for i, at in zip(recorded, inner):
            line, first = batch[i], starts[i] + at
            last = min(first + MEL_FRAMES, len(line.f0))
            real.append(self.mels[line.start + first : line.start + last].astype(np.float32) if line.mel is None else line.mel[first:last])
        real = stack(real, MEL_FRAMES)
        for row, i in enumerate(recorded):
            if i in changes:
                real[row] = changes[i].of(real[row])
        # For half of the lines voicing and energy are the predicted ones, as in use.
        own = (torch.rand(count, 1) < 0.5).float() * torch.tensor([[0.0 if l.edited or l.reader or l.original else 1.0] for l in batch])
        real_voiced = stack([l.voiced[at : at + CURVE_FRAMES] for l, at in zip(batch, starts)], CURVE_FRAMES)
        used_voicing = own * voicing.sigmoid().detach() + (1 - own) * real_voiced
        used_energy = own * energy.detach() + (1 - own) * truth[..., 2]
        f0 = stack([l.f0[at : at + CURVE_FRAMES].astype(np.float32) for l, at in zip(batch, starts)], CURVE_FRAMES)
        f0 = (f0 * torch.tensor([[changes[i].factor if i in changes else 1.0] for i in range(count)])).clamp(min=50)
        made = self.model.mel_decoder(cut(frames), cut(f0), cut(used_voicing), cut(used_energy), style[recorded]).float()
        # What lies above a reader's bandwidth is not known.
        for row, i in enumerate(recorded):
            if batch[i].reader:
                real[row, :, NARROW_BANDS:] = made[row, :, NARROW_BANDS:].detach()
        quiet = (real[..., :NARROW_BANDS].mean(-1) < -6).float()
        losses["mel"] = masked((made - real).abs().mean(-1), heard * (1 - 0.7 * quiet))
        # The mean over time of each band is what a timbre is; the loss above hardly sees it among the differences of single frames.
        loud = (heard * (1 - quiet)).unsqueeze(-1)
        losses["balance"] = (((made - real) * loud).sum(1) / loud.sum(1).clamp(min=20)).abs().mean()
        if not adversarial:
            return losses, ()
        kept = heard.unsqueeze(-1)
        mel_pair = real * kept + MEL_FLOOR * (1 - kept), made * kept + MEL_FLOOR * (1 - kept)
        shape = lambda c, v, e: torch.stack([c * truth[..., 1], v, e], -1) * learned.unsqueeze(-1)
        curve_pair = shape(*truth.unbind(-1)), shape(contour, voicing.sigmoid(), energy)
        return losses, (mel_pair, curve_pair, frames.detach().float())

    def judged(self, sides: tuple) -> tuple[Tensor, Tensor, Tensor, list[tuple[Tensor, Tensor]], list]:
        """Critic loss, fooling, matching, (tensor, gradient) pairs for the model, and the critics that took part: one of mels, one of curves."""
        (real_mel, made_mel), (real_curves, made_curves), text = sides
        mel_critic, curve_critic = self.critics[int(self.rng.integers(2))], self.critics[2]
        mel, curves = made_mel.detach().requires_grad_(), made_curves.detach().requires_grad_()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            critic_a, fooling_a, matching_a = judge([(1.0, mel_critic)], real_mel, mel)
            critic_b, fooling_b, matching_b = judge([(1.0, curve_critic)], torch.cat([real_curves, text], -1), torch.cat([curves, text], -1))
        loss = 0.05 * fooling_a + 0.1 * matching_a + 0.02 * fooling_b + 0.04 * matching_b
        gradients = torch.autograd.grad(loss, [mel, curves], retain_graph=True)
        return critic_a + critic_b, fooling_a + fooling_b, matching_a + matching_b, [(made_mel, gradients[0]), (made_curves, gradients[1])], [mel_critic, curve_critic]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with metadata.tsv, frames.npz and audio/")
    parser.add_argument("--work", type=Path, required=True, help="folder for the decoded corpus, tune/ and the checkpoint")
    parser.add_argument("--log", type=Path, required=True, help="CSV file of the curve")
    parser.add_argument("--planned-hours", type=float, default=4.0, help="core-hours after which the learning rate has reached its floor")
    parser.add_argument("--warmup-hours", type=float, default=0.25, help="core-hours without critics")
    parser.add_argument("--stop-after", type=float, default=1e9, help="stop with a checkpoint after so many core-minutes of this run")
    parser.add_argument("--batch", type=int, default=8, help="recorded lines in a batch")
    parser.add_argument("--recognizer", type=Path, help="folder with model.bin and tokenizer.json of Whisper in CTranslate2's format: the model is also trained on its transcripts (critics/speech.py)")
    parser.add_argument("--speaker-encoder", action="store_true", help="clones are also trained to have the vector of their reference by CAM++ (critics/speaker.py)")
    parser.add_argument("--more", type=int, default=8, help="lines without audio in a batch")
    a = parser.parse_args()
    seed_everything(0)
    _, mels, recorded, more, _ = load(a.corpus, a.work)
    recorded, more = ([line for line in lines if not line.held_out] for lines in (recorded, more))
    model, critics = Acoustic(len(VOICES)), make_acoustic_critics()
    average = copy.deepcopy(model).eval()
    decay = [p for p in model.parameters() if p.ndim > 1]
    rest = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW([dict(params=decay, weight_decay=0.03), dict(params=rest, weight_decay=0.0)], 1e-3, betas=(0.9, 0.98), fused=True)
    critic_optimizer = torch.optim.AdamW(critics.parameters(), 3e-4, betas=(0.8, 0.99), fused=True)
    bf16 = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    parts = dict(model=model, average=average, critics=critics, optimizer=optimizer, critic_optimizer=critic_optimizer)
    judge_of_speech = SpeechJudge(a.recognizer, recorded, more, mels, bf16) if a.recognizer else None
    if judge_of_speech:
        speech_optimizer = torch.optim.AdamW(judge_of_speech.critic.parameters(), 3e-4, betas=(0.8, 0.99), fused=True)
        parts |= dict(speech_critic=judge_of_speech.critic, speech_optimizer=speech_optimizer)
    run = Run(a.work / "acoustic.pt", parts, a.log, FIELDS)
    resume_or_restore(run, "acoustic")
    end = run.seconds + 60 * a.stop_after
    rng = np.random.default_rng(run.step + 1)
    torch.manual_seed(run.step + 1)
    sampler = Sampler(recorded, more, a.batch, a.more, rng)
    judge_of_speakers = SpeakerJudge(sampler, mels, bf16) if a.speaker_encoder else None
    trainer = Trainer(model, critics, sampler, mels, rng, bf16)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.2f} M parameters, {len(recorded)} recorded lines, {len(more)} more, bf16 {bf16}", flush=True)
    last = dict.fromkeys(FIELDS[9:], 0.0)  # not every step has every one of these
    while run.seconds < min(end, a.planned_hours * 3600):
        progress = run.seconds / (a.planned_hours * 3600)
        adversarial = run.seconds > a.warmup_hours * 3600
        warmup_cosine(optimizer, 1e-3, run.step - run.restored_at, progress)
        warmup_cosine(critic_optimizer, 3e-4, run.step - run.restored_at, progress)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            losses, sides = trainer.forward(trainer.sampler.draw(), adversarial)
        loss = losses["mel"] + BALANCE_WEIGHT * losses["balance"] + losses["duration"] + losses["contour"] + 0.3 * losses["voicing"] + 0.5 * losses["energy"] + 0.3 * losses["style"]
        critic = fooling = matching = torch.zeros(())
        if adversarial:
            critic, fooling, matching, pairs, chosen = trainer.judged(sides)
            parameters = [p for one in chosen for p in one.parameters()]
            critic_optimizer.zero_grad()
            for parameter, value in zip(parameters, torch.autograd.grad(critic, parameters)):
                parameter.grad = value
            critic_optimizer.step()
            ramp = min(1.0, (run.seconds / 3600 - a.warmup_hours) / 0.1)
            loss = loss + ramp * sum((made * gradient).sum() for made, gradient in pairs)
        heard, telling = {}, torch.zeros(())
        # The two frozen networks take turns, since each takes about half as long as the rest of a step.
        if judge_of_speakers and (run.step % 2 or not judge_of_speech):
            likeness = judge_of_speakers.loss(model, rng, REFERENCE_FRAMES)
            last["speaker"] = likeness.item()
            loss = loss + SPEAKER_WEIGHT * likeness
        elif judge_of_speech:
            heard, telling = judge_of_speech.losses(model, rng)
            loss = loss + sum(HEARD_WEIGHTS[name] * value for name, value in heard.items())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if telling.requires_grad:
            speech_optimizer.zero_grad()
            telling.backward()
            speech_optimizer.step()
        with torch.no_grad():
            keep = min(0.999, (1 + run.step) / (10 + run.step))
            torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - keep)
        last["balance"] = losses["balance"].item()
        last |= {name: loss.item() for name, loss in heard.items()} | (dict(telling=telling.item()) if telling.requires_grad else {})
        run.record(*(losses[name].item() for name in FIELDS[:6]), fooling.item(), matching.item(), critic.item(), *(last[name] for name in FIELDS[9:]))
    run.save()
    print("done", time.strftime("%H:%M"), flush=True)


if __name__ == "__main__":
    main()
