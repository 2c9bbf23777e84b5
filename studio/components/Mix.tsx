import { signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { voices } from '../catalogue.ts';
import { number, t } from '../i18n/index.ts';
import { clampToPad, corners, type Point, pointOf, weightsAt } from '../mix-pad.ts';
import { mix, voice } from '../state.ts';
import { Select } from './fields.tsx';
import { VoiceOptions } from './Voices.tsx';

/** Most voices of a mix, as the API has it. */
const MOST = 8;
const STEP = 0.1;
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -STEP, y: 0 },
  ArrowRight: { x: STEP, y: 0 },
  ArrowUp: { x: 0, y: -STEP },
  ArrowDown: { x: 0, y: STEP },
};

const handle = signal<Point>({ x: 0, y: 0 });

const nameOf = (id: string) => voices.value.find((each) => each.id === id)?.name ?? id;
const percent = (weight: number) => `${number(weight * 100)} %`;

/** Mixes voices: a pad whose corners are the voices, and a slider for each. */
export function Mix() {
  const parts = mix.value;
  // The first voice that is added joins the chosen one.
  const used = new Set(parts.length > 0 ? parts.map((part) => part.voice) : [voice.value?.id]);
  const add = (id: string) => {
    if (id === '') return;
    const first = parts.length === 0 && voice.value ? [voice.value.id] : [];
    const ids = [...parts.map((part) => part.voice), ...first, id];
    mix.value = ids.map((each) => ({ voice: each, weight: 1 / ids.length }));
    handle.value = { x: 0, y: 0 };
  };
  const remove = (id: string) => {
    const left = parts.filter((part) => part.voice !== id);
    mix.value = left.length > 1 ? left.map((part) => ({ ...part, weight: 1 / left.length })) : [];
    handle.value = { x: 0, y: 0 };
  };
  return (
    <details class="mix">
      <summary>{t('mix')}</summary>
      <div class="stack">
        {parts.length > 1 && (
          <>
            <p class="small muted">{t('mixHint')}</p>
            <Pad />
            {parts.map((part, index) => (
              <div class="row mix-row" key={part.voice}>
                <label class="field grow">
                  <span class="field-head">
                    <span>{nameOf(part.voice)}</span>
                    <output>{percent(part.weight)}</output>
                  </span>
                  <input
                    type="range"
                    min={0}
                    max={1}
                    step={0.01}
                    value={part.weight}
                    aria-label={t('mixShare', { voice: nameOf(part.voice) })}
                    aria-valuetext={percent(part.weight)}
                    onInput={({ currentTarget }) => setShare(index, Number(currentTarget.value))}
                  />
                </label>
                <button
                  type="button"
                  class="quiet"
                  aria-label={t('mixRemove', { voice: nameOf(part.voice) })}
                  onClick={() => remove(part.voice)}
                >
                  ✕
                </button>
              </div>
            ))}
          </>
        )}
        {parts.length < MOST && (
          <Select label={t('mixAdd')} value="" onChange={add}>
            <option value="">–</option>
            <VoiceOptions only={({ id, model }) => !used.has(id) && model === voice.value?.model} />
          </Select>
        )}
      </div>
    </details>
  );
}

/** Gives a voice a share; the others keep their proportions. */
function setShare(index: number, weight: number): void {
  const parts = mix.value;
  const others = parts.reduce((sum, part, each) => sum + (each === index ? 0 : part.weight), 0);
  mix.value = parts.map((part, each) => {
    if (each === index) return { ...part, weight };
    const share = others > 0 ? part.weight / others : 1 / (parts.length - 1);
    return { ...part, weight: (1 - weight) * share };
  });
  handle.value = pointOf(mix.value.map((part) => part.weight));
}

function moveTo(point: Point): void {
  handle.value = clampToPad(point);
  const weights = weightsAt(handle.value, mix.value.length);
  mix.value = mix.value.map((part, index) => ({ ...part, weight: weights[index] }));
}

function Pad() {
  const pad = useRef<SVGSVGElement>(null);
  const dragged = useRef(false);
  const move = ({ clientX, clientY }: PointerEvent) => {
    const box = pad.current?.getBoundingClientRect();
    if (!box) return;
    const scale = 2.8 / box.width;
    moveTo({
      x: (clientX - box.left - box.width / 2) * scale,
      y: (clientY - box.top - box.height / 2) * scale,
    });
  };
  const parts = mix.value;
  const shares = parts.map((part) => `${nameOf(part.voice)} ${percent(part.weight)}`).join(', ');
  const places = corners(parts.length);
  return (
    <svg
      ref={pad}
      class="pad"
      viewBox="-1.4 -1.4 2.8 2.8"
      role="application"
      aria-label={t('mixHandle', { mix: shares })}
      tabindex={0}
      onPointerDown={(event) => {
        dragged.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
        move(event);
      }}
      onPointerMove={(event) => dragged.current && move(event)}
      onPointerUp={() => {
        dragged.current = false;
      }}
      onKeyDown={(event) => {
        const step = ARROWS[event.key];
        if (!step) return;
        event.preventDefault();
        moveTo({ x: handle.value.x + step.x, y: handle.value.y + step.y });
      }}
    >
      <circle class="pad-ground" r={1} />
      {places.map(({ x, y }, index) => (
        <g key={parts[index].voice}>
          <line
            class="pad-line"
            x1={handle.value.x}
            y1={handle.value.y}
            x2={x}
            y2={y}
            opacity={parts[index].weight}
          />
          <circle class="pad-voice" cx={x} cy={y} r={0.06} />
          <text class="pad-name" x={x * 1.2} y={y * 1.2 + 0.04} text-anchor="middle">
            {nameOf(parts[index].voice)}
          </text>
        </g>
      ))}
      <circle class="pad-handle" cx={handle.value.x} cy={handle.value.y} r={0.12} />
    </svg>
  );
}
