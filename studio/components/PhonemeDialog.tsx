import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import type { ReadWord } from '../speech/read-word.ts';
import { failure, speak } from '../speech/session.ts';
import { body, place, pronunciations } from '../state.ts';

/** Phonemes of English, as the dictionary writes them. */
const PALETTE =
  'ˈ ˌ ː i ɪ e ɛ æ a ɑ ɔ o ʊ u ʌ ə ɜ ɚ eɪ aɪ ɔɪ aʊ oʊ p b t d k ɡ f v θ ð s z ʃ ʒ h tʃ dʒ m n ŋ l ɹ j w'.split(
    ' ',
  );

/** Asks how a word is said. */
export function PhonemeDialog(props: { word: ReadWord; corrected: boolean; onClose: () => void }) {
  const { word, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const value = useSignal(word.phonemes);
  useEffect(() => dialog.current?.showModal(), []);

  const insert = (symbol: string) => {
    const { current } = field;
    if (!current) return;
    const start = current.selectionStart ?? value.value.length;
    const end = current.selectionEnd ?? start;
    value.value = `${value.value.slice(0, start)}${symbol}${value.value.slice(end)}`;
    current.focus();
    requestAnimationFrame(() => current.setSelectionRange(start + symbol.length, start + symbol.length));
  };
  const use = (phonemes: string | undefined) => {
    const wanted = word.source.toLowerCase();
    const others = Object.entries(pronunciations.value).filter(([each]) => each.toLowerCase() !== wanted);
    const added = phonemes ? [[word.source, phonemes] as const] : [];
    pronunciations.value = Object.fromEntries([...others, ...added]);
    dialog.current?.close();
  };
  const listen = () =>
    void speak(
      { ...body.value, input: word.source, pronunciations: { [word.source]: value.value.trim() } },
      place.value,
    );

  return (
    <dialog ref={dialog} aria-labelledby="phoneme-title" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          use(value.value.trim());
        }}
      >
        <h2 id="phoneme-title">{t('phonemeTitle', { word: word.source })}</h2>
        <p class="small muted">{t('phonemeFrom', { from: word.from })}</p>
        <label class="field">
          <span>{t('phonemeLabel')}</span>
          <input
            ref={field}
            class="ipa"
            value={value.value}
            maxLength={128}
            required
            autocapitalize="off"
            autocomplete="off"
            spellcheck={false}
            onInput={({ currentTarget }) => {
              value.value = currentTarget.value;
            }}
          />
        </label>
        <fieldset class="palette" aria-label={t('phonemePalette')}>
          {PALETTE.map((symbol) => (
            <button key={symbol} type="button" class="quiet ipa" onClick={() => insert(symbol)}>
              {symbol}
            </button>
          ))}
        </fieldset>
        {failure.value && (
          <p class="alert" role="alert">
            {failure.value.message}
          </p>
        )}
        <div class="row end">
          <button type="button" onClick={listen}>
            {t('phonemeListen')}
          </button>
          {props.corrected && (
            <button type="button" onClick={() => use(undefined)}>
              {t('phonemeReset')}
            </button>
          )}
          <button type="button" onClick={() => dialog.current?.close()}>
            {t('close')}
          </button>
          <button type="submit" class="primary">
            {t('phonemeUse')}
          </button>
        </div>
      </form>
    </dialog>
  );
}
