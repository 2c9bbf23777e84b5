import type { z } from '@hono/zod-openapi';
import { createEncoder } from '../audio/encoders/encoder.ts';
import { type AudioFormatId, FORMAT_INFO, isTelephony, WAV_FORMATS } from '../audio/format.ts';
import { level } from '../audio/level.ts';
import { SAMPLE_RATE } from '../audio/samples.ts';
import { transcode } from '../audio/transcode.ts';
import { concatBytes, concatSamples } from '../base/bytes.ts';
import { SoriError } from '../base/errors.ts';
import type { ModelInfo, ReadText, Speech, SpeechEngine, Voice } from '../engine/engine.ts';
import { encodeSpeech } from '../features/speech/answer/bodies.ts';
import { checkSpeech, isBareAudio } from '../features/speech/conflicts.ts';
import { fieldWarnings } from '../features/speech/ignored.ts';
import { lengthOf, telephonyLoudnessOf } from '../features/speech/make-speech.ts';
import { collecting } from '../features/speech/master-chunks.ts';
import { parseSpeech } from '../features/speech/parse.ts';
import { speechRequest } from '../features/speech/request.ts';
import type { SpeechBody, speechSchema } from '../features/speech/schema.ts';
import { findVoice, resolveModelName } from '../features/speech/voices/openai-names.ts';
import { bytesOfDataUrl, styleOf } from '../features/speech/voices/references.ts';
import { type Cue, type CueUnit, cuesOf } from '../synthesis/alignment.ts';
import type { Warning } from '../text/warnings.ts';
import { isLongText, speakLong } from './long-speech.ts';

type Body = z.input<typeof speechSchema>;

