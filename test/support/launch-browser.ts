import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

/** Chromium opens pages of its own for suggestions below the address bar with each window, which takes a second of processor time. */
const SUGGESTIONS = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'];

/** Chromium obeys the last `--disable-features` only, so those that Playwright switches off and that matter here are among them. */
const DISABLED = [
  ...SUGGESTIONS,
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
];

/**
 * Starts Chromium. Sound without a click is not allowed in it, as for users.
 * @throws when there is no Chromium; nothing is downloaded.
 */
export async function launchBrowser(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Browser> {
  if (!existsSync(executablePath)) {
    throw new Error(
      `These tests need Chromium: install it (Debian: apt install chromium) or set CHROMIUM_PATH. Not at ${executablePath}.`,
    );
  }
  return await chromium.launch({
    executablePath,
    env: { ...process.env, ...env },
    args: ['--no-sandbox', `--disable-features=${DISABLED}`, ...args],
  });
}
