import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** A command that serves the WebDriver protocol, and the capabilities of the browser that it opens. */
export interface Driver {
  readonly command: string;
  readonly args: (port: number) => readonly string[];
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A browser window that the {@link https://www.w3.org/TR/webdriver2/ | WebDriver protocol} controls. */
export interface Window extends AsyncDisposable {
  /** The browser's name and version, as it states them. */
  readonly browser: string;
  open(url: string): Promise<void>;
  /** Makes the window so large that the page has this width and height in CSS pixels. */
  resize(width: number, height: number): Promise<void>;
  /** Value of an expression in the page. */
  read<T>(expression: string): Promise<T>;
  /** Clicks an element as a user does: it is scrolled into view, and must not be covered. */
  click(selector: string): Promise<void>;
  /** Waits until an expression is true. @throws {Error} after `seconds`. */
  until(expression: string, seconds?: number): Promise<void>;
  /** A PNG of what is visible. */
  screenshot(): Promise<Buffer>;
}

const START_MS = 20_000;
const CALL_MS = 60_000;
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

/** Starts a driver and its browser. @throws {Error} when one of them does not start. */
export async function openWindow(driver: Driver, port: number): Promise<Window> {
  const child = spawn(driver.command, driver.args(port), {
    stdio: 'ignore',
    env: { ...process.env, ...driver.env },
  });
  process.once('exit', () => child.kill());
  const failed = new Promise<never>((_, fail) => {
    child.once('error', (error) => fail(new Error(`${driver.command} does not start: ${error.message}`)));
    child.once('exit', (code) => fail(new Error(`${driver.command} has ended with ${code}`)));
  });
  failed.catch(() => {});
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(CALL_MS),
    });
    const { value } = (await response.json()) as { value: T & { error?: string; message?: string } };
    if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  };
  const started = async () => {
    for (const end = Date.now() + START_MS; ; await pause(100)) {
      try {
        return await call('GET', '/status');
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  };
  try {
    await Promise.race([started(), failed]);
    const { sessionId, capabilities } = await call<{
      sessionId: string;
      capabilities: { browserName: string; browserVersion: string };
    }>('POST', '/session', { capabilities: { alwaysMatch: driver.capabilities } });
    return windowOf(
      `${capabilities.browserName} ${capabilities.browserVersion}`,
      (method, path, body) => call(method, `/session/${sessionId}${path}`, body),
      () => void child.kill(),
    );
  } catch (error) {
    child.kill();
    throw error;
  }
}

type Call = <T>(method: string, path: string, body?: object) => Promise<T>;

function windowOf(browser: string, call: Call, stop: () => void): Window {
  const read = <T>(expression: string) =>
    call<T>('POST', '/execute/sync', { script: `return (${expression})`, args: [] });
  return {
    browser,
    open: (url) => call('POST', '/url', { url }),
    async resize(width, height) {
      await call('POST', '/window/rect', { width, height });
      const [inner, outer] = await read<[number, number]>('[innerWidth, innerHeight]');
      await call('POST', '/window/rect', { width: 2 * width - inner, height: 2 * height - outer });
      if ((await read<number>('innerWidth')) <= width) return;
      // Firefox keeps its main windows at least 500 pixels wide, but not those that a page opens.
      const before = await call<string[]>('GET', '/window/handles');
      await read(`void window.open(location.href, '_blank', 'popup,width=${width},height=${height}')`);
      const handle = (await call<string[]>('GET', '/window/handles')).find((each) => !before.includes(each));
      await call('POST', '/window', { handle });
    },
    read,
    async click(selector) {
      const found = await call<Record<string, string>>('POST', '/element', {
        using: 'css selector',
        value: selector,
      });
      await call('POST', `/element/${found[ELEMENT]}/click`, {});
    },
    async until(expression, seconds = 60) {
      for (
        const end = Date.now() + 1000 * seconds;
        !(await read<boolean>(`!!(${expression})`));
        await pause(50)
      )
        if (Date.now() > end) throw new Error(`Still false after ${seconds} s: ${expression}`);
    },
    screenshot: async () => Buffer.from(await call<string>('GET', '/screenshot'), 'base64'),
    async [Symbol.asyncDispose]() {
      await call('DELETE', '').catch(() => {});
      stop();
    },
  };
}
