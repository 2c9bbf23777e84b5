import { createServer, type Server, type Socket } from 'node:net';
import { Session } from '../../../src/features/sessions/session.ts';
import type { SoriClient } from '../client.ts';
import { EventReader, encodeEvent, type WyomingEvent } from './wire.ts';

/** Samples per second of what is sent: 16-bit mono. */
const AUDIO = { rate: 24_000, width: 2, channels: 1 } as const;
/** Refusals whose message is passed on. */
const REFUSALS = [400, 401, 403, 404, 422, 429, 501];
const ATTRIBUTION = { name: 'Sori', url: 'https://www.apache.org/licenses/LICENSE-2.0' };

interface Voice {
  readonly id: string;
  readonly name: string;
  readonly language: string;
  readonly description: string;
}

/**
 * Serves Home Assistant's Wyoming protocol and has a Sori server speak.
 * @param client of the server that speaks.
 * @param voice default voice.
 */
export function createBridge(client: SoriClient, voice: string | undefined): Server {
  return createServer((socket) => {
    const connection = new BridgeConnection(client, voice, socket);
    const reader = new EventReader();
    socket.on('data', (bytes: Buffer) => {
      try {
        for (const event of reader.push(bytes)) connection.take(event);
      } catch (error) {
        connection.fail(error);
        socket.destroySoon();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => connection.close());
  });
}

class BridgeConnection {
  readonly #client: SoriClient;
  readonly #voice: string | undefined;
  readonly #socket: Socket;
  #session: Session | undefined;
  /** Whether the text comes in pieces, so that its end is signalled. */
  #streamed = false;

  constructor(client: SoriClient, voice: string | undefined, socket: Socket) {
    this.#client = client;
    this.#voice = voice;
    this.#socket = socket;
  }

  take({ type, data = {} }: WyomingEvent): void {
    switch (type) {
      case 'describe':
        void this.#describe().catch((error) => this.fail(error));
        return;
      case 'ping':
        this.#send({ type: 'pong', data: { text: data.text ?? null } });
        return;
      case 'synthesize':
        // A client that streams sends the whole text as well, for servers that do not read pieces.
        if (this.#session) return;
        this.#start(data, false);
        this.#text(data.text);
        this.#end();
        return;
      case 'synthesize-start':
        this.#start(data, true);
        return;
      case 'synthesize-chunk':
        this.#text(data.text);
        return;
      case 'synthesize-stop':
        this.#end();
    }
  }

  fail(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#send({ type: 'error', data: { text, code: 'sori' } });
  }

  close(): void {
    this.#session?.follow({ do: 'cancel' });
    this.#session = undefined;
  }

  #start(data: Readonly<Record<string, unknown>>, streamed: boolean): void {
    this.close();
    this.#streamed = streamed;
    const asked = (data.voice ?? {}) as { name?: unknown; language?: unknown };
    const fields = {
      voice: asked.name ?? this.#voice,
      language: asked.language ?? undefined,
      response_format: 'pcm',
    };
    this.#session = new Session({
      withWords: false,
      ask: async (body, signal) =>
        await this.#client.request('POST', '/v1/audio/speech', { body, accept: REFUSALS, signal }),
      onEvent: ({ event }) => {
        if (event.type === 'audio')
          this.#send({ type: 'audio-chunk', data: AUDIO, payload: Buffer.from(event.audio, 'base64') });
        else if (event.type === 'error') this.fail(new Error(event.error.message));
        else if (event.type === 'done') this.#finish();
      },
    });
    this.#session.follow({ do: 'configure', fields });
    this.#send({ type: 'audio-start', data: AUDIO });
  }

  #end(): void {
    this.#session?.follow({ do: 'end' });
  }

  #text(text: unknown): void {
    this.#session?.follow({ do: 'text', text: String(text ?? '') });
  }

  #finish(): void {
    this.#session = undefined;
    this.#send({ type: 'audio-stop', data: {} });
    if (this.#streamed) this.#send({ type: 'synthesize-stopped', data: {} });
  }

  async #describe(): Promise<void> {
    const { data } = await this.#client.json<{ data: readonly Voice[] }>('GET', '/v1/voices');
    const common = { attribution: ATTRIBUTION, installed: true, version: '1' };
    const voices = data.map(({ id, language, description }) => {
      return { ...common, name: id, description, languages: [language], speakers: null };
    });
    const program = {
      ...common,
      name: 'sori',
      description: 'Text to speech',
      voices,
      supports_synthesize_streaming: true,
    };
    const none = { asr: [], handle: [], intent: [], wake: [], mic: [], snd: [] };
    this.#send({ type: 'info', data: { tts: [program], ...none } });
  }

  #send(event: WyomingEvent): void {
    if (!this.#socket.destroyed) this.#socket.write(encodeEvent(event));
  }
}
