import type { AudioFormatId } from '../../../audio/format.ts';
import { JOIN_REVISION, joinMasters } from '../../../audio/join/join.ts';
import { level } from '../../../audio/level.ts';
import { integratedLoudness } from '../../../audio/loudness.ts';
import { SAMPLE_RATE } from '../../../audio/samples.ts';
import { SoriError } from '../../../base/errors.ts';
import { speechKey } from '../../../library/cache-key.ts';
import type { Master } from '../../../library/library.ts';
import type { AudioMeta } from '../../../library/store.ts';
import { admitSpeech, marked, type Privacy, provenanceTags } from '../../delivery/index.ts';
import {
  type AddressedSpeech,
  addressSpeech,
  type BakedSpeech,
  bytesFor,
  checkSpeech,
  makeOrJoin,
  requireLibrary,
  type SpeechBody,
} from '../../speech/index.ts';
import type { PromptDependencies } from '../dependencies.ts';
import { cutSegments, pauseBehind, type Segment } from '../templates/segments.ts';
import {
  type RenderedTemplate,
  renderTemplate,
  type SlotValues,
  type Template,
} from '../templates/template.ts';

/** A template and its speech request. */
export interface TemplateSpeech {
  readonly template: Template;
  /** `whole`: each rendering in one piece. `joined`: of parts that renderings share, where prosody allows. */
  readonly render: 'whole' | 'joined';
  /** A speech request with the text of the rendering. */
  readonly body: SpeechBody;
}

/** How to bake. */
export interface RenderOptions {
  readonly signal: AbortSignal;
  /** Bakes speech on a quota: `bakeFor` of a request. */
  readonly bake: (
    speech: AddressedSpeech,
    formats: readonly AudioFormatId[],
    signal: AbortSignal,
  ) => Promise<BakedSpeech>;
  /** Called with work that other requests may wait for. */
  readonly keepAlive: (work: Promise<unknown>) => void;
}

/** A planned rendering, which is not synthesized yet. */
export interface AddressedRendering {
  readonly key: string;
  /** The text to speak. */
  readonly text: string;
  /** Of a joined rendering; else its speech is all there is. */
  readonly parts: readonly AddressedPart[];
}

/** Speech of a segment and the pause that follows it. */
export interface AddressedPart {
  readonly speech: AddressedSpeech;
  readonly pauseMs: number;
}

/**
 * Writes a template out and computes the cache key of its audio.
 * @throws {SoriError} `invalid_slot_value`, `invalid_ssml`, and as `addressSpeech` does.
 */
export async function addressRendering(
  deps: PromptDependencies,
  source: TemplateSpeech,
  values: SlotValues,
  signal: AbortSignal,
): Promise<AddressedRendering> {
  const rendered = renderTemplate(source.template, values);
  const segments = segmentsOf(source, rendered);
  const parts: AddressedPart[] = [];
  for (const segment of segments) parts.push(await addressSegment(deps, source.body, segment, signal));
  const [first] = parts;
  if (parts.length === 1) return { key: first.speech.key, text: rendered.text, parts };
  const key = await joinedKey(
    parts,
    parts.map(({ speech }) => speech.key),
  );
  return { key, text: rendered.text, parts };
}

/** @param keys of the parts' audio: an origin gives its own. */
async function joinedKey(parts: readonly AddressedPart[], keys: readonly string[]): Promise<string> {
  return await speechKey({
    joined: parts.map(({ pauseMs }, i) => ({ key: keys[i], pauseMs })),
    revision: JOIN_REVISION,
  });
}

/** The separately synthesized parts of a rendering; one if it is spoken whole. */
export function segmentsOf(
  { template, render }: TemplateSpeech,
  rendered: RenderedTemplate,
): readonly Segment[] {
  const whole: Segment = {
    text: rendered.text,
    mark: '',
    slots: rendered.parts.flatMap(({ slot }) => slot ?? []),
  };
  return (render === 'joined' && cutSegments(template, rendered)) || [whole];
}

/** @throws {SoriError} as `addressSpeech`. */
export async function addressSegment(
  deps: PromptDependencies,
  body: SpeechBody,
  segment: Segment,
  signal: AbortSignal,
): Promise<AddressedPart> {
  const spoken = { ...body, input: segment.text };
  if (segment.text.trim() === '') {
    throw new SoriError('nothing_to_speak', 'With these values the text contains nothing to speak.', {
      param: 'values',
    });
  }
  checkSpeech(spoken);
  return { speech: await addressSpeech(deps, spoken, signal), pauseMs: pauseBehind(segment, body) };
}

