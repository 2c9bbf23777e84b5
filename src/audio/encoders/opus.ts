import { Framer } from '../../base/bytes.ts';
import { OpusEncoder, type OpusSettings } from '../codecs/opus.ts';
import type { EncoderOptions } from '../format.ts';
import { SAMPLE_RATE } from '../samples.ts';
import { OggOpusWriter, OPUS_FRAME } from './ogg-opus.ts';
import { type Sink, withRounded } from './sink.ts';

/** Transparent for one voice at 24 kHz. */
const BITRATE = 32_000;
/** 10 takes twice the time of 5, without an audible difference at this rate. */
const COMPLEXITY = 5;

/** How all Opus is encoded. */
export const OPUS_SETTINGS: OpusSettings = {
  sampleRate: SAMPLE_RATE,
  bitrate: BITRATE,
  complexity: COMPLEXITY,
  frame: OPUS_FRAME,
};

/** Encodes Ogg Opus: 20 ms packets, variable rate around 32 kbit/s. Its length need not be known before its end. */
export async function createOpusSink({ tags }: Pick<EncoderOptions, 'tags'>): Promise<Sink> {
  const opus = await OpusEncoder.open(OPUS_SETTINGS);
  const ogg = new OggOpusWriter(opus.lookahead, tags);
  let samplesTaken = 0;
  const framer = new Framer(OPUS_FRAME);
  const push = (samples: Int16Array) => framer.push(samples, (frame) => ogg.add(opus.encode(frame)));
  return {
    push(samples) {
      samplesTaken += samples.length;
      withRounded(samples, push);
      return ogg.take();
    },
    finish() {
      // Silence flushes the encoder's lookahead and fills the last packet.
      push(new Int16Array(ogg.end(samplesTaken) * OPUS_FRAME - samplesTaken));
      return ogg.take();
    },
    close: () => opus.close(),
  };
}
