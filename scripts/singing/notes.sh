#!/bin/sh
# Sings notes of 3 s and speaks a sentence in every built-in voice, for notes.py: notes.sh FOLDER
set -e
mkdir -p "$1"
for voice in hazel clara brooke sora haneul imogen harriet miles toby evan jiho rupert edmund; do
  case $voice in miles | toby | evan | jiho | rupert | edmund) transpose=-12 ;; *) transpose=0 ;; esac
  node scripts/sing.ts scripts/singing/long-notes.json -o "$1/$voice.wav" --timestamps "$1/$voice.json" \
    --voice $voice --language en --transpose $transpose --expression 0 --breaths off --quiet
  node scripts/say.ts 'We saw a far new moon, three blue seas, and two green palms.' -o "$1/$voice-spoken.wav" --voice $voice --language en --quiet
done
