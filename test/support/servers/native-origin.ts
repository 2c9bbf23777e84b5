import type { AppDependencies } from '../../../src/app.ts';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { parseSigningKeys } from '../../../src/http/signed-url.ts';
import type { AudioStore } from '../../../src/library/store.ts';
import { createAudioLibrary } from '../../../src/library/stored-library.ts';
import { memoryStore } from '../../../src/library/stores/memory.ts';
import { originsOf } from '../../../src/placement/origins.ts';
import { signRequest } from '../../../src/placement/signatures/origin-signature.ts';
import { toneEngine } from '../../fixtures/tone-engine.ts';
import { ORIGIN_SECRETS, type OriginProcess, startOrigin } from './origin-process.ts';

/** An origin whose build differs from that of {@link wasmEdge}; another pitch makes its audio recognizable. */
export const startNativeOrigin = () =>
  startOrigin({ ORIGIN_BUILD: 'native-test', ORIGIN_PITCH: '330', ORIGIN_CHUNKS: '40' });

/** Makes {@link wasmEdge}. */
export interface EdgeOptions extends Partial<AppDependencies> {
  /** Its bucket. */
  readonly store?: AudioStore;
}

/** An edge in this process. */
export function wasmEdge(urls: readonly string[], { store = memoryStore(), ...deps }: EdgeOptions = {}) {
  const tone = toneEngine({ build: 'wasm', chunks: 40 });
  const lines: Record<string, unknown>[] = [];
  const app = createApp({
    access: 'off',
    engine: tone.engine,
    createEncoder,
    library: createAudioLibrary({ store, createEncoder }),
    placement: { pool: originsOf({ ORIGINS: urls.join(','), ORIGIN_SECRETS }) },
    log: (line) => lines.push(JSON.parse(line)),
    ...deps,
  });
  const send = (method: string, path: string, body: object, headers: Record<string, string> = {}) =>
    app.request(path, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const speak = (body: object, headers?: Record<string, string>) =>
    send('POST', '/v1/audio/speech', body, headers);
  const get = async (path: string, headers: Record<string, string> = {}) =>
    await app.request(path, { headers });
  return { app, tone, lines, send, speak, get, store };
}

/** Sends a signed GET request to an origin, as an edge does. */
export async function askedOf(origin: OriginProcess, path: string): Promise<Response> {
  const keys = parseSigningKeys(ORIGIN_SECRETS)!;
  const signed = { method: 'GET', target: path, caller: 'test', body: new Uint8Array(), now: Date.now() };
  return await fetch(origin.url + path, { headers: await signRequest(keys, signed) });
}

/** Where an answer was made: the header `X-Sori-Placed`. */
export const placedOf = (response: Response) => response.headers.get('x-sori-placed');

/** The path of its stored audio: the header `Content-Location`. */
export const pathOf = (response: Response) => response.headers.get('content-location')!;
