import { runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { beforeAll, expect, it } from 'vitest';
import type { SessionObject } from '../../src/edge/session-object.ts';
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
