import { useRef } from 'preact/hooks';
import { number, t } from '../i18n/index.ts';
import { faultSpan } from '../place-in-message.ts';
import { faults } from '../speech/reading.ts';
import { currentWord, failure, spoken } from '../speech/session.ts';
import { input, isSsml } from '../state.ts';
import { Segments } from './fields.tsx';

const SSML_START = '<speak>';
const SSML_END = '</speak>';

/** Tags that the toolbar puts around the selection: shown name, before, after. */
const TAGS: readonly (readonly [string, string, string])[] = [
  ['break', '<break time="500ms"/>', ''],
  ['emphasis', '<emphasis>', '</emphasis>'],
  ['prosody', '<prosody rate="slow">', '</prosody>'],
  ['say-as', '<say-as interpret-as="characters">', '</say-as>'],
  ['phoneme', '<phoneme ph="ˈsɔːɹi">', '</phoneme>'],
];

/** The text field. Faults and the word that sounds are marked in a copy of the text behind it. */
export function Editor() {
  const area = useRef<HTMLTextAreaElement>(null);
  const backdrop = useRef<HTMLDivElement>(null);
  const syncScroll = () => {
    if (backdrop.current && area.current) backdrop.current.scrollTop = area.current.scrollTop;
  };
  const found = allFaults();
  const hasError = found.some(({ kind }) => kind === 'error');
  return (
    <section class="card editor" aria-labelledby="editor-title">
      <div class="row spread">
        <h2 id="editor-title" class="visually-hidden">
          {t('textLabel')}
        </h2>
        <Segments
          label={t('inputKind')}
          hideLabel
          value={isSsml.value ? 'ssml' : 'text'}
          options={[
            ['text', t('plainText')],
            ['ssml', t('ssml')],
          ]}
          onChange={(kind) => setKind(kind === 'ssml')}
        />
        {isSsml.value && (
          <fieldset class="row tools" aria-label={t('ssmlInsert')}>
            {TAGS.map(([name, before, after]) => (
              <button
                key={name}
                type="button"
                class="quiet mono"
                onClick={() => area.current && insert(area.current, before, after)}
              >
                {`<${name}>`}
              </button>
            ))}
          </fieldset>
        )}
      </div>
      <div class="stack-field">
        <div class="backdrop" ref={backdrop} aria-hidden="true">
          <Marked text={input.value} />
        </div>
        <textarea
          id="text"
          ref={area}
          value={input.value}
          maxLength={4096}
          rows={5}
          spellcheck={false}
          aria-label={t('textLabel')}
          aria-describedby="text-hint text-faults"
          aria-invalid={hasError}
          onScroll={syncScroll}
          onInput={({ currentTarget }) => {
            input.value = currentTarget.value;
            syncScroll();
          }}
        />
      </div>
      <div class="row spread small muted">
        <span id="text-hint">{t('textHint')}</span>
        <span>{t('characters', { count: number(Array.from(input.value).length) })}</span>
      </div>
      <ul id="text-faults" class="faults" aria-live="polite">
        {found.map((fault) => (
          <li key={fault.message} class={fault.kind}>
            <strong>{t(fault.kind)}</strong>{' '}
            {fault.start === undefined ? (
              fault.message
            ) : (
              <button
                type="button"
                class="link"
                onClick={() => {
                  area.current?.focus();
                  area.current?.setSelectionRange(fault.start ?? 0, fault.end ?? 0);
                }}
              >
                {fault.message}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Faults of the text, and the last failure where it names a place in this text. */
function allFaults() {
  const error = failure.value;
  const known = faults.value;
  if (!error || error.offset === undefined || spoken.value?.input !== input.value) return known;
  if (known.some(({ message }) => message === error.message)) return known;
  return [
    ...known,
    { kind: 'error' as const, message: error.message, ...faultSpan(input.value, error.offset) },
  ];
}

interface Mark {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
}

/** The text in pieces: plain, at fault, spoken now. */
function Marked({ text }: { text: string }) {
  const marks: Mark[] = allFaults().flatMap(({ kind, start, end }) =>
    start === undefined || end === undefined ? [] : [{ start, end, kind }],
  );
  const word = currentWord.value;
  if (word && spoken.value?.input === text) {
    marks.push({ start: word.span.start, end: word.span.end, kind: 'spoken' });
  }
  const cuts = [...new Set([0, text.length, ...marks.flatMap(({ start, end }) => [start, end])])]
    .filter((cut) => cut <= text.length)
    .sort((one, other) => one - other);
  return (
    <>
      {cuts.slice(0, -1).map((start, index) => {
        const end = cuts[index + 1];
        const kinds = marks.filter((mark) => mark.start < end && mark.end > start).map(({ kind }) => kind);
        const piece = text.slice(start, end);
        return kinds.length > 0 ? (
          <mark key={start} class={kinds.join(' ')}>
            {piece}
          </mark>
        ) : (
          piece
        );
      })}
      {'\n'}
    </>
  );
}

function setKind(ssml: boolean): void {
  const text = input.value;
  if (ssml && !isSsml.value) {
    const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    input.value = `${SSML_START}${escaped}${SSML_END}`;
  } else if (!ssml && isSsml.value) {
    const plain = text.replaceAll(/<[^>]*>?/g, '');
    input.value = plain.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').trim();
  }
}

function insert(area: HTMLTextAreaElement, before: string, after: string): void {
  const { selectionStart: start, selectionEnd: end, value } = area;
  input.value = `${value.slice(0, start)}${before}${value.slice(start, end)}${after}${value.slice(end)}`;
  area.focus();
  requestAnimationFrame(() => area.setSelectionRange(start + before.length, end + before.length));
}
