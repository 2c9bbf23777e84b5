import { describe, expect, it } from 'vitest';
import { fitEnding } from '../../../src/synthesis/acoustic/ending.ts';
import type { Utterance } from '../../../src/text/types.ts';

const MODEL = { hop: 300, sampleRate: 24_000 } as const;
/** Frames of the 0.2 s of silence that are left, and those of them that the networks make. */
const LEFT = 16;
const MADE = 4;

function utterance(symbols: string[], pauseMs?: number): Utterance {
  const span = { start: 0, end: 0 };
  const phonemes = symbols.map((symbol) => ({ symbol, span, ...(symbol === ',' && { pauseMs }) }));
  return { phonemes, span, sentence: 0 };
}

/** An utterance of 100 frames whose first `heard` frames are loud: its frames per symbol afterwards, and the frames of silence after them. */
function fitted(
  heard: number,
  { pauses = 1, symbols = ['^', 'ɡ', 'oʊ', '.', '$'], frames = [4, 6, 60, 20, 10] } = {},
) {
  const lengths = { frames: Int32Array.from(frames), silences: new Int32Array(frames.length) };
  const energy = Float32Array.from({ length: 100 }, (_, t) => (t < heard ? 0 : -3));
  const curves = { energy, voicing: new Float32Array(100) };
  const silence = fitEnding(lengths, utterance(symbols, 500), curves, pauses, MODEL) / MODEL.hop;
  return { frames: [...lengths.frames], silence };
}

describe('fitEnding', () => {
  it('leaves 0.2 s after the last frame that can be heard, of which the last symbols are 0.05 s', () => {
    expect(fitted(70)).toEqual({ frames: [4, 6, 60, 3, 1], silence: LEFT - MADE });
    expect(fitted(75)).toEqual({ frames: [4, 6, 60, 8, 1], silence: LEFT - MADE });
  });

  it('shortens the last sound where its end is silent', () => {
    expect(fitted(40)).toEqual({ frames: [4, 6, 40 + MADE - 11, 0, 1], silence: LEFT - MADE });
  });

  it('multiplies the silence by the factor on pauses', () => {
    expect(fitted(70, { pauses: 0.5 })).toEqual({ frames: [4, 6, 60, 3, 1], silence: LEFT / 2 - MADE });
    expect(fitted(70, { pauses: 0.125 })).toEqual({ frames: [4, 6, 60, 1, 1], silence: 0 });
  });

  it('adds nothing to a silence that is shorter', () => {
    expect(fitted(70, { pauses: 2 })).toEqual({ frames: [4, 6, 60, 3, 1], silence: 30 - MADE });
    expect(fitted(90)).toEqual({ frames: [4, 6, 60, 20, 4], silence: 10 - MADE });
    expect(fitted(98)).toEqual({ frames: [4, 6, 60, 20, 10], silence: 0 });
  });

  it('leaves a frame of each sound of an utterance that cannot be heard', () => {
    expect(fitted(0, { pauses: 0 })).toEqual({ frames: [4, 1, 1, 0, 1], silence: 0 });
  });

  it('leaves a break of a stated length as it is', () => {
    const symbols = ['^', 'ɡ', 'oʊ', ',', '$'];
    expect(fitted(40, { symbols })).toEqual({ frames: [4, 6, 60, 20, 10], silence: 0 });
  });

  it('takes voiced frames for heard ones, and counts silence that the pauses have', () => {
    const voicing = Float32Array.from({ length: 100 }, (_, t) => (t < 94 ? 0.9 : 0));
    const quiet = { energy: new Float32Array(100).fill(-3), voicing };
    const lengths = { frames: Int32Array.of(4, 60, 26, 10), silences: Int32Array.of(0, 0, 900, 0) };
    expect(fitEnding(lengths, utterance(['^', 'oʊ', '.', '$']), quiet, 1, MODEL)).toBe(2 * 300 + 900);
    expect([...lengths.frames]).toEqual([4, 60, 26, 8]);
    expect([...lengths.silences]).toEqual([0, 0, 0, 0]);
  });
});
