import { concatFloats } from '../../../src/base/bytes.ts';
import type { SpeechEngine, SpeechRequest } from '../../../src/engine/engine.ts';
import type { Alignment } from '../../../src/synthesis/alignment.ts';
import { framePower } from '../../../src/synthesis/reference/energy.ts';
import { measureLevels } from '../../../src/synthesis/reference/levels.ts';
import type { SpeechFrames } from '../../../src/synthesis/synthesize.ts';
import { createNodeEngine } from '../../lib/node-engine.ts';
import { plainRequest } from '../../lib/plain-request.ts';
import { deviation, mean } from './measures.ts';

const RATE = 24_000;
const HOP = 300;

/** A request with neutral fields but for what is given; a style takes the place of the voice. */
export function requestOf(request: Pick<SpeechRequest, 'input'> & Partial<SpeechRequest>): SpeechRequest {
  return plainRequest({ ...(request.style && { voice: {} }), ...request });
}

/** Something spoken, with all that was made on the way. */
export interface Spoken {
  readonly samples: Float32Array;
  readonly alignment: Alignment;
  /** [T] Hz, 0 where it has no pitch. */
  readonly f0: Float32Array;
}

/** Speaks in this process and keeps what the networks make. One request at a time. */
export interface Speaker {
  readonly engine: SpeechEngine;
  speak(request: Pick<SpeechRequest, 'input'> & Partial<SpeechRequest>): Promise<Spoken>;
}

/** A speaker over the repository's models and onnxruntime-node. */
export function createSpeaker(): Speaker {
  let frames: SpeechFrames[] = [];
  const engine = createNodeEngine({ onFrames: (part) => frames.push(part) });
  return {
    engine,
    async speak(request) {
      frames = [];
      const speech = await engine.speak(requestOf(request));
      const samples = await collect(speech.chunks);
      const f0 = new Float32Array(Math.ceil(samples.length / HOP));
      for (const part of frames) {
        part.f0.forEach((hz, t) => {
          if (part.voicing[t] > 0.5) f0[part.firstFrame + t] = hz;
        });
      }
      return { samples, alignment: speech.alignment, f0 };
    },
  };
}

/** All samples of a stream. */
export async function collect(chunks: AsyncIterable<Float32Array>): Promise<Float32Array> {
  const pieces: Float32Array[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return concatFloats(pieces);
}

/** Seconds and mean F0 of each sound (0 where it has none), pauses left out: the same sounds for every seed of a text. */
export function soundsOf({ alignment, f0 }: Spoken): { seconds: number; hz: number }[] {
  return alignment.phonemes
    .filter(({ word, startSample, endSample }) => word >= 0 && endSample > startSample)
    .map(({ startSample, endSample }) => {
      const pitched = [...f0.subarray(Math.round(startSample / HOP), Math.round(endSample / HOP))];
      return { seconds: (endSample - startSample) / RATE, hz: mean(pitched.filter((hz) => hz > 0)) };
    });
}

/** How an utterance sounds, as the emotion table counts it. */
export interface Manner {
  /** Mean of log2 F0, in semitones above 100 Hz. */
  readonly pitch: number;
  /** Standard deviation of log2 F0, in semitones. */
  readonly pitchRange: number;
  /** Sounds per second, pauses left out. */
  readonly rate: number;
  /** Mean level of the sounding frames, in dBFS. */
  readonly energy: number;
}

/** Measures an utterance. */
export function mannerOf(spoken: Spoken): Manner {
  const semitones = [...spoken.f0].filter((hz) => hz > 0).map((hz) => 12 * Math.log2(hz / 100));
  const sounds = soundsOf(spoken);
  const power = framePower(spoken.samples);
  const { sounding } = measureLevels(power);
  const heard = [...power.keys()].filter((t) => sounding[t]);
  return {
    pitch: mean(semitones),
    pitchRange: deviation(semitones),
    rate: sounds.length / sounds.reduce((sum, { seconds }) => sum + seconds, 0),
    energy: mean(heard.map((t) => 10 * Math.log10(power[t]))),
  };
}
