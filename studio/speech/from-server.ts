import { ApiError, ask } from '../api.ts';
import type { SpeechBody } from '../request.ts';
import { PcmReader, type Piece, readEvents } from './events.ts';

/** Speech that the server makes, as it makes it. */
export interface ServerSpeech {
  readonly pieces: AsyncIterable<Piece>;
  /** Where the audio is stored, if it is: a path without its extension's meaning for other formats. */
  readonly location: string | null;
  /** `hit`, `miss`, … */
  readonly cache: string | null;
}

/**
 * Asks for speech with the times of its words, as server-sent events of 16-bit samples.
 * @throws {ApiError} before the first piece; later ones are thrown while the pieces are read.
 */
export async function speakAtServer(body: SpeechBody, signal: AbortSignal): Promise<ServerSpeech> {
  const response = await ask('v1/audio/speech', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...body, response_format: 'pcm', stream_format: 'sse', timestamps: ['word'] }),
    signal,
  });
  return {
    pieces: piecesOf(response),
    location: response.headers.get('Content-Location'),
    cache: response.headers.get('X-Cache'),
  };
}

async function* piecesOf(response: Response): AsyncGenerator<Piece> {
  const pcm = new PcmReader();
  for await (const event of readEvents(chunksOf(response.body))) {
    if (event.type === 'speech.audio.delta') yield { kind: 'audio', samples: pcm.read(event.audio) };
    else if (event.type === 'speech.audio.timing')
      yield { kind: 'words', words: event.timestamps.word ?? [] };
    else if (event.type === undefined) throw new ApiError(event.error.message, 500, event.error.code);
  }
}

/** Safari's streams are no async iterables. */
async function* chunksOf(stream: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  const reader = stream?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
