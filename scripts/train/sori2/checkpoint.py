"""The one committed checkpoint: averaged weights and critics of the networks in half precision, with step and core-seconds. Optimizer state is not kept.

    checkpoint.py --work build/sori2            writes checkpoint.fp16.pt beside this file from acoustic.pt, vocoder.pt and denoiser.pt

The training loops start from it where the work folder has no checkpoint of its own.
"""

import argparse
import os
from pathlib import Path

import torch
from torch import nn

from phonemes import ACCENT_OF, BASES, BRITISH_NEAREST, LANGUAGES, NEAREST

COMMITTED = Path(__file__).resolve().parent / "checkpoint.fp16.pt"


def halved(state: dict) -> dict:
    return {k: v.half() if v.is_floating_point() else v for k, v in state.items()}


def widen(state: dict) -> bool:
    """Gives the acoustic model's weights, and the optimizer's state, rows for the symbols that are new since they were saved: each starts from the symbol that is nearest. An accent that is new with them starts from its language. -> whether there were any."""
    name, more = "text_encoder.base.weight", 0
    for part in ("model", "average"):
        weights = state.get(part, {}).get(name)
        if weights is not None and len(weights) < len(BASES):
            known = len(weights)
            generator = torch.Generator().manual_seed(known)
            rows = [weights[BASES.index(NEAREST[s])] + (0.1 * torch.randn(weights.shape[1], generator=generator)).to(weights.dtype) for s in BASES[known:]]
            more = len(rows)
            state[part][name] = torch.cat([weights, torch.stack(rows)])
            languages = state[part]["text_encoder.language.weight"]
            if known <= BASES.index(next(iter(BRITISH_NEAREST))):
                for accent, language in ACCENT_OF.items():
                    languages[LANGUAGES.index(accent)] = languages[LANGUAGES.index(language)]
    for moments in state.get("optimizer", {}).get("state", {}).values() if more else ():
        for key in ("exp_avg", "exp_avg_sq"):
            if moments[key].shape == (len(BASES) - more, state["model"][name].shape[1]):
                moments[key] = torch.cat([moments[key], torch.zeros(more, moments[key].shape[1])])
    return more > 0


def resume_or_restore(run, name: str) -> bool:
    """Resumes a `Run` from its own checkpoint, else from the committed one: both the network and its average start from the averaged weights. -> whether either was there."""
    run.restored_at = 0
    if name == "acoustic" and run.checkpoint.exists():
        state = torch.load(run.checkpoint, weights_only=True)
        if widen(state):
            torch.save(state, run.checkpoint.with_suffix(".tmp"))
            os.replace(run.checkpoint.with_suffix(".tmp"), run.checkpoint)
    if run.resume():
        return True
    if not COMMITTED.exists():
        return False
    state = torch.load(COMMITTED, weights_only=True).get(name)
    if state is None:
        return False
    if name == "acoustic":
        widen(state)
    for part, saved in (("model", "average"), ("average", "average"), ("critics", "critics")):
        module, weights = run.parts[part], {k: v.float() if v.is_floating_point() else v for k, v in state[saved].items()}
        if not isinstance(module, nn.Module) or not run.fits(module, weights):
            print(f"{part}: the committed checkpoint does not fit, starts fresh", flush=True)
            continue
        module.load_state_dict(weights)
    run.step, run._seconds = state["step"], state["seconds"]
    run.restored_at = run.step
    print(f"restored the committed checkpoint: step {run.step}, {run.seconds:.0f} core-seconds", flush=True)
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=COMMITTED)
    a = parser.parse_args()
    whole = torch.load(a.out, weights_only=True) if a.out.exists() else {}
    for name in ("acoustic", "vocoder", "denoiser"):
        path = a.work / f"{name}.pt"
        if path.exists():
            state = torch.load(path, weights_only=True)
            whole[name] = dict(average=halved(state["average"]), critics=halved(state.get("critics", {})), step=state["step"], seconds=state["seconds"])
    torch.save(whole, a.out)
    print(f"{a.out}: {a.out.stat().st_size / 1e6:.1f} MB,", {k: (v["step"], round(v["seconds"])) for k, v in whole.items()})


if __name__ == "__main__":
    main()
