import { describe, expect, it } from 'vitest';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { readLimited } from '../../../src/http/bodies/body.ts';
import { toneEngine } from '../../fixtures/tone-engine.ts';

/** A request whose body fails while it is read, as with a malformed chunked encoding. */
const broken = (signal?: AbortSignal) =>
  new Request('http://localhost/v1/audio/speech', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    signal,
    body: new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"model"')),
      pull: (controller) => controller.error(new TypeError('Invalid chunk size')),
    }),
    duplex: 'half',
  } as RequestInit);

describe('a body that cannot be read to its end', () => {
  it('is an error of the request', async () => {
    await expect(readLimited(broken(), 1000)).rejects.toMatchObject({ code: 'invalid_body' });
    const { engine, count } = toneEngine();
    const app = createApp({ access: 'off', engine, createEncoder });
    const answer = await app.request(broken());
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { error: object }).error).toMatchObject({ code: 'invalid_body' });
    expect(count.spoken).toBe(0);
  });

  it('is a disconnect when the client has left', async () => {
    const client = new AbortController();
    const reading = readLimited(broken(client.signal), 1000);
    client.abort(new Error('gone'));
    await expect(reading).rejects.toThrow('gone');
  });
});
