import { useSignal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { number, t } from '../i18n/index.ts';
import { type Recording, record } from './record.ts';

/** Records or takes a file. */
export function Recorder({
  label,
  hint,
  onFile,
}: {
  label: string;
  hint?: string;
  onFile: (file?: File) => void;
}) {
  const id = useId();
  const running = useRef<Recording>(undefined);
  const on = useSignal(false);
  const seconds = useSignal(0);
  const url = useSignal('');
  const problem = useSignal('');
  useEffect(() => () => void running.current?.finish(), []);

  const show = (file: File | undefined) => {
    if (url.value) URL.revokeObjectURL(url.value);
    url.value = file ? URL.createObjectURL(file) : '';
    onFile(file);
  };
  const toggle = async () => {
    problem.value = '';
    if (running.current) {
      on.value = false;
      const { file } = await running.current.finish();
      running.current = undefined;
      show(file);
      return;
    }
    seconds.value = 0;
    try {
      running.current = await record((length) => {
        seconds.value = length;
      });
      on.value = true;
    } catch (error) {
      problem.value = t('microphoneRefused', { message: (error as Error).message });
    }
  };
  return (
    <fieldset class="recorder">
      <legend>{label}</legend>
      {hint && <p class="small muted">{hint}</p>}
      <div class="row">
        <button type="button" class={on.value ? 'danger' : ''} onClick={() => void toggle()}>
          {on.value ? t('recordStop') : t('record')}
        </button>
        <span class="small" role="status">
          {on.value
            ? t('recording', { seconds: Math.floor(seconds.value) })
            : url.value && seconds.value > 0
              ? t('recorded', { seconds: number(seconds.value, 1) })
              : problem.value}
        </span>
      </div>
      <label class="field" for={id}>
        <span>{t('upload')}</span>
        <input
          id={id}
          type="file"
          accept="audio/*,.wav,.flac,.mp3,.m4a,.mp4,.aac,.webm,.ogg,.opus"
          onChange={({ currentTarget }) => {
            seconds.value = 0;
            show(currentTarget.files?.[0]);
          }}
        />
      </label>
      {/* biome-ignore lint/a11y/useMediaCaption: what is said is on the page, or is the user's own. */}
      {url.value && <audio controls src={url.value} aria-label={label} />}
    </fieldset>
  );
}
