import { expect, it } from 'vitest';
import { filled, overflow, SCREENS, violations } from './checks.ts';
import { openStudio, type StudioSetting } from './open-studio.ts';

/** Cases of the gallery, over a server and a browser that are shared. */
export function galleryCases({ browser, server }: StudioSetting): void {
  it.each(SCREENS)('$name: plays one voice after the other, and stops', async ({ width, locale, texts }) => {
    const options = { hash: '#gallery', locale, viewport: { width, height: 844 } };
    await using studio = await openStudio(browser(), server().url, options);
    const { page, faults } = studio;
    const rows = page.locator('table.gallery tbody tr');
    await rows.first().waitFor();
    const buttons = page.locator('table.gallery button');
    expect(await buttons.count()).toBe((await rows.count()) * (await rows.first().locator('td').count()));
    const names = await buttons.evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')));
    expect(new Set(names).size).toBe(names.length);

    const last = rows.first().locator('button').last();
    await last.click();
    await page.locator('button.round.now').waitFor();
    expect(await last.getAttribute('aria-pressed')).toBe('true');
    const playing = filled(texts.galleryPlaying, { name: (await last.getAttribute('aria-label')) ?? '' });
    await page.getByText(playing, { exact: true }).waitFor();
    // The name of the voice stays in view when the table is scrolled to its last column.
    expect(await rows.first().locator('th').boundingBox()).toMatchObject({ x: expect.any(Number) });
    const { x, width: wide } = (await rows.first().locator('th').boundingBox())!;
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + wide).toBeLessThan(width / 2 + 40);
    expect(await overflow(page)).toBeLessThanOrEqual(0);

    await page.getByRole('button', { name: texts.galleryPlayAll }).click();
    const first = buttons.first();
    await expect.poll(() => first.getAttribute('aria-pressed'), { timeout: 60_000 }).toBe('true');
    await expect.poll(() => buttons.nth(1).getAttribute('aria-pressed'), { timeout: 60_000 }).toBe('true');
    await page.getByRole('button', { name: texts.stop }).click();
    await page.locator('button.round.now').waitFor({ state: 'detached' });
    expect(await violations(page)).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('can be used by keyboard only', async () => {
    await using studio = await openStudio(browser(), server().url, { hash: '#gallery' });
    const { page } = studio;
    const first = page.locator('table.gallery button').first();
    await first.waitFor();
    await page.getByRole('button', { name: 'Play all' }).focus();
    // The button to stop is off, so next is the table, which scrolls, and then its buttons.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await first.evaluate((button) => button === button.ownerDocument.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await page.locator('button.round.now').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('button.round.now').waitFor({ state: 'detached' });
  });
}
