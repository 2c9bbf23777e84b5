import { signal } from '@preact/signals';

/** Parts of the studio, as the address names them behind its `#`. */
export const VIEWS = ['speak', 'sing', 'gallery', 'voices', 'prompts', 'jobs'] as const;
/** One of {@link VIEWS}. */
export type View = (typeof VIEWS)[number];

const viewOf = (hash: string): View => VIEWS.find((name) => `#${name}` === hash) ?? 'speak';

/** The part that is shown. */
export const view = signal<View>(viewOf(location.hash));

addEventListener('hashchange', () => {
  // Other fragments are places in the page.
  if (VIEWS.some((name) => `#${name}` === location.hash)) view.value = viewOf(location.hash);
});
