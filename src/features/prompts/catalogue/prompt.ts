import type { AudioFormatId } from '../../../audio/format.ts';
import type { PromptDefinition } from './definition.ts';

/** Stored audio of a prompt. */
export interface PromptAudio {
  /** Cache key. */
  readonly key: string;
  /** Model and version that spoke it: `sori-2@2.0.0`. */
  readonly spoken: string;
  /** Voices in it, comma-separated, or `style`. */
  readonly voice: string;
  /** Samples at 24 kHz. */
  readonly samples: number;
  /** LUFS; null when it is too quiet to measure. */
  readonly loudness: number | null;
}

/** Audio of one rendering of a template. */
export interface PartAudio extends PromptAudio {
  /** Name of the rendering; not empty. */
  readonly part: string;
}

/** A prompt in one of its locales. */
export interface CatalogueVariant {
  /** BCP 47 tag or `default`. */
  readonly locale: string;
  /** Id of the model. */
  readonly model: string;
  /** Edition of its audio; null if nothing is baked. */
  readonly edition: string | null;
  /** Audio of the whole prompt; null for a template. */
  readonly audio: PromptAudio | null;
  /** Renderings of a template that are baked ahead. */
  readonly parts: number;
}

/** A version of a prompt as in lists. */
export interface CatalogueEntry {
  readonly name: string;
  readonly version: number;
  /** The current version of the name. */
  readonly current: number;
  /** Number of changes of the name, including deletions. */
  readonly revision: number;
  /** Hex SHA-256 of the definition. */
  readonly digest: string;
  /** Strong, with its quotes. */
  readonly etag: string;
  /** Absent in lists without `include=definition`. */
  readonly definition?: PromptDefinition;
  readonly formats: readonly AudioFormatId[];
  readonly variants: readonly CatalogueVariant[];
  /** When this version was made. */
  readonly created: Date;
  /** When the current version was set, or the name was deleted. */
  readonly updated: Date;
  readonly deleted: Date | null;
}

/** A stored version of a prompt. */
export interface CataloguePrompt extends CatalogueEntry {
  readonly definition: PromptDefinition;
}

/** A baked prompt that is not in the catalogue yet. */
export interface PromptDraft {
  readonly name: string;
  readonly digest: string;
  /** In its canonical form. */
  readonly definition: PromptDefinition;
  readonly formats: readonly AudioFormatId[];
  readonly variants: readonly DraftVariant[];
}

/** A variant of a {@link PromptDraft}. */
export interface DraftVariant {
  readonly locale: string;
  readonly model: string;
  /** Ids of its voices; `style` for a style. */
  readonly voices: readonly string[];
  readonly edition: string | null;
  readonly audio: PromptAudio | null;
  readonly parts: readonly PartAudio[];
}

/** The current edition (`modelEdition`) of each model. */
export type Editions = Readonly<Record<string, string>>;

/** The ETag of a prompt's version. */
export function promptEtag(version: number, digest: string): string {
  return `"${version}-${digest.slice(0, 8)}"`;
}

/** Whether any audio of a prompt was made with another model or synthesis than the current one. */
export function isStale({ variants }: Pick<CatalogueEntry, 'variants'>, editions: Editions): boolean {
  return variants.some(({ edition, model }) => edition !== null && edition !== editions[model]);
}
