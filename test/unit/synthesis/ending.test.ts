import { describe, expect, it } from 'vitest';
import { fitEnding } from '../../../src/synthesis/acoustic/ending.ts';
import type { Utterance } from '../../../src/text/types.ts';

const MODEL = { hop: 300, sampleRate: 24_000 } as const;
/** Frames of the silence that is left: 0.2 s. */
const LEFT = 16;

function utterance(symbols: string[], pauseMs?: number): Utterance {
  const span = { start: 0, end: 0 };
  const phonemes = symbols.map((symbol) => ({ symbol, span, ...(symbol === ',' && { pauseMs }) }));
  return { phonemes, span, sentence: 0 };
}

/** An utterance of 100 frames whose first `heard` frames are loud; its frames per symbol afterwards. */
function fitted(
  heard: number,
  { pauses = 1, symbols = ['^', 'ɡ', 'oʊ', '.', '$'], frames = [4, 6, 60, 20, 10] } = {},
) {
  const lengths = { frames: Int32Array.from(frames), silences: new Int32Array(frames.length) };
  const energy = Float32Array.from({ length: 100 }, (_, t) => (t < heard ? 0 : -3));
  fitEnding(lengths, utterance(symbols, 500), { energy, voicing: new Float32Array(100) }, pauses, MODEL);
  return [...lengths.frames];
}

describe('fitEnding', () => {
  it('leaves 0.2 s after the last frame that can be heard, within the last symbols', () => {
    expect(fitted(70)).toEqual([4, 6, 60, 15, 1]);
    expect(fitted(75)).toEqual([4, 6, 60, 20, 1]);
  });

  it('shortens the last sound where its end is silent', () => {
    expect(fitted(40)).toEqual([4, 6, 40 + LEFT - 11, 0, 1]);
  });

  it('multiplies the silence by the factor on pauses', () => {
    expect(fitted(70, { pauses: 0.5 })).toEqual([4, 6, 60, 7, 1]);
    expect(fitted(70, { pauses: 2 })).toEqual([4, 6, 60, 20, 10]);
  });

  it('leaves a frame of each sound of an utterance that cannot be heard', () => {
    expect(fitted(0, { pauses: 0 })).toEqual([4, 1, 1, 0, 1]);
  });

  it('keeps an end that is short already, and one with a break of a stated length', () => {
    expect(fitted(90)).toEqual([4, 6, 60, 20, 10]);
    expect(fitted(40, { symbols: ['^', 'ɡ', 'oʊ', ',', '$'] })).toEqual([4, 6, 60, 20, 10]);
  });

  it('takes voiced frames for heard ones', () => {
    const lengths = { frames: Int32Array.of(4, 60, 26, 10), silences: Int32Array.of(0, 0, 900, 0) };
    const voicing = Float32Array.from({ length: 100 }, (_, t) => (t < 64 ? 0.9 : 0));
    const quiet = { energy: new Float32Array(100).fill(-3), voicing };
    fitEnding(lengths, utterance(['^', 'oʊ', '.', '$']), quiet, 1, MODEL);
    expect([...lengths.frames]).toEqual([4, 60, 15, 1]);
    expect([...lengths.silences]).toEqual([0, 0, 0, 0]);
  });
});
