import { pieces as spansOf } from '../../audio/pieces.ts';
import { toFloat32Array, toInt16Array } from '../../audio/samples.ts';
import type { AudioTags } from '../../audio/tags/types.ts';
import type { WatermarkEmbedder } from '../../audio/watermark/embed.ts';
import { freeArrays } from '../../base/free.ts';
import type { Speech } from '../../engine/engine.ts';
import { provenanceTags, watermarkOf, whileVoicesExist } from '../delivery/index.ts';
import type { AddressedSpeech } from './address.ts';
import type { SpeechDependencies } from './dependencies.ts';

/** Whether the master is made piece by piece, so that it can be streamed. A given loudness needs the whole first. */
export function streams({ body }: AddressedSpeech): boolean {
  return typeof body.loudness !== 'number';
}

/** Provenance tags of speech with cloned voices. They have the time, so one recording needs them once. */
export function tagsOf({ model, privacy }: AddressedSpeech): AudioTags | undefined {
  return privacy && provenanceTags(privacy, `${model.id}@${model.version}`);
}

/**
 * The samples of the master as they are made: rounded to 16 bits and, with cloned voices, watermarked. The watermark of speech that does not
 * {@link streams} is embedded later, after its level was changed. Ends with {@link SoriError} `voice_not_found` when a cloned voice is deleted
 * meanwhile.
 * @param pieces collects the samples.
 */
export async function masterChunks(
  deps: SpeechDependencies,
  speech: AddressedSpeech,
  { chunks }: Speech,
  pieces?: Int16Array[],
): Promise<AsyncGenerator<Float32Array>> {
  const { privacy } = speech;
  if (!privacy) return collecting(chunks, pieces);
  const checked = whileVoicesExist(deps, privacy, chunks);
  return streams(speech) ? marking(checked, await watermarkOf(privacy), pieces) : collecting(checked, pieces);
}

/**
 * Rounds the samples to 16 bits and collects them, because every format is encoded from the 16-bit master. A piece must be read before the next one
 * is asked for. The chunks are freed.
 */
export async function* collecting(
  chunks: AsyncIterable<Float32Array>,
  pieces?: Int16Array[],
): AsyncGenerator<Float32Array> {
  for await (const chunk of chunks) {
    const rounded = toInt16Array(chunk);
    pieces?.push(rounded);
    // The same memory holds the rounded samples.
    yield toFloat32Array(rounded, chunk);
    freeArrays(chunk);
    if (!pieces) freeArrays(rounded);
  }
}

/** As {@link collecting}, with a watermark in the samples, which is embedded in turns of the event loop. */
async function* marking(
  chunks: AsyncIterable<Float32Array>,
  embedder: WatermarkEmbedder,
  pieces?: Int16Array[],
): AsyncGenerator<Float32Array> {
  for await (const chunk of chunks) {
    const rounded = toInt16Array(chunk);
    freeArrays(chunk);
    for await (const { from, to } of spansOf(rounded.length)) {
      yield* collected(embedder.push(rounded.subarray(from, to)), pieces);
    }
    freeArrays(rounded);
  }
  yield* collected(embedder.finish(), pieces);
}

function* collected(marked: Int16Array, pieces?: Int16Array[]): Generator<Float32Array> {
  if (marked.length === 0) return;
  pieces?.push(marked);
  const floats = toFloat32Array(marked);
  yield floats;
  freeArrays(floats);
  if (!pieces) freeArrays(marked);
}

/** Calls `end` once when `chunks` has ended, with whether it failed. */
export async function* ending(
  chunks: AsyncIterable<Float32Array>,
  end: (failed: boolean) => void,
): AsyncGenerator<Float32Array> {
  let failed = false;
  try {
    yield* chunks;
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    end(failed);
  }
}
