import type { Element } from './element.ts';
import { ELEMENTS, W3C_NAMES } from './elements.ts';
import { type Frame, TRANSPARENT } from './frame.ts';
import { quote, type Report, Unreadable } from './place.ts';
import type { XmlElement } from './xml.ts';

/** Attributes that any element may have and that do not affect speech. */
const XML_ONLY = /^(?:xmlns|xsi)(?::|$)|^xml:(?:base|id|space)$/;

/**
 * Finds the behaviour of an element at its position: {@link TRANSPARENT} where the element has no effect, which is reported.
 *
 * @param name canonical name of the element, without a prefix.
 * @param frames the open elements, outermost first.
 * @throws {Unreadable} for a document whose outermost element is not `speak`, and in strict mode for an element without effect.
 */
export function behaviourOf(
  element: XmlElement,
  name: string,
  frames: readonly Frame[],
  strict: boolean,
  report: Report,
): Element {
  const kind = Object.hasOwn(ELEMENTS, name) ? ELEMENTS[name] : undefined;
  if (!kind) {
    const what = `The element ${quote(element.name)} is unknown. There are ${W3C_NAMES.join(', ')}, and those of vendors.`;
    if (strict) report('ignored_element', what);
    report('ignored_element', 'The element is unknown.', 'Its text is spoken.');
    return TRANSPARENT;
  }
  if (frames.length === 0) {
    if (name !== 'speak') throw new Unreadable('The outermost element has to be speak.');
  } else if (name === 'speak' && !frames.some((frame) => frame.name === 'media')) {
    report('ignored_element', 'speak can only be the outermost element.', 'Its text is spoken.');
  }
  const holder = frames.findLast((frame) => frame.kind.speak);
  if (holder && kind !== TRANSPARENT && !(kind.mark && !strict)) {
    report('ignored_element', `${holder.element.name} can hold text only.`, 'The element has no effect.');
    return TRANSPARENT;
  }
  const missing = kind.required?.find((attribute) => (element.attributes.get(attribute) ?? '').trim() === '');
  checkAttributes(element, kind, strict, report);
  if (missing === undefined) return kind;
  report('ignored_element', `The attribute ${missing} is missing.`, 'The element has no effect.');
  return TRANSPARENT;
}

/** Reports the attributes that an element does not have. */
function checkAttributes({ attributes }: XmlElement, kind: Element, strict: boolean, report: Report): void {
  for (const attribute of attributes.keys()) {
    if (kind.attributes.includes(attribute) || XML_ONLY.test(attribute)) continue;
    if (kind.attributes.some((one) => one.startsWith('xml:') && one === attribute)) continue;
    const known = kind.attributes.length === 0 ? 'none' : kind.attributes.join(', ');
    const what = `The attribute ${quote(attribute)} is unknown here. It can have ${known}.`;
    if (strict) report('ignored_attribute', what);
    report('ignored_attribute', `The attribute ${quote(attribute)} has no effect.`);
  }
}
