import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { metricNames, shownMetrics } from '../helpers/shown-metrics.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: unknown;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly expr: string; readonly datasource: unknown }[];
}

const text = readFileSync('config/grafana-dashboard.json', 'utf8');
const dashboard = JSON.parse(text) as {
  panels: readonly Panel[];
  templating: { list: readonly { name: string; type: string; query: unknown }[] };
};
const shown = await shownMetrics();
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

test('the dashboard has a panel for every metric, and none for one that is not shown', () => {
  const used = metricNames(queries.join('\n'), shown);
  expect([...used].toSorted()).toEqual([...shown.keys()].toSorted());
});

test('every query of the dashboard uses only labels that the metric has', () => {
  const added = ['job', 'instance', 'le'];
  for (const query of queries) {
    const labels = [...query.matchAll(/[{,]\s*(\w+)=~?"/g)].map(([, label]) => label);
    const grouped = [...query.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) =>
      list.split(', '),
    );
    const known = [...metricNames(query, shown)].flatMap((name) => shown.get(name)?.labels ?? []);
    expect([...known, ...added], query).toEqual(expect.arrayContaining([...labels, ...grouped]));
  }
});

test('the dashboard takes its data source, its relay and its webhooks from variables', () => {
  const variables = dashboard.templating.list;
  expect(variables.map(({ name, type }) => [name, type])).toEqual([
    ['datasource', 'datasource'],
    ['job', 'query'],
    ['webhook', 'query'],
  ]);
  const source = { type: 'prometheus', uid: '${datasource}' };
  for (const panel of panels) {
    expect(panel.datasource).toEqual(source);
    for (const target of panel.targets ?? []) expect(target.datasource).toEqual(source);
  }
  for (const query of queries) expect(query).toContain('job=~"$job"');
  expect(metricNames(JSON.stringify(variables), shown).difference(new Set(shown.keys()))).toEqual(
    new Set(),
  );
});

test('every panel says what it shows, and lies on the grid beside the others', () => {
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  const taken = new Set<string>();
  for (const { title, gridPos, description, type } of dashboard.panels) {
    expect(title).not.toBe('');
    if (type !== 'row') expect(description, title).toMatch(/\.$/);
    expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(taken.has(`${x} ${y}`), `${title} lies on another one`).toBe(false);
        taken.add(`${x} ${y}`);
      }
    }
  }
});
