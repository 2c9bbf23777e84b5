import { type Voice, voices } from '../catalogue.ts';
import { languageName } from '../i18n/index.ts';

/** Options of all voices, by language. */
export function VoiceOptions({ only = () => true }: { only?: (voice: Voice) => boolean }) {
  const groups = new Map<string, Voice[]>();
  for (const voice of voices.value.filter(only)) {
    const group = `${voice.language}\n${voice.model}`;
    groups.set(group, [...(groups.get(group) ?? []), voice]);
  }
  const several = new Set(voices.value.map(({ model }) => model)).size > 1;
  return (
    <>
      {[...groups].map(([group, members]) => {
        const [language, model] = group.split('\n');
        return (
          <optgroup key={group} label={`${languageName(language)}${several ? ` (${model})` : ''}`}>
            {members.map(({ id, name, description }) => (
              <option key={id} value={id} title={description}>
                {name}
              </option>
            ))}
          </optgroup>
        );
      })}
    </>
  );
}
