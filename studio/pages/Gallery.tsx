import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { models, type Voice, voices } from '../catalogue.ts';
import { Select } from '../components/fields.tsx';
import { emotionName, languageName, t } from '../i18n/index.ts';
import { primaryOf, sentenceIn } from '../sentences.ts';
import { failure, player, speak, state, stop } from '../speech/session.ts';

interface Cell {
  readonly voice: Voice;
  readonly language: string;
  readonly emotion: string;
}

const language = signal('');
const playing = signal('');
const queue = signal<readonly Cell[]>([]);

const nameOf = ({ voice, language, emotion }: Cell) =>
  t('galleryPlay', { voice: voice.name, language: languageName(language), emotion: emotionName(emotion) });

/** A table that plays every voice in every language and emotion. */
export function Gallery() {
  useEffect(
    () => () => {
      queue.value = [];
      stop();
    },
    [],
  );
  const languages = [...new Set(models.value.flatMap((model) => model.languages))];
  const chosen = languages.includes(language.value) ? language.value : (languages[0] ?? 'en');
  const rows = voices.value.filter(({ model }) =>
    models.value.find(({ id }) => id === model)?.languages.includes(chosen),
  );
  const emotions = [...new Set(models.value.flatMap((model) => model.emotions))];
  const cells = rows.flatMap((voice) =>
    emotionsOf(voice).map((emotion): Cell => ({ voice, language: chosen, emotion })),
  );
  return (
    <section class="card" aria-labelledby="gallery-title">
      <h2 id="gallery-title">{t('view_gallery')}</h2>
      <p class="muted">{t('galleryHint')}</p>
      <div class="row bottom">
        <Select
          label={t('language')}
          value={chosen}
          onChange={(value) => {
            language.value = value;
          }}
        >
          {languages.map((tag) => (
            <option key={tag} value={tag}>
              {languageName(tag)}
            </option>
          ))}
        </Select>
        <button type="button" class="primary" onClick={() => void playAll(cells)}>
          {t('galleryPlayAll')}
        </button>
        <button type="button" onClick={stopAll} disabled={!player.playing.value && queue.value.length === 0}>
          {t('stop')}
        </button>
      </div>
      <p class="small" role="status">
        {playing.value && (player.playing.value || state.value === 'waiting')
          ? t('galleryPlaying', { name: playing.value })
          : ''}
      </p>
      {failure.value && (
        <p class="alert" role="alert">
          {failure.value.message}
        </p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keyboard. */}
      <section class="scroll" tabIndex={0} aria-label={t('galleryHint')}>
        <table class="gallery">
          <thead>
            <tr>
              <th scope="col">{t('voice')}</th>
              {emotions.map((emotion) => (
                <th key={emotion} scope="col">
                  {emotionName(emotion)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((voice) => (
              <tr key={voice.id}>
                <th scope="row">
                  {voice.name}
                  <span class="small muted">{languageName(voice.language)}</span>
                </th>
                {emotions.map((emotion) => {
                  const cell = { voice, language: chosen, emotion };
                  return (
                    <td key={emotion}>{emotionsOf(voice).includes(emotion) && <PlayButton cell={cell} />}</td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function PlayButton({ cell }: { cell: Cell }) {
  const name = nameOf(cell);
  const now = playing.value === name && (player.playing.value || state.value === 'waiting');
  return (
    <button
      type="button"
      class={`round ${now ? 'now' : ''}`}
      aria-label={name}
      aria-pressed={now}
      onClick={() => {
        queue.value = [];
        void play(cell);
      }}
    >
      <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
        <path d={now ? 'M4.5 4.5h11v11h-11z' : 'M6 4v12l10-6z'} fill="currentColor" />
      </svg>
    </button>
  );
}

function emotionsOf(voice: Voice): readonly string[] {
  const { emotions = [] } = models.value.find(({ id }) => id === voice.model) ?? {};
  return emotions.length > 0 ? emotions : ['neutral'];
}

async function play(cell: Cell): Promise<void> {
  const name = nameOf(cell);
  if (playing.value === name && player.playing.value) {
    stop();
    return;
  }
  playing.value = name;
  const { voice, language, emotion } = cell;
  const own = primaryOf(voice.language) === primaryOf(language);
  const hasEmotions = (models.value.find(({ id }) => id === voice.model)?.emotions.length ?? 0) > 0;
  await speak(
    {
      model: voice.model,
      voice: voice.id,
      language,
      input: own ? voice.sample : (sentenceIn(language) ?? voice.sample),
      ...(hasEmotions && emotion !== 'neutral' && { emotion }),
    },
    'server',
  );
}

/** Plays cells one after the other, until something else is played. */
async function playAll(cells: readonly Cell[]): Promise<void> {
  queue.value = cells;
  for (const cell of cells) {
    if (queue.value !== cells) return;
    await play(cell);
    await soundEnds();
  }
  if (queue.value === cells) queue.value = [];
}

function stopAll(): void {
  queue.value = [];
  stop();
}

function soundEnds(): Promise<void> {
  return new Promise((done) => {
    const off = player.playing.subscribe((on) => {
      if (on) return;
      // The first call comes before subscribe has returned.
      queueMicrotask(() => off());
      done();
    });
  });
}
