import { SoriError } from '../../../base/errors.ts';
import { isSsml } from '../../../text/markup.ts';
import { invalidTemplate, type Piece, placeIn } from './elements.ts';
import { checkSsmlForm } from './form.ts';
import { parseMessage, type TemplateMessage } from './message.ts';
import { neutralValue, partedLiteral } from './neutral.ts';
import { collectSlots, type TemplateSlot } from './slots.ts';
import { checkSsmlSlots, SsmlScanner } from './ssml.ts';
import { checkValues, type SlotValues } from './values.ts';

export type { TemplateSlot } from './slots.ts';
export type { SlotValue, SlotValues } from './values.ts';

/** Longest template, and longest text that may come of one, in characters: what one speech request may hold. */
export const MAX_TEMPLATE_CHARACTERS = 4096;

/** A prompt with slots, understood. */
export interface Template {
  readonly text: string;
  /** BCP 47 tag by whose rules numbers, dates and plurals are written. */
  readonly locale: string;
  /** Its renderings are SSML. */
  readonly ssml: boolean;
  /** By name, in the order in which they come first. */
  readonly slots: readonly TemplateSlot[];
  readonly message: TemplateMessage;
}

/** A stretch of a rendering that came from the template, or from a value. */
export interface RenderedPart {
  readonly text: string;
  /** The slot of the value; absent for the template's own text. */
  readonly slot?: string;
}

/** A template with values in its slots. */
export interface RenderedTemplate {
  /** The text to speak: the `input` of a speech request. */
  readonly text: string;
  /** The same in pieces. */
  readonly parts: readonly RenderedPart[];
}

/**
 * Reads a template in ICU MessageFormat: `{name}`, `{count, number}`, `{on, date, long}`, `{at, time, short}`, `{n, plural, …}`,
 * `{n, selectordinal, …}`, `{kind, select, …}`; apostrophes quote braces. Tags are text. It is SSML if it starts with `<speak`; then slots
 * are allowed in its text and inside the quotes of its attributes.
 *
 * @param locale BCP 47 tag.
 * @throws {SoriError} `invalid_template` with line and column, param `template`; `invalid_value` for a locale that is no language tag.
 * @example
 * const template = parseTemplate('Your table for {count, number} is ready, {name}.', 'en-US');
 * renderTemplate(template, { count: 4, name: 'Ada' }).text; // 'Your table for 4 is ready, Ada.'
 */
export function parseTemplate(text: string, locale: string): Template {
  if (text.length > MAX_TEMPLATE_CHARACTERS) {
    throw new SoriError(
      'invalid_template',
      `A template has at most ${MAX_TEMPLATE_CHARACTERS} characters, not ${text.length}.`,
      { param: 'template' },
    );
  }
  const quoted = isSsml(text) ? text.search(/=\s*'\{/) : -1;
  if (quoted >= 0) {
    const what = 'An apostrophe before a brace quotes it. Put attributes with slots in double quotes.';
    throw invalidTemplate(placeIn(text, quoted), what);
  }
  const message = parseMessage(text, locale);
  const slots = collectSlots(message.elements);
  const ssml = isSsml(message.opening);
  if (ssml) {
    checkSsmlSlots(message.elements);
    checkSsmlForm(message.elements);
  } else refuseLateSsml(message);
  return { text, locale, ssml, slots, message };
}

/**
 * Renders a template with values. Values are plain text: anything in them that would be read as SSML, a tag, a link or a pronunciation,
 * also together with its neighbours, is separated or replaced by text with the same reading.
 *
 * @throws {SoriError} `invalid_slot_value`, param `values.<name>`, for a value that is missing, unknown, of the wrong kind or too long;
 *   param `values` when the rendering is longer than {@link MAX_TEMPLATE_CHARACTERS} characters.
 */
export function renderTemplate(template: Template, values: SlotValues): RenderedTemplate {
  const checked = checkValues(template.slots, values);
  const pieces = template.message.write(checked);
  const parts = template.ssml ? ssmlParts(pieces) : plainParts(pieces);
  const text = parts.map((part) => part.text).join('');
  if (text.length > MAX_TEMPLATE_CHARACTERS) {
    throw new SoriError(
      'invalid_slot_value',
      `With these values the prompt has ${text.length} characters. It may have ${MAX_TEMPLATE_CHARACTERS}.`,
      { param: 'values' },
    );
  }
  return { text, parts };
}

function plainParts(pieces: readonly Piece[]): RenderedPart[] {
  const parts = pieces.map(({ text, slot }, i) =>
    slot === undefined
      ? { text: partedLiteral(text, { last: i === pieces.length - 1 }) }
      : { text: spoken(pieces, i), slot },
  );
  return parts.map((part, i) => {
    // A neighbour could complete `&` to an HTML entity such as `&lt;`.
    const open = /&[#\w]*$/.exec(part.text);
    const after =
      open &&
      /^[#\w]*;/.test(
        parts
          .slice(i + 1)
          .map(({ text }) => text)
          .join(''),
      );
    if (!after) return part;
    return { ...part, text: `${part.text.slice(0, open.index + 1)} ${part.text.slice(open.index + 1)}` };
  });
}

function ssmlParts(pieces: readonly Piece[]): RenderedPart[] {
  const scanner = new SsmlScanner();
  return pieces.map(({ text, slot }, i) =>
    slot === undefined ? { text: scanner.literal(text) } : { text: scanner.value(spoken(pieces, i)), slot },
  );
}

/** A value without markup, and without spaces next to the spaces around it. */
function spoken(pieces: readonly Piece[], at: number): string {
  let text = neutralValue(pieces[at].text);
  if (/\s$/.test(pieces[at - 1]?.text ?? '')) text = text.replace(/^ /, '');
  if (/^\s/.test(pieces[at + 1]?.text ?? '')) text = text.replace(/ $/, '');
  return text;
}

/** `<speak` behind a slot would be SSML for some values and text for others. */
function refuseLateSsml(message: TemplateMessage): void {
  for (const { text, place } of message.literals()) {
    if (!/<speak(?=[\s/>]|$)/.test(text)) continue;
    const what = 'SSML has to begin with <speak, before the first slot; plain text has no <speak in it.';
    throw invalidTemplate(place, what);
  }
}