/** The fields of `POST /v1/audio/speech`. All but `input` have defaults. Plain text may have any length. */
export interface SpeechFields
  extends Partial<Omit<Body, 'input' | 'response_format' | 'stream_format' | 'audio_format' | 'timestamps'>> {
  /** Plain text, or SSML when it starts with `<speak`. */
  readonly input: string;
  /** Default `mp3`. */
  readonly response_format?: AudioFormatId;
  /** Ends the synthesis; what is read from it then fails with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Speech under way. Its audio can be read once, as `body` or by `bytes()`. */
export interface Spoken {
  readonly format: AudioFormatId;
  /** MIME type of the audio. */
  readonly contentType: string;
  /** The audio file, as it is made. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Parts of the request that are not spoken as requested. */
  readonly warnings: readonly Warning[];
  /** The whole audio file. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** The same as an `ArrayBuffer`. */
  arrayBuffer(): Promise<ArrayBuffer>;
  /** When what is spoken: complete once the audio was read. */
  cues(unit: CueUnit): Cue[];
}

/** A text to read without speaking it. */
export interface ReadFields {
  readonly model?: string;
  /** BCP 47; the model's first language when not given. */
  readonly language?: string;
  /** Words and their IPA. */
  readonly pronunciations?: Readonly<Record<string, string>>;
}

/** Speech synthesis in this process: the server's pipeline without a server. */
export interface Sori {
  /** Driver and execution provider, such as `native-cpu` or `web-webgpu`. */
  readonly backend: string;
  /**
   * Speaks a text. It returns when the speech is planned; the audio is made as it is read.
   * @throws {SoriError} with the code and `param` that the server would answer.
   */
  speak(request: SpeechFields | string): Promise<Spoken>;
  /**
   * Speaks a text as mono samples at 24 kHz in [-1, 1], for an audio device. `response_format` has no effect.
   * @throws {SoriError} as {@link Sori.speak}, at the first read.
   */
  samples(request: SpeechFields | string): AsyncGenerator<Float32Array, void>;
  /** Reads a text: each word, its phonemes, and how they were found. */
  read(input: string, fields?: ReadFields): Promise<ReadText>;
  /** The models, with their languages and emotions. */
  models(): Promise<readonly ModelInfo[]>;
  /** The voices of a model, by default of the first. */
  voices(model?: string): Promise<readonly Voice[]>;
}

/** Makes {@link Sori} of an engine. */
export function soriOf(engine: SpeechEngine, backend: string): Sori {
  return {
    backend,
    async speak(request) {
      const { body, signal, start } = await begin(engine, request);
      const format = body.response_format as AudioFormatId;
      const speech = await start(WAV_FORMATS.includes(format));
      const audio = audioOf(speech, body, format);
      const bytes = async () => {
        const pieces: Uint8Array[] = [];
        for await (const piece of audio) pieces.push(piece);
        return concatBytes(pieces);
      };
      return {
        format,
        contentType: FORMAT_INFO[format].contentType,
        body: streamOf(audio, signal),
        warnings: [...fieldWarnings(body), ...speech.warnings],
        bytes,
        arrayBuffer: async () => (await bytes()).buffer,
        cues: (unit) => cuesOf(speech.alignment, body.input, unit),
      };
    },
    async *samples(request) {
      const { start } = await begin(engine, request);
      yield* (await start(false)).chunks;
    },
    async read(input, { model: name, language, pronunciations = {} } = {}) {
      const model = await engine.model(modelName(engine, name));
      return await engine.read({
        model: model.id,
        input,
        language: language ?? model.languages[0],
        pronunciations,
        strict: false,
      });
    },
    models: () => engine.models(),
    async voices(name) {
      return (await engine.model(modelName(engine, name))).voices;
    },
  };
}

const modelName = (engine: SpeechEngine, name: string | undefined) =>
  name === undefined ? engine.names[0] : resolveModelName(engine.names, name);

/** Validates a request as the server does, and returns how to start it. */
async function begin(engine: SpeechEngine, request: SpeechFields | string) {
  const { signal, ...fields } = typeof request === 'string' ? { input: request } : request;
  const model = await engine.model(modelName(engine, fields.model), signal);
  const preset = fields.style === undefined ? findVoice(model, 'alloy')?.id : undefined;
  const { input } = fields;
  const long = isLongText(input) && fields.input_type !== 'phonemes';
  const given = { voice: preset, ...fields, model: model.id, ...(long && { input: 'x' }) };
  const body: SpeechBody = { ...parseSpeech(given), ...(long && { input }) };
  checkSpeech(body);
  if (!isBareAudio(body)) {
    throw new SoriError(
      'unsupported_format',
      'response_format must be a format of audio; use cues() for times.',
      {
        param: 'response_format',
      },
    );
  }
  const start = async (exactLength: boolean): Promise<Speech> => {
    const asked = await speechRequest(model, body, {
      exactLength,
      encodeReference: async (url) => {
        const recording = { bytes: bytesOfDataUrl(url), param: 'style' };
        return (await styleOf(engine, model.id, recording, signal)).style;
      },
    });
    return await (long ? speakLong(engine, asked, signal) : engine.speak(asked, signal));
  };
  return { body, signal, start };
}

/** The bytes of the file that the server would send. */
async function* audioOf(
  speech: Speech,
  body: SpeechBody,
  format: AudioFormatId,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const loudness = telephonyLoudnessOf(body);
  const whole = typeof body.loudness === 'number' || (isTelephony(format) && loudness !== null);
  if (!whole) {
    const encoder = await createEncoder(format, lengthOf(format, speech));
    const bytes = encodeSpeech({ chunks: collecting(speech.chunks) }, encoder, { samples: 0 });
    yield* bytes as AsyncGenerator<Uint8Array<ArrayBuffer>, void>;
    return;
  }
  // Its loudness is known at the end.
  const pieces: Int16Array[] = [];
  for await (const _ of collecting(speech.chunks, pieces));
  const made = concatSamples(pieces);
  const samples = typeof body.loudness === 'number' ? await level(made, SAMPLE_RATE, body.loudness) : made;
  const master = { samples, long: speech.long, telephonyLoudness: loudness };
  yield (await transcode(createEncoder, master, format)) as Uint8Array<ArrayBuffer>;
}

function streamOf(
  audio: AsyncGenerator<Uint8Array<ArrayBuffer>, void>,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const source: UnderlyingSource<Uint8Array<ArrayBuffer>> = {
    async pull(controller) {
      signal?.throwIfAborted();
      const { done, value } = await audio.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await audio.return();
    },
  };
  // Nothing is made ahead: `bytes()` may be called in place of reading it.
  return new ReadableStream(source, { highWaterMark: 0 });
}
