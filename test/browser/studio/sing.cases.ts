import { expect, it } from 'vitest';
import { MUSIC_XML } from '../../fixtures/scores.ts';
import { openStudio, type StudioSetting } from './open-studio.ts';

/** Cases of the singing page, over a server and a browser that are shared. */
export function singCases({ browser, server }: StudioSetting): void {
  it('sings the example and a score file, and plays them as a piano roll', async () => {
    await using studio = await openStudio(browser(), server().url, { hash: '#sing' });
    const { page, faults } = studio;
    await page.locator('#sing:not([disabled])').waitFor();
    expect(await page.getByLabel('Voice').inputValue()).toBe('hazel');
    await page.locator('#sing').click();
    const roll = page.locator('.roll canvas');
    await roll.waitFor({ timeout: 60_000 });
    expect(await roll.getAttribute('aria-label')).toBe('Piano roll with 14 notes');
    expect(await page.locator('.spoken-line').textContent()).toContain('Twin kle,');
    // The line follows the audio: a note that sounds lights up.
    await page.evaluate("document.querySelector('audio').play()");
    await page.locator('.spoken-line .now').first().waitFor();
    await page.getByLabel('Position').fill('3');
    await expect
      .poll(() => page.evaluate<number>("document.querySelector('audio').currentTime"))
      .toBeGreaterThanOrEqual(3);
    await page.evaluate("document.querySelector('audio').pause()");

    await page.setInputFiles('#score', {
      name: 'star.musicxml',
      mimeType: 'application/xml',
      buffer: Buffer.from(MUSIC_XML),
    });
    await page.locator('#sing:not([disabled])').click();
    await page.getByLabel('Piano roll with 4 notes').waitFor({ timeout: 60_000 });
    expect(faults).toEqual([]);
  });

  it('scrolls a piano roll that is wider than the page with the song', async () => {
    await using studio = await openStudio(browser(), server().url, {
      hash: '#sing',
      viewport: { width: 390, height: 844 },
    });
    const { page, faults } = studio;
    await page.locator('#sing:not([disabled])').click();
    const roll = page.locator('.roll');
    await roll.waitFor({ timeout: 60_000 });
    const scrolled = () => roll.evaluate((element) => element.scrollLeft);
    expect(await scrolled()).toBe(0);
    await page.getByLabel('Position').fill('8');
    await expect.poll(scrolled).toBeGreaterThan(0);
    await page.getByLabel('Position').fill('0');
    await expect.poll(scrolled).toBe(0);
    expect(faults).toEqual([]);
  });

  it('shows where a score file is wrong', async () => {
    await using studio = await openStudio(browser(), server().url, { hash: '#sing' });
    const { page } = studio;
    await page.setInputFiles('#score', {
      name: 'star.musicxml',
      mimeType: 'application/xml',
      buffer: Buffer.from('<score-partwise>\n<part>'),
    });
    await page.locator('#sing:not([disabled])').click();
    expect(await page.getByRole('alert').textContent()).toMatch(/^line 2: the XML is not well formed/);
  });
}
