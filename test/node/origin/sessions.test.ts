import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { sessionsServer } from '../../support/servers/sessions-server.ts';

let server: Awaited<ReturnType<typeof sessionsServer>>;
let key: string;
let other: string;

beforeAll(async () => {
  server = await sessionsServer();
  key = (await server.makeKey()).key;
  other = (await server.makeKey()).key;
});
afterAll(() => server[Symbol.asyncDispose]());

function connect(path: string, { protocols = [], headers = {} }: { protocols?: string[]; headers?: object }) {
  const address = new URL(path, server.url);
  address.protocol = 'ws:';
  const socket = new WebSocket(address.href, protocols, { headers: headers as Record<string, string> });
  const told: Record<string, unknown>[] = [];
  const audio: Buffer[] = [];
  let wake = () => {};
  socket.on('message', (data, isBinary) => {
    if (isBinary) audio.push(data as Buffer);
    else told.push(JSON.parse(String(data)));
    wake();
  });
  const until = async (type: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const found = told.find((one) => one.type === type);
      if (found) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { socket, audio, until, say: (message: object) => socket.send(JSON.stringify(message)) };
}
const refusal = async ({ socket }: ReturnType<typeof connect>): Promise<number> => {
  const [, answer] = await once(socket, 'unexpected-response');
  return answer.statusCode;
};

it('speaks and resumes with the same key only; browsers send it as a protocol', async () => {
  const first = connect('/v1/audio/speech/stream?voice=clara', { protocols: ['token', key] });
  const { session } = await first.until('session');
  expect(first.socket.protocol).toBe('token');
  first.say({ type: 'text', text: 'Hello there. And' });
  await first.until('words');
  first.socket.terminate();
  await once(first.socket, 'close');

  const back = `/v1/audio/speech/stream?session=${session}&after=1`;
  const stranger = connect(back, { headers: { Authorization: `Bearer ${other}` } });
  expect(await refusal(stranger)).toBe(404);
  const second = connect(back, { headers: { Authorization: `Bearer ${key}` } });
  await second.until('words');
  second.say({ type: 'end' });
  await second.until('done');
  const [code] = await once(second.socket, 'close');
  expect(code).toBe(1000);
});

it('requires a key', async () => {
  expect(await refusal(connect('/v1/audio/speech/stream', {}))).toBe(401);
});

it('Deepgram’s messages: audio without an envelope', async () => {
  const { audio, until, say } = connect('/v1/speak?sample_rate=8000', {
    headers: { Authorization: `Token ${key}` },
  });
  await until('Metadata');
  say({ type: 'Speak', text: 'Hello.' });
  say({ type: 'Flush' });
  await until('Flushed');
  expect(Buffer.concat(audio).length).toBe(4800);
});
