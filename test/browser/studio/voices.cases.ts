import { beforeAll, expect, it } from 'vitest';
import { createNodeEngine } from '../../../scripts/lib/node-engine.ts';
import { createApp } from '../../../src/app.ts';
import { createEncoder } from '../../../src/audio/encoders/encoder.ts';
import { filled, overflow, SCREENS, violations } from './checks.ts';
import { openStudio, type StudioSetting } from './open-studio.ts';

const REFERENCE =
  'The last train leaves at ten, so we have all the time in the world to walk to the station.';
const CONSENT = 'I am the speaker of these recordings, and I agree that a computer makes a copy of my voice.';

/** Speech of the real model, since the server refuses recordings that are no speech. */
async function recordingOf(input: string) {
  const app = createApp({ access: 'off', engine: createNodeEngine(), createEncoder });
  const answer = await app.request('/v1/audio/speech', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ voice: 'clara', input, response_format: 'wav' }),
  });
  return { name: 'recording.wav', mimeType: 'audio/wav', buffer: Buffer.from(await answer.arrayBuffer()) };
}

/** Cases of cloning, over a server and a browser that are shared. */
export function voiceCases({ browser, server }: StudioSetting): void {
  let reference: Awaited<ReturnType<typeof recordingOf>>;
  let consent: typeof reference;
  beforeAll(async () => {
    reference = await recordingOf(REFERENCE);
    consent = await recordingOf(CONSENT);
  });

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
      await files.first().setInputFiles(reference);
      // Without consent there is no sentence to read, and no voice.
      const sentence = page.getByRole('button', { name: texts.consentGet });
      expect(await sentence.isDisabled()).toBe(true);
      expect(await submit.isDisabled()).toBe(true);
      await page.getByLabel(texts.consentAgree).check();
      await sentence.click();
      await page.getByText('I am the speaker of these recordings').waitFor();
      expect(await submit.isDisabled()).toBe(true);
      await files.last().setInputFiles(consent);
      expect(await violations(page)).toEqual([]);
      await submit.click();

      const told = page.getByText(filled(texts.cloned, { name }));
      await told.waitFor({ timeout: 60_000 });
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

  it('shows why a clone is refused', async () => {
    const options = { hash: '#voices', viewport: { width: 390, height: 844 } };
    await using studio = await openStudio(browser(), server().url, options);
    const { page } = studio;
    await page.getByLabel('Name', { exact: true }).fill('Ben');
    await page.locator('input[type=file]').first().setInputFiles(reference);
    await page.getByLabel(/the speaker has agreed/).check();
    await page.getByRole('button', { name: 'Show the sentence to read' }).click();
    const noise = { ...consent, buffer: Buffer.from('this is no recording') };
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
