import { effect, signal } from '@preact/signals';

/** Colour schemes: the system's, or a chosen one. */
export type Theme = 'auto' | 'light' | 'dark';

const STORED = 'sori-theme';
const stored = localStorage.getItem(STORED);

/** The chosen colour scheme. */
export const theme = signal<Theme>(stored === 'light' || stored === 'dark' ? stored : 'auto');

/** Shows the theme and stores it from now on. */
export function watchTheme(): void {
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
    localStorage.setItem(STORED, theme.value);
  });
}
