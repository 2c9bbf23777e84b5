"""Opinion scores that networks predict, of a folder of WAV files as evaluate_acoustic.py --wav writes it (FOLDER/<set>/<id>.wav, one folder a set).

- DistillMOS (package distillmos, MIT): one score of 1 to 5.
- DNSMOS P.835 (package speechmos, MIT): speech, background and overall, each 1 to 5; and P.808.
- ViSQOL for speech (package visqol-python, Apache-2.0) of every other set against the set `teacher`. It compares time by time, so only `copy` (copy-synthesis) gives a figure that means something.
"""

import argparse
from pathlib import Path

import numpy as np
import soundfile
import torch
from scipy.signal import resample_poly


def at_16k(path: Path) -> np.ndarray:
    wave, rate = soundfile.read(path, dtype="float32")
    assert rate in (16000, 24000), f"{path} has {rate} samples a second"
    return wave if rate == 16000 else resample_poly(wave, 2, 3).astype(np.float32).clip(-1, 1)


def load_dnsmos():
    """DNSMOS on one thread; the package's own `run` takes all of them."""
    import onnxruntime
    import speechmos
    from speechmos.dnsmos import DNSMOS

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    folder = Path(speechmos.__file__).parent / "dnsmos_models"
    paths = [str(folder / name) for name in ("sig_bak_ovr.onnx", "model_v8.onnx")]
    judge = DNSMOS(*paths)
    judge.onnx_sess, judge.p808_onnx_sess = (onnxruntime.InferenceSession(path, options) for path in paths)
    return judge


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="*", help="only these")
    a = parser.parse_args()
    import distillmos
    from visqol import VisqolApi

    torch.set_num_threads(1)
    judge, dnsmos, visqol = distillmos.ConvTransformerSQAModel().eval(), load_dnsmos(), VisqolApi()
    visqol.create(mode="speech")
    for folder in sorted(path for path in a.folder.iterdir() if path.is_dir()):
        if a.sets and folder.name not in a.sets:
            continue
        rows = []
        for path in sorted(folder.glob("*.wav")):
            wave = at_16k(path)
            with torch.no_grad():
                row = dict(distillmos=judge(torch.from_numpy(wave)[None]).item())
            found = dnsmos(wave, 16000, False)
            row |= {f"dnsmos_{name}": found[f"{name}_mos"] for name in ("sig", "bak", "ovrl", "p808")}
            reference = a.folder / "teacher" / path.name
            if folder.name == "copy" and reference.exists():
                row["visqol"] = visqol.measure_from_arrays(at_16k(reference).astype(np.float64), wave.astype(np.float64), 16000).moslqo
            rows.append(row)
        if rows:
            print(f"{folder.name}: {len(rows)} files, " + ", ".join(f"{name} {np.mean([row[name] for row in rows]):.2f}" for name in rows[0]), flush=True)


if __name__ == "__main__":
    main()
