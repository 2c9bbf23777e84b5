import { chromium } from 'playwright-core';
import { expect, it } from 'vitest';
import { runServer, serverFolder } from '../support/running-server.ts';

it('the page speaks what is typed, under its own content security policy', async () => {
  await using folder = await serverFolder();
  await using server = await runServer(folder.path);
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    const player = page.locator('#player');
    const status = () => page.locator('#status').textContent();
    await page.goto(server.url.href);
    await page.locator('#voice option', { hasText: 'Linda' }).waitFor({ state: 'attached' });
    expect(await page.locator('#curl').textContent()).toContain(`${server.url.href}v1/audio/speech`);

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

    await page.fill('#text', '!!!');
    await page.click('#speak');
    await expect.poll(status, { timeout: 30_000 }).toMatch(/nothing/i);
    // Chromium reports the refused request itself; nothing else may be amiss.
    expect(complaints).toEqual([expect.stringContaining('400')]);
  } finally {
    await browser.close();
  }
});
