"""One small file with the half-precision weights of every network, enough to go on training (optimizers start fresh) or to export again."""

import argparse
import os
import zipfile
from pathlib import Path

import torch

NETWORKS = {"acoustic": ["average"], "style": ["average"], "vocoder": ["vocoder"], "refiner": ["average"]}
KEPT = ("step", "seconds", "sigma_data", "space")
CRITICS = {"acoustic": ["mel_critics", "curve_critics"], "vocoder": ["critics"]}


def half(state: dict) -> dict:
    return {k: v.half() if torch.is_tensor(v) and v.is_floating_point() else v for k, v in state.items()}


def deflate(path: Path) -> None:
    """torch.save stores its archive uncompressed; torch.load reads a compressed one just as well."""
    temporary = path.with_suffix(".zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name), source.read(name), zipfile.ZIP_DEFLATED, 9)
    os.replace(temporary, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for stage in NETWORKS:
        parser.add_argument(f"--{stage}", type=Path, required=True, help=f"checkpoint of train_{stage}.py")
    parser.add_argument("--critics", action="store_true", help="the discriminators too")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    result = {}
    for stage, names in NETWORKS.items():
        state = torch.load(getattr(args, stage), weights_only=True)
        names = names + (CRITICS.get(stage, []) if args.critics else [])
        result[stage] = {name: half(state[name]) for name in names} | {k: v for k, v in state.items() if k in KEPT}
        for name in names:  # training resumes from the last weights: the average stands in for them
            if name == "average":
                weights = {k.removeprefix("module."): v for k, v in result[stage][name].items() if k != "n_averaged"}
                result[stage][stage] = weights
    args.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save(result, args.out)
    deflate(args.out)
    torch.load(args.out, weights_only=True)
    print(f"{args.out}: {args.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
