import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { AUDIO_FORMATS, FORMAT_INFO } from '../../../src/audio/format.ts';
import { toInt16Array } from '../../../src/audio/samples.ts';
import { masterWav, transcode } from '../../../src/audio/transcode.ts';
import { embedWatermark } from '../../../src/audio/watermark/embed.ts';
import { sha256, speechLike } from '../../contract/audio/audio-signal.ts';
import { runSori } from '../../support/run-sori.ts';

const VOICE = 'vce_0123456789';
const tags = { generator: 'Sori', model: 'sori-2@1.2.0', voice: VOICE, time: '2026-11-21T13:00:00Z' };
const plain = toInt16Array(speechLike(24_000 * 6));
let folder = '';
let payload = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sori-detect-'));
  payload = (await sha256(new TextEncoder().encode(VOICE))).slice(0, 16);
  const samples = embedWatermark(plain, new Uint8Array(Buffer.from(payload, 'hex')));
  const master = { samples, long: false, telephonyLoudness: null, tags };
  for (const format of AUDIO_FORMATS) {
    const { extension } = FORMAT_INFO[format];
    await writeFile(join(folder, `${format}.${extension}`), await transcode(createEncoder, master, format));
  }
  await writeFile(join(folder, 'plain.wav'), masterWav(plain));
  await writeFile(join(folder, 'text.txt'), 'not sound');
});

afterAll(() => rm(folder, { recursive: true }));

describe('sori detect', () => {
  it('finds the mark, its payload and the tags in every format', async () => {
    const files = AUDIO_FORMATS.map((format) => join(folder, `${format}.${FORMAT_INFO[format].extension}`));
    const { code, stdout } = await runSori(['detect', ...files, '--voice', VOICE, '--json']);
    const findings = JSON.parse(stdout) as Record<string, unknown>[];
    expect(findings.length).toBe(files.length);
    findings.forEach((finding, i) => {
      const raw = ['pcm', 'mulaw', 'alaw'].includes(AUDIO_FORMATS[i]);
      expect(finding).toMatchObject({ file: files[i], watermark: true, payload, voice: true });
      expect(finding.tags).toEqual(raw ? null : tags);
    });
    expect(code).toBe(0);
  });

  it('prints a sentence, and exits with 1 when a file has no watermark', async () => {
    const both = await runSori(['detect', 'mp3.mp3', 'plain.wav'], { cwd: folder });
    const [marked, unmarked] = both.stdout.split('\n');
    expect(marked).toMatch(
      `payload ${payload}; tags: Sori, sori-2@1.2.0, voice ${VOICE}, 2026-11-21T13:00:00Z`,
    );
    expect(marked).toMatch(/^mp3\.mp3: watermark found \(score \d+\.\d\); /);
    expect(unmarked).toMatch(/^plain\.wav: no watermark found \(score \d\.\d\); no tags$/);
    expect(both.code).toBe(1);
  });

  it('reports other voices and keys', async () => {
    const other = await runSori(['detect', 'wav.wav', '--voice', 'vce_other'], { cwd: folder });
    expect(other).toMatchObject({ code: 1, stdout: expect.stringContaining('this voice: no') });
    const key = await runSori(['detect', 'wav.wav', '--key', '7'], { cwd: folder });
    expect(key).toMatchObject({ code: 1, stdout: expect.stringContaining('no watermark found') });
  });

  it('reads WAV and MP3 without ffmpeg, and reports that ffmpeg is missing for raw formats', async () => {
    const env = { PATH: folder };
    expect((await runSori(['detect', 'wav.wav', 'mp3.mp3'], { cwd: folder, env })).code).toBe(0);
    const { code, stderr } = await runSori(['detect', 'pcm.pcm'], { cwd: folder, env });
    expect(stderr).toMatch(/pcm\.pcm can't be read, and ffmpeg.*is not installed/);
    expect(code).toBe(1);
  });

  it.each([
    { args: ['text.txt'], code: 1, why: /text\.txt can't be read as sound/ },
    { args: ['missing.wav'], code: 1, why: /missing\.wav can't be opened: ENOENT/ },
    { args: ['wav.wav', '--key', '-1'], code: 2, why: /whole number/ },
    { args: [], code: 2, why: /missing required argument 'files'/ },
  ])('$args exits with $code', async ({ args, code, why }) => {
    const ended = await runSori(['detect', ...args], { cwd: folder });
    expect(ended.stderr).toMatch(why);
    expect(ended.code).toBe(code);
  });
});
