import { SoriError } from '../../../base/errors.ts';
import { readXml } from '../../../text/ssml/xml.ts';
import { KIND, type MessageElement } from './elements.ts';

/** Most samples of one template: cases of the widest choice. */
const MAX_SAMPLES = 50;

/**
 * Makes sure that an SSML template is well-formed XML in each of its cases. Which elements and values have no effect is only known when
 * it is spoken.
 * @throws {SoriError} `invalid_template`.
 */
export function checkSsmlForm(elements: readonly MessageElement[]): void {
  const cases = Math.min(MAX_SAMPLES, widest(elements));
  for (let index = 0; index < cases; index++) {
    try {
      readXml(sample(elements, index), {
        doctype: () => {},
        open: () => {},
        text: () => {},
        close: () => {},
      });
    } catch (cause) {
      if (!(cause instanceof SoriError)) throw cause;
      const message = `Template: with x in its slots: ${cause.message}`;
      throw new SoriError('invalid_template', message, { param: 'template', cause });
    }
  }
}

/** The template with `x` for every value, and case `index` of every choice, or its last one. */
function sample(elements: readonly MessageElement[], index: number): string {
  return elements
    .map((element) => {
      if (element.type === KIND.literal) return element.value;
      if (element.type !== KIND.select && element.type !== KIND.plural) return 'x';
      const cases = Object.values(element.options);
      return sample(cases[Math.min(index, cases.length - 1)].value, index);
    })
    .join('');
}

function widest(elements: readonly MessageElement[]): number {
  return elements.reduce((most, element) => {
    if (element.type !== KIND.select && element.type !== KIND.plural) return most;
    const cases = Object.values(element.options);
    return Math.max(most, cases.length, ...cases.map(({ value }) => widest(value)));
  }, 1);
}
