import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createNodeEngine } from '../../../scripts/lib/node-engine.ts';
import { plainRequest } from '../../../scripts/lib/plain-request.ts';
import type { SpeechRequest } from '../../../src/engine/engine.ts';
import type { TimedPhoneme } from '../../../src/synthesis/alignment.ts';
import { cleanPitch } from '../../../src/synthesis/reference/clean-pitch.ts';
import { trackPitch } from '../../../src/synthesis/reference/track-pitch.ts';

/** The embedded model. Requested properties are measured in the audio. Styles are not sampled, so that nothing else differs. */
const engine = createNodeEngine();
const PHRASE = 'We are on our way, and nobody knows where the road leads.';

async function speak(changes: Partial<SpeechRequest> = {}) {
  const speech = await engine.speak(
    plainRequest({
      input: PHRASE,
      seed: 1,
      exactLength: false,
      ...changes,
    }),
  );
  const samples: number[] = [];
  for await (const chunk of speech.chunks) for (const sample of chunk) samples.push(sample);
  return { samples: Float32Array.from(samples), ...speech.alignment };
}

/** {@link PHRASE} without any control. */
let own: Awaited<ReturnType<typeof speak>>;
beforeAll(async () => {
  own = await speak();
});

const rms = (samples: Float32Array) => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
const decibels = (ratio: number) => 20 * Math.log10(ratio);
const pitches = (samples: Float32Array) =>
  cleanPitch(trackPitch(samples))
    .filter((hz) => hz > 0)
    .map(Math.log);
const mean = (values: Float32Array) => values.reduce((sum, x) => sum + x, 0) / values.length;
const deviation = (values: Float32Array) => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((x) => (x - middle) ** 2)));
};

describe('timestamps', () => {
  it('of breaks are within 30 ms of where the sound ends and begins', async () => {
    const input =
      '<speak>Oh <break time="400ms"/> I <break time="230ms"/> owe <break time="1s"/> Ann.</speak>';
    const { samples, phonemes } = await speak({ input });
    const breaks = phonemes.filter((phoneme): phoneme is TimedPhoneme => {
      return phoneme.word < 0 && [400, 230, 1000].includes((phoneme.endSample - phoneme.startSample) / 24);
    });
    expect(breaks).toHaveLength(3);
    for (const { startSample, endSample } of breaks) {
      // There are vowels on both sides: speech within 30 ms outside the break is far louder than within 30 ms inside.
      const level = (at: number) => decibels(rms(samples.subarray(at - 120, at + 120)) + 1e-9);
      const outside = Math.min(level(startSample - 720), level(endSample + 720));
      const inside = Math.max(level(startSample + 720), level(endSample - 720));
      expect(outside - inside).toBeGreaterThan(20);
      const middle = samples.subarray(startSample + 720, endSample - 720);
      expect(middle.every((x) => x === 0)).toBe(true);
    }
  });

  it('of words are within 40 ms of where they begin', async () => {
    for (const word of ['table', 'seven', 'open', 'money', 'house', 'yellow']) {
      const input = `<speak>Now <break time="500ms"/> ${word} it is.</speak>`;
      const { samples, phonemes } = await speak({ input });
      const said = phonemes.find((phoneme) => phoneme.word === 1)?.startSample ?? 0;
      // The first sample after the break that is not 35 dB below the loudest one.
      const loud = samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / 10 ** (35 / 20);
      const begins = samples.findIndex((x, at) => at > said - 4800 && Math.abs(x) > loud);
      expect(Math.abs(begins - said) / 24, word).toBeLessThan(40);
    }
  });
});

