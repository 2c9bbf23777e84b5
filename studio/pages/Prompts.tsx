import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask, askJson } from '../api.ts';
import { Download } from '../components/Download.tsx';
import { Message, message, report, showNote } from '../components/Message.tsx';
import { number, t } from '../i18n/index.ts';
import { body, input } from '../state.ts';

interface Prompt {
  readonly name: string;
  readonly version: number;
  readonly stale: boolean;
  readonly urls: Readonly<Record<string, string>>;
  readonly audio: Readonly<Record<string, { readonly seconds: number; readonly voice: string }>>;
}

interface Page {
  readonly data: readonly Prompt[];
  readonly next: string | null;
}

const prompts = signal<readonly Prompt[]>([]);
const next = signal<string | null>(null);
const prefix = signal('');
const name = signal('');
const saving = signal(false);

async function list(after?: string): Promise<void> {
  await report(async () => {
    const begins = prefix.value;
    const query = new URLSearchParams({ limit: '50' });
    if (begins) query.set('prefix', begins);
    if (after) query.set('after', after);
    const page = await askJson<Page>(`v1/prompts?${query}`);
    // The next letter may have been typed meanwhile, and its answer may have come before.
    if (prefix.value !== begins) return;
    prompts.value = after ? [...prompts.value, ...page.data] : page.data;
    next.value = page.next;
  });
}

async function save(): Promise<void> {
  saving.value = true;
  message.value = undefined;
  await report(async () => {
    const { model: _, ...definition } = body.value;
    await ask(`v1/prompts/${name.value}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...definition, formats: ['mp3'] }),
    });
    await list();
    showNote(t('promptSaved', { name: name.value }));
  });
  saving.value = false;
}

/** The catalogue of prompts. */
export function Prompts() {
  useEffect(() => {
    message.value = undefined;
    void list();
  }, []);
  return (
    <section class="card stack" aria-labelledby="prompts-title">
      <h2 id="prompts-title">{t('view_prompts')}</h2>
      <p class="muted">{t('promptsHint')}</p>
      <form
        class="row bottom"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <label class="field grow">
          <span>{t('promptName')}</span>
          <input
            value={name.value}
            required
            pattern="[a-z0-9][a-z0-9._\/\-]*"
            maxLength={128}
            placeholder="menu/welcome"
            title={t('promptNameHint')}
            autocapitalize="off"
            spellcheck={false}
            onInput={({ currentTarget }) => {
              name.value = currentTarget.value;
            }}
          />
        </label>
        <button type="submit" class="primary" disabled={saving.value || input.value.trim() === ''}>
          {t('promptSave')}
        </button>
      </form>
      <blockquote class="small">{input.value.slice(0, 200)}</blockquote>
      <Message />
      <div class="row bottom">
        <label class="field grow">
          <span>{t('filter')}</span>
          <input
            type="search"
            value={prefix.value}
            onInput={({ currentTarget }) => {
              prefix.value = currentTarget.value;
              void list();
            }}
          />
        </label>
        <button type="button" onClick={() => void list()}>
          {t('refresh')}
        </button>
      </div>
      {prompts.value.length === 0 && <p>{t('promptsNone')}</p>}
      <ul class="list">
        {prompts.value.map((prompt) => (
          <Row key={prompt.name} prompt={prompt} />
        ))}
      </ul>
      {next.value && (
        <button type="button" onClick={() => void list(next.value ?? undefined)}>
          {t('loadMore')}
        </button>
      )}
    </section>
  );
}

function Row({ prompt }: { prompt: Prompt }) {
  const url = Object.values(prompt.urls)[0];
  const audio = Object.values(prompt.audio)[0];
  return (
    <li class="row spread">
      <span>
        <strong class="mono">{prompt.name}</strong>
        <span class="small muted">
          {t('promptVersion', { version: prompt.version })}
          {audio && ` · ${number(audio.seconds, 1)} s · ${audio.voice}`}
          {!url && ` · ${t('promptTemplate')}`}
        </span>
        {prompt.stale && <span class="tag">{t('promptStale')}</span>}
      </span>
      {url && (
        <span class="row">
          <button type="button" aria-label={`${t('listen')}: ${prompt.name}`} onClick={() => play(url)}>
            {t('listen')}
          </button>
          <Download
            path={url}
            name={`${prompt.name.replaceAll('/', '-')}.${url.split('.').at(-1)}`}
            of={prompt.name}
          />
        </span>
      )}
    </li>
  );
}

const sound = new Audio();

function play(path: string): void {
  void report(async () => {
    // Prompts of cloned voices need the key, so the element does not fetch the audio itself.
    const response = await ask(path.slice(1));
    if (sound.src) URL.revokeObjectURL(sound.src);
    sound.src = URL.createObjectURL(await response.blob());
    await sound.play();
  });
}
