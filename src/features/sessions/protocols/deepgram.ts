import { SoriError } from '../../../base/errors.ts';
import { deepgramParameters } from '../../deepgram/index.ts';
import type { SessionCommand } from '../events.ts';
import { bytesOf, json, type Protocol } from './protocol.ts';

/** Deepgram's messages of `/v1/speak`: `Speak`, `Flush`, `Clear` and `Close` in, bare audio out. */
export const deepgram: Protocol = {
  withWords: false,
  fieldsOf: ({ searchParams }) => {
    const query = new URLSearchParams(searchParams);
    if (!query.has('encoding')) query.set('encoding', 'linear16');
    query.set('container', 'none');
    return { ...deepgramParameters(query, []).fields };
  },
  greet: ({ requestId, fields }) => [
    json({
      type: 'Metadata',
      request_id: requestId,
      model_name: String(fields.voice ?? 'default'),
      model_version: '1',
      model_uuid: requestId,
    }),
  ],
  read: (message): SessionCommand[] => {
    const { type, text } = message as Record<string, unknown>;
    if (type === 'Speak' && typeof text === 'string') return [{ do: 'text', text }];
    if (type === 'Flush') return [{ do: 'flush' }];
    if (type === 'Clear') return [{ do: 'cancel' }];
    if (type === 'Close') return [{ do: 'end' }];
    throw new SoriError('invalid_value', 'type must be Speak, Flush, Clear or Close.', { param: 'type' });
  },
  write: ({ seq, event }, { requestId }) => {
    switch (event.type) {
      case 'audio':
        return [bytesOf(event.audio)];
      case 'flushed':
        return [json({ type: 'Flushed', sequence_id: seq })];
      case 'cancelled':
        return [json({ type: 'Cleared', sequence_id: seq })];
      case 'error':
        return [
          json({
            type: 'Warning',
            description: event.error.message,
            code: event.error.code,
            request_id: requestId,
          }),
        ];
      case 'done':
        return [{ close: true }];
      case 'words':
        return [];
    }
  },
};
