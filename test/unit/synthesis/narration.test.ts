import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimedPhoneme } from '../../../src/synthesis/alignment.ts';
import type { SynthesisOptions } from '../../../src/synthesis/plan.ts';
import type { StageRunner } from '../../../src/synthesis/stages.ts';
import { Synthesizer } from '../../../src/synthesis/synthesize.ts';
import type { SpeechControls, Utterance } from '../../../src/text/types.ts';
import { plainOptions, sentences, toneManifest, toneStages } from '../../support/models/tone-stages.ts';

const RATE = 24_000;
const NEUTRAL: SpeechControls = { rate: 1, pitch: 0, pitchRange: 1, volume: 0 };

async function narrate(
  utterances: readonly Utterance[],
  changes: Partial<SynthesisOptions> = {},
  level?: number,
) {
  const { asked, runner } = toneStages(level);
  const narration = new Synthesizer(toneManifest, runner).begin(
    utterances,
    plainOptions(utterances, changes),
  );
  await narration.planAll();
  const samples = new Float32Array(narration.samples);
  let at = 0;
  for await (const chunk of narration.render()) {
    samples.set(chunk, at);
    at += chunk.length;
  }
  expect(at).toBe(samples.length);
  return { samples, asked, ...narration.alignment };
}

const rms = (samples: Float32Array) => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
const decibels = (ratio: number) => 20 * Math.log10(ratio);
const part = (samples: Float32Array, { startSample, endSample }: TimedPhoneme) =>
  samples.subarray(startSample, endSample);
const lengthOf = ({ startSample, endSample }: TimedPhoneme) => endSample - startSample;

/** Level every millisecond, of the 5 ms around it; a pulse train of 150 Hz has no gap as long. */
function isSounding(samples: Float32Array, at: number, threshold: number): boolean {
  return rms(samples.subarray(Math.max(0, at - 96), at + 96)) > threshold;
}

