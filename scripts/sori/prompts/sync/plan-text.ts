import { styleText } from 'node:util';
import { charactersOf, type FieldChange, type Plan, type Step } from './plan.ts';

const SIGNS = {
  new: ['+', 'green'],
  changed: ['~', 'yellow'],
  stale: ['↻', 'cyan'],
  removed: ['−', 'red'],
} as const;
/** Prompts of a kind that are listed; of more, these and how many more there are. */
const MOST = 200;
/** Characters of a text that are shown. */
const EXCERPT = 60;

/** The text of a plan. */
export interface PlanTextOptions {
  /** Whether removed prompts will be deleted. */
  readonly prune: boolean;
  /** Where it is printed: colours only on a terminal. */
  readonly stream: NodeJS.WriteStream;
}

/** A plan as text, similar to `terraform plan`. */
export function planText(plan: Plan, { prune, stream }: PlanTextOptions): string {
  const of = (kind: Step['kind']) => plan.steps.filter((step) => step.kind === kind);
  const lines: string[] = [];
  for (const kind of ['new', 'changed', 'stale', 'removed'] as const) {
    const steps = of(kind);
    for (const step of steps.slice(0, MOST)) lines.push(...stepLines(step, stream));
    if (steps.length > MOST) lines.push(`  … and ${steps.length - MOST} more ${kind}`);
  }
  if (lines.length > 0) lines.push('');
  lines.push(summary(plan));
  const removed = of('removed').length;
  if (removed > 0 && !prune) lines.push(`${removed} in the catalogue only: kept, as --prune is not given.`);
  return lines.join('\n');
}

/** One line that counts. */
export function summary(plan: Plan): string {
  const count = (kind: Step['kind']) => plan.steps.filter((step) => step.kind === kind).length;
  const { unchanged } = plan;
  const counts = `${count('new')} new, ${count('changed')} changed, ${count('stale')} stale, ${count('removed')} removed, ${unchanged} unchanged`;
  const characters = charactersOf(plan);
  const templates = plan.steps.some(
    (step) => step.kind !== 'removed' && step.definition.template !== undefined,
  );
  if (characters === 0) return `Plan: ${counts}.`;
  const more = templates ? ', and what templates bake ahead' : '';
  return `Plan: ${counts}. To speak: ${characters} characters at most${more}.`;
}

function stepLines(step: Step, stream: NodeJS.WriteStream): string[] {
  const [sign, colour] = SIGNS[step.kind];
  const name = `${styleText(colour, sign, { stream })} ${step.name}`;
  switch (step.kind) {
    case 'new':
      return [`${name}  ${soft(excerpt(step.definition.input ?? step.definition.template), stream)}`];
    case 'changed':
      return [name, ...step.changes.map((change) => `    ${changeText(change)}`)];
    case 'stale':
      return [`${name}  ${soft('was baked with another model or synthesis than that of now', stream)}`];
    case 'removed':
      return [name];
  }
}

function changeText({ field, from, to }: FieldChange): string {
  if (from === undefined) return `${field}: ${excerpt(to)} (was not set)`;
  if (to === undefined) return `${field}: not set (was ${excerpt(from)})`;
  return `${field}: ${excerpt(from)} → ${excerpt(to)}`;
}

function excerpt(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT - 1)}…` : text;
}

function soft(text: string, stream: NodeJS.WriteStream): string {
  return styleText('dim', text, { stream });
}
