import { SoriError } from '../../src/base/errors.ts';
import { analyseReference } from '../../src/synthesis/reference/reference.ts';
import { notSpeech } from './sounds.ts';
import { joined } from './speech.ts';
import { announce, type Row } from './table.ts';
import { decode, type Recording, readCorpus } from './texts.ts';

const CORPORA = ['kathleen', 'ljspeech', 'cameron', 'speechocean'];
/** Seconds of a passage at least: clips of one speaker are joined, so that silence within them leaves 3 s of speech. */
const PASSAGE = 6;

/** How many passages of each corpus are tried. */
export interface ReferencesOptions {
  readonly corpora: string;
  readonly passages: number;
}

/** Are recordings of people taken as references, and music, tones and noise refused? */
export async function measureReferences({ corpora, passages }: ReferencesOptions): Promise<Row[]> {
  const refused: string[] = [];
  let count = 0;
  for (const corpus of CORPORA) {
    announce(`references: ${corpus}`);
    const all = passagesOf(await readCorpus(corpora, corpus));
    const step = Math.max(1, all.length / passages);
    for (let i = 0; i < all.length; i += step) {
      const clips = all[Math.floor(i)];
      const samples = joined(await Promise.all(clips.map(({ path }) => decode(path))));
      const why = refusal(samples);
      count++;
      if (why) refused.push(`${clips[0].id}: ${why}`);
    }
  }
  announce('references: what is no speech');
  const sounds = notSpeech();
  const taken = sounds.filter(({ make }) => refusal(make()) === undefined).map(({ name }) => name);
  const share = 1 - refused.length / count;
  return [
    {
      what: `recordings of all corpora taken as references, ${count} passages${listed(refused)}`,
      measured: `${(100 * share).toFixed(1)} %`,
      target: '≥ 99 %',
      met: share >= 0.99,
    },
    {
      what: `tunes, chords, tones, noises refused${listed(taken)}`,
      measured: `${sounds.length - taken.length} of ${sounds.length}`,
      target: 'all',
      met: taken.length === 0,
    },
  ];
}

function listed(exceptions: readonly string[]): string {
  return exceptions.length ? ` (not: ${exceptions.slice(0, 5).join('; ')})` : '';
}

function refusal(samples: Float32Array): string | undefined {
  try {
    analyseReference({ samples });
    return undefined;
  } catch (error) {
    if (error instanceof SoriError) return error.message;
    throw error;
  }
}

function passagesOf(recordings: readonly Recording[]): Recording[][] {
  const passages: Recording[][] = [];
  let held: Recording[] = [];
  for (const recording of recordings) {
    if (held[0]?.speaker !== recording.speaker) held = [];
    held.push(recording);
    if (held.reduce((sum, { seconds }) => sum + seconds, 0) < PASSAGE) continue;
    passages.push(held);
    held = [];
  }
  return passages;
}
