import { signal } from '@preact/signals';
import { ask, askJson } from '../api.ts';
import { ownVoices, type Voice } from '../catalogue.ts';
import { Message, message, report, showNote } from '../components/Message.tsx';
import { interfaceLanguage, t } from '../i18n/index.ts';
import { Recorder } from '../recorder/Recorder.tsx';
import { speak } from '../speech/session.ts';
import { chooseVoice } from '../state.ts';

interface Consent {
  readonly id: string;
  readonly sentence: string;
}

const name = signal('');
const reference = signal<File | undefined>(undefined);
const consent = signal<Consent | undefined>(undefined);
const consentRecording = signal<File | undefined>(undefined);
const agreed = signal(false);
const cloning = signal(false);
/** Counts the voices that were cloned: the next one starts with an empty recorder. */
const round = signal(0);

/** Cloned voices of the key, and a form to clone another. */
export function MyVoices({ onChange }: { onChange: () => Promise<void> }) {
  return (
    <div class="columns even">
      <section class="card" aria-labelledby="voices-title">
        <h2 id="voices-title">{t('view_voices')}</h2>
        <p class="muted">{t('voicesHint')}</p>
        <Message />
        {ownVoices.value.length === 0 ? (
          <p>{t('voicesNone')}</p>
        ) : (
          <ul class="list">
            {ownVoices.value.map((voice) => (
              <Own key={voice.id} voice={voice} onChange={onChange} />
            ))}
          </ul>
        )}
      </section>
      <Clone onChange={onChange} />
    </div>
  );
}

function Own({ voice, onChange }: { voice: Voice; onChange: () => Promise<void> }) {
  const created = new Date(voice.provenance?.created ?? 0).toLocaleDateString(interfaceLanguage.value);
  const remove = async () => {
    if (!confirm(t('deleteAsk', { name: voice.name }))) return;
    await report(async () => {
      await ask(`v1/voices/${voice.id}`, { method: 'DELETE' });
      await onChange();
      showNote(t('deleted', { name: voice.name }));
    });
  };
  return (
    <li class="row spread">
      <span>
        <strong>{voice.name}</strong>
        <span class="small muted">
          {t('created')} {created}
        </span>
      </span>
      <span class="row">
        <button
          type="button"
          onClick={() => void speak({ model: voice.model, voice: voice.id, input: voice.sample }, 'server')}
        >
          {t('listen')}
        </button>
        <button
          type="button"
          onClick={() => {
            chooseVoice(voice.id);
            location.hash = '#speak';
          }}
        >
          {t('use')}
        </button>
        <button type="button" class="quiet" onClick={() => void remove()}>
          {t('delete')}
        </button>
      </span>
    </li>
  );
}

function Clone({ onChange }: { onChange: () => Promise<void> }) {
  const ready =
    name.value.trim() && reference.value && consent.value && consentRecording.value && agreed.value;
  const submit = async () => {
    cloning.value = true;
    await report(async () => {
      const form = new FormData();
      form.append('name', name.value.trim());
      form.append('files', reference.value as File);
      form.append('consent', consent.value?.id ?? '');
      form.append('consent_recording', consentRecording.value as File);
      const response = await ask('v1/voices', { method: 'POST', body: form });
      const voice = (await response.json()) as Voice;
      await onChange();
      showNote(t('cloned', { name: voice.name }));
      name.value = '';
      reference.value = undefined;
      agreed.value = false;
      round.value++;
    });
    // A sentence counts once, whatever came of it.
    consent.value = undefined;
    consentRecording.value = undefined;
    cloning.value = false;
  };
  return (
    <form
      class="card stack"
      aria-labelledby="clone-title"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <h2 id="clone-title">{t('voicesNew')}</h2>
      <label class="field">
        <span>{t('voiceName')}</span>
        <input
          value={name.value}
          maxLength={64}
          required
          onInput={({ currentTarget }) => {
            name.value = currentTarget.value;
          }}
        />
      </label>
      <Recorder
        key={round.value}
        label={t('reference')}
        hint={t('referenceHint')}
        onFile={(file) => {
          reference.value = file;
        }}
      />
      <fieldset class="stack">
        <legend>{t('consent')}</legend>
        <label class="check">
          <input
            type="checkbox"
            required
            checked={agreed.value}
            onChange={({ currentTarget }) => {
              agreed.value = currentTarget.checked;
            }}
          />
          {t('consentAgree')}
        </label>
        {consent.value ? (
          <>
            <p>{t('consentRead')}</p>
            <blockquote lang="en">{consent.value.sentence}</blockquote>
            <Recorder
              key={consent.value.id}
              label={t('consentRecording')}
              onFile={(file) => {
                consentRecording.value = file;
              }}
            />
          </>
        ) : (
          <button
            type="button"
            disabled={!agreed.value}
            onClick={() =>
              void report(async () => {
                consent.value = await askJson<Consent>('v1/voices/consent', {});
                message.value = undefined;
              })
            }
          >
            {t('consentGet')}
          </button>
        )}
      </fieldset>
      <button type="submit" class="primary" disabled={!ready || cloning.value}>
        {cloning.value ? t('cloning') : t('clone')}
      </button>
    </form>
  );
}
