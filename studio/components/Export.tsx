import { signal } from '@preact/signals';
import { type ApiError, ask, baseUrl, keyNeeded } from '../api.ts';
import { t } from '../i18n/index.ts';
import { fileName, SNIPPETS } from '../snippets/index.ts';
import { SAMPLE_RATE } from '../speech/player.ts';
import { location, player } from '../speech/session.ts';
import { body, input, place } from '../state.ts';
import { wavFile } from '../wav.ts';
import { save } from './Download.tsx';
import { Select } from './fields.tsx';
import { Tabs } from './Tabs.tsx';

/** The values of `response_format` that are files. */
const FORMATS = [
  'mp3',
  'opus',
  'aac',
  'm4a',
  'flac',
  'wav',
  'wav-8k',
  'mulaw-wav',
  'alaw-wav',
  'mulaw',
  'alaw',
  'pcm',
];

const format = signal('mp3');
const chosen = signal('curl');
const note = signal('');

/** The speech as a file, and the request as code. */
export function Export() {
  const snippet = SNIPPETS[chosen.value]({
    base: baseUrl,
    body: body.value,
    format: format.value,
    key: keyNeeded.value,
  });
  const stored = location.value;
  return (
    <section class="card export" aria-labelledby="export-title">
      <h2 id="export-title">{t('snippet')}</h2>
      <div class="row bottom">
        <Select
          label={t('format')}
          value={format.value}
          onChange={(value) => {
            format.value = value;
          }}
        >
          {FORMATS.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
        <button
          type="button"
          id="download"
          disabled={place.value === 'tab' ? player.length.value === 0 : input.value.trim() === ''}
          onClick={() => void download()}
        >
          {t('download')}
        </button>
      </div>
      {place.value === 'tab' && <p class="small muted">{t('downloadWav')}</p>}
      {stored && (
        <p class="small">
          {t('storedAt')}:{' '}
          <a class="address" href={new URL(stored.replace(/\.\w+$/, '.mp3'), baseUrl).href}>
            {stored.replace(/\.\w+$/, '.mp3')}
          </a>
        </p>
      )}
      <p class="small muted">{t('snippetHint')}</p>
      <Tabs
        label={t('snippet')}
        names={Object.keys(SNIPPETS)}
        chosen={chosen.value}
        onChoose={(name) => {
          chosen.value = name;
        }}
      >
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keyboard. */}
        <pre class="code" tabIndex={0}>
          <code id="snippet">{snippet}</code>
        </pre>
      </Tabs>
      <div class="row">
        <button type="button" onClick={() => void copy(snippet)}>
          {t('copy')}
        </button>
        <span class="small" role="status">
          {note.value}
        </span>
      </div>
    </section>
  );
}

async function copy(text: string): Promise<void> {
  // Browsers give the clipboard to secure contexts only.
  const done = await navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  );
  note.value = done ? t('copied') : t('copyByHand');
}

async function download(): Promise<void> {
  if (place.value === 'tab') {
    save(new Blob([wavFile(player.samples(), SAMPLE_RATE)], { type: 'audio/wav' }), 'speech.wav');
    return;
  }
  note.value = t('downloading');
  try {
    const response = await ask('v1/audio/speech', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...body.value, response_format: format.value }),
    });
    save(await response.blob(), fileName(format.value));
    note.value = '';
  } catch (error) {
    note.value = (error as ApiError).message;
  }
}
