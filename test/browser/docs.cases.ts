import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StudioSetting } from './studio/open-studio.ts';

/** Operations with the most fields: their resource and their id, as in the page's addresses. */
const OPERATIONS = ['speech/createspeech', 'jobs/createjob'] as const;

interface Opened extends AsyncDisposable {
  readonly page: Page;
  /** Errors in the console, uncaught exceptions, and requests to other hosts. */
  readonly faults: string[];
}

async function openDocs(browser: Browser, server: URL, width: number): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width, height: 844 } });
  page.setDefaultTimeout(20_000);
  const faults: string[] = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== 'data:' && host !== server.host) faults.push(request.url());
  });
  await page.goto(new URL('/docs', server).href);
  await page.getByText('Download OpenAPI description').waitFor();
  return { page, faults, [Symbol.asyncDispose]: () => page.close() };
}

const menuOf = async (page: Page) => (await page.locator('[role=listitem]').allTextContents()).slice(1);

/** Pixels that the page is wider than its window. */
const overflow = (page: Page) =>
  page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');

/** Cases of `GET /docs`, the API page. */
export function docsCases({ browser, server }: Pick<StudioSetting, 'browser' | 'server'>): void {
  let tags: string[];
  /** How many operations the resource `models` has. */
  let ofModels: number;
  /** Headings of the operations, by their ids in lower case. */
  let headings: ReadonlyMap<string, string>;
  beforeAll(async () => {
    const document = (await (await fetch(new URL('/openapi.json', server().url))).json()) as {
      tags: { name: string }[];
      paths: Record<string, Record<string, { tags: string[]; operationId: string; summary: string }>>;
    };
    tags = document.tags.map(({ name }) => name);
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
    ofModels = operations.filter((operation) => operation.tags.includes('models')).length;
    headings = new Map(operations.map(({ operationId, summary }) => [operationId.toLowerCase(), summary]));
  });
  describe.each([1280, 390])('GET /docs, %i pixels wide', (width) => {
    // Opening the page takes seconds, so the cases share it: each begins where the one before ended.
    let opened: Opened;
    beforeAll(async () => {
      opened = await openDocs(browser(), server().url, width);
    });
    afterAll(() => opened?.[Symbol.asyncDispose]());

    it('lists the resources, collapsed, and expands one', async () => {
      const { page, faults } = opened;
      expect(await menuOf(page)).toEqual(tags);
      expect(await page.evaluate<number>('document.documentElement.scrollHeight')).toBeLessThan(5000);
      if (width < 700) await page.getByRole('button', { name: 'Open navigation menu' }).click();
      await page.locator('[role=listitem]').filter({ hasText: 'models' }).first().click();
      await expect.poll(() => menuOf(page)).toHaveLength(tags.length + ofModels);
      expect(faults).toEqual([]);
    });

    it('fits the window with an operation open', async () => {
      const { page, faults } = opened;
      const wide: string[] = [];
      for (const operation of OPERATIONS) {
        const heading = headings.get(operation.split('/')[1]);
        await page.evaluate(`location.hash = '#/${operation}'`);
        await page.getByRole('heading', { name: heading }).first().waitFor();
        if ((await overflow(page)) > 0) wide.push(operation);
      }
      expect(wide).toEqual([]);
      expect(faults).toEqual([]);
    });

    if (width > 700) {
      it('finds an operation by a word of its description and scrolls to it', async () => {
        const { page, faults } = opened;
        await page.keyboard.press('Control+k');
        await page.getByPlaceholder('Search docs...').fill('redeliver');
        await page.getByTestId('search-dialog').getByText('Send the last webhook of a job again').click();
        await expect.poll(() => page.url()).toMatch(/#\/jobs\/redeliverwebhook$/);
        expect(faults).toEqual([]);
      });
    }
  });
}
