import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SoriClient } from '../../../scripts/sori/client.ts';
import { createBridge } from '../../../scripts/sori/wyoming/bridge.ts';
import { EventReader, encodeEvent, type WyomingEvent } from '../../../scripts/sori/wyoming/wire.ts';
import { Drain } from '../../../src/origin/drain.ts';
import { listen } from '../../../src/origin/server.ts';
import { accessApp } from '../../support/apps/access-app.ts';

const SORI = resolve(import.meta.dirname, '../../../scripts/sori.ts');

let made: Awaited<ReturnType<typeof accessApp>>;
let server: Awaited<ReturnType<typeof listen>>;
let key: string;

beforeAll(async () => {
  made = await accessApp();
  key = (await made.makeKey()).key;
  server = await listen({ app: made.app, drain: new Drain(), host: '127.0.0.1', port: 0 });
});
afterAll(() => {
  server.server.close();
  server.server.closeAllConnections();
});

interface Content {
  readonly type: string;
  readonly text?: string;
  readonly data?: string;
  readonly mimeType?: string;
}

describe('Model Context Protocol, with its own client', () => {
  const transports = {
    HTTP: () =>
      new StreamableHTTPClientTransport(new URL('/mcp', server.url), {
        requestInit: { headers: { Authorization: `Bearer ${key}` } },
      }),
    stdio: () =>
      new StdioClientTransport({
        command: process.execPath,
        args: [SORI, 'mcp'],
        env: { SORI_URL: server.url.origin, SORI_API_KEY: key, PATH: process.env.PATH ?? '' },
      }),
  };

  it.each(['HTTP', 'stdio'] as const)('%s: speak and list_voices', async (name) => {
    const client = new Client({ name: 'test', version: '1' });
    // A busy machine takes long to start a process.
    await client.connect(transports[name](), { timeout: 110_000 });
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(['speak', 'list_voices']);
    const spoken = await client.callTool({
      name: 'speak',
      arguments: { text: 'Hello.', voice: 'cameron', instructions: 'slowly', format: 'wav' },
    });
    const [audio, about] = spoken.content as Content[];
    expect(audio).toMatchObject({ type: 'audio', mimeType: 'audio/wav' });
    expect(Buffer.from(audio.data!, 'base64').toString('latin1', 0, 4)).toBe('RIFF');
    expect(about.text).toMatch(/^Spoken by tone-1@1\.2\.3: \/audio\/[0-9a-f]{64}\.wav$/);
    expect(made.tone.requests.at(-1)).toMatchObject({ voice: { cameron: 1 }, speed: 0.8 });
    const voices = (await client.callTool({ name: 'list_voices', arguments: {} })).content as Content[];
    expect(JSON.parse(voices[0].text!)).toContainEqual(
      expect.objectContaining({ id: 'clara', language: 'en-US' }),
    );
    const refused = await client.callTool({ name: 'speak', arguments: { text: 'Hi.', voice: 'nobody' } });
    expect(refused).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('unknown_voice') }],
    });
    await client.close();
  });

  it('requires a key', async () => {
    const client = new Client({ name: 'test', version: '1' });
    const transport = new StreamableHTTPClientTransport(new URL('/mcp', server.url));
    await expect(client.connect(transport)).rejects.toThrow(/401|invalid_api_key/i);
  });
});

describe('Wyoming', () => {
  it('is parsed from pieces of any length', () => {
    const event = { type: 'synthesize', data: { text: '안녕' }, payload: Buffer.from([1, 2, 3]) };
    const bytes = Buffer.concat([encodeEvent(event), encodeEvent({ type: 'ping' })]);
    const reader = new EventReader();
    const read = [...bytes].flatMap((byte) => reader.push(Uint8Array.of(byte)));
    expect(read).toMatchObject([{ type: 'synthesize', data: { text: '안녕' } }, { type: 'ping' }]);
    expect([...read[0].payload!]).toEqual([1, 2, 3]);
    const inLine = '{"type":"synthesize","data":{"text":"a"}}\n';
    expect(new EventReader().push(Buffer.from(inLine))).toMatchObject([{ data: { text: 'a' } }]);
    expect(() => new EventReader().push(Buffer.from('{"type":"a","data_length":1e9}\n'))).toThrow(RangeError);
  });

  it('describes voices and speaks whole and streamed text', async () => {
    const bridge = createBridge(new SoriClient({ url: server.url, apiKey: key }), 'clara');
    bridge.listen(0, '127.0.0.1');
    await once(bridge, 'listening');
    const socket = connect((bridge.address() as AddressInfo).port, '127.0.0.1');
    const { send, until } = talk(socket);

    send({ type: 'describe' });
    const [info] = (await until('info')).slice(-1);
    expect(info.data).toMatchObject({
      tts: [{ name: 'sori', installed: true, supports_synthesize_streaming: true }],
    });
    const { tts } = info.data as unknown as { tts: { voices: { name: string; languages: string[] }[] }[] };
    expect(tts[0].voices).toContainEqual(expect.objectContaining({ name: 'clara', languages: ['en-US'] }));

    send({ type: 'synthesize', data: { text: 'Hello.', voice: { name: 'cameron' } } });
    const spoken = await until('audio-stop');
    expect(spoken[0]).toMatchObject({ type: 'audio-start', data: { rate: 24_000, width: 2, channels: 1 } });
    expect(lengthOf(spoken)).toBe(3 * 2400 * 2);
    expect(made.tone.requests.at(-1)?.voice).toEqual({ cameron: 1 });

    send({ type: 'synthesize-start', data: {} });
    send({ type: 'synthesize-chunk', data: { text: 'One. T' } });
    send({ type: 'synthesize-chunk', data: { text: 'wo.' } });
    send({ type: 'synthesize', data: { text: 'One. Two.' } });
    send({ type: 'synthesize-stop' });
    const streamed = await until('synthesize-stopped');
    expect(lengthOf(streamed)).toBe(2 * 3 * 2400 * 2);
    expect(made.tone.requests.slice(-2).map(({ input }) => input)).toEqual(['One.', 'Two.']);

    send({ type: 'synthesize', data: { text: 'Hello.', voice: { name: 'nobody' } } });
    const failed = await until('audio-stop');
    expect(failed.find(({ type }) => type === 'error')?.data?.text).toMatch(/no voice "nobody"/);
    socket.destroy();
    bridge.close();
  });
});

const lengthOf = (events: readonly WyomingEvent[]): number =>
  events
    .filter(({ type }) => type === 'audio-chunk')
    .reduce((sum, { payload }) => sum + (payload?.length ?? 0), 0);

/** Sends events and collects the answers up to the first of a type. */
function talk(socket: Socket) {
  const reader = new EventReader();
  const waiting: WyomingEvent[] = [];
  let wake = () => {};
  socket.on('data', (bytes: Buffer) => {
    waiting.push(...reader.push(bytes));
    wake();
  });
  return {
    send: (event: WyomingEvent) => void socket.write(encodeEvent(event)),
    until: async (type: string): Promise<WyomingEvent[]> => {
      for (;;) {
        const at = waiting.findIndex((event) => event.type === type);
        if (at >= 0) return waiting.splice(0, at + 1);
        await new Promise<void>((done) => {
          wake = done;
        });
      }
    },
  };
}
