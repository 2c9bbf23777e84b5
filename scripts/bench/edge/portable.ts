/** The same speech on every backend: runs in Node, in workerd and in a browser's page. */
import { createLocalEngine } from '../../../src/engine/local.ts';
import type { ModelHost } from '../../../src/engine/model-host.ts';
import { createStyleSampler } from '../../../src/synthesis/style/style.ts';
import { resolveVoice } from '../../../src/synthesis/style/voice.ts';

const TEXT = 'Please hold while we connect you to the next agent.';
const EMOTIONS: readonly Record<string, number>[] = [{}, { happy: 0.6, sad: 0.3 }, { angry: 1 }];
/** Phoneme ids below this are marks. */
const FIRST_SOUND = 12;

/** Audio of one backend for fixed requests and seeds. */
export interface Portable {
  /** Raw style vectors, one for each emotion. */
  readonly styles: number[][];
  /** 24 kHz, of the plain request. */
  readonly samples: number[];
}

/** Draws the styles and speaks the sentence. */
export async function speakPortably(host: ModelHost): Promise<Portable> {
  const { manifest, runner } = await host.open('sori-2');
  const sampler = createStyleSampler(manifest, runner);
  const voice = resolveVoice(manifest, { [manifest.voices[0].id]: 1 });
  const phonemeIds = BigInt64Array.from({ length: 40 }, (_, i) => BigInt(FIRST_SOUND + ((7 * i) % 50)));
  const styles: number[][] = [];
  for (const [seed, emotion] of EMOTIONS.entries()) {
    const options = { diffusionSteps: 5, alpha: 1, beta: 1, emotion };
    styles.push([...(await sampler.style({ voice, phonemeIds, options, seed })).style]);
  }
  const speech = await createLocalEngine({ host, models: ['sori-2'] }).speak({
    model: 'sori-2',
    voice: { [manifest.voices[0].id]: 1 },
    input: TEXT,
    language: 'en',
    speed: 1,
    seed: 7,
    refineSteps: undefined,
    pronunciations: {},
    diffusionSteps: 5,
    pitch: 0,
    pitchRange: 1,
    energy: 0,
    pauses: 1,
    exactLength: true,
  });
  const samples: number[] = [];
  for await (const chunk of speech.chunks) for (const value of chunk) samples.push(value);
  return { styles, samples };
}
