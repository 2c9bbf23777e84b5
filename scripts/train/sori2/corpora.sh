#!/bin/sh
# Puts the corpora that come with the repository into a work folder: corpora.sh WORK SPEECHOCEAN
#
# ko, gb: recorded lines of the teacher in Korean and British English. readers: where each phoneme lies in recordings of speechocean762, whose
# audio is in SPEECHOCEAN; they are left out where that folder is missing. tune, tune-ko, tune-gb: lines without audio. What is there already stays.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$1
speechocean=$2
for name in ko gb; do
  if [ ! -d "$work/$name" ]; then mkdir -p "$work/$name" && tar xf "$here/corpora/$name.tar" -C "$work/$name"; fi
done
if [ ! -d "$work/readers" ] && [ -d "$speechocean/audio" ]; then
  mkdir -p "$work/readers"
  tar xf "$here/corpora/readers.tar" -C "$work/readers"
  ln -s "$(cd "$speechocean/audio" && pwd)" "$work/readers/audio"
fi
[ -e "$work/tune" ] || ln -s "$here/tune" "$work/tune"
for name in tune-ko tune-gb; do
  [ -e "$work/$name" ] || ln -s "$here/corpora/$name" "$work/$name"
done
