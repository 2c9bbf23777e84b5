import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { Metrics } from '../../../src/http/metrics.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** All metric families of a process, with the labels of their samples. */
const METRICS = (() => {
  const metrics = new Metrics();
  metrics.begin();
  metrics.answered({ method: 'GET', status: 200, seconds: 1 }, { route: '/' });
  metrics.end({ route: '/', cache: 'hit', error: 'overloaded', characters: 1, audioMs: 1 });
  const inference = {
    backend: 'native-cpu',
    refused: [{ provider: 'cuda', reason: 'none' }],
    batches: { batches: 1, rows: 1 },
  };
  return metrics.text({ inference }, { writes: { retried: 0, lost: 0 } }, [
    { url: 'https://a', state: 'closed' },
  ]);
})();
const labels = new Map<string, Set<string>>();
for (const [, name, list = ''] of METRICS.matchAll(/^([a-z_]+)(?:\{(.*)\})? /gm)) {
  const known = labels.get(name) ?? new Set(['instance', 'job']);
  for (const [, label] of list.matchAll(/([a-z]+)="/g)) known.add(label);
  labels.set(name, known);
}

/** Names of metrics in a query. */
function unknownNames(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, '""')
    .replace(/\$\w+/g, '')
    .replace(/\[[^\]]*\]/g, '');
  const selected = [...bare.matchAll(/([a-z_]{3,})\s*\{([^}]*)\}/g)].flatMap(([, name, matchers]) =>
    [...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label]) => ({ name, label })),
  );
  const foreign = selected.filter(({ name, label }) => !labels.get(name)?.has(label));
  const words = bare
    .replace(/\{[^}]*\}/g, ' ')
    .replace(/\b(?:by|without)\s*\([^)]*\)/g, ' ')
    .matchAll(/[a-z_]{3,}/g);
  const language = ['sum', 'rate', 'increase', 'histogram_quantile', 'time'];
  return [
    ...[...words].map(([word]) => word).filter((word) => !labels.has(word) && !language.includes(word)),
    ...foreign.map(({ name, label }) => `${name}{${label}}`),
  ];
}
// Prometheus itself makes this metric.
labels.set('up', new Set(['instance', 'job']));

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const rules = (parse(read('scripts/origin/alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);

it.each(rules)('the alert $alert uses existing metrics and is in the runbook', (rule) => {
  expect(unknownNames(rule.expr)).toEqual([]);
  expect(rule.labels.severity).toMatch(/^(?:page|ticket)$/);
  const [page, anchor] = rule.annotations.runbook.split('#');
  expect(read(page)).toContain(`### ${rule.alert}\n`);
  expect(anchor).toBe(rule.alert.toLowerCase());
});

it('the runbook lists existing alerts only', () => {
  const alerts = [...read('docs/runbook.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  expect(alerts).toEqual(rules.map(({ alert }) => alert));
});

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number };
  readonly targets: readonly { readonly expr: string }[];
}

const { panels } = JSON.parse(read('scripts/origin/grafana.json')) as { panels: Panel[] };

it.each(panels)('the panel "$title" uses existing metrics', ({ targets }) => {
  expect(targets.length).toBeGreaterThan(0);
  expect(targets.flatMap(({ expr }) => unknownNames(expr))).toEqual([]);
});

it('the dashboard shows every metric, in panels that do not overlap', () => {
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join(' ');
  const families = [...METRICS.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
  expect(families.filter((name) => !expressions.includes(name))).toEqual([]);
  expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x},${y}`)).size).toBe(panels.length);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});

it('docs/operate.md explains every metric', () => {
  const families = [...METRICS.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
  const page = read('docs/operate.md');
  expect(families.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

it('Prometheus accepts the rules', () => {
  const { rule_files } = parse(read('scripts/origin/prometheus.yml')) as { rule_files: string[] };
  expect(rule_files.every((file) => existsSync(join(ROOT, 'scripts/origin', file)))).toBe(true);
  expect(read('scripts/origin/compose.yaml')).toContain('./alerts.yml:/etc/prometheus/alerts.yml:ro');
});
