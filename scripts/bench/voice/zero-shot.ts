import { join } from 'node:path';
import { concatFloats } from '../../../src/base/bytes.ts';
import { announce, type Row } from '../table.ts';
import { createStyleEmbedder, type Embedder } from './embedders.ts';
import { areaUnderRoc, cosine, equalErrorRate, mean } from './measures.ts';
import { cutTo, spokenSeconds } from './reference-clips.ts';
import { createSpeaker, type Speaker } from './speech.ts';
import { decode, heldOutSentences, type Recording, strangers } from './texts.ts';
import { createTranscript, type Transcript } from './wer.ts';

const RATE = 24_000;
/** Seconds of speech in the references. */
const LENGTHS = [3, 6, 12];
/** Seconds of a speaker's other recordings that one trial compares with. */
const PROBE_SECONDS = 8;

/** How much is spoken, and what judges it. */
export interface ZeroShotOptions {
  readonly corpora: string;
  readonly sentences: number;
  /** Speakers at most. */
  readonly speakers: number;
  /** Folder for what is to be recognised. */
  readonly work: string;
}

/** One held-out speaker: references of each length and, from other recordings, probes. */
interface Stranger {
  readonly id: string;
  readonly references: ReadonlyMap<number, Float32Array>;
  readonly probes: readonly Float32Array[];
}

/** Measures whether clones of people outside the training data are more like them than like others, and whether they are intelligible. */
export async function measureZeroShot(options: ZeroShotOptions): Promise<Row[]> {
  const texts = await heldOutSentences(options.corpora, options.sentences);
  const people = await readStrangers(options);
  const embedder = await createStyleEmbedder();
  const speaker = createSpeaker();
  const transcript = createTranscript(join(options.work, 'zero-shot'));
  for (const input of texts) {
    await transcript.add('hazel', (await speaker.speak({ input })).samples, input);
  }
  const rows: Row[] = [];
  for (const seconds of LENGTHS) {
    announce(`zero-shot: clones from ${seconds} s`);
    const clones = await cloneAll(speaker, people, seconds, texts, transcript);
    rows.push(await trials(embedder, people, seconds, clones));
  }
  announce('zero-shot: recognizing');
  const rates = await transcript.rates();
  const own = rates.get('hazel') ?? Number.NaN;
  for (const seconds of LENGTHS) {
    const rate = rates.get(`${seconds} s`) ?? Number.NaN;
    rows.push({
      what: `WER of clones from ${seconds} s ÷ hazel's, ${texts.length} sentences`,
      measured: `${(100 * rate).toFixed(1)} % ÷ ${(100 * own).toFixed(1)} % = ${(rate / own).toFixed(2)}`,
      target: '≤ 1.5',
      met: rate / own <= 1.5,
    });
  }
  return rows;
}

async function cloneAll(
  speaker: Speaker,
  people: readonly Stranger[],
  seconds: number,
  texts: readonly string[],
  transcript: Transcript,
): Promise<Float32Array[]> {
  const clones: Float32Array[] = [];
  for (const { references } of people) {
    const samples = references.get(seconds) as Float32Array;
    const style = await speaker.engine.encodeStyle('sori-2', { samples });
    const spoken: Float32Array[] = [];
    for (const input of texts) {
      spoken.push((await speaker.speak({ input, style })).samples);
      await transcript.add(`${seconds} s`, spoken[spoken.length - 1], input);
    }
    clones.push(concatFloats(spoken));
  }
  return clones;
}

/** Each clone against each speaker's other recordings; the references themselves are the best that can be expected. */
async function trials(
  embedder: Embedder,
  people: readonly Stranger[],
  seconds: number,
  clones: readonly Float32Array[],
): Promise<Row> {
  const embedAll = async (sounds: readonly Float32Array[]) => {
    const vectors: Float32Array[] = [];
    for (const sound of sounds) vectors.push(await embedder.embed(sound));
    return vectors;
  };
  const probes: Float32Array[][] = [];
  for (const { probes: sounds } of people) probes.push(await embedAll(sounds));
  const score = (vectors: readonly Float32Array[]) => {
    const [genuine, impostors]: number[][] = [[], []];
    vectors.forEach((vector, i) => {
      probes.forEach((own, j) => {
        for (const probe of own) (i === j ? genuine : impostors).push(cosine(vector, probe));
      });
    });
    return { genuine, impostors, rate: equalErrorRate(genuine, impostors) };
  };
  const cloned = score(await embedAll(clones));
  const real = score(await embedAll(people.map(({ references }) => references.get(seconds) as Float32Array)));
  const area = areaUnderRoc(cloned.genuine, cloned.impostors);
  const likeness = `${mean(cloned.genuine).toFixed(2)} own, ${mean(cloned.impostors).toFixed(2)} others'`;
  return {
    what: `clones from ${seconds} s of ${people.length} held-out speakers, judged by the ${embedder.name}: similarity ${likeness}; area under ROC ${area.toFixed(2)}; EER of the references themselves ${percent(real.rate)}; EER`,
    measured: percent(cloned.rate),
    target: '',
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

async function readStrangers({ corpora, speakers }: ZeroShotOptions): Promise<Stranger[]> {
  const people: Stranger[] = [];
  for (const [id, recordings] of [...(await strangers(corpora))].slice(0, speakers)) {
    announce(`zero-shot: reading speaker ${id}`);
    people.push(await readStranger(id, recordings));
  }
  return people;
}

/** The first clips make the references, the longer ones containing the shorter; all later ones make the probes. */
async function readStranger(id: string, recordings: readonly Recording[]): Promise<Stranger> {
  const clips: Float32Array[] = [];
  for (const { path } of recordings) clips.push(await decode(path));
  let used = 0;
  const references = new Map<number, Float32Array>();
  for (const seconds of LENGTHS) {
    while (used < clips.length && spokenSeconds(concatFloats(clips.slice(0, used))) < seconds) used++;
    references.set(seconds, cutTo(concatFloats(clips.slice(0, used)), seconds));
  }
  const probes: Float32Array[] = [];
  let held: Float32Array[] = [];
  for (const clip of clips.slice(used)) {
    held.push(clip);
    if (concatFloats(held).length < PROBE_SECONDS * RATE) continue;
    probes.push(concatFloats(held));
    held = [];
  }
  return { id, references, probes };
}
