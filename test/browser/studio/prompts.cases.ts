import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { filled, overflow, SCREENS, violations } from './checks.ts';
import { messageOf, openStudio, type StudioSetting } from './open-studio.ts';

/** Cases of the catalogue of prompts, over a server and a browser that are shared. */
export function promptCases({ browser, server }: StudioSetting): void {
  it.each(SCREENS)(
    '$name: saves a prompt, finds, plays and downloads it',
    async ({ width, locale, texts }) => {
      const options = { hash: '#prompts', locale, viewport: { width, height: 844 } };
      await using studio = await openStudio(browser(), server().url, options);
      const { page, faults } = studio;
      const base = `studio/${width}`;
      const name = `${base}/a-name-that-is-longer-than-the-window/welcome`;
      await page.getByLabel(texts.promptName).fill(name);
      await page.getByRole('button', { name: texts.promptSave }).click();
      expect(await messageOf(page)).toBe(filled(texts.promptSaved, { name }));
      await page.getByLabel(texts.filter).fill(base);
      const rows = page.getByRole('listitem');
      await expect.poll(() => rows.count()).toBe(1);
      expect(await rows.textContent()).toContain(filled(texts.promptVersion, { version: 1 }));
      expect(await violations(page)).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);

      const fetched = page.waitForResponse((response) => response.url().endsWith(`${name}.mp3`));
      await page.getByRole('button', { name: `${texts.listen}: ${name}` }).click();
      expect((await fetched).status()).toBe(200);
      const begun = page.waitForEvent('download');
      await page.getByRole('button', { name: `${texts.download}: ${name}` }).click();
      const file = await begun;
      expect(file.suggestedFilename()).toBe(`${name.replaceAll('/', '-')}.mp3`);
      expect((await readFile(await file.path())).length).toBeGreaterThan(1000);

      await page.getByLabel(texts.filter).fill(`${base}/none`);
      await page.getByText(texts.promptsNone).waitFor();
      expect(faults).toEqual([]);
    },
  );

  it('explains a name that can not be one', async () => {
    await using studio = await openStudio(browser(), server().url, { hash: '#prompts' });
    const { page, requests } = studio;
    const name = page.getByLabel('Name of the prompt');
    await name.fill('Bad Name');
    await page.getByRole('button', { name: 'Save the text as a prompt' }).click();
    expect(
      await name.evaluate((input) => (input as unknown as { validity: { valid: boolean } }).validity.valid),
    ).toBe(false);
    expect(await name.getAttribute('title')).toMatch(/Lower-case letters/);
    expect(requests.filter((path) => path.includes('Bad'))).toEqual([]);
  });
}
