import { ModelFault, type ModelManifest, type ModelVoice } from '../../manifest.ts';

/** Numbers in a style: 128 for the timbre, 128 for durations, pitch and energy. */
export const STYLE_SIZE = 256;

/** Styles of one voice by the number of tokens to speak: `rows * STYLE_SIZE` numbers. */
export type VoicePack = Float32Array;

/** Kokoro names a voice by its language, its sex and a name: `af_heart`. */
const LANGUAGES: Readonly<Record<string, readonly [tag: string, name: string]>> = {
  a: ['en-US', 'American English'],
  b: ['en-GB', 'British English'],
  e: ['es', 'Spanish'],
  f: ['fr', 'French'],
  h: ['hi', 'Hindi'],
  i: ['it', 'Italian'],
  j: ['ja', 'Japanese'],
  p: ['pt-BR', 'Brazilian Portuguese'],
  z: ['zh', 'Mandarin'],
};

/** Describes a voice by its id; `undefined` for an id of another form. */
export function voiceOf(id: string): ModelVoice | undefined {
  const [, language, sex, name] = /^([abefhijpz])([fm])_([a-z0-9]+)$/.exec(id) ?? [];
  if (name === undefined) return undefined;
  const [tag, spoken] = LANGUAGES[language];
  return {
    id,
    name: name[0].toUpperCase() + name.slice(1),
    sex: sex === 'f' ? 'female' : 'male',
    language: tag,
    description: `A ${sex === 'f' ? 'woman' : 'man'}; ${spoken}.`,
  };
}

/**
 * Reads a voice pack: float32, little-endian, `[rows, 1, 256]`.
 * @throws {ModelFault} when its length is no multiple of a style's, or a number is none.
 */
export function readVoicePack(bytes: Uint8Array, name: string): VoicePack {
  const size = 4 * STYLE_SIZE;
  if (bytes.length === 0 || bytes.length % size !== 0) {
    throw new ModelFault(
      `${name} has ${bytes.length} bytes, which is not a multiple of ${size} bytes, the size of a style`,
    );
  }
  const pack = new Float32Array(bytes.slice().buffer);
  if (!pack.every(Number.isFinite)) throw new ModelFault(`${name} has values that are not finite`);
  return pack;
}

/** The mix of voices' styles for an utterance of this many tokens, without the ends. */
export function mixStyle(
  packs: ReadonlyMap<string, VoicePack>,
  weights: Readonly<Record<string, number>>,
  tokens: number,
): Float32Array {
  const style = new Float32Array(STYLE_SIZE);
  for (const [id, weight] of Object.entries(weights)) {
    const pack = packs.get(id);
    if (pack === undefined) throw new RangeError(`There is no voice "${id}".`);
    const rows = pack.length / STYLE_SIZE;
    const from = (Math.min(Math.max(tokens, 1), rows) - 1) * STYLE_SIZE;
    for (let i = 0; i < STYLE_SIZE; i++) style[i] += weight * pack[from + i];
  }
  return style;
}

/** Files of a manifest's voices, by voice id. */
export function packPaths({ voices, files }: ModelManifest, folder: string): Map<string, string> {
  return new Map(
    voices.map(({ id }) => {
      const path = `${folder}/${id}.bin`;
      if (!files.some((file) => file.path === path)) throw new ModelFault(`voice ${id} has no file ${path}`);
      return [id, path];
    }),
  );
}
