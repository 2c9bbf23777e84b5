import { describe, expect, it } from 'vitest';
import { decodeRecording } from '../../../src/audio/decoders/recording.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import type { AudioFormatId } from '../../../src/audio/format.ts';
import { ffmpeg, ffmpegDecode, ffmpegDecodeAll, ffprobe, snr } from './audio-ffmpeg.ts';
import { encodeAll, speechLike } from './audio-signal.ts';

/** Odd, and no multiple of any codec's frame. */
const signal = speechLike(50_003);
const pcm = ffmpegDecode(await encodeAll(signal, 'pcm'), ['-f', 's16le', '-ar', '24000', '-ac', '1']);
const lengths = [0, 1, 2, 5, 479, 480, 481, 575, 576, 577, 1_000, 4_095, 4_096, 4_097, 24_000];

/** The beginnings of the signal of some lengths, a file each. */
const encodeBeginnings = (lengths: readonly number[], format: AudioFormatId) =>
  Promise.all(lengths.map((length) => encodeAll(signal.subarray(0, length), format)));

describe('lossless formats', () => {
  it('pcm: each sample is within half a step of the input', () => {
    expect(pcm.length).toBe(signal.length);
    for (let i = 0; i < pcm.length; i++)
      expect(Math.abs(pcm[i] - signal[i] * 32_767)).toBeLessThanOrEqual(0.5);
  });

  it.each(['wav', 'flac'] as const)('%s: contains the same samples as pcm', async (format) => {
    expect(ffmpegDecode(await encodeAll(signal, format))).toEqual(pcm);
  });

  it.each(['wav', 'flac'] as const)('%s: short and round lengths', async (format) => {
    const decoded = ffmpegDecodeAll(await encodeBeginnings(lengths.slice(1), format));
    expect(decoded).toEqual(lengths.slice(1).map((length) => pcm.subarray(0, length)));
  });

  it('flac: signals that are hard to predict', async () => {
    let state = 1;
    const random = () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state / 2 ** 30 - 1;
    };
    const signals = {
      silence: () => 0,
      constant: () => 0.5,
      noise: random,
      'full-scale square': (i: number) => (i % 46 < 23 ? 1 : -1),
      'alternating extremes': (i: number) => (i % 2 ? 1 : -1),
      impulse: (i: number) => (i === 5_000 ? 1 : 0),
      'pure tone': (i: number) => Math.sin(i / 5),
      ramp: (i: number) => i / 10_000,
      'mostly silence': (i: number) => (i % 1_000 === 0 ? random() : 0),
      'quiet noise': () => random() / 30_000,
    };
    const samples = Object.values(signals).map((at) =>
      Float32Array.from({ length: 10_000 }, (_, i) => at(i)),
    );
    const wavs = await Promise.all(samples.map((each) => encodeAll(each, 'wav')));
    const flacs = await Promise.all(samples.map((each) => encodeAll(each, 'flac')));
    const [fromWav, fromFlac] = [ffmpegDecodeAll(wavs), ffmpegDecodeAll(flacs)];
    for (const [i, name] of Object.keys(signals).entries()) {
      expect(fromFlac[i], name).toEqual(fromWav[i]);
      expect(flacs[i].length, name).toBeLessThan(wavs[i].length + 100);
    }
  });

  it('flac: frame numbers of more than one byte', async () => {
    const long = new Float32Array(4_096 * 130 + 7);
    long.set(signal, long.length - signal.length);
    const flac = await encodeAll(long, 'flac', []);
    const decoded = ffmpegDecode(flac);
    expect(decoded.length).toBe(long.length);
    expect(decoded.subarray(long.length - signal.length)).toEqual(pcm);
  });

  it('flac: as small as ffmpeg makes it', async () => {
    const theirs = ffmpeg(await encodeAll(signal, 'wav'), [], ['-f', 'flac']);
    expect((await encodeAll(signal, 'flac')).length).toBeLessThan(theirs.length * 1.02);
  });
});

