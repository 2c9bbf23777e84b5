import type { Driver } from './web-driver.ts';

/** MiniBrowser is the browser of WebKitGTK's own tests. */
const MINI_BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';

/** Browsers that `npm run studio:browsers` can open, by the name of its argument. */
export const DRIVERS: Readonly<Record<string, Driver>> = {
  firefox: {
    command: 'geckodriver',
    args: (port) => ['--port', String(port)],
    capabilities: {
      browserName: 'firefox',
      'moz:firefoxOptions': {
        args: ['-headless'],
        prefs: { 'dom.disable_open_during_load': false },
        ...(process.env.FIREFOX_PATH && { binary: process.env.FIREFOX_PATH }),
      },
    },
  },
  webkit: {
    command: 'WebKitWebDriver',
    args: (port) => [`--port=${port}`],
    capabilities: {
      'webkitgtk:browserOptions': {
        binary: process.env.WEBKIT_PATH ?? MINI_BROWSER,
        // Its toolbar would keep the window at least 447 pixels wide. The driver plays songs without a click.
        args: ['--automation', '--full-screen', '--autoplay-policy=allow'],
      },
    },
    // Without a graphics card this draws nearly twice as many frames.
    env: { WEBKIT_SKIA_ENABLE_CPU_RENDERING: '1' },
  },
  safari: {
    command: 'safaridriver',
    args: (port) => ['-p', String(port)],
    capabilities: { browserName: 'safari' },
  },
};
