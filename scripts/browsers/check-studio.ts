import type { Window } from './web-driver.ts';

/** What a user does in the studio, and what was seen: a line for each. */
export interface Check {
  readonly name: string;
  run(window: Window, url: string): Promise<string>;
}

const TEXT = 'The first train leaves at nine. The second one leaves at ten. A third one follows at noon.';
const FORMATS = ['mp3', 'opus', 'aac', 'm4a', 'flac', 'wav', 'wav-8k', 'mulaw-wav', 'alaw-wav'];

/** Writes down each word that lights up, and errors of the page. */
const WATCH = `(() => {
  if (window.seen) return;
  // Firefox runs each script with a global object of its own.
  const seen = { words: [], faults: [] };
  window.seen = seen;
  addEventListener('error', ({ message }) => seen.faults.push(message));
  addEventListener('unhandledrejection', ({ reason }) => seen.faults.push(String(reason)));
  new MutationObserver(() => {
    const word = document.querySelector('.backdrop mark.spoken')?.textContent;
    if (word && word !== seen.words.at(-1)) seen.words.push(word);
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
})()`;

/** Types a text as a user does, so that the page notices it. */
const typed = (text: string) => `(() => {
  const field = document.querySelector('#text');
  field.value = ${JSON.stringify(text)};
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
})()`;

const textOf = (selector: string) => `document.querySelector('${selector}')?.textContent ?? ''`;

async function show(window: Window, url: string, view = ''): Promise<void> {
  await window.open(new URL(view, url).href);
  // A change of the fragment alone does not load the page again.
  await window.until("document.readyState === 'complete' && document.querySelector('main')");
  await window.read(WATCH);
}

async function noFaults(window: Window): Promise<void> {
  const faults = await window.read<string[]>('window.seen.faults');
  if (faults.length > 0) throw new Error(`Errors of the page: ${faults.join('; ')}`);
  const wider = await window.read<number>('document.documentElement.scrollWidth - innerWidth');
  if (wider > 0) throw new Error(`The page is ${wider} pixels wider than the window`);
}

/** Clicks "Speak", and waits for the sound's end. */
async function speak(window: Window): Promise<string> {
  await window.read('window.seen.words.splice(0)');
  await window.click('#speak');
  await window.until("['made', 'failed'].includes(document.querySelector('.transport').dataset.state)", 120);
  const failure = await window.read<string>(textOf('.transport [role=alert]'));
  if (failure) throw new Error(failure);
  await window.until("document.querySelector('#stop').disabled");
  const words = await window.read<string[]>('window.seen.words');
  if (words.length === 0) throw new Error('No word was highlighted');
  return `${await window.read(textOf('#first-sound'))}, ${words.length} words highlighted`;
}

async function loadIntoTab(window: Window): Promise<string> {
  await window.until("document.querySelector('#speak')");
  await window.click('.where label:last-of-type');
  await window.until("document.querySelector('.where button.primary:not([disabled])')");
  await window.click('.where button.primary');
  await window.until("/^(Ready|Failed|It)/.test(document.querySelector('#tab-status').textContent)", 180);
  const status = await window.read<string>(textOf('#tab-status'));
  if (!status.startsWith('Ready')) throw new Error(status);
  return status;
}

export const CHECKS: readonly Check[] = [
  {
    name: 'speaks from the server',
    async run(window, url) {
      await show(window, url, '#speak');
      await window.until("document.querySelector('#speak:not([disabled])')");
      await window.read(typed(TEXT));
      const said = await speak(window);
      await noFaults(window);
      return said;
    },
  },
  {
    name: 'plays files of these formats',
    async run(window, url) {
      await show(window, url, '#speak');
      await window.read(`(async () => {
        const plays = async (format) => {
          const answer = await fetch('v1/audio/speech', {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({ input: 'Your table is ready.', voice: 'hazel', response_format: format }),
          });
          const audio = new Audio(URL.createObjectURL(await answer.blob()));
          return new Promise((done) => {
            audio.onloadedmetadata = () => done(format + ' ' + audio.duration.toFixed(2) + ' s');
            audio.onerror = () => done(format + ' not');
          });
        };
        window.played = [];
        for (const format of ${JSON.stringify(FORMATS)}) window.played.push(await plays(format));
      })(), undefined`);
      await window.until(`window.played?.length === ${FORMATS.length}`);
      return (await window.read<string[]>('window.played')).join(', ');
    },
  },
  {
    name: 'sings',
    async run(window, url) {
      await show(window, url, '#sing');
      await window.until("document.querySelector('#sing:not([disabled])')");
      await window.click('#sing');
      await window.until("document.querySelector('.roll canvas')", 120);
      await window.read("document.querySelector('audio').play(), undefined");
      await window.until("document.querySelector('audio').currentTime > 0");
      await window.read("document.querySelector('audio').pause()");
      await window.read("document.querySelector('audio').currentTime = 3");
      await window.until("document.querySelector('.spoken-line .now')");
      await noFaults(window);
      return await window.read("document.querySelector('.roll canvas').getAttribute('aria-label')");
    },
  },
  {
    name: 'plays the gallery',
    async run(window, url) {
      await show(window, url, '#gallery');
      await window.until("document.querySelector('table.gallery button')");
      await window.click('table.gallery button');
      await window.until("document.querySelector('button.round.now')");
      await window.until("!document.querySelector('button.round.now')");
      await noFaults(window);
      return `${await window.read("document.querySelectorAll('table.gallery button').length")} buttons`;
    },
  },
  {
    name: 'speaks in this tab',
    async run(window, url) {
      await show(window, url, '#speak');
      const ready = await loadIntoTab(window);
      await window.read(typed(TEXT));
      const said = await speak(window);
      await noFaults(window);
      return `${ready} ${said}, ${await window.read(textOf('#real-time-factor'))}`;
    },
  },
];

/** With the server stopped: the stored page and the stored model speak. */
export const OFFLINE: Check = {
  name: 'speaks in this tab without a connection',
  async run(window, url) {
    await window.open(url);
    await window.until("document.querySelector('main')");
    await window.read(WATCH);
    await loadIntoTab(window);
    await window.read(typed(TEXT));
    return await speak(window);
  },
};
