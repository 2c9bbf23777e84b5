import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

/** A labelled select. */
export function Select(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: ComponentChildren;
  disabled?: boolean;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <select
        id={id}
        value={props.value}
        disabled={props.disabled}
        onChange={({ currentTarget }) => props.onChange(currentTarget.value)}
      >
        {props.children}
      </select>
    </div>
  );
}

/** A labelled slider that shows its value. */
export function Slider(props: {
  label: string;
  value: Signal<number>;
  min: number;
  max: number;
  step: number;
  show?: (value: number) => string;
  disabled?: boolean;
}) {
  const id = useId();
  const { value, show = String } = props;
  return (
    <div class="field">
      <span class="field-head">
        <label for={id}>{props.label}</label>
        <output for={id}>{show(value.value)}</output>
      </span>
      <input
        id={id}
        type="range"
        min={props.min}
        max={props.max}
        step={props.step}
        value={value.value}
        disabled={props.disabled}
        aria-valuetext={show(value.value)}
        onInput={({ currentTarget }) => {
          value.value = Number(currentTarget.value);
        }}
      />
    </div>
  );
}

/** A group of choices of which one is chosen: radio buttons that look like a switch. */
export function Segments<Value extends string>(props: {
  label: string;
  hideLabel?: boolean;
  value: Value;
  options: readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
}) {
  const name = useId();
  return (
    <fieldset class="segments">
      <legend class={props.hideLabel ? 'visually-hidden' : ''}>{props.label}</legend>
      <div class="segments-row">
        {props.options.map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name={name}
              value={value}
              checked={value === props.value}
              onChange={() => props.onChange(value)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
