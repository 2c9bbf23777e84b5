import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { openStudio, type StudioSetting, untilState } from './open-studio.ts';

const run = promisify(execFile);
const LONG = 'The first train leaves at nine. The second one leaves at ten. A third one follows at noon.';

const snippetOf = async (page: { locator(selector: string): { textContent(): Promise<string | null> } }) =>
  (await page.locator('#snippet').textContent()) ?? '';

/** Cases of the studio, over a server and a browser that are shared. */
export function speakCases({ browser, server, folder }: StudioSetting): void {
  describe('speaking', () => {
    it('plays the first sound before the whole is made, and lights up the words', async () => {
      await using studio = await openStudio(browser(), server().url);
      const { page, faults } = studio;
      await page.fill('#text', LONG);
      await page.click('#speak');
      await untilState(page, 'made');
      await expect.poll(() => page.locator('#stop').isDisabled()).toBe(true);
      const happened = await page.evaluate<string[]>('happened');
      expect(happened.indexOf('sound')).toBeGreaterThan(happened.indexOf('waiting'));
      expect(happened.indexOf('sound')).toBeLessThan(happened.indexOf('made'));
      expect(happened.filter((each) => each === 'sound').length).toBeGreaterThan(1);
      const lit = happened
        .filter((each) => each.startsWith('word '))
        .map((each) => each.slice('word '.length));
      const places = lit.map((word) => LONG.indexOf(word));
      expect(new Set(lit).size).toBeGreaterThan(1);
      expect(places).not.toContain(-1);
      expect(await page.locator('#first-sound').textContent()).toMatch(/^First sound after [\d,]+ ms$/);
      expect(await page.locator('.spoken-line').textContent()).toContain('train');
      await page.locator('.plots summary').click();
      await expect.poll(() => page.locator('.plots canvas').getAttribute('aria-label')).toContain('Mel');
      expect(faults).toEqual([]);
    });

    it('stops, and shows why the server refuses', async () => {
      await using studio = await openStudio(browser(), server().url);
      const { page } = studio;
      await page.fill('#text', LONG);
      await page.click('#speak');
      await page.locator('#stop:not([disabled])').click();
      expect(await page.locator('#stop').isDisabled()).toBe(true);
      await page.fill('#text', '!!!');
      await page.click('#speak');
      await untilState(page, 'failed');
      await page
        .getByText(/nothing/i)
        .first()
        .waitFor();
    });

    it('makes snippets that follow the controls and run', async () => {
      await using studio = await openStudio(browser(), server().url);
      const { page } = studio;
      await page.fill('#text', `It's "ready" — 5 > 4 \\ $HOME & <b>.`);
      await page.getByLabel('Voice', { exact: true }).selectOption({ label: 'Clara' });
      await page.getByLabel('Speed').fill('1.5');
      await page.getByLabel('Format').selectOption('wav');
      await expect.poll(() => snippetOf(page)).toContain('"speed": 1.5');
      const curl = await snippetOf(page);
      expect(curl).toContain('"voice": "clara"');
      await run('bash', ['-c', curl], { cwd: folder() });
      const made = await readFile(join(folder(), 'speech.wav'));
      expect(made.subarray(0, 4).toString()).toBe('RIFF');
      for (const [tab, command] of [
        ['Node', [process.execPath, '--input-type=module', '-e']],
        ['Python', ['python3', '-c']],
      ] as const) {
        await page.getByRole('tab', { name: tab }).click();
        const [program, ...args] = command;
        await run(program, [...args, await snippetOf(page)], { cwd: folder() });
        expect(await readFile(join(folder(), 'speech.wav'))).toEqual(made);
      }
      for (const tab of ['iOS', 'HTML']) {
        await page.getByRole('tab', { name: tab }).click();
        expect(await snippetOf(page)).toContain('1.5');
      }
    });
  });

  describe('the text', () => {
    it('has errors of SSML underlined where they are', async () => {
      await using studio = await openStudio(browser(), server().url);
      const { page } = studio;
      const text = '<speak>One <break time="1s"/>\ntwo <emphasis>three</speak>';
      await page.fill('#text', text);
      const mark = page.locator('.backdrop mark.error');
      await mark.waitFor({ state: 'attached' });
      expect(text).toContain((await mark.textContent()) ?? '-');
      expect(
        await page.evaluate(
          "getComputedStyle(document.querySelector('.backdrop mark.error')).textDecorationStyle",
        ),
      ).toBe('wavy');
      expect(await page.locator('#text').getAttribute('aria-invalid')).toBe('true');
      await page.locator('.faults button').click();
      const selected = await page.evaluate(
        'document.activeElement.value.slice(document.activeElement.selectionStart, document.activeElement.selectionEnd)',
      );
      expect(selected).toBe(await mark.textContent());
      await page.fill('#text', '<speak>One <blink>two</blink></speak>');
      await page.locator('.backdrop mark.warning').waitFor({ state: 'attached' });
      expect(await page.locator('.backdrop mark.warning').textContent()).toBe('<blink>');
    });

    it('has its phonemes corrected by a click', async () => {
      await using studio = await openStudio(browser(), server().url);
      const { page } = studio;
      await page.fill('#text', 'Sori calls.');
      await page.getByRole('button', { name: /^sori\b.*phonemes/i }).click();
      const field = page.getByRole('dialog').getByRole('textbox');
      await field.fill('ˈsɔːɹ');
      await page.getByRole('dialog').getByRole('button', { name: 'i', exact: true }).click();
      expect(await field.inputValue()).toBe('ˈsɔːɹi');
      await page.getByRole('dialog').getByRole('button', { name: 'Use' }).click();
      await expect.poll(() => snippetOf(page)).toMatch(/"pronunciations": \{\s+"Sori": "ˈsɔːɹi"/i);
      await page.locator('.chip .tag').waitFor();
    });

    it('is spoken by a mix of voices, by dragging and by keys', async () => {
      await using studio = await openStudio(browser(), server().url);
      const { page } = studio;
      await page.locator('.mix summary').click();
      await page.getByLabel('Add a voice').selectOption({ label: 'Clara' });
      const pad = page.getByRole('application');
      await pad.scrollIntoViewIfNeeded();
      const { x, y, width, height } = (await pad.boundingBox())!;
      await page.mouse.move(x + width / 2, y + height / 2);
      await page.mouse.down();
      await page.mouse.move(x + width / 2, y + height * 0.85, { steps: 4 });
      await page.mouse.up();
      const share = async () => {
        const { voice } = JSON.parse(/'(\{[\s\S]*\})'/.exec(await snippetOf(page))![1]) as {
          voice: Record<string, number>;
        };
        return voice.clara;
      };
      expect(await share()).toBeGreaterThan(0.9);
      await pad.focus();
      for (let press = 0; press < 20; press++) await page.keyboard.press('ArrowUp');
      await expect.poll(() => pad.getAttribute('aria-label')).toContain('Clara 0');
      await page.getByLabel('Share of Clara').fill('0.3');
      expect(await share()).toBe(0.3);
      await page.click('#speak');
      await untilState(page, 'made');
    });
  });
}