describe.each(['mulaw', 'alaw'] as const)('%s', (law) => {
  const resample = ['-af', 'aresample=8000:filter_size=256:cutoff=0.925'];
  const raw = ['-f', law, '-ar', '8000', '-ac', '1'];

  it('contains the same bytes raw and in WAV', async () => {
    const bare = ffmpegDecode(await encodeAll(signal, law), raw);
    expect(ffmpegDecode(await encodeAll(signal, `${law}-wav`))).toEqual(bare);
    expect(bare.length).toBe(Math.ceil(signal.length / 3));
  });

  it('sounds like the output of ffmpeg’s resampler and compander', async () => {
    const wav = await encodeAll(signal, 'wav');
    const resampled = ffmpegDecode(wav, [], resample);
    const theirs = ffmpegDecode(ffmpeg(wav, [], [...resample, '-f', law]), raw);
    const ours = ffmpegDecode(await encodeAll(signal, law), raw);
    expect(snr(resampled, theirs)).toBeGreaterThan(30);
    expect(snr(resampled, ours)).toBeGreaterThan(snr(resampled, theirs) - 1.5);
  });
});

describe('telephony in WAV', () => {
  it.each([
    ['mulaw-wav', 'pcm_mulaw'],
    ['alaw-wav', 'pcm_alaw'],
    ['wav-8k', 'pcm_s16le'],
  ] as const)('%s is %s at 8 kHz, mono', async (format, codec_name) => {
    const bytes = await encodeAll(signal, format);
    expect(ffprobe(bytes)).toMatchObject({ codec_name, sample_rate: '8000', channels: 1 });
    const decoded = ffmpegDecodeAll(await encodeBeginnings(lengths.slice(1), format));
    expect(decoded.map(({ length }) => length)).toEqual(
      lengths.slice(1).map((length) => Math.ceil(length / 3)),
    );
  });

  it('wav-8k contains the samples that G.711 then encodes', async () => {
    const wav = await encodeAll(signal, 'wav-8k');
    for (const law of ['mulaw', 'alaw'] as const) {
      const theirs = ffmpegDecode(ffmpeg(wav, [], ['-f', law]), ['-f', law, '-ar', '8000', '-ac', '1']);
      const ours = ffmpegDecode(await encodeAll(signal, `${law}-wav`));
      expect(snr(ffmpegDecode(wav), ours)).toBeGreaterThan(snr(ffmpegDecode(wav), theirs) - 0.5);
    }
  });
});

describe('mp3', () => {
  it('decodes to the exact length, without a time shift, and close to the input', async () => {
    const decoded = ffmpegDecode(await encodeAll(signal, 'mp3'), ['-f', 'mp3']);
    expect(decoded.length).toBe(signal.length);
    expect(snr(pcm, decoded)).toBeGreaterThan(15);
  });

  it('decodes to the exact length for any length', async () => {
    // Under 47 samples ffmpeg would have to cut both ends of one frame, which it doesn't do.
    const decodable = [47, ...lengths.filter((length) => length > 47)];
    const decoded = ffmpegDecodeAll(await encodeBeginnings(decodable, 'mp3'), ['-f', 'mp3']);
    expect(decoded.map(({ length }) => length)).toEqual(decodable);
  });
});

describe('opus', () => {
  it('decodes to the exact length, without a time shift, and close to the input', async () => {
    const decoded = ffmpegDecode(await encodeAll(signal, 'opus'));
    expect(decoded.length).toBe(2 * signal.length);
    expect(
      snr(
        pcm,
        decoded.filter((_, i) => i % 2 === 0),
      ),
    ).toBeGreaterThan(10);
  });

  it('decodes to the exact length for any length', async () => {
    const decoded = ffmpegDecodeAll(await encodeBeginnings(lengths.slice(1), 'opus'));
    expect(decoded.map(({ length }) => length)).toEqual(lengths.slice(1).map((length) => 2 * length));
  });
});

describe.each(['mp3', 'opus', 'flac'] as const)('%s of unknown length', (format) => {
  it('decodes without a time shift, and close to the input', async () => {
    const encoder = await createEncoder(format, { totalSamples: undefined });
    const decoded = ffmpegDecode(Buffer.concat([encoder.encode(signal), encoder.finish()]));
    const heard = format === 'opus' ? decoded.filter((_, i) => i % 2 === 0) : decoded;
    expect(snr(pcm, heard)).toBeGreaterThan(10);
    if (format !== 'mp3') expect(heard.length).toBe(signal.length);
    // The file does not state where the padding of the last frames begins.
    else expect(heard.length - signal.length).toBeLessThan(2 * 576 + 529);
  });
});

