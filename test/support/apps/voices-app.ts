import type { AppDependencies } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import type { EdgeCache } from '../../../src/library/edge-cache.ts';
import type { AudioStore } from '../../../src/library/store.ts';
import { createAudioLibrary } from '../../../src/library/stored-library.ts';
import { memoryStore } from '../../../src/library/stores/memory.ts';
import type { ToneOptions } from '../../fixtures/tone-engine.ts';
import { ANA, hum, styleOfHum, wavOf } from '../hummed.ts';
import { accessApp } from './access-app.ts';

export { ANA, BEN, hum, inTurn, wavOf } from '../hummed.ts';

/** A store that records the names of everything stored in it. */
export function watchedStore() {
  const store = memoryStore();
  const names = new Set<string>();
  const watched: AudioStore = {
    ...store,
    putIfAbsent: async (name, bytes, meta) => {
      names.add(name);
      return await store.putIfAbsent(name, bytes, meta);
    },
  };
  const left = async () => {
    const heads = await Promise.all([...names].map(async (name) => [name, await store.head(name)] as const));
    return heads.flatMap(([name, head]) => (head ? [name] : []));
  };
  return { store: watched, names, left };
}

/** An edge cache that records what was stored and purged. */
export function watchedCache() {
  const kept = new Map<string, Response>();
  const purged: { tags: readonly string[]; urls: readonly string[] }[] = [];
  const cache: EdgeCache = {
    automatic: false,
    match: async (url) => kept.get(url)?.clone(),
    put: async (url, response) => void kept.set(url, response.clone()),
    purge: async (tags, urls) => {
      purged.push({ tags, urls });
      for (const url of urls) kept.delete(url);
    },
  };
  return { cache, kept, purged };
}

/** Form fields of `POST /v1/voices`. */
export interface VoiceFields {
  readonly files?: readonly Uint8Array<ArrayBuffer>[];
  readonly consent_recording?: Uint8Array<ArrayBuffer>;
  readonly [text: string]: string | undefined | Uint8Array<ArrayBuffer> | readonly Uint8Array<ArrayBuffer>[];
}

/** The app with API keys on, two keys, and an engine that recognizes hummed speakers. */
export async function voicesApp(options: Partial<AppDependencies> & { tone?: ToneOptions } = {}) {
  const { tone, ...deps } = options;
  const stored = watchedStore();
  const edge = watchedCache();
  const library = createAudioLibrary({ store: stored.store, createEncoder });
  const server = await accessApp({
    library,
    edgeCache: edge.cache,
    referenceStyles: true,
    ...deps,
    tone: { style: styleOfHum, ...tone },
  });
  const scopes = ['speech', 'prompts:read', 'prompts:write'] as const;
  const owner = (await server.makeKey({ name: 'owner', scopes })).key;
  const other = (await server.makeKey({ name: 'other', scopes })).key;

  /** Sends a form. */
  const sendForm = async (
    path: string,
    key: string | undefined,
    fields: VoiceFields,
    more: Readonly<Record<string, string>> | '' | undefined = {},
  ) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      const values = Array.isArray(value) ? value : [value];
      for (const one of values) {
        if (typeof one === 'string') form.append(name, one);
        else if (one !== undefined) form.append(name, new Blob([one], { type: 'audio/wav' }), 'a.wav');
      }
    }
    const request = new Request('http://sori.test/', { method: 'POST', body: form });
    const headers = {
      'Content-Type': request.headers.get('content-type')!,
      ...(key !== undefined && { Authorization: `Bearer ${key}` }),
      ...(more || {}),
    };
    const response = await server.app.request(path, {
      method: 'POST',
      headers,
      body: await request.arrayBuffer(),
    });
    return { status: response.status, headers: response.headers, json: (await response.json()) as Answer };
  };

  /** Requests a consent sentence. */
  const consent = async (key = owner) => (await server.send('POST', '/v1/voices/consent', key)).json.id;

  /** Clones Ana's voice with valid fields, except the given ones. The engine accepts short recordings. */
  const clone = async (fields: VoiceFields = {}, key = owner) =>
    await sendForm('/v1/voices', key, {
      name: 'Ana',
      files: [await wavOf(hum(ANA, 1)), await wavOf(hum(ANA, 1.25))],
      consent: await consent(key),
      consent_recording: await wavOf(hum(ANA, 1.5)),
      ...fields,
    });

  const speak = (voice: unknown, key: string | undefined = owner, fields: object = {}) =>
    server.send('POST', '/v1/audio/speech', key, { model: 'tone-1', voice, input: 'Hello.', ...fields });

  return { ...server, library, stored, edge, owner, other, sendForm, consent, clone, speak };
}

/** Fields of answers that the tests check. */
interface Answer {
  readonly id: string;
  readonly preview: string | null;
  readonly provenance: {
    readonly recordings: readonly { readonly sha256: string; readonly url: string | null }[];
    readonly consent: { readonly kind: string; readonly score: number | null };
  };
  readonly score: number;
  readonly same_speaker: boolean;
  readonly error: { readonly code: string; readonly param: string | null; readonly message: string };
}
