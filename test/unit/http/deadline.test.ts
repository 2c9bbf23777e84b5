import { describe, expect, it, vi } from 'vitest';
import { ADMIN_KEY, accessApp, SPEECH } from '../../support/apps/access-app.ts';

/** Waits until a signal aborts, for longer than any test. */
const forEver = (signal?: AbortSignal) =>
  new Promise<never>((_, fail) => {
    const end = () => fail(signal?.reason);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end);
  });

describe('a deadline', () => {
  it('aborts a request and its work, with deadline_exceeded', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { send, tone, lines } = await accessApp({
      requestTimeoutMs: 20,
      library: undefined,
      tone: { before: (_index, signal) => forEver(signal) },
    });
    const answer = await send('POST', '/v1/audio/speech', ADMIN_KEY, { ...SPEECH, response_format: 'wav' });
    expect(answer.json.error).toMatchObject({ code: 'deadline_exceeded', type: 'server_error' });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(tone.count.made).toBe(0);
    expect(JSON.parse(lines[0])).toMatchObject({ status: 503, error: 'deadline_exceeded' });
    expect(error).toHaveBeenCalled();
  });

  it('does not affect requests that end before it', async () => {
    const { send } = await accessApp({ requestTimeoutMs: 60_000 });
    expect((await send('POST', '/v1/audio/speech', ADMIN_KEY, SPEECH)).status).toBe(200);
    expect((await send('GET', '/v1/models', ADMIN_KEY)).status).toBe(200);
  });
});

it('a draining server is not ready', async () => {
  const { send } = await accessApp({ draining: () => true });
  const { status, json, headers } = await send('GET', '/readyz');
  expect(status).toBe(503);
  expect(json).toMatchObject({ status: 'unavailable', error: { code: 'overloaded' } });
  expect(headers.get('retry-after')).toBe('1');
  expect((await send('GET', '/healthz')).status).toBe(200);
});

it('readiness and metrics report running and refused requests', async () => {
  const { tone, send } = await accessApp();
  const refused = [{ provider: 'cuda', reason: 'No "libcuda.so"\\here' }];
  Object.assign(tone.engine, {
    inference: { backend: 'native-cpu', refused },
    readiness: async () => [{ model: 'tone-1', ready: true, backend: 'native-cpu', refused }],
  });
  expect((await send('GET', '/readyz')).json.models[0]).toMatchObject({ backend: 'native-cpu', refused });
  const { text } = await send('GET', '/metrics', ADMIN_KEY);
  expect(text).toContain('sori_inference_backend_info{backend="native-cpu"} 1');
  expect(text).toContain(
    'sori_inference_provider_refused_info{provider="cuda",reason="No \\"libcuda.so\\"\\\\here"} 1',
  );
});

it('counts requests without a key by client address', async () => {
  const seen: string[] = [];
  const { send, access } = await accessApp({
    clientAddress: (headers, env) => `${headers.get('x-test')} ${JSON.stringify(env)}`,
  });
  vi.spyOn(access, 'countRequest').mockImplementation(async (_caller, address) => {
    seen.push(address);
    return undefined;
  });
  await send('GET', '/healthz', undefined, undefined, { 'x-test': 'here', 'cf-connecting-ip': '9.9.9.9' });
  expect(seen).toEqual(['here {}']);
});
