import { SoriError } from '../base/errors.ts';
import type { Script } from './script.ts';
import type { UnreadablePart } from './scripts.ts';
import { describePosition, positionOf } from './warnings.ts';

/** Handling of text that no front end reads: an error, or it is left out and listed in the warnings. */
export const UNREADABLE_CHOICES = ['error', 'skip'] as const;
/** One of {@link UNREADABLE_CHOICES}. */
export type UnreadableChoice = (typeof UNREADABLE_CHOICES)[number];

/** Maximum length of quoted text in a message. */
const MAX_QUOTED = 40;

/**
 * Refuses text that can't be read.
 * @param reads the languages that are read, for the message.
 * @throws {SoriError} `unreadable_text`, naming the first part, its script and its place.
 */
export function refuseUnreadable(
  input: string,
  script: Script,
  [part]: readonly UnreadablePart[],
  reads: string,
): void {
  if (part === undefined) return;
  const text = script.text.slice(part.start, part.end);
  const quoted = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
  const named = part.script === 'other' ? `"${quoted}"` : `The ${part.script} text "${quoted}"`;
  const place = describePosition(positionOf(input, script.original(part).start));
  throw new SoriError(
    'unreadable_text',
    `${named} at ${place} can't be read: the model reads ${reads}. Give its pronunciation in pronunciations, or leave it out with unreadable: "skip".`,
    { param: 'input' },
  );
}
