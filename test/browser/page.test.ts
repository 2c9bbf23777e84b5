import { createHash } from 'node:crypto';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runServer, serverFolder } from '../support/servers/running-server.ts';

let browser: Awaited<ReturnType<typeof chromium.launch>>;
let folder: Awaited<ReturnType<typeof serverFolder>>;
beforeAll(async () => {
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  folder = await serverFolder();
});
afterAll(async () => {
  await browser?.close();
  await folder?.[Symbol.asyncDispose]();
});

/** A page, and what its browser finds amiss. */
async function openPage(context: BrowserContext): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints };
}

it('the page speaks what is typed, under its own content security policy, and tells where the audio stays', async () => {
  await using server = await runServer(folder.path);
  await using context = await browser.newContext();
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { page, complaints } = await openPage(context);
  const player = page.locator('#player');
  const status = () => page.locator('#status').textContent();
  await page.goto(server.url.href);
  await page.locator('#voice option', { hasText: 'Linda' }).waitFor({ state: 'attached' });
  expect(await page.locator('#curl').textContent()).toBe(
    `curl ${server.url.href}v1/audio/speech \\\n  -H "Content-Type: application/json" \\\n  -d '{"model":"tts-1","voice":"alloy","input":"Your table is ready."}' \\\n  -o hello.mp3`,
  );
  expect(await page.locator('#key').isVisible()).toBe(false);
  expect(await page.locator('#link').isVisible()).toBe(false);

  await page.selectOption('#voice', { label: 'Linda (en-US)' });
  await page.selectOption('#format', 'wav');
  await page.fill('#text', 'Good morning.');
  await page.click('#speak');
  await expect.poll(status, { timeout: 30_000 }).toMatch(/^\d+ ms, \d+ KiB$/);
  await expect
    .poll(() => player.evaluate((audio) => (audio as unknown as { duration: number }).duration), {
      timeout: 20_000,
    })
    .toBeGreaterThan(0.1);

  const address = await page.locator('#address').textContent();
  expect(address).toMatch(/\/audio\/[0-9a-f]{64}\.wav$/);
  expect((await fetch(address!)).status).toBe(200);
  await page.click('#copy');
  await expect.poll(status).toBe('Copied.');
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(address);

  await page.fill('#text', '!!!');
  await page.click('#speak');
  await expect.poll(status, { timeout: 30_000 }).toMatch(/nothing/i);
  // Chromium reports the refused request itself; nothing else may be amiss.
  expect(complaints).toEqual([expect.stringContaining('400')]);
});

it('the page asks for an API key where one is needed, and keeps it for its tab', async () => {
  const key = 'the-key-of-an-administrator';
  const ADMIN_KEY_SHA256 = createHash('sha256').update(key).digest('hex');
  await using server = await runServer(folder.path, { args: ['--auth'], env: { ADMIN_KEY_SHA256 } });
  await using context = await browser.newContext();
  const { page, complaints } = await openPage(context);
  const status = () => page.locator('#status').textContent();
  await page.goto(server.url.href);
  await page.locator('#key').waitFor({ state: 'visible' });
  expect(await status()).toBe('This server asks for an API key.');
  expect(await page.locator('#curl').textContent()).toContain('-H "Authorization: Bearer $SORI_API_KEY"');

  await page.fill('#key', 'wrong');
  await page.locator('#key').blur();
  await expect.poll(status, { timeout: 20_000 }).toMatch(/incorrect API key/i);
  await page.fill('#key', key);
  await page.locator('#key').blur();
  await page.locator('#voice option', { hasText: 'Linda' }).waitFor({ state: 'attached' });
  expect(await status()).toBe('');

  await page.reload();
  await page.locator('#voice option', { hasText: 'Linda' }).waitFor({ state: 'attached' });
  await page.click('#speak');
  await expect.poll(status, { timeout: 30_000 }).toMatch(/^\d+ ms, \d+ KiB$/);
  const other = await context.newPage();
  await other.goto(server.url.href);
  await other.locator('#key').waitFor({ state: 'visible' });
  expect(await other.locator('#key').inputValue()).toBe('');
  expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
});
