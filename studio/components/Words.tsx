import { signal } from '@preact/signals';
import { t } from '../i18n/index.ts';
import type { ReadWord } from '../speech/read-word.ts';
import { reading } from '../speech/reading.ts';
import { currentWord, spoken } from '../speech/session.ts';
import { input, pronunciations } from '../state.ts';
import { PhonemeDialog } from './PhonemeDialog.tsx';

const chosen = signal<ReadWord | undefined>(undefined);

/** Every spoken word over its phonemes. A click corrects how it is said. */
export function Words() {
  const now = spoken.value?.input === input.value ? currentWord.value?.span : undefined;
  return (
    <section class="card words" aria-labelledby="words-title">
      <h2 id="words-title">{t('words')}</h2>
      <p class="small muted">{reading.value.length > 0 ? t('wordsHint') : t('wordsEmpty')}</p>
      <ol class="chips">
        {reading.value.map((word) => (
          <li key={`${word.start} ${word.text}`}>
            <button
              type="button"
              class={`chip ${now && word.start < now.end && word.end > now.start ? 'now' : ''}`}
              onClick={() => {
                chosen.value = word;
              }}
            >
              <span>{word.text}</span>
              <span class="visually-hidden">{t('wordPhonemes')}</span>
              <span class="ipa">{word.phonemes}</span>
              {correctionOf(word) !== undefined && <span class="tag">{t('corrected')}</span>}
            </button>
          </li>
        ))}
      </ol>
      {chosen.value && (
        <PhonemeDialog
          key={chosen.value.start}
          word={chosen.value}
          corrected={correctionOf(chosen.value) !== undefined}
          onClose={() => {
            chosen.value = undefined;
          }}
        />
      )}
    </section>
  );
}

/** The current correction of a word; upper and lower case are equal. */
function correctionOf({ source }: ReadWord): string | undefined {
  const wanted = source.toLowerCase();
  return Object.entries(pronunciations.value).find(([word]) => word.toLowerCase() === wanted)?.[1];
}
