import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import type { AppEnv } from '../../http/context.ts';

const route = createRoute({
  method: 'get',
  path: '/',
  tags: ['documents'],
  operationId: 'page',
  summary: 'Page to try the voices',
  responses: {
    200: { description: 'The page.', content: { 'text/html': { schema: z.string() } } },
  },
});

const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1d2330, #e9ebf2); --paper: light-dark(#f7f5f0, #14171f);
  --card: light-dark(#fff, #1d212c); --line: light-dark(#dcd7cc, #333a4a); --accent: light-dark(#2952cc, #8fabff); }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { width: min(40rem, 100%); }
h1 { margin: 0; font-size: 2.2rem; letter-spacing: -.03em; }
p { margin: .25rem 0 1.25rem; }
form { grid-template-columns: minmax(0, 1fr); background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.25rem; display: grid; gap: .9rem; }
textarea, select, input, button { font: inherit; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: 8px; padding: .55rem .7rem; }
textarea { width: 100%; min-height: 6.5rem; resize: vertical; }
option { background: var(--card); }
.row { display: flex; flex-wrap: wrap; gap: .9rem; align-items: end; }
label { display: grid; gap: .2rem; font-size: .82rem; flex: 1 1 7rem; }
button { flex: 1 1 7rem; background: var(--accent); border-color: var(--accent); color: var(--card); font-weight: 600; cursor: pointer; }
button:disabled { opacity: .55; cursor: progress; }
audio { width: 100%; }
output { font-size: .85rem; min-height: 1.3em; }
pre { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .8rem 1rem; font-size: .8rem; }
#link { display: flex; gap: .9rem; align-items: center; font-size: .85rem; }
#link a { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
#link button { flex: none; padding: .3rem .7rem; }
[hidden] { display: none !important; }
nav { display: flex; flex-wrap: wrap; gap: 1rem; font-size: .9rem; }
a { color: var(--accent); }
`;

// Relative addresses: the page works below any path.
const SCRIPT = `
const $ = (id) => document.getElementById(id);
const say = (text) => { $('status').value = text; };
// For this tab only: a key that stays in a browser is a key that gets lost.
$('key').value = sessionStorage.getItem('sori-api-key') ?? '';
$('key-row').hidden = $('key').value === '';
const showCurl = () => {
  $('curl').textContent = ['curl ' + new URL('v1/audio/speech', location.href).href,
    ...($('key-row').hidden ? [] : ['-H "Authorization: Bearer $SORI_API_KEY"']),
    '-H "Content-Type: application/json"', '-d \\'{"model":"tts-1","voice":"alloy","input":"Your table is ready."}\\'',
    '-o hello.mp3'].join(' \\\\\\n  ');
};
async function ask(path, init = {}) {
  const key = $('key').value.trim();
  const response = await fetch(path, { ...init, headers: { ...init.headers, ...(key && { Authorization: 'Bearer ' + key }) } })
    .catch(() => { throw new Error('The server does not answer.'); });
  if (response.status === 401) {
    $('key-row').hidden = false;
    showCurl();
    if (!key) throw new Error('This server asks for an API key.');
  }
  if (!response.ok) throw new Error((await response.json()).error.message);
  return response;
}
const optionsOf = (items) => items.map((item) => Object.assign(document.createElement('option'), item));
async function load() {
  try {
    const { data: voices } = await (await ask('v1/voices')).json();
    $('voice').replaceChildren(...optionsOf(voices.map((v) => ({ value: v.model + ' ' + v.id, textContent: v.name + ' (' + v.language + ')' }))));
    const { data: models } = await (await ask('v1/models')).json();
    const names = [...new Set(models.flatMap((m) => m.emotions))];
    $('emotion').replaceChildren($('emotion').options[0], ...optionsOf(names.map((textContent) => ({ textContent }))));
  } catch (error) {
    say(error.message);
  }
}
showCurl();
load();
$('key').addEventListener('change', () => {
  sessionStorage.setItem('sori-api-key', $('key').value.trim());
  say('');
  load();
});
$('copy').addEventListener('click', async () => {
  // Browsers lend the clipboard to secure origins only.
  await navigator.clipboard?.writeText($('address').href).then(() => say('Copied.'), () => say('Copy it by hand.'));
});
let url;
$('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  $('speak').disabled = true;
  say('Speaking …');
  const started = performance.now();
  try {
    const [model, voice] = ($('voice').value || 'tts-1 alloy').split(' ');
    const response = await ask('v1/audio/speech', { method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ model, voice, input: $('text').value, emotion: $('emotion').value || undefined,
        speed: Number($('speed').value), response_format: $('format').value }) });
    const place = response.headers.get('Content-Location');
    $('link').hidden = !place;
    if (place) $('address').textContent = $('address').href = new URL(place, response.url).href;
    const blob = await response.blob();
    if (url) URL.revokeObjectURL(url);
    $('player').src = url = URL.createObjectURL(blob);
    say(Math.round(performance.now() - started) + ' ms, ' + Math.ceil(blob.size / 1024) + ' KiB');
    await $('player').play().catch(() => {});
  } catch (error) {
    say(error.message);
  } finally {
    $('speak').disabled = false;
  }
});
`;

const page = (nonce: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sori</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${STYLE}</style>
<main>
  <h1>Sori</h1>
  <p>Speech, synthesized inside this Worker.</p>
  <form id="form">
    <label id="key-row" hidden>API key <input id="key" type="password" autocomplete="off" spellcheck="false" placeholder="sori_…"></label>
    <textarea id="text" maxlength="4096" required aria-label="Text or SSML to speak">Your table is ready.</textarea>
    <div class="row">
      <label>Voice <select id="voice"></select></label>
      <label>Emotion <select id="emotion"><option value="">by itself</select></label>
      <label>Speed <input id="speed" type="number" min="0.25" max="4" step="0.05" value="1"></label>
      <label>Format <select id="format"><option>mp3<option>wav<option>opus<option>flac</select></label>
      <button id="speak">Speak</button>
    </div>
    <audio id="player" controls></audio>
    <output id="status"></output>
    <div id="link" hidden><a id="address" download></a><button id="copy" type="button">Copy link</button></div>
  </form>
  <pre id="curl"></pre>
  <nav><a href="v1/voices">Voices</a> <a href="v1/models">Models</a> <a href="docs">Documentation</a> <a href="openapi.json">OpenAPI</a> <a href="readyz">Readiness</a></nav>
</main>
<script nonce="${nonce}">${SCRIPT}</script>
</html>
`;

/** Adds `GET /`: a text box, a player and the curl line, in one self-contained answer. */
export function pageRoute(app: OpenAPIHono<AppEnv>): void {
  app.openapi(route, (c) => {
    const nonce = crypto.randomUUID();
    c.header(
      'Content-Security-Policy',
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; media-src blob:; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    c.header('Referrer-Policy', 'no-referrer');
    c.header('Cache-Control', 'no-store');
    return c.html(page(nonce));
  });
}
