import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { en } from '../../../studio/i18n/en.ts';
import { ko } from '../../../studio/i18n/ko.ts';

interface Violation {
  readonly id: string;
  readonly nodes: { readonly html: string }[];
}

/** What axe finds: a line for each rule that is broken. */
export async function violations(page: Page): Promise<string[]> {
  // Not as a script element, which the page's policy refuses.
  await page.evaluate(`${axe.source}; undefined`);
  const found = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as Violation[];
  return found.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)}`);
}

/** Pixels by which the page is wider than the window. */
export const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');

/** A desktop in English and a telephone in Korean, with the texts of the interface. */
export const SCREENS = [
  { name: '1280 pixels, English', width: 1280, locale: 'en-US', texts: en },
  { name: '390 pixels, Korean', width: 390, locale: 'ko-KR', texts: ko },
] as const;

/** A text of the interface with its values. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]));
}
