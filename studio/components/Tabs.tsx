import type { ComponentChildren } from 'preact';
import { useId, useRef } from 'preact/hooks';

/** Tabs (WAI-ARIA practices): one tab stop, arrow keys choose. */
export function Tabs(props: {
  label: string;
  names: readonly string[];
  chosen: string;
  onChoose: (name: string) => void;
  children: ComponentChildren;
}) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const { names, chosen } = props;
  const choose = (index: number) => {
    const at = (index + names.length) % names.length;
    props.onChoose(names[at]);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[at].focus();
  };
  return (
    <div class="tabs">
      <div
        ref={list}
        role="tablist"
        aria-label={props.label}
        onKeyDown={(event) => {
          const now = names.indexOf(chosen);
          if (event.key === 'ArrowRight') choose(now + 1);
          else if (event.key === 'ArrowLeft') choose(now - 1);
          else if (event.key === 'Home') choose(0);
          else if (event.key === 'End') choose(names.length - 1);
          else return;
          event.preventDefault();
        }}
      >
        {names.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-${name}`}
            aria-selected={name === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={name === chosen ? 0 : -1}
            onClick={() => props.onChoose(name)}
          >
            {name}
          </button>
        ))}
      </div>
      <div id={`${id}-panel`} role="tabpanel" aria-labelledby={`${id}-${chosen}`}>
        {props.children}
      </div>
    </div>
  );
}
