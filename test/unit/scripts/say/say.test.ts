import { crc32, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Canvas } from '../../../../scripts/say/canvas.ts';
import { explain } from '../../../../scripts/say/explain.ts';
import { emotion, formatOf, units } from '../../../../scripts/say/flags.ts';
import { glyphOf, widthOf } from '../../../../scripts/say/font.ts';
import { listCues } from '../../../../scripts/say/output.ts';
import { plot } from '../../../../scripts/say/plot.ts';
import { encodePng } from '../../../../scripts/say/png.ts';
import { joinFrames, type Recording, wordsOf } from '../../../../scripts/say/recording.ts';
import type { Alignment } from '../../../../src/synthesis/alignment.ts';
import { SYMBOLS } from '../../../../src/text/symbols.ts';

/** Reads a PNG without filters: checks its check sums and gives its pixels. */
function readPng(file: Buffer) {
  expect(file.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + length);
    expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    chunks.set(body.toString('latin1', 0, 4), body.subarray(4));
    at += 12 + length;
  }
  expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
  const header = chunks.get('IHDR')!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  expect([...header.subarray(8)]).toEqual([8, 2, 0, 0, 0]);
  const rows = inflateSync(chunks.get('IDAT')!);
  expect(rows.length).toBe(height * (width * 3 + 1));
  const pixel = (x: number, y: number) => {
    const at = y * (width * 3 + 1) + 1 + 3 * x;
    return [...rows.subarray(at, at + 3)];
  };
  return { width, height, pixel };
}

const INPUT = 'Hi Bo.';
const phoneme = (symbol: string, from: number, to: number, word: number, start: number, end: number) => ({
  symbol,
  startSample: from * 300,
  endSample: to * 300,
  span: { start, end },
  word,
  sentence: 0,
});
const ALIGNMENT: Alignment = {
  phonemes: [
    phoneme('^', 0, 2, -1, 0, 0),
    phoneme('h', 2, 6, 0, 0, 2),
    phoneme('ˈaɪ', 6, 16, 0, 0, 2),
    phoneme(' ', 16, 16, -1, 2, 3),
    phoneme('b', 16, 20, 1, 3, 5),
    phoneme('oʊ', 20, 30, 1, 3, 5),
    phoneme('.', 30, 38, -1, 5, 6),
    phoneme('$', 38, 40, -1, 6, 6),
  ],
  marks: [],
};
const FRAMES = 40;
const recording: Recording = {
  text: INPUT,
  samples: Float32Array.from({ length: FRAMES * 300 }, (_, n) => 0.4 * Math.sin(n / 10)),
  f0: Float32Array.from({ length: FRAMES }, (_, t) => 100 + 5 * t),
  voicing: Float32Array.from({ length: FRAMES }, (_, t) => (t >= 6 && t < 30 ? 1 : 0)),
  energy: new Float32Array(FRAMES).fill(0.25),
  mel: Float32Array.from({ length: FRAMES * 100 }, (_, i) => (i % 100) / 10),
  bands: 100,
  phonemes: ALIGNMENT.phonemes,
  words: wordsOf(ALIGNMENT, INPUT),
};

describe('--explain', () => {
  it('prints a table of sounds, their durations and pitch', () => {
    const lines = explain(recording).split('\n');
    expect(lines[0]).toMatch(/^word +phoneme +start ms +ms +F0 Hz +F0 move +energy +voiced %$/);
    expect(lines[1]).toMatch(/^─+$/);
    const cells = lines.slice(2, -2).map((line) => line.trim().split(/ {2,}/));
    expect(cells).toEqual([
      ['^ start', '0.0', '25.0', '0.25', '0'],
      ['Hi', 'h', '25.0', '50.0', '0.25', '0'],
      ['ˈaɪ', '75.0', '125.0', '153', '+5.1 st', '0.25', '100'],
      ['Bo', 'b', '200.0', '50.0', '188', '+1.4 st', '0.25', '100'],
      ['oʊ', '250.0', '125.0', '223', '+3.5 st', '0.25', '100'],
      ['. pause', '375.0', '100.0', '0.25', '0'],
      ['$ end', '475.0', '25.0', '0.25', '0'],
    ]);
    expect(lines.at(-2)).toBe('0.50 s, 7 phonemes and pauses, F0 188 Hz on average');
    const widths = new Set(lines.slice(2, -2).map((line) => Array.from(line).length));
    expect(widths.size).toBe(1);
  });

  it('accepts speech without voiced sounds', () => {
    const mute = { ...recording, voicing: new Float32Array(FRAMES) };
    expect(explain(mute)).toMatch(/7 phonemes and pauses\n$/);
  });
});

