import { concatBytes } from './bytes.ts';
import { Decimator, decimatedLength } from './decimate.ts';
import { knownLength, type Sink, type SinkOptions } from './encoder.ts';
import { FORMAT_INFO } from './format.ts';
import { type CompandingLaw, compand } from './g711.ts';
import { toInt16Array } from './samples.ts';
import { wavFrame } from './wav.ts';

/** Encodes 8 kHz G.711, bare or as a WAV file. */
export function createTelephonySink(law: CompandingLaw, { totalSamples, container }: SinkOptions): Sink {
  const { sampleRate } = FORMAT_INFO[law];
  const samples = totalSamples === undefined ? undefined : decimatedLength(totalSamples);
  const frame =
    container === 'wav' ? wavFrame({ coding: law, sampleRate, samples: knownLength(samples) }) : undefined;
  const decimator = new Decimator();
  let header = frame?.header;
  const encode = (filtered: Float64Array): Uint8Array => compand(toInt16Array(filtered), law);
  const withHeader = (bytes: Uint8Array): Uint8Array => {
    if (!header) return bytes;
    const whole = concatBytes([header, bytes]);
    header = undefined;
    return whole;
  };
  return {
    contentLength: frame?.fileLength ?? samples,
    push: (piece) => withHeader(encode(decimator.push(piece))),
    finish: () => concatBytes([withHeader(encode(decimator.finish())), frame?.trailer ?? new Uint8Array(0)]),
  };
}
