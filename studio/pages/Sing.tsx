import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { voices } from '../catalogue.ts';
import { Select, Slider } from '../components/fields.tsx';
import { Message, message, report, showNote } from '../components/Message.tsx';
import { number, t } from '../i18n/index.ts';
import { PianoRoll } from '../singing/PianoRoll.tsx';
import { type Song, singSong } from '../singing/song.ts';

const ENDINGS = '.musicxml,.xml,.mxl,.mid,.midi,.kar,.ds,.ustx,.json';

const song = signal<Song | undefined>(undefined);
const busy = signal(false);
const chosen = signal('');
const score = signal<File | undefined>(undefined);
const expression = signal(1);
const click = signal(false);

async function sing(): Promise<void> {
  const voice = voices.value.find(({ id }) => id === chosen.value) ?? voices.value[0];
  if (!voice) return;
  busy.value = true;
  message.value = undefined;
  await report(async () => {
    const sung = await singSong({
      model: voice.model,
      voice: voice.id,
      expression: expression.value,
      click: click.value,
      score: score.value,
    });
    if (song.value) URL.revokeObjectURL(song.value.url);
    song.value = sung;
    const { seconds, transposed, notices } = sung;
    const made = t('sung', { seconds: number(seconds, 1) });
    const moved = transposed === 0 ? '' : t('sungTransposed', { semitones: transposed });
    showNote([made, moved, ...notices].filter(Boolean).join(' '));
  });
  busy.value = false;
}

/** A score is sung, and plays as a piano roll. */
export function Sing() {
  useEffect(() => {
    message.value = undefined;
  }, []);
  return (
    <section class="card stack" aria-labelledby="sing-title">
      <h2 id="sing-title">{t('view_sing')}</h2>
      <p class="muted">{t('singHint')}</p>
      <div class="field">
        <label for="score">{t('singScore')}</label>
        <input
          id="score"
          type="file"
          accept={ENDINGS}
          onChange={({ currentTarget }) => {
            score.value = currentTarget.files?.[0];
          }}
        />
      </div>
      <Select
        label={t('voice')}
        value={chosen.value || (voices.value[0]?.id ?? '')}
        onChange={(id) => (chosen.value = id)}
      >
        {voices.value.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
      <Slider
        label={t('singExpression')}
        value={expression}
        min={0}
        max={2}
        step={0.1}
        show={(value) => number(value, 1)}
      />
      <label class="row">
        <input
          type="checkbox"
          checked={click.value}
          onChange={({ currentTarget }) => (click.value = currentTarget.checked)}
        />
        {t('singClick')}
      </label>
      <div class="row">
        <button
          id="sing"
          type="button"
          class="primary"
          disabled={busy.value || voices.value.length === 0}
          onClick={() => void sing()}
        >
          {busy.value ? t('singing') : t('view_sing')}
        </button>
      </div>
      <Message />
      {song.value && <PianoRoll song={song.value} />}
    </section>
  );
}
