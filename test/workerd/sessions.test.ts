import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { SessionObject } from '../../src/edge/session-object.ts';
import type { SessionState } from '../../src/features/sessions/index.ts';
import type { Cue } from '../../src/synthesis/alignment.ts';
import { bucketOf, seedModel } from './seed.ts';

beforeAll(() => seedModel(bucketOf(env), { name: 'sori-2', from: 'embedded' }));

const worker = (exports as unknown as { default: Fetcher }).default;
const objects = (env as unknown as { SESSION_OBJECTS: DurableObjectNamespace<SessionObject> })
  .SESSION_OBJECTS;

interface Told {
  readonly type: string;
  readonly seq?: number;
  readonly session?: string;
  readonly audio?: string;
  readonly timestamps?: { readonly word: readonly Cue[] };
}

async function connect(query: string) {
  const response = await worker.fetch(`http://localhost/v1/audio/speech/stream?${query}`, {
    headers: { Upgrade: 'websocket' },
  });
  expect(response.status).toBe(101);
  const socket = response.webSocket!;
  const told: Told[] = [];
  let wake = () => {};
  socket.addEventListener('message', ({ data }) => {
    told.push(JSON.parse(String(data)));
    wake();
  });
  socket.accept();
  const until = async (type: string): Promise<Told> => {
    for (;;) {
      const found = told.find((event) => event.type === type);
      if (found) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { socket, told, until, say: (message: object) => socket.send(JSON.stringify(message)) };
}

it('speaks written text, and continues for a client that reconnects', async () => {
  const first = await connect('voice=hazel&response_format=pcm&sample_rate=16000');
  const { session } = await first.until('session');
  first.say({ type: 'text', text: 'Your table is ready. And' });
  first.say({ type: 'text', text: ' yours' });
  const words = await first.until('words');
  expect(first.told.some(({ audio }) => (audio?.length ?? 0) > 100)).toBe(true);

  const stub = objects.get(objects.idFromString(session!));
  const second = await connect(`session=${session}&after=${words.seq! - 1}`);
  await second.until('words');
  second.say({ type: 'end' });
  await second.until('done');
  const seqs = second.told.flatMap(({ seq }) => seq ?? []);
  expect(seqs).toEqual(seqs.map((_, i) => words.seq! + i));
  const stored = await runInDurableObject(stub, async (_: SessionObject, { storage }) => {
    return await storage.get<{ caller: string }>('opening');
  });
  expect(stored).toMatchObject({ caller: 'local', protocol: 'sori' });
});

it('an unknown session is 404, and a request that is not a WebSocket is 400', async () => {
  const ask = async (query: string, headers: Record<string, string>) => {
    const response = await worker.fetch(`http://localhost/v1/audio/speech/stream?${query}`, { headers });
    return [response.status, ((await response.json()) as { error: { code: string } }).error.code];
  };
  expect(await ask('session=nobody', { Upgrade: 'websocket' })).toEqual([404, 'not_found']);
  const unused = objects.newUniqueId().toString();
  expect(await ask(`session=${unused}`, { Upgrade: 'websocket' })).toEqual([404, 'not_found']);
  expect(await ask('', {})).toEqual([400, 'invalid_value']);
});

const wordsOf = (events: readonly Told[]) =>
  events.flatMap(({ timestamps }) => timestamps?.word ?? []).map(({ text }) => text);

describe('hibernation', () => {
  const stubOf = (session: string) => objects.get(objects.idFromString(session));

  /** Waits until the object has nothing to do and has stored the session, then ends its instance. */
  async function hibernate(
    session: string,
    stored: (state: SessionState) => boolean,
    webSockets: 'hibernate' | 'close' = 'hibernate',
  ) {
    const stub = stubOf(session);
    await vi.waitUntil(() =>
      runInDurableObject(stub, async (_: SessionObject, { storage }) => {
        const state = await storage.get<SessionState>('state');
        return state !== undefined && stored(state);
      }),
    );
    await evictDurableObject(stub, { webSockets });
  }

  async function opened(query = 'voice=hazel&response_format=pcm&sample_rate=16000') {
    const client = await connect(query);
    return { ...client, session: (await client.until('session')).session! };
  }

  it('keeps the text that waits for the end of its sentence, and the fields', async () => {
    const { session, say, told, until } = await opened();
    say({ type: 'start', speed: 2 });
    say({ type: 'text', text: 'Your table is' });
    await hibernate(session, ({ waiting }) => waiting === 'Your table is');
    expect(told.map(({ type }) => type)).toEqual(['session']);
    say({ type: 'text', text: ' ready.' });
    say({ type: 'end' });
    await until('done');
    expect(wordsOf(told)).toEqual(['Your', 'table', 'is', 'ready']);
    const slow = await opened();
    slow.say({ type: 'text', text: 'Your table is ready.' });
    slow.say({ type: 'end' });
    await slow.until('done');
    const lengthOf = (events: readonly Told[]) =>
      events.reduce((sum, { audio = '' }) => sum + audio.length, 0);
    expect(lengthOf(told)).toBeLessThan(0.7 * lengthOf(slow.told));
  });

  it('continues to count events, time and characters', async () => {
    const { session, say, told, until } = await opened();
    say({ type: 'text', text: 'One. ' });
    say({ type: 'flush' });
    const { seq } = await until('flushed');
    await hibernate(session, (state) => state.seq === seq);
    say({ type: 'text', text: 'Two.' });
    say({ type: 'end' });
    await until('done');
    const seqs = told.flatMap((event) => event.seq ?? []);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    const [one, two] = told
      .filter(({ type }) => type === 'words')
      .map(({ timestamps }) => timestamps!.word[0]);
    expect(two.span).toEqual({ start: 5, end: 8 });
    expect(two.start_ms).toBeGreaterThanOrEqual(one.end_ms);
  });

  it('cancel drops the text of before', async () => {
    const { session, say, told, until } = await opened();
    say({ type: 'text', text: 'Never say this' });
    await hibernate(session, ({ waiting }) => waiting !== '');
    say({ type: 'cancel' });
    await until('cancelled');
    await hibernate(session, ({ waiting }) => waiting === '');
    say({ type: 'text', text: 'Say this.' });
    say({ type: 'end' });
    await until('done');
    expect(wordsOf(told)).toEqual(['Say', 'this']);
  });

  it('a client that was cut off resumes from the stored events', async () => {
    const { session, say, told, until } = await opened();
    say({ type: 'text', text: 'One. ' });
    say({ type: 'flush' });
    const { seq } = await until('flushed');
    say({ type: 'text', text: 'And tw' });
    await hibernate(session, ({ waiting }) => waiting === 'And tw', 'close');
    const again = await connect(`session=${session}&after=1`);
    await again.until('flushed');
    expect(again.told.filter((event) => event.seq)).toEqual(told.filter((event) => event.seq! > 1));
    again.say({ type: 'text', text: 'o.' });
    again.say({ type: 'end' });
    await again.until('done');
    const later = again.told.filter((event) => event.seq! > seq!);
    expect(wordsOf(later)).toEqual(['And', 'two']);
  });
});
