/** `npm run studio:browsers -- firefox`: does in another browser what a user does in the studio. Tests use Chromium only. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Argument, Command } from 'commander';
import { CHECKS, OFFLINE } from './browsers/check-studio.ts';
import { DRIVERS } from './browsers/drivers.ts';
import { openWindow, type Window } from './browsers/web-driver.ts';

const ORIGIN = resolve(import.meta.dirname, '../src/origin.ts');
const DRIVER_PORT = 4460;
const WIDTHS = [1280, 390];
const HEIGHT = 844;

/** An origin without keys, with its state in a folder. */
async function startOrigin(folder: string) {
  const child = spawn(process.execPath, ['--no-warnings', ORIGIN], {
    env: { ...process.env, AUTH: 'off', PORT: '0', STATE_DIR: folder, REFERENCE_STYLES: 'on' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const url = await new Promise<string>((done, fail) => {
    let output = '';
    child.stdout.on('data', (data: Buffer) => {
      output = (output + data).slice(-10_000);
      const found = /speaks at (\S+) /.exec(output);
      if (found) done(`${found[1]}/`);
    });
    child.once('exit', () => fail(new Error(`The origin has ended:\n${output}`)));
  });
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { url, stop };
}

/** Runs a check, and saves a picture of the page whether it passes or not. */
async function check(
  window: Window,
  url: string,
  { name, run }: (typeof CHECKS)[number],
  picture: string,
): Promise<boolean> {
  const { passed, result } = await run(window, url).then(
    (seen) => ({ passed: true, result: seen }),
    (error: Error) => ({ passed: false, result: error.message }),
  );
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name}: ${result}`);
  await writeFile(picture, await window.screenshot());
  return passed;
}

/** @returns whether all checks have passed. */
async function tryBrowser(name: string, pictures: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'sori-browsers-'));
  const origin = await startOrigin(folder);
  const results: boolean[] = [];
  try {
    await mkdir(pictures, { recursive: true });
    for (const width of WIDTHS) {
      // A window for each width: WebKitGTK does not answer when a window in use is made narrower.
      await using window = await openWindow(DRIVERS[name], DRIVER_PORT);
      await window.open(origin.url);
      await window.resize(width, HEIGHT);
      console.log(`${window.browser}, ${await window.read<number>('innerWidth')} pixels wide`);
      for (const [index, each] of CHECKS.entries()) {
        results.push(
          await check(window, origin.url, each, join(pictures, `${name}-${width}-${index + 1}.png`)),
        );
      }
      if (width !== WIDTHS.at(-1)) continue;
      await origin.stop();
      results.push(await check(window, origin.url, OFFLINE, join(pictures, `${name}-offline.png`)));
    }
  } finally {
    await origin.stop();
    await rm(folder, { recursive: true, force: true });
  }
  return results.every(Boolean);
}

const program = new Command('studio:browsers')
  .description(
    'Opens the studio in another browser and uses it; saves pictures. docs/studio.md says what it needs.',
  )
  .addArgument(new Argument('<browser>').choices(Object.keys(DRIVERS)))
  .option('--out <folder>', 'folder of the pictures', 'browser-pictures')
  .action(async (browser: string, { out }: { out: string }) => {
    if (!(await tryBrowser(browser, out))) process.exitCode = 1;
  });

// The end of this process ends the driver and the server.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
await program.parseAsync();
