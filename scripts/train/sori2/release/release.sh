#!/bin/sh
# From the weights of training to the folder that is served: scripts/train/sori2/release/release.sh
#
# Exports the graphs (WORK's acoustic.pt and vocoder.pt; the committed checkpoint where one is missing), checks them against PyTorch, quantizes
# them, cuts them into shards/sori-2, fits what voices are compared by (the consent check needs it), verifies all, and renews what tests know of
# the waveforms. Commit shards/sori-2, test/ and likeness.json afterwards. It takes some minutes. SPEECHOCEAN, WORK, CORPUS, VENV and LEXICON may be set, as for train.sh.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
training=$(dirname "$here")
root=$(cd "$training/../../.." && pwd)
WORK=${WORK:-$root/build/sori2}
CORPUS=${CORPUS:-$root/../shared/data/teacher}
VENV=${VENV:-$root/build/sori2-venv}
LEXICON=${LEXICON:-$root/build/lexicon}
SPEECHOCEAN=${SPEECHOCEAN:-$root/../shared/data/speechocean}
OUT=${OUT:-$root/build/sori-2}
PATH="$root/node_modules/.bin:$PATH"
mkdir -p "$WORK"
[ -x "$VENV/bin/python" ] || { python3 -m venv "$VENV" && "$VENV/bin/pip" install --quiet -r "$training/requirements.txt"; }
"$training/corpora.sh" "$WORK" "$SPEECHOCEAN"
cd "$here"
"$VENV/bin/python" export.py --corpus "$CORPUS" --work "$WORK" --out "$OUT"
"$VENV/bin/python" waveform_answer.py "$root/test/fixtures/waveform.f32"
cd "$root"
[ -e "$LEXICON/en.dictionary.bin" ] || npm run --silent lexicon
[ -e "$LEXICON/en-GB.dictionary.bin" ] || npm run --silent lexicon -- --british --out "$LEXICON"
npm run --silent shards:pack -- "$OUT" --out shards/sori-2 --lexicon "$LEXICON"
if [ -d "$SPEECHOCEAN" ]; then
  node scripts/train/sori2/release/likeness.ts styles "$SPEECHOCEAN" "$OUT/styles.json"
  (cd "$here" && "$VENV/bin/python" likeness.py "$OUT/styles.json" likeness.json)
  node scripts/train/sori2/release/likeness.ts apply "$here/likeness.json"
else
  echo "SPEECHOCEAN ($SPEECHOCEAN) is missing: voices are compared by the axes of the weights before" >&2
fi
npm run --silent shards:verify -- shards/sori-2
node test/golden/make-speech.ts
