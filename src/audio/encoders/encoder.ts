import { concatBytes } from '../../base/bytes.ts';
import { type AudioEncoder, type AudioFormatId, type EncoderOptions, FORMAT_INFO } from '../format.ts';
import { SAMPLE_RATE, toInt16Bytes } from '../samples.ts';
import { createAacSink } from './aac.ts';
import { adtsStream } from './adts.ts';
import { FlacWriter } from './flac.ts';
import { m4aFile } from './m4a.ts';
import { createMp3Sink } from './mp3.ts';
import { createOpusSink } from './opus.ts';
import { type Sink, withRounded } from './sink.ts';
import { createTelephonySink } from './telephony.ts';
import { wavFrame } from './wav.ts';

/**
 * Makes an encoder for speech, of known length or not. Formats with a codec in WebAssembly (`mp3`, `opus`, `aac`, `m4a`) load it on first use.
 * @throws {RangeError} when `totalSamples` is no whole number from 0 up, or too large for the format.
 * @throws {Error} when the codec can't be loaded.
 * @example
 * const encoder = await createEncoder('mp3', { totalSamples: speech.totalSamples });
 * for await (const samples of speech.chunks) write(encoder.encode(samples));
 * write(encoder.finish());
 */
export async function createEncoder(format: AudioFormatId, options: EncoderOptions): Promise<AudioEncoder> {
  const { totalSamples } = options;
  if (totalSamples !== undefined && !(Number.isSafeInteger(totalSamples) && totalSamples >= 0)) {
    throw new RangeError(`totalSamples must be a whole number from 0 up, not ${totalSamples}`);
  }
  return new CheckedEncoder(FORMAT_INFO[format].contentType, await createSink(format, options), totalSamples);
}

function createSink(format: AudioFormatId, options: EncoderOptions): Sink | Promise<Sink> {
  switch (format) {
    case 'wav':
      return createWavSink(options);
    case 'pcm':
      return {
        contentLength: options.totalSamples === undefined ? undefined : options.totalSamples * 2,
        push: toInt16Bytes,
        finish: () => new Uint8Array(0),
      };
    case 'flac':
      return createFlacSink(options);
    case 'mulaw':
    case 'alaw':
    case 'mulaw-wav':
    case 'alaw-wav':
    case 'wav-8k':
      return createTelephonySink(format, options);
    case 'mp3':
      return createMp3Sink(options);
    case 'aac':
      return createAacSink(adtsStream(options.tags));
    case 'm4a':
      return createAacSink(m4aFile(options));
    case 'opus':
      return createOpusSink(options);
  }
}

function createWavSink({ totalSamples, tags }: EncoderOptions): Sink {
  const layout = { coding: 'pcm', sampleRate: SAMPLE_RATE, samples: totalSamples, tags } as const;
  const { header, fileLength } = wavFrame(layout);
  let unsent: Uint8Array[] = [header];
  const send = (bytes: Uint8Array) => {
    const whole = concatBytes([...unsent, bytes]);
    unsent = [];
    return whole;
  };
  return {
    contentLength: fileLength,
    push: (samples) => send(toInt16Bytes(samples)),
    finish: () => send(new Uint8Array(0)),
  };
}

function createFlacSink({ totalSamples, tags }: EncoderOptions): Sink {
  const writer = new FlacWriter(totalSamples, tags);
  return {
    push: (samples) => withRounded(samples, (rounded) => writer.push(rounded)),
    finish: () => writer.finish(),
  };
}

/** Throws when the number of samples differs from the announced length, which the header has already stated. */
class CheckedEncoder implements AudioEncoder {
  readonly contentType: string;
  readonly contentLength: number | undefined;
  readonly #sink: Sink;
  readonly #announced: boolean;
  #missing: number;
  #closed = false;

  constructor(contentType: string, sink: Sink, totalSamples: number | undefined) {
    this.contentType = contentType;
    this.contentLength = sink.contentLength;
    this.#sink = sink;
    this.#announced = totalSamples !== undefined;
    this.#missing = totalSamples ?? Number.POSITIVE_INFINITY;
  }

  encode(samples: Float32Array): Uint8Array {
    this.#checkOpen();
    if (samples.length > this.#missing) {
      throw new RangeError(`${samples.length - this.#missing} samples more than announced`);
    }
    this.#missing -= samples.length;
    return this.#sink.push(samples);
  }

  encodeHeld(): Uint8Array | undefined {
    this.#checkOpen();
    return this.#sink.encodeHeld?.();
  }

  finish(): Uint8Array {
    this.#checkOpen();
    try {
      if (this.#announced && this.#missing > 0)
        throw new RangeError(`${this.#missing} samples fewer than announced`);
      return this.#sink.finish();
    } finally {
      this.close();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#sink.close?.();
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error('this encoder is closed');
  }
}
