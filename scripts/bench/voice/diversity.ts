import { announce, type Row } from '../table.ts';
import { coefficientOfVariation, mean } from './measures.ts';
import { createSpeaker, type Spoken, soundsOf } from './speech.ts';
import { heldOutSentences } from './texts.ts';

/** How much is spoken. */
export interface DiversityOptions {
  readonly corpora: string;
  readonly sentences: number;
  readonly seeds: number;
}

interface Variation {
  /** Of each sound's duration and mean F0 over the seeds, averaged over sounds and sentences. */
  readonly duration: number;
  readonly f0: number;
  /** Of the whole sentence's duration. */
  readonly whole: number;
}

/**
 * Diversity as StyleTTS 2 measures it: how durations and F0 of the same text vary over seeds, at 5 steps of style sampling beside
 * none.
 */
export async function measureDiversity(options: DiversityOptions): Promise<Row[]> {
  const speaker = createSpeaker();
  const texts = await heldOutSentences(options.corpora, options.sentences);
  const at = async (steps: number): Promise<Variation> => {
    const each: Variation[] = [];
    for (const input of texts) {
      announce(`diversity: ${steps} steps, "${input}"`);
      const takes: Spoken[] = [];
      for (let seed = 0; seed < options.seeds; seed++) {
        takes.push(await speaker.speak({ input, seed, diffusionSteps: steps }));
      }
      each.push(variationOf(takes));
    }
    const over = (key: keyof Variation) => mean(each.map((variation) => variation[key]));
    return { duration: over('duration'), f0: over('f0'), whole: over('whole') };
  };
  const [none, five] = [await at(0), await at(5)];
  const show = ({ duration, f0, whole }: Variation) =>
    `${duration.toFixed(4)} / ${f0.toFixed(4)} / ${whole.toFixed(4)}`;
  return [
    {
      what: `diversity over ${options.seeds} seeds × ${texts.length} held-out sentences, 5 steps: CV of sounds' durations / of their F0 / of whole durations`,
      measured: show(five),
      target: 'above 0 steps',
      met: five.duration > none.duration && five.f0 > none.f0,
    },
    { what: 'the same at 0 steps', measured: show(none), target: '' },
  ];
}

function variationOf(takes: readonly Spoken[]): Variation {
  const sounds = takes.map(soundsOf);
  const places = [...sounds[0].keys()].filter((i) => sounds.every((take) => take[i]));
  const pitched = places.filter((i) => sounds.every((take) => take[i].hz > 0));
  return {
    duration: mean(places.map((i) => coefficientOfVariation(sounds.map((take) => take[i].seconds)))),
    f0: mean(pitched.map((i) => coefficientOfVariation(sounds.map((take) => take[i].hz)))),
    whole: coefficientOfVariation(takes.map(({ samples }) => samples.length)),
  };
}