describe('controls', () => {
  it.each([-12, -3, 3])('pitch %i moves F0 by as many semitones', async (pitch) => {
    const moved = await speak({ pitch });
    // Frames that have a pitch in both: a tracker finds fewer of them in a deep voice.
    const [there, here] = [moved.samples, own.samples].map((samples) => cleanPitch(trackPitch(samples)));
    const steps = there.map((hz, t) => (hz > 0 && here[t] > 0 ? Math.log2(hz / here[t]) : 0)).filter(Boolean);
    const heard = 12 * mean(steps);
    expect(Math.abs(heard - pitch)).toBeLessThan(0.5);
    expect(moved.phonemes).toEqual(own.phonemes);
  });

  it('pitchRange widens and flattens the melody', async () => {
    const spread = ({ samples }: { samples: Float32Array }) => deviation(pitches(samples));
    expect(spread(await speak({ pitchRange: 0 }))).toBeLessThan(0.3 * spread(own));
    expect(spread(await speak({ pitchRange: 1.8 }))).toBeGreaterThan(1.2 * spread(own));
  });

  it.each([-24, -6, 3])('energy %i changes the loudness by as many dB', async (energy) => {
    const moved = await speak({ energy });
    expect(decibels(rms(moved.samples) / rms(own.samples))).toBeCloseTo(energy, 1);
  });

  it('energy at its maximum clips nothing', async () => {
    const { samples } = await speak({ energy: 12 });
    expect(samples.every((x) => Math.abs(x) < 1)).toBe(true);
  });

  it('pauses lengthens pauses and nothing else', async () => {
    const twice = await speak({ pauses: 2 });
    const length = (phonemes: readonly TimedPhoneme[], symbol: (symbol: string) => boolean) =>
      phonemes
        .filter((phoneme) => symbol(phoneme.symbol))
        .reduce((sum, { startSample, endSample }) => sum + endSample - startSample, 0);
    const comma = (symbol: string) => symbol === ',';
    expect(length(twice.phonemes, comma) / length(own.phonemes, comma)).toBeCloseTo(2, 0);
    const sounds = (symbol: string) => !/[ ,.^$]/.test(symbol);
    expect(length(twice.phonemes, sounds) / length(own.phonemes, sounds)).toBeCloseTo(1, 1);
  });
});

describe('emotions', () => {
  const effects = JSON.parse(readFileSync('shards/sori-2/manifest.json', 'utf8')).emotionEffects as Record<
    string,
    Record<'pitch' | 'rate' | 'energy', number>
  >;

  it('neutral equals the voice without an emotion, to the bit', async () => {
    expect((await speak({ emotion: { neutral: 1 } })).samples).toEqual(own.samples);
  });

  it.each(Object.keys(effects))(
    '%s moves pitch, rate and level as its table says, more with its weight',
    async (emotion) => {
      const measured = [];
      for (const weight of [1 / 3, 2 / 3, 1]) {
        const { samples } = await speak({ emotion: { [emotion]: weight } });
        measured.push({
          pitch: mean(pitches(samples)) - mean(pitches(own.samples)),
          rate: Math.log(own.samples.length / samples.length),
          energy: decibels(rms(samples) / rms(own.samples)),
        });
      }
      const { pitch, rate, energy } = effects[emotion];
      const directions = {
        pitch: Math.sign(pitch),
        rate: Math.sign(Math.log(rate)),
        energy: Math.sign(energy),
      };
      for (const name of ['pitch', 'rate', 'energy'] as const) {
        const steps = [0, ...measured.map((one) => directions[name] * one[name])];
        for (let i = 1; i < steps.length; i++)
          expect(steps[i], `${name} at ${i} of 3`).toBeGreaterThan(steps[i - 1]);
      }
    },
  );
});

describe('sentences', () => {
  it('follow each other without clicks, at one level', async () => {
    const { samples, phonemes } = await speak({
      input: 'We are on our way. Nobody knows where the road leads. You will know in an hour.',
    });
    const spoken = [0, 1, 2].map((number) => phonemes.filter((p) => p.sentence === number && p.word >= 0));
    const levels = spoken.map((group) =>
      rms(samples.subarray(group[0].startSample, group[group.length - 1].endSample)),
    );
    for (const level of levels) expect(Math.abs(decibels(level / levels[0]))).toBeLessThan(3);
    const step = (from: number, to: number) => {
      let most = 0;
      for (let n = from + 1; n < to; n++) most = Math.max(most, Math.abs(samples[n] - samples[n - 1]));
      return most;
    };
    for (const [i, group] of spoken.slice(1).entries()) {
      const before = spoken[i][spoken[i].length - 1].endSample;
      // The first sound may begin up to 50 ms before its phoneme.
      expect(step(before, group[0].startSample - 1200)).toBeLessThan(
        step(group[0].startSample, group[group.length - 1].endSample),
      );
    }
  });
});