/**
 * Makes sure that a rendering and its formats are stored. Its parts are baked first; shared parts are baked once.
 * @throws {SoriError} as `bakeSpeech` does.
 */
export async function bakeRendering(
  deps: PromptDependencies,
  { key, text, parts }: AddressedRendering,
  formats: readonly AudioFormatId[],
  options: RenderOptions,
): Promise<BakedSpeech> {
  const { signal, bake, keepAlive } = options;
  if (parts.length === 1) return await bake(parts[0].speech, formats, signal);
  const library = requireLibrary(deps);
  const stored = await library.head(key, 'wav');
  if (stored) {
    for (const format of formats) await library.head(key, format);
    return { key, meta: stored.meta, cache: 'hit' };
  }
  // The keys of the parts decide the key, because an origin's audio has another key.
  const keys: string[] = [];
  for (const { speech } of parts) keys.push((await bake(speech, [], signal)).key);
  const joined = await joinedKey(parts, keys);
  const known = await library.head(joined, 'wav');
  const start = () =>
    library.flights.start(
      joined,
      parts.reduce((sum, { speech }) => sum + bytesFor(speech.body), 0),
      async () => {
        const masters: Master[] = [];
        for (const part of keys) masters.push(await masterOf(deps, part));
        const whole = await joinParts(masters, parts, text);
        return {
          pieces: NO_PIECES,
          finish: async () => {
            await admitSpeech(deps, library, joined, whole, formats, { privacy: privacyOf(parts) });
            return whole.meta;
          },
        };
      },
      keepAlive,
    );
  const made = known
    ? { meta: known.meta, cache: 'hit' as const }
    : await makeOrJoin(library, joined, signal, start);
  // The request that made it may have used other formats.
  if (made.cache !== 'miss') for (const format of formats) await library.head(joined, format);
  return { key: joined, ...made };
}

/** The privacy of a join with cloned voices: those of all parts. */
function privacyOf(parts: readonly AddressedPart[]): Privacy | undefined {
  const own = parts.flatMap(({ speech }) => speech.privacy ?? []);
  if (own.length === 0) return undefined;
  return { owner: own[0].owner, clones: [...new Set(own.flatMap(({ clones }) => clones))].sort() };
}

/** A join has no stream. */
const NO_PIECES: AsyncIterable<Uint8Array> = {
  async *[Symbol.asyncIterator]() {},
};

async function masterOf(deps: PromptDependencies, key: string): Promise<Master> {
  const master = await requireLibrary(deps).master(key);
  if (master) return master;
  throw new SoriError('storage_unavailable', 'Audio that was just stored is not there; try again.');
}

/** Warnings of a join: those of the first part that has any. Positions are left out, because they refer to the part. */
function ignoredOf(metas: readonly AudioMeta[]): string | undefined {
  return metas.find(({ ignored }) => ignored !== undefined)?.ignored?.replace(/;line=\d+;column=\d+/g, '');
}

async function joinParts(
  masters: readonly Master[],
  parts: readonly AddressedPart[],
  text: string,
): Promise<Master> {
  const { loudness: wanted } = parts[0].speech.body;
  const made = joinMasters(
    masters.map((master, i) => ({ samples: master.samples, pauseMs: parts[i].pauseMs })),
  );
  const levelled = typeof wanted === 'number' ? await level(made, SAMPLE_RATE, wanted) : made;
  const metas = masters.map(({ meta }) => meta);
  const privacy = privacyOf(parts);
  const samples = privacy ? await marked(levelled, privacy) : levelled;
  const loudness = integratedLoudness(samples, SAMPLE_RATE);
  const meta: AudioMeta = {
    ...metas[0],
    voice: [...new Set(metas.flatMap(({ voice }) => voice.split(',')))].sort().join(','),
    samples: samples.length,
    long: metas.some(({ long }) => long),
    ignored: ignoredOf(metas),
    characters: Array.from(text).length,
    loudness: Number.isFinite(loudness) ? Math.round(loudness * 100) / 100 : null,
    ...(privacy && { owner: privacy.owner, tags: provenanceTags(privacy, metas[0].model) }),
  };
  return { samples, meta };
}
