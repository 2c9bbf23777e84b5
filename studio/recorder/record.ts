import { concatFloats } from '../../src/base/bytes.ts';
import { wavFile } from '../wav.ts';

/** A recording under way. */
export interface Recording {
  /** Ends it, and gives a WAV file (16-bit, mono, at the microphone's rate) and its length in seconds. */
  finish(): Promise<{ readonly file: File; readonly seconds: number }>;
}

/**
 * Records from the microphone. Browsers ask the user first, and only pages in a secure context may ask.
 * @param onSeconds called with the length as it grows.
 * @throws {DOMException} when there is no microphone or it is not allowed.
 */
export async function record(onSeconds: (seconds: number) => void): Promise<Recording> {
  if (!navigator.mediaDevices)
    throw new DOMException('This page has no secure context (HTTPS).', 'NotAllowedError');
  const stream = await navigator.mediaDevices.getUserMedia({
    // The processing that browsers apply to calls changes a voice.
    audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const context = new AudioContext();
  await context.audioWorklet.addModule(new URL('./recorder.js', import.meta.url));
  const node = new AudioWorkletNode(context, 'recorder', { numberOfOutputs: 0 });
  const pieces: Float32Array[] = [];
  let length = 0;
  node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
    pieces.push(data);
    length += data.length;
    onSeconds(length / context.sampleRate);
  };
  context.createMediaStreamSource(stream).connect(node);
  return {
    async finish() {
      for (const track of stream.getTracks()) track.stop();
      const { sampleRate } = context;
      await context.close();
      const file = new File([wavFile(concatFloats(pieces), sampleRate)], 'recording.wav', {
        type: 'audio/wav',
      });
      return { file, seconds: length / sampleRate };
    },
  };
}
