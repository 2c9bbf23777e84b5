import { ask } from '../api.ts';
import { t } from '../i18n/index.ts';
import { report } from './Message.tsx';

/** Puts a file into the browser's downloads. */
export function save(file: Blob, name: string): void {
  const href = URL.createObjectURL(file);
  const link = Object.assign(document.createElement('a'), { href, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/**
 * A button that downloads a file of the API. A link would not send the API key, which files of cloned voices and of jobs need.
 * @param path from the root of the API, as in its answers.
 * @param of what is downloaded, for the accessible name of the button.
 */
export function Download({ path, name, of }: { path: string; name: string; of: string }) {
  const download = () =>
    report(async () => {
      const response = await ask(path.slice(1));
      save(await response.blob(), name);
    });
  return (
    <button
      type="button"
      class="quiet"
      aria-label={`${t('download')}: ${of}`}
      onClick={() => void download()}
    >
      {t('download')}
    </button>
  );
}
