import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { AUDIO_FORMATS, type AudioFormatId } from '../../../src/audio/format.ts';
import { level } from '../../../src/audio/level.ts';
import { toInt16Array } from '../../../src/audio/samples.ts';
import { masterWav, transcode } from '../../../src/audio/transcode.ts';

/**
 * Something like a voice at 24 kHz: a gliding glottal pulse train through three formants, syllables, breath noise,
 * a pause. Made of integers and rounded to 2^-20, so that every engine makes the same.
 */
export function speechLike(samples: number): Float32Array {
  const signal = new Float32Array(samples);
  const formants = [
    { frequency: 620, bandwidth: 80, gain: 1 },
    { frequency: 1250, bandwidth: 100, gain: 0.6 },
    { frequency: 2600, bandwidth: 160, gain: 0.3 },
  ].map(({ frequency, bandwidth, gain }) => {
    const radius = Math.exp((-Math.PI * bandwidth) / 24_000);
    return {
      a: 2 * radius * Math.cos((2 * Math.PI * frequency) / 24_000),
      b: radius ** 2,
      gain,
      y1: 0,
      y2: 0,
    };
  });
  let phase = 0;
  let state = 0x1234_5678;
  for (let i = 0; i < samples; i++) {
    const t = i / 24_000;
    phase += (130 + 40 * Math.sin(2.1 * t)) / 24_000;
    const pulse = phase >= 1 ? 1 : 0;
    phase -= pulse;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const noise = (state >> 8) / 2 ** 23;
    const syllable = Math.max(0, Math.sin(2 * Math.PI * 3.3 * t)) * (t % 1 > 0.8 ? 0 : 1);
    let sum = 0;
    for (const formant of formants) {
      const y = pulse + 0.01 * noise + formant.a * formant.y1 - formant.b * formant.y2;
      formant.y2 = formant.y1;
      formant.y1 = y;
      sum += formant.gain * y;
    }
    signal[i] = Math.round(0.03 * sum * syllable * 2 ** 20) / 2 ** 20 + Math.round(noise * 200) / 2 ** 20;
  }
  return signal;
}

/** Encodes a whole signal, cut at the given places (ascending; default: in pieces of 2400). */
export async function encodeAll(
  signal: Float32Array,
  format: AudioFormatId,
  cuts?: readonly number[],
): Promise<Uint8Array> {
  const encoder = await createEncoder(format, { totalSamples: signal.length });
  const places = cuts ?? Array.from({ length: Math.floor(signal.length / 2400) }, (_, i) => (i + 1) * 2400);
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const to of [...places, signal.length]) {
    pieces.push(encoder.encode(signal.subarray(from, to)));
    from = to;
  }
  pieces.push(encoder.finish());
  return Uint8Array.from(pieces.flatMap((piece) => Array.from(piece)));
}

/** Length and hash of some bytes. */
export interface Fingerprint {
  readonly length: number;
  readonly sha256: string;
}

/** Fingerprints of the reference signal in every format. */
export async function encodedFingerprints(): Promise<Record<string, Fingerprint>> {
  const found: Record<string, Fingerprint> = {};
  for (const format of AUDIO_FORMATS) {
    found[format] = await fingerprint(await encodeAll(speechLike(24_001), format));
  }
  return found;
}

/**
 * Fingerprints of audio encoded from a master: of one so loud that the limiter is active throughout (`level`), and of a long
 * one that goes over several pieces, in every format.
 */
export async function finishedFingerprints(): Promise<Record<string, Fingerprint>> {
  const samples = toInt16Array(speechLike(140_001).map((sample) => 1.5 * sample));
  const found: Record<string, Fingerprint> = {
    level: await fingerprint(masterWav(await level(samples, 24_000, -14))),
  };
  const master = { samples, long: true, telephonyLoudness: -16.4 };
  for (const format of AUDIO_FORMATS) {
    found[format] = await fingerprint(await transcode(createEncoder, master, format));
  }
  return found;
}

async function fingerprint(bytes: Uint8Array): Promise<Fingerprint> {
  return { length: bytes.length, sha256: await sha256(bytes) };
}

/** SHA-256 in hex. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes.slice()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
