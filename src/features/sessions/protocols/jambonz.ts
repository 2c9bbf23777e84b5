import { SoriError } from '../../../base/errors.ts';
import type { SessionCommand } from '../events.ts';
import { bytesOf, json, type Protocol } from './protocol.ts';

const DEFAULT_RATE = '8000';

/** jambonz' messages of streamed custom speech: `stream`, `flush`, `stop` and `keepalive` in, bare 16-bit samples out. */
export const jambonz: Protocol = {
  withWords: false,
  fieldsOf: ({ searchParams }) => ({
    response_format: 'pcm',
    sample_rate: searchParams.get('sampleRate') ?? searchParams.get('sample_rate') ?? DEFAULT_RATE,
    voice: searchParams.get('voice') ?? undefined,
    language: searchParams.get('language') ?? undefined,
  }),
  greet: ({ fields }) => [
    json({ type: 'connect', data: { sample_rate: Number(fields.sample_rate), base64_encoding: false } }),
  ],
  read: (message): SessionCommand[] => {
    const { type, text } = message as Record<string, unknown>;
    if (type === 'stream' && typeof text === 'string') return [{ do: 'text', text }];
    if (type === 'flush') return [{ do: 'flush' }];
    if (type === 'stop') return [{ do: 'cancel' }];
    if (type === 'keepalive') return [];
    throw new SoriError('invalid_value', 'type must be stream, flush, stop or keepalive.', { param: 'type' });
  },
  write: ({ event }) => {
    if (event.type === 'audio') return [bytesOf(event.audio)];
    if (event.type === 'error')
      return [json({ type: 'error', message: event.error.message, code: event.error.code })];
    return event.type === 'done' ? [{ close: true }] : [];
  },
};
