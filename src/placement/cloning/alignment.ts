import type { Alignment, Cue, TimedPhoneme } from '../../synthesis/alignment.ts';
import { BOUNDARY } from '../../text/symbols.ts';
import type { Span } from '../../text/types.ts';
import type { ReceivedSpeech } from './speech-events.ts';

const SAMPLES_PER_MS = 24;
const NOWHERE: Span = { start: 0, end: 0 };

/**
 * The alignment of speech whose cues another server has sent. Cues leave pauses out, so the gaps between phonemes become silence. The
 * silence after a sentence has the sentence's final marks, so that the same cues can be made of the alignment again.
 * @param samples length of the speech at 24 kHz.
 */
export function alignmentOf({ cues }: Pick<ReceivedSpeech, 'cues'>, samples: number): Alignment {
  const { phoneme, word, sentence, mark } = cues;
  const marks = mark.map(({ text, start_ms, span }) => ({ name: text, sample: sampleAt(start_ms), span }));
  const phonemes: TimedPhoneme[] = [];
  const wordOf = indexIn(word);
  const sentenceOf = indexIn(sentence);
  let at = 0;
  const pause = (endSample: number, number: number, span = NOWHERE) => {
    if (endSample <= at && span === NOWHERE) return;
    const common = { symbol: BOUNDARY, span, word: -1, sentence: number };
    phonemes.push({ ...common, startSample: at, endSample: Math.max(at, endSample) });
    at = Math.max(at, endSample);
  };
  for (const [index, cue] of phoneme.entries()) {
    const number = sentenceOf(cue);
    pause(sampleAt(cue.start_ms), number);
    const endSample = Math.max(at, sampleAt(cue.end_ms));
    const { text: symbol, span } = cue;
    phonemes.push({ symbol, startSample: at, endSample, span, word: wordOf(cue), sentence: number });
    at = endSample;
    const next = phoneme.at(index + 1);
    const ends = next === undefined || next.start_ms >= (sentence.at(number + 1)?.start_ms ?? Infinity);
    if (!ends) continue;
    const end = sentence.at(number)?.span.end ?? span.end;
    const rest = end > span.end ? { start: span.end, end } : NOWHERE;
    pause(next ? sampleAt(next.start_ms) : samples, number, rest);
  }
  return { phonemes, marks };
}

const sampleAt = (ms: number): number => Math.round(ms * SAMPLES_PER_MS);

/** Finds the number of the cue that a phoneme belongs to. Phonemes must be looked up in their order. */
function indexIn(cues: readonly Cue[]): (phoneme: Cue) => number {
  let index = 0;
  return ({ start_ms }) => {
    while (index < cues.length - 1 && cues[index + 1].start_ms <= start_ms) index++;
    return index;
  };
}