describe('alignment', () => {
  it('has no gaps, ends where the waveform ends, and gives each frame to one phoneme', async () => {
    const { phonemes, samples } = await narrate(
      sentences(['t', 'ˈeɪ', ' ', 'b', ',', 'ˈoʊ', '.'], ['m', 'i', '.']),
    );
    expect(phonemes[0].startSample).toBe(0);
    expect(phonemes[phonemes.length - 1].endSample).toBe(samples.length);
    for (let i = 1; i < phonemes.length; i++) expect(phonemes[i].startSample).toBe(phonemes[i - 1].endSample);
    // Frame t is samples 300 t to 300 (t + 1).
    expect(phonemes[1]).toMatchObject({ symbol: 't', startSample: 5 * 300, endSample: 12 * 300 });
    expect(phonemes.map(({ sentence }) => sentence).filter((s, i, all) => s !== all[i - 1])).toEqual([0, 1]);
    expect(phonemes.find(({ symbol }) => symbol === ' ')).toMatchObject({ word: -1 });
  });

  it('has the length of the waveform for any request, and is the same when made piece by piece', async () => {
    const symbol = fc.oneof(
      fc.constantFrom('t', 'ˈeɪ', 'ʃ', 'ɚ', ' '),
      fc.record({ symbol: fc.constant(','), pauseMs: fc.integer({ min: 0, max: 900 }) }),
      fc.record({
        symbol: fc.constantFrom('m', 'ˈɑ'),
        controls: fc.record({
          rate: fc.double({ min: 0.3, max: 3, noNaN: true }),
          pitch: fc.integer({ min: -12, max: 12 }),
          pitchRange: fc.constantFrom(0, 1, 2),
          volume: fc.constantFrom(0, 6, -12, Number.NEGATIVE_INFINITY),
        }),
      }),
    );
    const sentence = fc
      .array(symbol, { minLength: 1, maxLength: 8 })
      .map((symbols) => ['b', ...symbols, 'n', '.']);
    const texts = fc.array(sentence, { minLength: 1, maxLength: 4 }).map((list) => sentences(...list));
    const speed = fc.double({ min: 0.5, max: 4, noNaN: true });
    const pauses = fc.double({ min: 0, max: 4, noNaN: true });
    await fc.assert(
      fc.asyncProperty(texts, speed, pauses, async (utterances, speed, pauses) => {
        const controls = { pitch: 0, pitchRange: 1, energy: 0, pauses };
        const whole = await narrate(utterances, { speed, controls });
        const { runner } = toneStages();
        const options = plainOptions(utterances, { speed, controls });
        const lazy = new Synthesizer(toneManifest, runner).begin(utterances, options);
        let at = 0;
        for await (const chunk of lazy.render()) {
          expect(chunk).toEqual(whole.samples.subarray(at, at + chunk.length));
          at += chunk.length;
        }
        expect(at).toBe(whole.samples.length);
        expect(lazy.alignment.phonemes).toEqual(whole.phonemes);
      }),
      { numRuns: 15 },
    );
  });

  it.each([0, 5, 30, 137, 400, 2500])(
    'a break of %i ms is silent between its timestamps, within 20 ms',
    async (pauseMs) => {
      const { phonemes, samples } = await narrate(
        sentences(['m', 'ˈɑ', { symbol: ',', pauseMs }, 'm', 'ˈɑ', '.']),
      );
      const pause = phonemes[3];
      expect(lengthOf(pause)).toBe(pauseMs === 5 ? 300 : pauseMs * 24);
      const threshold = rms(samples) / 10;
      const within = 0.02 * RATE;
      for (let at = 3000; at < samples.length - 3000; at += 24) {
        const inside = Math.min(at - pause.startSample, pause.endSample - at);
        if (inside > within) expect(isSounding(samples, at, threshold)).toBe(false);
        if (inside < -within) expect(isSounding(samples, at, threshold)).toBe(true);
      }
      if (pauseMs >= 400)
        expect(samples.subarray(pause.startSample + 480, pause.endSample - 480).every((x) => x === 0)).toBe(
          true,
        );
    },
  );

  it('moves the times of symbols and their levels by the frames that the sounds of the model come early', async () => {
    const utterances = () =>
      sentences([
        'm',
        'ˈɑ',
        ',',
        { symbol: 'n', controls: { ...NEUTRAL, volume: Number.NEGATIVE_INFINITY } },
        'ˈoʊ',
        '.',
      ]);
    const late = await narrate(utterances());
    const manifest = { ...toneManifest, soundLead: 4 };
    const { runner } = toneStages();
    const narration = new Synthesizer(manifest, runner).begin(utterances(), plainOptions(utterances()));
    const chunks: number[] = [];
    for await (const chunk of narration.render()) chunks.push(...chunk);
    const samples = Float32Array.from(chunks);
    const { phonemes } = narration.alignment;
    expect(samples.length).toBe(late.samples.length);
    const lead = 4 * 300;
    expect(phonemes.slice(1).map(({ startSample }) => startSample)).toEqual(
      late.phonemes.slice(1).map(({ startSample }) => startSample - lead),
    );
    expect(phonemes[phonemes.length - 1].endSample).toBe(samples.length);
    const [, , before, , n, vowel] = phonemes;
    const threshold = rms(late.samples) / 10;
    for (let at = before.startSample + 480; at < vowel.endSample - 480; at += 24) {
      const inside = Math.min(at - n.startSample, n.endSample - at);
      if (inside > 480) expect(isSounding(samples, at, threshold)).toBe(false);
      if (inside < -480) expect(isSounding(samples, at, threshold)).toBe(true);
    }
  });

  it('leaves a sound whole that begins up to a frame before its time, after a break', async () => {
    const { runner } = toneStages();
    const utterances = sentences(['m', 'ˈɑ', { symbol: ',', pauseMs: 400 }, 'm', 'ˈɑ', '.']);
    const narration = new Synthesizer({ ...toneManifest, soundLead: 4 }, runner).begin(
      utterances,
      plainOptions(utterances),
    );
    const chunks: number[] = [];
    for await (const chunk of narration.render()) chunks.push(...chunk);
    const { endSample } = narration.alignment.phonemes[3];
    const level = rms(Float32Array.from(chunks.slice(endSample - 300, endSample)));
    expect(
      decibels(level / rms(Float32Array.from(chunks.slice(endSample, endSample + 3000)))),
    ).toBeGreaterThan(-3);
  });

  it('gives the times of marks', async () => {
    const [utterance] = sentences(['m', 'ˈɑ', ',', 'n', 'ˈoʊ', '.']);
    const span = { start: 0, end: 1 };
    const marks = [1, 4, 8].map((before) => ({ name: `at ${before}`, before, span }));
    const { phonemes, marks: timed, samples } = await narrate([{ ...utterance, marks }]);
    expect(timed).toEqual([
      { name: 'at 1', sample: phonemes[1].startSample, span },
      { name: 'at 4', sample: phonemes[4].startSample, span },
      { name: 'at 8', sample: samples.length, span },
    ]);
  });
});

