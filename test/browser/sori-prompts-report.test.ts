import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/launch-browser.ts';
import { runSori } from '../support/run-sori.ts';
import { type RunningOrigin, runOrigin } from '../support/servers/running-origin.ts';
import { serverFolder } from '../support/servers/running-server.ts';

/** Playing audio takes seconds. */
const PATIENT = { timeout: 30_000 };
/** Text that a page without escaping would run as a script. */
const HOSTILE = `</script><script>document.title='owned'</script><img src=x onerror="document.title='owned'">`;
const PROMPTS = {
  defaults: { voice: 'hazel', formats: ['mp3'] },
  prompts: {
    'b/quiet': { input: 'Quiet, please.', energy: -12, tags: ['hush'] },
    'a/hours': { input: 'We are open from noon until ten.', locales: { 'en-AU': { voice: 'clara' } } },
    'c/hostile': {
      input: HOSTILE,
      description: HOSTILE,
      tags: [`"><script>document.title='owned'</script>`],
    },
  },
};

let folder: Awaited<ReturnType<typeof serverFolder>>;
let server: RunningOrigin;
let browser: Browser;
const at = (name: string) => join(folder.path, name);
const report = (...args: string[]) =>
  runSori(['prompts', 'report', ...args], { url: server.url, cwd: folder.path });

beforeAll(async () => {
  folder = await serverFolder();
  server = await runOrigin(folder.path, { AUTH: 'off' });
  await writeFile(at('prompts.json'), JSON.stringify(PROMPTS));
  const options = { url: server.url, cwd: folder.path };
  expect(await runSori(['prompts', 'sync', 'prompts.json', '--yes'], options)).toMatchObject({
    stderr: 'Baking 3/3\n',
  });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await folder?.[Symbol.asyncDispose]();
});

/** Opens a report as a local file. */
async function open(name: string): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(at(name)).href);
  return { page, complaints, requests };
}

const names = (page: Page) =>
  page.locator('tbody tr:visible').evaluateAll((rows) => rows.map((row) => row.dataset.name));
const playing = (page: Page) => page.locator('tr.playing').getAttribute('data-name');

describe('sori prompts report', () => {
  it('plays audio of the server, and makes no other requests', async () => {
    expect(await report('report.html')).toMatchObject({ code: 0, stdout: 'report.html: 4 recordings.\n' });
    const { page, complaints, requests } = await open('report.html');
    expect(await names(page)).toEqual(['a/hours', 'a/hours', 'b/quiet', 'c/hostile']);
    expect(requests).toHaveLength(1);
    await page.getByLabel('Play a/hours, en-AU').click();
    expect(await playing(page)).toBe('a/hours');
    const slider = page.getByLabel('Position in a/hours, en-AU');
    await expect
      .poll(async () => Number(await slider.getAttribute('aria-valuenow')), PATIENT)
      .toBeGreaterThan(5);
    await expect.poll(() => page.locator('tr.playing').count(), PATIENT).toBe(0);
    expect(requests.slice(1).every((url) => url.startsWith(`${server.url.href}audio/`))).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('displays hostile texts without running them', async () => {
    const { page, complaints } = await open('report.html');
    const row = page.locator('tr[data-name="c/hostile"]');
    expect(await row.locator('.text').innerText()).toBe(HOSTILE);
    expect(await page.title()).toBe(`Prompts of ${server.url.host}`);
    expect(await page.locator('script').count()).toBe(1);
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
    // The content security policy allows one script only, so an injected one does not run.
    const html = await readFile(at('report.html'), 'utf8');
    await writeFile(
      at('broken.html'),
      html.replace('<main>', `<main><script>document.title='owned'</script>`),
    );
    const broken = await open('broken.html');
    expect(await broken.page.title()).toBe(`Prompts of ${server.url.host}`);
    expect(broken.complaints.join()).toMatch(/Content Security Policy/);
  });

  it('searches, filters and sorts', async () => {
    const { page } = await open('report.html');
    await page.getByLabel('Search').fill('NOON hours');
    expect(await names(page)).toEqual(['a/hours', 'a/hours']);
    expect(await page.locator('#count').innerText()).toBe('2 of 4 shown');
    await page.getByLabel('Voice').selectOption('clara');
    expect(await page.locator('tbody tr:visible').count()).toBe(1);
    await page.getByLabel('Search').fill('nothing of the kind');
    expect(await page.locator('#none').isVisible()).toBe(true);
    await page.getByLabel('Search').fill('');
    await page.getByLabel('Voice').selectOption('');
    await page.getByLabel('Needs a look').check();
    expect(await names(page)).toEqual(['b/quiet']);
    await page.getByLabel('Needs a look').uncheck();

    const order = () =>
      page.locator('tbody tr').evaluateAll((rows) => rows.map((row) => Number(row.dataset.seconds)));
    const shortFirst = [...(await order())].sort((one, other) => one - other);
    const heading = page.getByRole('button', { name: 'Duration' });
    await heading.click();
    expect(await order()).toEqual(shortFirst);
    await heading.click();
    expect(await order()).toEqual(shortFirst.toReversed());
    expect(await page.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending');
  });

  it('can be used by keyboard, and plays on', async () => {
    const { page } = await open('report.html');
    await page.keyboard.press('/');
    await page.keyboard.type('a/hours');
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate('document.activeElement.dataset.name')).toBe('a/hours');
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate('document.activeElement.dataset.language')).toBe('en-AU');
    await page.keyboard.press('Space');
    expect(await playing(page)).toBe('a/hours');
    await page.keyboard.press('Space');
    await expect.poll(() => page.locator('tr.playing').count(), PATIENT).toBe(0);
    await page.keyboard.press('Home');
    await page.getByLabel('Play on').check();
    await page.locator('tbody tr:visible').first().focus();
    await page.keyboard.press('Enter');
    const language = () => page.locator('tr.playing').getAttribute('data-language');
    expect(await language()).toBe('en-US');
    await expect.poll(language, PATIENT).toBe('en-AU');
  });

  it('needs no server with --embed', async () => {
    expect((await report('embedded.html', '--embed', '--tag', 'hush')).code).toBe(0);
    const { page, complaints, requests } = await open('embedded.html');
    await page.getByLabel('Play b/quiet').click();
    expect(await playing(page)).toBe('b/quiet');
    expect(requests.filter((url) => url.startsWith('http'))).toEqual([]);
    expect(complaints).toEqual([]);
    // Audio over the limit is not embedded.
    expect((await report('small.html', '--embed', '1', '--tag', 'hush')).code).toBe(0);
    expect(await readFile(at('small.html'), 'utf8')).toContain(`data-source="${server.url.href}audio/`);
  });
});
