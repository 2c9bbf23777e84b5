import { signal } from '@preact/signals';
import { en } from './en.ts';
import { ko } from './ko.ts';

/** Name of a text of the interface. */
export type TextKey = keyof typeof en;
/** Languages of the interface. */
export type InterfaceLanguage = 'en' | 'ko';

const TEXTS: Readonly<Record<InterfaceLanguage, Readonly<Record<TextKey, string>>>> = { en, ko };
const STORED = 'sori-language';

/** Language of the interface: the one that was chosen, else the browser's. */
export const interfaceLanguage = signal<InterfaceLanguage>(firstLanguage());

function firstLanguage(): InterfaceLanguage {
  const stored = localStorage.getItem(STORED);
  if (stored === 'en' || stored === 'ko') return stored;
  return navigator.language.toLowerCase().startsWith('ko') ? 'ko' : 'en';
}

/** Chooses and stores the language. */
export function setInterfaceLanguage(language: InterfaceLanguage): void {
  interfaceLanguage.value = language;
  localStorage.setItem(STORED, language);
}

/** A text of the interface in its language; `{name}` is replaced by `values.name`. */
export function t(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return TEXTS[interfaceLanguage.value][key].replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? String(values[name]) : whole,
  );
}

/** A number as the language of the interface writes it. */
export function number(value: number, digits = 0): string {
  return value.toLocaleString(interfaceLanguage.value, { maximumFractionDigits: digits });
}

/** The name of a BCP 47 language in the language of the interface. */
export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames([interfaceLanguage.value], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** The name of an emotion, where the interface has a word for it. */
export function emotionName(id: string): string {
  const key = `emotion_${id}`;
  return key in en ? t(key as TextKey) : id;
}
