import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { filled, overflow, SCREENS, violations } from './checks.ts';
import { messageOf, openStudio, type StudioSetting } from './open-studio.ts';

/** Cases of jobs, over a server and a browser that are shared. */
export function jobCases({ browser, server }: StudioSetting): void {
  it.each(SCREENS)(
    '$name: starts a job, shows it until it is done, and downloads its file',
    async ({ width, locale, texts }) => {
      const options = { hash: '#jobs', locale, viewport: { width, height: 844 } };
      await using studio = await openStudio(browser(), server().url, options);
      const { page, faults } = studio;
      const start = page.getByRole('button', { name: texts.jobStart });
      await start.click();
      const told = await messageOf(page);
      const [id] = /job_\w+/.exec(told) ?? [''];
      expect(told).toBe(filled(texts.jobStarted, { id }));
      const row = page.getByRole('listitem').filter({ hasText: id });
      await row.getByText(texts.job_succeeded, { exact: true }).waitFor({ timeout: 60_000 });
      expect(await row.textContent()).toContain(texts.kind_long_form);
      expect(await row.getByRole('progressbar').count()).toBe(0);
      expect(await violations(page)).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      const begun = page.waitForEvent('download');
      await row.getByRole('button', { name: `${texts.download}: ${id}` }).click();
      const file = await begun;
      expect(file.suggestedFilename()).toBe(`${id}.mp3`);
      expect((await readFile(await file.path())).length).toBeGreaterThan(1000);
      expect(faults).toEqual([]);
    },
  );

  it('shows why a job failed, and tries it again', async () => {
    await using studio = await openStudio(browser(), server().url);
    const { page } = studio;
    await page.locator('#text').fill('<speak>Hello </oops></speak>');
    await page.evaluate("location.hash = '#jobs'");
    await page.getByRole('button', { name: 'Speak the text as a job' }).click();
    const row = page.getByRole('listitem').filter({ hasText: 'failed' }).first();
    await row.waitFor({ timeout: 60_000 });
    expect(await row.locator('.error-text').textContent()).toMatch(/end tag is missing/);
    const answered = page.waitForResponse((response) => response.url().endsWith('/retry'));
    await row.getByRole('button', { name: 'Try again' }).click();
    expect((await answered).status()).toBe(202);
  });
}