describe('m4a', () => {
  const encoded = async (samples: Float32Array, totalSamples: number | undefined) => {
    const encoder = await createEncoder('m4a', { totalSamples });
    return Buffer.concat([encoder.encode(samples), encoder.finish()]);
  };

  it('decodes without a time shift, and ends within a frame of the input', async () => {
    for (const length of [...lengths.slice(1), signal.length]) {
      const decoded = ffmpegDecode(await encodeAll(signal.subarray(0, length), 'm4a'));
      expect(decoded.length, `${length}`).toBe(Math.ceil(length / 1024) * 1024);
      if (length >= 4_096) expect(snr(pcm.subarray(0, length), decoded)).toBeGreaterThan(15);
    }
  });

  it('of unknown length: the frame of silence is before time 0', async () => {
    const bytes = await encoded(signal, undefined);
    expect(ffprobe(bytes).start_pts).toBe(-1_024);
    expect(snr(pcm, ffmpegDecode(bytes).subarray(1_024))).toBeGreaterThan(15);
  });

  it.each(['known', 'unknown'] as const)(
    'of %s length: its frames last as long as the signal',
    async (kind) => {
      for (const length of [1, 1_023, 1_024, 1_025, signal.length]) {
        const total = kind === 'known' ? length : undefined;
        const { duration_ts } = ffprobe(await encoded(signal.subarray(0, length), total));
        // The frame of silence counts, which the edit list cuts.
        expect(duration_ts, `${length}`).toBe(1_024 + length);
      }
    },
  );

  it('is cut out of the whole by the decoder of recordings, to the sample', async () => {
    const { samples, sampleRate } = await decodeRecording(await encodeAll(signal, 'm4a'), 60);
    expect(sampleRate).toBe(24_000);
    expect(samples.length).toBe(signal.length);
    expect(snr(signal, samples)).toBeGreaterThan(15);
  });

  it('is a fragmented file whose first bytes come with the first samples', async () => {
    const encoder = await createEncoder('m4a', { totalSamples: undefined });
    const first = encoder.encode(signal.subarray(0, 12_000));
    expect(Buffer.from(first).includes('moof')).toBe(true);
    expect(ffmpegDecode(first).length).toBeGreaterThan(3_000);
    encoder.close();
  });
});

describe('aac', () => {
  it('contains the signal, one frame late, at any length', async () => {
    const all = [...lengths, signal.length];
    const files = ffmpegDecodeAll(await encodeBeginnings(all, 'aac'), ['-f', 'aac']);
    for (const [i, length] of all.entries()) {
      expect(files[i].length, `${length}`).toBe((Math.ceil(length / 1024) + 1) * 1024);
      if (length >= 4_096)
        expect(snr(pcm.subarray(0, length), files[i].subarray(1024, 1024 + length))).toBeGreaterThan(15);
    }
  });

  it('begins with the first 0.22 s of speech', async () => {
    const encoder = await createEncoder('aac', { totalSamples: undefined });
    const first = encoder.encode(signal.subarray(0, 5_120));
    // Two frames are too few for ffmpeg to recognize the format.
    expect(ffmpegDecode(first, ['-f', 'aac']).length).toBe(2_048);
    encoder.close();
  });

  it('changes between long and short blocks without a seam', async () => {
    // Clicks in silence, in every position of a frame, also where two groups of frames meet.
    const clicks = Float32Array.from({ length: 60_000 }, (_, i) => (i % 1_531 < 3 ? 0.5 : 0));
    const wanted = ffmpegDecode(await encodeAll(clicks, 'wav'));
    const decoded = ffmpegDecode(await encodeAll(clicks, 'aac')).subarray(1024, 1024 + clicks.length);
    expect(snr(wanted, decoded)).toBeGreaterThan(8);
    const between = decoded.filter((_, i) => i % 1_531 > 600 && i % 1_531 < 900);
    expect(Math.max(...between.map(Math.abs))).toBeLessThan(200);
  });
});
