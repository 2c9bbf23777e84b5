import { SELF } from 'cloudflare:test';
import { expect, it } from 'vitest';
import { masterWav } from '../../src/audio/transcode.ts';

const RECORDING = masterWav(
  Int16Array.from({ length: 24_000 }, (_, i) => 9_000 * Math.sin(i * 0.05)),
) as Uint8Array<ArrayBuffer>;

/** The refusal of a Worker without an origin. It names the setting that adds one. */
async function expectNoOrigin(response: Response): Promise<void> {
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  expect([response.status, error.code, error.message]).toEqual([
    503,
    'model_unavailable',
    expect.stringContaining('ORIGINS'),
  ]);
}

it.each([{}, { stream_format: 'audio' }, { stream_format: 'sse' }])(
  'the Worker without an origin refuses to generate a sound: %j',
  async (fields) => {
    const response = await SELF.fetch('http://localhost/v1/audio/generations', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ prompt: 'a good day', seconds: 1, response_format: 'wav', ...fields }),
    });
    await expectNoOrigin(response);
  },
);

it.each([
  ['/v1/audio/transcriptions', { model: 'whisper-1' }],
  ['/v1/audio/translations', { model: 'whisper-1' }],
  ['/v1/audio/diarizations', {}],
  ['/v1/audio/separations', {}],
  ['/v1/audio/speech-translations', { voice: 'clara' }],
  ['/v1/jobs', { kind: 'speech-translation', voice: 'clara' }],
])('the Worker without an origin refuses %s', async (path, fields: Record<string, string>) => {
  const form = new FormData();
  form.append('file', new File([RECORDING], 'a.wav'));
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  await expectNoOrigin(await SELF.fetch(`http://localhost${path}`, { method: 'POST', body: form }));
});
