import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { RunningServer } from '../../support/servers/running-server.ts';

/** What the cases of the studio share. */
export interface StudioSetting {
  readonly browser: () => Browser;
  readonly server: () => RunningServer;
  /** A folder to write into. */
  readonly folder: () => string;
}

/** The studio in a browser context of its own. */
export interface OpenedStudio extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors in the console, uncaught exceptions, and requests to other hosts. */
  readonly faults: string[];
  /** Paths of the requests to the API. */
  readonly requests: string[];
}

/** What the page does, in order: states of the transport, `sound` for each piece of audio that is scheduled, and words that light up. */
export const HISTORY = `
  globalThis.happened = [];
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (...args) {
    happened.push('sound');
    return start.apply(this, args);
  };
  const look = () => {
    const state = document.querySelector('.transport')?.dataset.state;
    if (state && state !== happened.findLast((each) => !/^sound|^word /.test(each))) happened.push(state);
    const word = document.querySelector('.backdrop mark.spoken')?.textContent;
    if (word && 'word ' + word !== happened.findLast((each) => each.startsWith('word '))) happened.push('word ' + word);
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
`;

/** Opens the studio and waits until it can speak. */
export async function openStudio(
  browser: Browser,
  url: URL,
  options: BrowserContextOptions & { hash?: string } = {},
): Promise<OpenedStudio> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'en-US',
    ...options,
  });
  await context.addInitScript(HISTORY);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const faults: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('request', (request) => {
    const { protocol, host, pathname } = new URL(request.url());
    if (/^https?:$/.test(protocol) && host !== url.host) faults.push(request.url());
    else requests.push(pathname);
  });
  await page.goto(new URL(options.hash ?? '', url).href);
  if (!options.hash) await page.locator('#speak:not([disabled])').waitFor();
  return { page, context, faults, requests, [Symbol.asyncDispose]: () => context.close() };
}

/** The next message of the open view, also that of a failure. */
export async function messageOf(page: Page): Promise<string> {
  const message = page.locator('main :is([role=status], [role=alert])').filter({ hasText: /\S/ }).last();
  await message.waitFor();
  return (await message.textContent()) ?? '';
}

/** Waits until the transport is in a state. */
export async function untilState(page: Page, state: string): Promise<void> {
  await page.locator(`.transport[data-state=${state}]`).waitFor({ timeout: 60_000 });
}
