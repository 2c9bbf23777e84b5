import { describe, expect, it } from 'vitest';
import { readWav } from '../../../src/audio/wav-reader.ts';
import { BANDS, MelColumns, WINDOW } from '../../../studio/analysis/mel.ts';
import { PITCH_WINDOW, pitchOf } from '../../../studio/analysis/pitch.ts';
import { PcmReader, readEvents, type SpeechEvent } from '../../../studio/speech/events.ts';
import { Peaks } from '../../../studio/speech/peaks.ts';
import { wavFile } from '../../../studio/wav.ts';

/** A tone with overtones, as a voice has. */
const tone = (hertz: number, length: number) =>
  Float32Array.from({ length }, (_, index) => {
    const phase = (2 * Math.PI * hertz * index) / 24_000;
    return 0.2 * Math.sin(phase) + 0.1 * Math.sin(2 * phase) + 0.1 * Math.sin(3 * phase);
  });

describe('pitch', () => {
  it.each([70, 110, 220, 440])('of a tone of %i Hz is found', (hertz) => {
    expect(Math.abs(pitchOf(tone(hertz, PITCH_WINDOW)) / hertz - 1)).toBeLessThan(0.01);
  });

  it('is 0 in silence and in noise', () => {
    expect(pitchOf(new Float32Array(PITCH_WINDOW))).toBe(0);
    let state = 1;
    const noise = Float32Array.from({ length: PITCH_WINDOW }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 1_073_741_823.5 - 1;
    });
    expect(pitchOf(noise)).toBe(0);
  });
});

it('a mel column is highest where the tone is, and 0 in silence', () => {
  const mel = new MelColumns();
  const column = mel.column(
    Float32Array.from({ length: WINDOW }, (_, index) => Math.sin((2 * Math.PI * 1000 * index) / 24_000)),
  );
  const highest = column.indexOf(Math.max(...column));
  // 1000 Hz is 1000 mel; the bands share 12 kHz, which is 3266 mel.
  expect(Math.abs(highest - (1000 / 3266) * (BANDS + 1) + 1)).toBeLessThan(1.5);
  expect(Math.max(...mel.column(new Float32Array(WINDOW)))).toBe(0);
});

it('events are parsed from pieces of any size, and samples from pieces of odd length', async () => {
  const samples = Int16Array.from([1000, -2000, 32_767, -32_768]);
  const bytes = Buffer.from(samples.buffer);
  const events: SpeechEvent[] = [
    { type: 'speech.audio.delta', audio: bytes.subarray(0, 3).toString('base64') },
    { type: 'speech.audio.delta', audio: bytes.subarray(3).toString('base64') },
    { type: 'speech.audio.done' },
  ];
  const text = Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
  async function* cut() {
    for (let at = 0; at < text.length; at += 7) yield text.subarray(at, at + 7);
  }
  const read: SpeechEvent[] = [];
  for await (const event of readEvents(cut())) read.push(event);
  expect(read).toEqual(events);
  const pcm = new PcmReader();
  const values = read.flatMap((event) =>
    event.type === 'speech.audio.delta' ? [...pcm.read(event.audio)] : [],
  );
  expect(values.map((value) => value * 32_768)).toEqual([...samples]);
});

it('a waveform has the height of its loudest sample in each column', () => {
  const peaks = new Peaks();
  const samples = new Float32Array(2400);
  samples[2000] = -0.5;
  peaks.add(samples);
  expect(peaks.columns(4)).toEqual([0, 0, 0, 0.5]);
});

it('a WAV file is parsed', () => {
  const samples = Float32Array.from([0, 0.5, -1, 1]);
  const { sampleRate, samples: read } = readWav(wavFile(samples, 24_000), { maxSeconds: 1 });
  expect(sampleRate).toBe(24_000);
  for (const [index, sample] of samples.entries()) expect(read[index]).toBeCloseTo(sample, 3);
});