describe('pauses', () => {
  const two = (pause: object = {}) => sentences(['m', 'ˈɑ', { symbol: '.', ...pause }], ['m', 'ˈɑ', '.']);
  const between = ({ phonemes }: { phonemes: readonly TimedPhoneme[] }) => {
    const [, , first] = phonemes;
    const next = phonemes.find(({ sentence, word }) => sentence === 1 && word >= 0);
    return ((next?.startSample ?? 0) - first.endSample) / 24;
  };
  const factor = (pauses: number) => ({ controls: { pitch: 0, pitchRange: 1, energy: 0, pauses } });

  it('are 350 ms between sentences, 700 between paragraphs, times the factor', async () => {
    expect(between(await narrate(two()))).toBeCloseTo(350, 1);
    expect(between(await narrate(two(), { input: 'mɑ.\n\nmɑ.' }))).toBe(350);
    expect(between(await narrate(two(), { input: 'abc\n\n' }))).toBe(350);
    const apart = two().map((utterance, i) => ({ ...utterance, span: { start: 10 * i, end: 10 * i + 3 } }));
    expect(between(await narrate(apart, { input: 'one.\n \nTwo.     ' }))).toBe(700);
    expect(between(await narrate(two(), factor(2)))).toBe(700);
    expect(between(await narrate(two(), factor(0)))).toBe(25);
    expect(between(await narrate(two(), { speed: 2 }))).toBe(175);
  });

  it('have the length that markup states, to the sample', async () => {
    expect(between(await narrate(two({ pauseMs: 1234 })))).toBe(1234);
    expect(between(await narrate(two({ pauseMs: 60 })))).toBe(60);
    expect(between(await narrate(two({ pauseMs: 500 }), factor(3)))).toBe(500);
    const { phonemes, samples } = await narrate(sentences(['m', 'ˈɑ', { symbol: '.', pauseMs: 800 }]));
    expect(samples.length - phonemes[2].endSample).toBe(800 * 24);
  });

  it('grow and shrink with the factor inside a sentence, and vanish at 0', async () => {
    const one = sentences(['m', ',', 'n', '.']);
    const comma = async (pauses: number) => lengthOf((await narrate(one, factor(pauses))).phonemes[2]);
    expect(await comma(1)).toBe(20 * 300);
    expect(await comma(2)).toBe(40 * 300);
    expect(await comma(4)).toBe(80 * 300);
    expect(await comma(0)).toBe(0);
  });

  it('do not separate the parts of a cut sentence', async () => {
    const [first, second] = two();
    const cut = [first, { ...second, sentence: 0 }];
    const { phonemes } = await narrate(cut);
    const left = phonemes.findIndex(({ symbol }) => symbol === '$');
    expect(lengthOf(phonemes[left]) + lengthOf(phonemes[left + 1])).toBe(9 * 300);
  });
});

describe('joins', () => {
  it('have no clicks, and speech is as loud after as before', async () => {
    const { phonemes, samples } = await narrate(
      sentences(...Array.from({ length: 4 }, () => ['m', 'ˈɑ', 'n', '.'])),
    );
    const steepest = (from: number, to: number) => {
      let most = 0;
      for (let n = from + 1; n < to; n++) most = Math.max(most, Math.abs(samples[n] - samples[n - 1]));
      return most;
    };
    // 350 ms less the frames of `.`, `$` and `^`.
    const lead = 350 * 24 - 11 * 300;
    const spoken = [0, 1, 2, 3].map((number) => phonemes.filter((p) => p.sentence === number && p.word >= 0));
    const levels = spoken.map((group) => rms(samples.subarray(group[0].startSample, group[2].endSample)));
    for (const level of levels) expect(Math.abs(decibels(level / levels[0]))).toBeLessThan(3);
    const elsewhere = steepest(spoken[0][0].startSample, spoken[0][2].endSample);
    for (const { startSample } of phonemes.filter(({ symbol }) => symbol === '^').slice(1)) {
      expect(steepest(startSample - 120, startSample + lead + 120)).toBeLessThanOrEqual(elsewhere);
      expect(samples.subarray(startSample, startSample + lead).every((x) => x === 0)).toBe(true);
    }
    expect(Math.abs(samples[0])).toBeLessThan(1e-3);
    expect(Math.abs(samples[samples.length - 1])).toBeLessThan(1e-3);
  });
});

