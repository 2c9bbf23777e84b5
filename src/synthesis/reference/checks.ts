import { SoriError } from '../../base/errors.ts';
import type { SpeechLikeness } from './speech-likeness.ts';

/** Seconds of a reference at most. */
export const MAX_SECONDS = 60;
/** Seconds of speech in it at least. */
export const MIN_SPEECH_SECONDS = 3;

/** dBFS of the loud passages; below it there is more coding noise than voice. */
const MIN_LEVEL = -55;
const MAX_CLIPPED = 0.003;
const MIN_SNR = 18;

/*
 * Limits between speech and what is not. Over 1940 passages of the four training corpora (4 to 17 s; American, Australian and
 * Mandarin accents, children too) the extremes are: held at most 0.72, flatness at most 0.18, change at least 0.15, level range at
 * least 4.8 dB, SNR at least 22 dB; voiced at least 0.17 in all but one. Tunes, chords, tones and noises lie beyond one of the
 * limits at least. `npm run bench -- --only references` measures both again.
 */
const MAX_HELD = 0.8;
const MIN_VOICED = 0.05;
const MAX_FLATNESS = 0.3;
const MIN_CHANGE = 0.14;
const MIN_LEVEL_RANGE = 4.6;

/** @throws {SoriError} `unusable_reference` when a recording is longer than {@link MAX_SECONDS}. */
export function checkLength(seconds: number): void {
  if (seconds > MAX_SECONDS) {
    throw unusable(`is too long: ${seconds.toFixed(1)} s; send ${MAX_SECONDS} s at most.`);
  }
}

/**
 * @param level dBFS of the loud frames.
 * @throws {SoriError} `unusable_reference` when the recording has no sound.
 */
export function checkLevel(level: number): void {
  if (level >= MIN_LEVEL) return;
  const found = level > -119 ? `its loud passages reach ${level.toFixed(0)} dBFS` : 'it is digital silence';
  throw unusable(`is silent: ${found}; speech of ${MIN_LEVEL} dBFS or more is needed.`);
}

/** @throws {SoriError} `unusable_reference` when too many samples are at full scale. */
export function checkClipping(clipped: number): void {
  if (clipped > MAX_CLIPPED) {
    throw unusable(
      `is clipped: ${percent(clipped)} of its samples are at full scale; at most ${percent(MAX_CLIPPED)} is allowed. Record it at a lower level.`,
    );
  }
}

/** @throws {SoriError} `unusable_reference` when it holds too little speech. */
export function checkSpeech(seconds: number): void {
  if (seconds < MIN_SPEECH_SECONDS) {
    throw unusable(
      `is too short: it holds ${seconds.toFixed(1)} s of speech; ${MIN_SPEECH_SECONDS} s are needed, 10 s are better.`,
    );
  }
}

/**
 * @param snr dB between loud and quiet frames.
 * @throws {SoriError} `unusable_reference` when it is music, tones or noise, or noise drowns the speech.
 */
export function checkLikeness(likeness: SpeechLikeness, snr: number): void {
  const { held, voiced, flatness, change, levelRange } = likeness;
  const notSpeech = (what: string) =>
    unusable(`is not speech: ${what}. One person speaking, without music, is needed.`);
  if (held > MAX_HELD) {
    throw notSpeech(
      `${percent(held)} of the time its pitch is constant, as in music or tones; in speech this is at most ${percent(MAX_HELD)}`,
    );
  }
  if (voiced < MIN_VOICED) {
    throw notSpeech(
      `only ${percent(voiced)} of it has the pitch of a voice; ${percent(MIN_VOICED)} is needed`,
    );
  }
  if (flatness > MAX_FLATNESS) {
    throw unusable(
      `is too noisy, or not speech: its spectrum is as flat as that of noise (flatness ${flatness.toFixed(2)}; in speech at most ${MAX_FLATNESS}). ${QUIET}`,
    );
  }
  if (snr < MIN_SNR) {
    throw unusable(
      `is too noisy, or not speech: its loud passages are ${snr.toFixed(0)} dB above the quiet ones; ${MIN_SNR} dB are needed. ${QUIET}`,
    );
  }
  if (change < MIN_CHANGE) {
    throw notSpeech(
      `its spectrum hardly changes (by ${change.toFixed(2)} within 75 ms; in speech by at least ${MIN_CHANGE})`,
    );
  }
  if (levelRange < MIN_LEVEL_RANGE) {
    throw notSpeech(
      `its level hardly changes (by ${levelRange.toFixed(1)} dB; in speech by at least ${MIN_LEVEL_RANGE} dB)`,
    );
  }
}

const QUIET = 'One person speaking in a quiet room, close to the microphone, is needed.';

function percent(share: number): string {
  const value = 100 * share;
  return `${value.toFixed(value < 10 ? 1 : 0)} %`;
}

function unusable(what: string): SoriError {
  return new SoriError('unusable_reference', `The reference recording ${what}`, { param: 'reference' });
}
