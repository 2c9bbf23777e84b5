import { describe, expect, it } from 'vitest';
import { overflow, violations } from './checks.ts';
import { openStudio, type StudioSetting, untilState } from './open-studio.ts';

const VIEWS = ['#speak', '#sing', '#gallery', '#voices', '#prompts', '#jobs'];

/** Cases of the studio, over a server and a browser that are shared. */
export function accessCases({ browser, server }: StudioSetting): void {
  describe.each([
    [1280, 'light'],
    [390, 'dark'],
  ] as const)('%i pixels wide, %s', (width, colorScheme) => {
    it('has no fault that axe finds, and fits the window', async () => {
      await using studio = await openStudio(browser(), server().url, {
        viewport: { width, height: 844 },
        colorScheme,
      });
      const { page, faults } = studio;
      await page.click('#speak');
      await untilState(page, 'made');
      for (const details of await page.locator('summary').all()) await details.click();
      await page.getByLabel('Add a voice').selectOption({ index: 1 });
      await page.getByRole('application').waitFor();
      await page.getByRole('radio', { name: 'In this tab' }).check();
      // axe caches styles, so it runs when no word is highlighted any more.
      await page.evaluate("document.querySelector('#stop').click()");
      await page.locator('.chip').first().waitFor();
      for (const view of VIEWS) {
        await page.evaluate(`location.hash = '${view}'`);
        await page.locator(`nav a[href="${view}"][aria-current=page]`).waitFor();
        expect.soft(await violations(page), view).toEqual([]);
        expect.soft(await overflow(page), view).toBeLessThanOrEqual(0);
      }
      expect(faults).toEqual([]);
    });
  });

  it('can be used by keyboard only', async () => {
    await using studio = await openStudio(browser(), server().url);
    const { page } = studio;
    const focused = () =>
      page.evaluate<string>('document.activeElement.id || document.activeElement.textContent');
    const tabTo = async (id: string) => {
      for (let press = 0; press < 40 && (await focused()) !== id; press++) await page.keyboard.press('Tab');
      expect(await focused()).toBe(id);
    };
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await tabTo('text');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('Good morning.');
    await tabTo('speak');
    await page.keyboard.press('Enter');
    await untilState(page, 'made');
    await page.keyboard.press('Shift+Tab');
    await tabTo('speak');
    const chip = page.getByRole('button', { name: /^good\b.*phonemes/i });
    await chip.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('is in Korean when that is chosen, and stays so', async () => {
    await using studio = await openStudio(browser(), server().url);
    const { page } = studio;
    await page.locator('#interface-language').selectOption('ko');
    await page.getByRole('button', { name: '말하기' }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('ko');
    await page.reload();
    await page.getByRole('button', { name: '말하기' }).click();
    await untilState(page, 'made');
    expect(await page.locator('#status').textContent()).toMatch(/음성을 만들었습니다/);
    expect(await page.title()).toBe('소리 스튜디오');
    await page.evaluate("location.hash = '#gallery'");
    await page.getByRole('columnheader', { name: '기쁨' }).waitFor();
  });
}