describe('--plot', () => {
  it('writes a PNG picture with all its panels', () => {
    const { width, height, pixel } = readPng(plot(recording));
    expect(width).toBeGreaterThan(FRAMES);
    expect(height).toBeGreaterThan(500);
    const colours = new Set<string>();
    for (let y = 0; y < height; y += 2) for (let x = 0; x < width; x++) colours.add(String(pixel(x, y)));
    // Paper, ink, waveform, pitch; and the mel spectrogram brings many more.
    for (const colour of ['255,255,255', '34,38,48', '41,82,204', '200,60,30'])
      expect(colours).toContain(colour);
    expect(colours.size).toBeGreaterThan(50);
  });

  it('draws silence, empty speech, and long speech no wider than 12,000 pixels', () => {
    const nothing = {
      ...recording,
      samples: new Float32Array(0),
      ...joinFrames([], 0),
      phonemes: [],
      words: new Map(),
    };
    expect(readPng(plot(nothing)).width).toBeGreaterThan(0);
    const frames = 11_000;
    const silent = { ...joinFrames([], frames), samples: new Float32Array(frames * 300) };
    expect(readPng(plot({ ...recording, ...silent })).width).toBeLessThanOrEqual(12_000);
  });
});

describe('pictures', () => {
  it('are saved without loss', () => {
    const rgb = Uint8Array.from({ length: 5 * 3 * 3 }, (_, i) => (i * 37) % 256);
    const { width, height, pixel } = readPng(encodePng(5, 3, rgb));
    expect([width, height]).toEqual([5, 3]);
    expect(pixel(4, 2)).toEqual([...rgb.subarray(42, 45)]);
    expect(() => encodePng(5, 4, rgb)).toThrow(RangeError);
  });

  it('ignore drawing beyond their edges', () => {
    const canvas = new Canvas(10, 10, [255, 255, 255]);
    canvas.fill(-5, -5, 100, 6, [1, 2, 3]);
    canvas.line(-20, 5, 50, 5, [4, 5, 6]);
    canvas.text(-3, 4, 'ˈɝ', [7, 8, 9]);
    const { pixel } = readPng(canvas.png());
    expect(pixel(0, 0)).toEqual([1, 2, 3]);
    expect(pixel(9, 9)).not.toEqual([1, 2, 3]);
  });

  it('have a glyph for every phoneme and every printable ASCII character', () => {
    const ascii = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
    const question = glyphOf('?');
    for (const character of [...new Set(SYMBOLS.join('')), ...ascii]) {
      if (character !== '?') expect(glyphOf(character), character).not.toBe(question);
    }
    expect(glyphOf('語')).toBe(question);
    expect(widthOf('ab')).toBe(glyphOf('a').length + glyphOf('b').length);
  });
});

describe('flags', () => {
  it('of emotions', () => {
    expect(emotion('happy')).toBe('happy');
    expect(emotion('happy=0.6, sad=0.4')).toEqual({ happy: 0.6, sad: 0.4 });
    for (const wrong of ['happy=', '=1', 'happy=2', 'happy=0.5,sad', 'happy=x']) {
      expect(() => emotion(wrong)).toThrow(/expected/);
    }
  });

  it('of units and formats', () => {
    expect(units('word,mark')).toEqual(['word', 'mark']);
    expect(() => units('word,syllable')).toThrow(/phoneme/);
    expect([formatOf('a.OGG'), formatOf('b.ulaw'), formatOf('c.mp3')]).toEqual(['opus', 'mulaw', 'mp3']);
    expect(() => formatOf('speech')).toThrow(/--format/);
  });
});

it('orders frames by their position', () => {
  const part = (firstFrame: number, value: number) => ({
    firstFrame,
    f0: Float32Array.of(value, value),
    voicing: Float32Array.of(1, 1),
    energy: Float32Array.of(0, 0),
    mel: new Float32Array(6).fill(value),
  });
  const joined = joinFrames([part(0, 1), part(3, 2)], 4);
  expect(joined.bands).toBe(3);
  expect([...joined.f0]).toEqual([1, 1, 0, 2, 2]);
  expect([...joined.mel].map((value) => (Number.isNaN(value) ? '-' : value)).join('')).toBe(
    '111111---222222',
  );
});

it('lists cues by time', () => {
  expect(listCues(ALIGNMENT, INPUT, ['word', 'sentence'])).toBe(
    [
      'word         25.0    200.0  Hi',
      'sentence     25.0    375.0  Hi Bo.',
      'word        200.0    375.0  Bo',
      '',
    ].join('\n'),
  );
});