describe('controls', () => {
  const controlled = (controls: Partial<SpeechControls>): Utterance[] =>
    sentences([
      'm',
      'ˈɑ',
      ...['n', 'ˈoʊ', 'm'].map((symbol) => ({ symbol, controls: shared(controls) })),
      'ˈɑ',
      'n',
      '.',
    ]);
  const shared = (controls: Partial<SpeechControls>) => ({ ...NEUTRAL, ...controls });
  const asks = (changes: object) => ({
    controls: { pitch: 0, pitchRange: 1, energy: 0, pauses: 1, ...changes },
  });
  const f0Of = ({ asked }: Awaited<ReturnType<typeof narrate>>) =>
    asked.find(({ stage }) => stage === 'mel_decoder')?.inputs.f0.data as Float32Array;
  const meanLog = (f0: Float32Array) => f0.reduce((sum, hz) => sum + Math.log(hz), 0) / f0.length;
  const spread = (f0: Float32Array) => {
    const mean = meanLog(f0);
    return Math.sqrt(f0.reduce((sum, hz) => sum + (Math.log(hz) - mean) ** 2, 0) / f0.length);
  };
  /** Frames of the controlled phonemes, without the smoothed frames at the edges. */
  const ELEMENT = [5 + 14 + 1, 5 + 35 - 1] as const;

  it('move the pitch by semitones, exactly', async () => {
    const plain = f0Of(await narrate(controlled({})));
    const up = f0Of(await narrate(controlled({}), asks({ pitch: 7 })));
    for (const [t, hz] of up.entries()) expect(hz / plain[t]).toBeCloseTo(2 ** (7 / 12), 5);
    const part = f0Of(await narrate(controlled({ pitch: -4 })));
    for (const [t, hz] of part.entries()) {
      const inside = t >= ELEMENT[0] && t < ELEMENT[1];
      const outside = t < ELEMENT[0] - 2 || t >= ELEMENT[1] + 2;
      if (inside) expect(hz / plain[t]).toBeCloseTo(2 ** (-4 / 12), 5);
      if (outside) expect(hz).toBeCloseTo(plain[t], 3);
    }
  });

  it('set the mean of an element in Hz, whatever the request shifts', async () => {
    const f0 = f0Of(await narrate(controlled({ pitchHz: 220 }), asks({ pitch: 5 })));
    expect(Math.exp(meanLog(f0.subarray(ELEMENT[0] - 1, ELEMENT[1] + 1)))).toBeGreaterThan(210);
    expect(Math.exp(meanLog(f0.subarray(...ELEMENT)))).toBeLessThan(230);
  });

  it('scale the pitch range about the mean', async () => {
    const plain = f0Of(await narrate(controlled({})));
    for (const pitchRange of [0, 0.5, 3]) {
      const f0 = f0Of(await narrate(controlled({}), asks({ pitchRange })));
      expect(meanLog(f0)).toBeCloseTo(meanLog(plain), 3);
      expect(spread(f0)).toBeCloseTo(pitchRange * spread(plain), 3);
    }
  });

  it('draw a contour over the frames of its element, in all of its utterances', async () => {
    const contour = [
      { at: 0, semitones: 0 },
      { at: 0.5, semitones: 12 },
      { at: 1, semitones: 0 },
    ];
    const contourSpan = { start: 2, end: 5 };
    const shifts = (bent: Float32Array, plain: Float32Array) =>
      Array.from(bent, (hz, t) => 12 * Math.log2(hz / plain[t]));
    const plain = f0Of(await narrate(controlled({})));
    const one = shifts(f0Of(await narrate(controlled({ contour, contourSpan }))), plain);
    const [first, end] = [5 + 14, 5 + 35];
    for (let t = first + 1; t < end - 1; t++) {
      const at = (t - first + 0.5) / (end - first);
      expect(Math.abs(one[t] - 12 * (1 - Math.abs(2 * at - 1)))).toBeLessThan(1);
    }
    const both = sentences(
      ['m', 'ˈɑ', '.'].map((symbol) => ({ symbol, controls: shared({ contour, contourSpan }) })),
      ['m', 'ˈɑ', '.'].map((symbol) => ({ symbol, controls: shared({ contour, contourSpan }) })),
    );
    const { asked } = await narrate(both);
    const [left, right] = asked
      .filter(({ stage }) => stage === 'mel_decoder')
      .map(({ inputs }) => inputs.f0.data);
    const unbent = (t: number) => 150 * Math.exp(0.2 * Math.sin(t / 6));
    expect(12 * Math.log2(Number(left[18]) / unbent(18))).toBeGreaterThan(9);
    expect(12 * Math.log2(Number(right[6]) / unbent(6))).toBeGreaterThan(9);
    expect(12 * Math.log2(Number(left[6]) / unbent(6))).toBeLessThan(3);
    expect(12 * Math.log2(Number(right[18]) / unbent(18))).toBeLessThan(3);
  });

  it.each([-24, -6, 6, 12])(
    'change the loudness by %i dB, exactly while there is headroom',
    async (energy) => {
      const plain = await narrate(controlled({}), {}, -5);
      const changed = await narrate(controlled({}), asks({ energy }), -5);
      expect(decibels(rms(changed.samples) / rms(plain.samples))).toBeCloseTo(energy, 2);
      const loud = await narrate(controlled({}), asks({ energy: 12 }), -1);
      expect(loud.samples.every((x) => Math.abs(x) <= 1)).toBe(true);
    },
  );

  it('make a part louder or silent without a click, at the same length', async () => {
    const plain = await narrate(controlled({}));
    for (const volume of [-9, Number.NEGATIVE_INFINITY]) {
      const changed = await narrate(controlled({ volume }));
      expect(changed.phonemes).toEqual(plain.phonemes);
      const middle = changed.phonemes[4];
      const ratio = rms(part(changed.samples, middle)) / rms(part(plain.samples, middle));
      if (volume === -9) expect(decibels(ratio)).toBeCloseTo(-9, 1);
      else expect(ratio).toBe(0);
      let jump = 0;
      for (let n = 1; n < plain.samples.length; n++) {
        const step = (samples: Float32Array) => Math.abs(samples[n] - samples[n - 1]);
        jump = Math.max(jump, step(changed.samples) - step(plain.samples));
      }
      // The gain changes by less than 1 in 300 samples, so it adds at most that much to the steps of the speech itself.
      expect(jump).toBeLessThan(0.01);
    }
  });

  it('multiply markup’s rate by the speed, within the bounds of speed', async () => {
    const length = async (rate: number, speed: number) => {
      const { phonemes } = await narrate(controlled({ rate }), { speed });
      return phonemes[5].endSample - phonemes[3].startSample;
    };
    const normal = await length(1, 1);
    expect(await length(2, 1)).toBeCloseTo(normal / 2, -3);
    expect(await length(0.5, 2)).toBe(normal);
    expect(await length(4, 4)).toBe(await length(1, 4));
  });
});

describe('memory', () => {
  it('is freed of all that the stages were given and gave but curves over time, without a garbage collection', async () => {
    const syllables = Array.from({ length: 60 }, (_, i) => (i % 2 ? 'i' : 'm'));
    const utterances = sentences([...syllables, '.'], ['m', 'i', '.']);
    const { runner } = toneStages();
    const passed: { bytes: number; array: ArrayBufferView; frames: number }[] = [];
    const recording: StageRunner = {
      async run(stage, inputs) {
        const outputs = await runner.run(stage, inputs);
        for (const { data: array, dims } of [...Object.values(inputs), ...Object.values(outputs)])
          passed.push({ bytes: array.byteLength, array, frames: dims[1] ?? 1 });
        return outputs;
      },
    };
    const narration = new Synthesizer(toneManifest, recording).begin(utterances, plainOptions(utterances));
    for await (const _ of narration.render());
    const held = passed.filter(({ array }) => array.byteLength > 0);
    for (const { array, frames } of held) expect(array.byteLength).toBeLessThanOrEqual(8 * frames);
    const sum = (list: typeof passed) => list.reduce((bytes, entry) => bytes + entry.bytes, 0);
    expect(sum(held)).toBeLessThan(sum(passed) / 100);
  });
});
