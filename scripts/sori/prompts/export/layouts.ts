import { type AudioFormatId, FORMAT_INFO } from '../../../../src/audio/format.ts';
import { isLanguageTag } from '../../../../src/base/language-tag.ts';
import { UsageError } from '../../failures.ts';
import type { Recording } from '../recordings.ts';

/** How exported files are named. */
export const LAYOUTS = ['plain', 'asterisk', 'freeswitch'] as const;

/** One of {@link LAYOUTS}. */
export type Layout = (typeof LAYOUTS)[number];

/** Folders and format of a layout. */
export interface FilePlan {
  /** Format to request; telephone exchanges use `wav` at 8 kHz. */
  readonly format: AudioFormatId;
  /** The file of a recording, with `/` between folders. */
  pathOf(recording: Recording): string;
}

/**
 * Extensions of Asterisk's format modules. format_wav reads PCM in WAV at 8 kHz only, and `.pcm` means mu-law.
 */
const ASTERISK: Partial<Record<AudioFormatId, readonly [AudioFormatId, string]>> = {
  wav: ['wav-8k', 'wav'],
  'wav-8k': ['wav-8k', 'wav'],
  mulaw: ['mulaw', 'ulaw'],
  alaw: ['alaw', 'alaw'],
};

/** Extensions of FreeSWITCH's mod_sndfile, which reads `.ul` and `.al` as raw G.711 and any WAV that libsndfile supports. */
const FREESWITCH: Partial<Record<AudioFormatId, readonly [AudioFormatId, string]>> = {
  wav: ['wav-8k', 'wav'],
  'wav-8k': ['wav-8k', 'wav'],
  'mulaw-wav': ['mulaw-wav', 'wav'],
  'alaw-wav': ['alaw-wav', 'wav'],
  mulaw: ['mulaw', 'ul'],
  alaw: ['alaw', 'al'],
};

/**
 * Plans the names of exported files.
 *
 * - `plain`: `<name>.<extension>`, of a locale `<locale>/<name>.<extension>`.
 * - `asterisk`: `sounds/<language>/<name>.<extension>` with the language as `en_AU`, of which Asterisk looks for `en` too
 *   ("Sound Prompt Searching based on Channel Language" in its documentation).
 * - `freeswitch`: `<language>/<dialect>/<voice>/<folders>/8000/<name>.<extension>`: mod_sndfile puts the rate before the last part of
 *   a path, so that `menu/welcome.wav` is played from `menu/8000/welcome.wav`.
 * @throws {UsageError} for a format that an exchange can't play.
 */
export function planFiles(layout: Layout, format: AudioFormatId): FilePlan {
  if (layout === 'plain') {
    const { extension } = FORMAT_INFO[format];
    return {
      format,
      pathOf: ({ name, locale }) =>
        `${locale === undefined ? '' : `${safeTag(locale)}/`}${safe(name)}.${extension}`,
    };
  }
  const playable = layout === 'asterisk' ? ASTERISK : FREESWITCH;
  const known = playable[format];
  if (!known) {
    const names = Object.keys(playable).join(', ');
    throw new UsageError(`The layout ${layout} has no ${format}: that exchange plays ${names}.`);
  }
  const [served, extension] = known;
  return {
    format: served,
    pathOf:
      layout === 'asterisk'
        ? ({ name, language }) =>
            `sounds/${safeTag(language).replaceAll('-', '_')}/${safe(name)}.${extension}`
        : (recording) => `${freeswitchPath(recording)}.${extension}`,
  };
}

/** Two prompts with the same file name, also on case-insensitive disks. */
export function refuseSamePaths(paths: readonly string[]): void {
  const seen = new Set<string>();
  for (const path of paths) {
    const folded = path.toLowerCase();
    if (seen.has(folded)) {
      throw new UsageError(`Two prompts would be ${path}; export them apart with --prefix or --locale.`);
    }
    seen.add(folded);
  }
}

function freeswitchPath({ name, language, voice }: Recording): string {
  const [lang, ...rest] = safeTag(language).toLowerCase().split('-');
  // A dialect of two letters or three digits is a region. Without one the language is repeated, as in FreeSWITCH's own sounds.
  const dialect = rest.find((part) => /^(?:[a-z]{2}|\d{3})$/.test(part)) ?? lang;
  const parts = safe(name).split('/');
  const last = parts.pop();
  return [lang, dialect, voiceFolder(voice), ...parts, '8000', last].join('/');
}

/** Mixes such as `hazel(2)+clara(1)` contain special characters of shells and dialplans. */
function voiceFolder(voice: string): string {
  return voice.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|-+$/g, '') || 'voice';
}

/** Names come from the server, and no file may be written outside its folder. */
function safe(name: string): string {
  const parts = name.split('/');
  if (!/^[a-z0-9._/-]+$/.test(name) || parts.some((part) => /^\.*$/.test(part))) {
    throw new UsageError(`The prompt ${JSON.stringify(name)} can't be a file: its name leaves the folder.`);
  }
  return name;
}

/** The same holds for a locale or a language, which becomes a folder. */
function safeTag(tag: string): string {
  if (!isLanguageTag(tag))
    throw new UsageError(`${JSON.stringify(tag)} can't be a folder: it is not a language tag.`);
  return tag;
}
