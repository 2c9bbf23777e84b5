import type { Cue } from '../../../synthesis/alignment.ts';

/** Caption formats; a name is the last part of the path. */
export const CAPTION_FORMATS = {
  /** W3C WebVTT. */
  vtt: { contentType: 'text/vtt; charset=utf-8', write: webVtt },
  /** SubRip. It has no registered type; this is the usual one. */
  srt: { contentType: 'application/x-subrip; charset=utf-8', write: subRip },
} as const;

/** A name in {@link CAPTION_FORMATS}. */
export type CaptionFormat = keyof typeof CAPTION_FORMATS;

/** A caption: a cue in whole milliseconds whose end is after its start, as both formats require. */
interface Caption {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Converts cues to captions. A mark, which has no length, lasts until the next one or the end of the speech.
 * @param totalMs length of the speech.
 */
function captionsOf(cues: readonly Cue[], totalMs: number): Caption[] {
  return cues.map(({ start_ms, end_ms, text }, index) => {
    const start = Math.round(start_ms);
    const until = end_ms > start_ms ? end_ms : (cues[index + 1]?.start_ms ?? totalMs);
    return { start, end: Math.max(start + 1, Math.round(until)), text: text.replace(/\s+/g, ' ').trim() };
  });
}

/**
 * Writes WebVTT (W3C WebVTT, section 4.1): `&`, `<` and `>` are escaped, and with `>` the arrow `-->` that a cue's text must not hold.
 * @param cues in order of their starts.
 * @param totalMs length of the speech.
 */
export function webVtt(cues: readonly Cue[], totalMs: number): string {
  const blocks = captionsOf(cues, totalMs).map(({ start, end, text }, index) => {
    return `${index + 1}\n${clock(start, '.')} --> ${clock(end, '.')}\n${escapeMarkup(text)}\n`;
  });
  return ['WEBVTT\n', ...blocks].join('\n');
}

/**
 * Writes SubRip. It has no escapes: characters of tags and time lines are replaced by similar ones, ‹b› and →.
 * @param cues in order of their starts.
 * @param totalMs length of the speech.
 */
export function subRip(cues: readonly Cue[], totalMs: number): string {
  const blocks = captionsOf(cues, totalMs).map(({ start, end, text }, index) => {
    const safe = text.replaceAll('-->', '→').replace(/<(\/?[a-z][^<>]*)>/gi, '‹$1›');
    return `${index + 1}\n${clock(start, ',')} --> ${clock(end, ',')}\n${safe}\n`;
  });
  return blocks.join('\n');
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** `01:02:03.004` */
function clock(ms: number, point: '.' | ','): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const [hours, minutes, seconds] = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60];
  return `${two(hours)}:${two(minutes)}:${two(seconds)}${point}${String(ms % 1000).padStart(3, '0')}`;
}
