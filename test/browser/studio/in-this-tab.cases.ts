import { expect, it } from 'vitest';
import { openStudio, type StudioSetting, untilState } from './open-studio.ts';

/** Cases of the studio, over a server and a browser that are shared. */
export function tabCases({ browser, server }: StudioSetting): void {
  it('speaks in this tab, shows how fast, and works offline afterwards', async () => {
    await using studio = await openStudio(browser(), server().url);
    const { page, context, faults, requests } = studio;
    await page.getByRole('radio', { name: 'In this tab' }).check();
    expect(await page.locator('#status').textContent()).toMatch(/Load the model first/);
    await page.getByText('Firefox and Safari give it on some systems only').waitFor();
    await page.getByRole('button', { name: 'Load the model' }).click();
    await page.getByText('Ready, with WASM.').waitFor({ timeout: 120_000 });
    await page.getByText(/Why: this browser (?:does not support WebGPU|finds no GPU for WebGPU)\./).waitFor();
    await page.getByText('works without a connection').waitFor();
    requests.length = 0;
    await page.click('#speak');
    await untilState(page, 'made');
    expect(await page.locator('#real-time-factor').textContent()).toMatch(/^real-time factor \d/);
    expect(await page.evaluate<string[]>('happened')).toContain('sound');
    expect(requests.filter((path) => path.startsWith('/v1/audio/speech'))).toEqual([]);
    expect(faults).toEqual([]);

    // The first visit stores all that a visit without a connection needs.
    await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
    await context.setOffline(true);
    await page.reload();
    await page.getByRole('radio', { name: 'In this tab' }).check();
    await page.getByRole('button', { name: 'Load the model' }).click();
    await page.getByText('Ready, with WASM.').waitFor({ timeout: 120_000 });
    await page.click('#speak');
    await untilState(page, 'made');
  });

  it('lists the voices of the last visit when the server is gone, although the browser is in a network', async () => {
    await using studio = await openStudio(browser(), server().url);
    const { page, context } = studio;
    const voices = page.getByLabel('Voice', { exact: true }).locator('option');
    await voices.first().waitFor({ state: 'attached' });
    const names = await voices.allTextContents();
    await context.route('**/v1/**', (route) => route.abort());
    await page.reload();
    await expect.poll(() => voices.allTextContents()).toEqual(names);
    expect(await page.evaluate('navigator.onLine')).toBe(true);
    await page.click('#speak');
    await page.getByText('The server does not answer.').first().waitFor();
  });
}
