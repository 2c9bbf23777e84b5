import { expect, it } from 'vitest';
import { ANA, BEN, hum, wavOf } from '../../support/hummed.ts';
import { filled, overflow, SCREENS, violations } from './checks.ts';
import { openStudio, type StudioSetting } from './open-studio.ts';

const recording = async (hz: number) => ({
  name: 'recording.wav',
  mimeType: 'audio/wav',
  buffer: Buffer.from(await wavOf(hum(hz, 6))),
});

/** Cases of cloning, over a server and a browser that are shared. */
export function voiceCases({ browser, server }: StudioSetting): void {
  it.each(SCREENS)(
    '$name: clones a voice by consent, speaks with it, and deletes it',
    async ({ width, locale, texts }) => {
      const options = { hash: '#voices', locale, viewport: { width, height: 844 } };
      await using studio = await openStudio(browser(), server().url, options);
      const { page, faults } = studio;
      page.on('dialog', (dialog) => void dialog.accept());
      await page.getByText(texts.voicesNone).waitFor();
      const name = 'Ana Maria Constantinopoulos';
      const submit = page.getByRole('button', { name: texts.clone, exact: true });
      const files = page.locator('input[type=file]');
      await page.getByLabel(texts.voiceName, { exact: true }).fill(name);
      await files.first().setInputFiles(await recording(ANA));
      // Without consent there is no sentence to read, and no voice.
      const sentence = page.getByRole('button', { name: texts.consentGet });
      expect(await sentence.isDisabled()).toBe(true);
      expect(await submit.isDisabled()).toBe(true);
      await page.getByLabel(texts.consentAgree).check();
      await sentence.click();
      await page.getByText('I am the speaker of these recordings').waitFor();
      expect(await submit.isDisabled()).toBe(true);
      await files.last().setInputFiles(await recording(ANA));
      expect(await violations(page)).toEqual([]);
      await submit.click();

      const told = page.getByText(filled(texts.cloned, { name }));
      await told.waitFor();
      const seen = (await told.boundingBox())!;
      expect(seen.y).toBeGreaterThanOrEqual(0);
      expect(seen.y).toBeLessThan(844);
      // The form is ready for another person.
      expect(await page.getByLabel(texts.voiceName, { exact: true }).inputValue()).toBe('');
      expect(await page.locator('form audio').count()).toBe(0);
      expect(await overflow(page)).toBeLessThanOrEqual(0);

      const voice = page.getByRole('listitem').filter({ hasText: name });
      await voice.getByRole('button', { name: texts.use }).click();
      await page.locator('#speak').click();
      await page.locator('.transport[data-state=made]').waitFor({ timeout: 60_000 });
      await page.evaluate("location.hash = '#voices'");
      await voice.getByRole('button', { name: texts.delete }).click();
      await page.getByText(filled(texts.deleted, { name })).waitFor();
      await page.getByText(texts.voicesNone).waitFor();
      expect(faults).toEqual([]);
    },
  );

  it('says in view why a clone is refused', async () => {
    const options = { hash: '#voices', viewport: { width: 390, height: 844 } };
    await using studio = await openStudio(browser(), server().url, options);
    const { page } = studio;
    await page.getByLabel('Name', { exact: true }).fill('Ben');
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles(await recording(ANA));
    await page.getByLabel(/the speaker has agreed/).check();
    await page.getByRole('button', { name: 'Show the sentence to read' }).click();
    const noise = { ...(await recording(BEN)), buffer: Buffer.from('this is no recording') };
    await page.locator('input[type=file]').nth(1).setInputFiles(noise);
    await page.getByRole('button', { name: 'Clone the voice' }).click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/recording/);
    const { y } = (await alert.boundingBox())!;
    expect(y).toBeGreaterThanOrEqual(0);
    expect(y).toBeLessThan(844);
    // What was filled in is still there.
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Ben');
  });
}
