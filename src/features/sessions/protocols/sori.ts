import { SoriError } from '../../../base/errors.ts';
import type { SessionCommand } from '../events.ts';
import { json, type Protocol } from './protocol.ts';

const COMMANDS = ['start', 'text', 'flush', 'cancel', 'end'];

/** Sori's own messages, JSON in both directions. Every message of the server but the first has a number. */
export const sori: Protocol = {
  withWords: true,
  fieldsOf: ({ searchParams }) => {
    const { session: _, after: __, ...fields } = Object.fromEntries(searchParams);
    return { response_format: 'pcm', ...fields };
  },
  greet: ({ session, requestId }) => [json({ type: 'session', session, request_id: requestId })],
  read: (message): SessionCommand[] => {
    const { type, text, ...fields } = message as Record<string, unknown>;
    if (type === 'start') return [{ do: 'configure', fields }];
    if (type === 'text' && typeof text === 'string') return [{ do: 'text', text }];
    if (type === 'flush' || type === 'cancel' || type === 'end') return [{ do: type }];
    const must = type === 'text' ? 'text must be a string.' : `type must be one of ${COMMANDS.join(', ')}.`;
    throw new SoriError('invalid_value', must, { param: type === 'text' ? 'text' : 'type' });
  },
  write: ({ seq, event }) => {
    if (event.type !== 'words') return [json({ seq, ...event }), ...(event.type === 'done' ? [CLOSE] : [])];
    return [json({ seq, type: 'words', timestamps: { word: event.words } })];
  },
};

const CLOSE = { close: true } as const;
