import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

/** The result of the last action. */
export const message = signal<{ readonly kind: 'note' | 'error'; readonly text: string } | undefined>(
  undefined,
);

/** Shows a note. */
export function showNote(text: string): void {
  message.value = { kind: 'note', text };
}

/** Runs an action and shows its failure. */
export async function report(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    message.value = { kind: 'error', text: (error as Error).message };
  }
}

/** The {@link message}, read aloud by screen readers, and brought into view: on a small screen the action may be far below. */
export function Message() {
  const { kind, text } = message.value ?? {};
  const place = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (text) place.current?.scrollIntoView({ block: 'nearest' });
  }, [text]);
  return (
    <p ref={place} class={kind === 'error' ? 'alert' : 'small'} role={kind === 'error' ? 'alert' : 'status'}>
      {text}
    </p>
  );
}
