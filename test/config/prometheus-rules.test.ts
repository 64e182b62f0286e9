import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { EVENTS } from '../../src/domain/event-log.ts';
import { metricNames, shownMetrics } from '../helpers/shown-metrics.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface RuleTest {
  readonly name: string;
  readonly promql_expr_test?: readonly {
    readonly expr: string;
    readonly exp_samples?: readonly unknown[];
  }[];
  readonly alert_rule_test?: readonly { readonly alertname: string }[];
}

const rulesText = readFileSync('config/prometheus-rules.yml', 'utf8');
const testsText = readFileSync('config/prometheus-rules.test.yml', 'utf8');
const rules = (parse(rulesText) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const { tests } = parse(testsText) as { tests: RuleTest[] };
const shown = await shownMetrics();

describe('the alert rules', () => {
  test.each(rules)('state the severity, the problem and the remedy of $alert', (rule) => {
    expect(['warning', 'critical']).toContain(rule.labels['severity']);
    expect(rule.annotations['summary']).toMatch(/^\S.{10,80}$/);
    expect(rule.annotations['description']).toMatch(/^\S.{30,}\.$/s);
  });

  test.each([
    ['the rules', rulesText],
    ['their tests', testsText],
  ])('of %s use only metrics that exist', (_, text) => {
    const used = metricNames(text, shown);
    expect(used.size).toBeGreaterThan(8);
    expect([...used].filter((name) => !shown.has(name))).toEqual([]);
  });

  test('use only labels that the metric has', () => {
    for (const { expr } of rules) {
      for (const [, name = '', matchers = ''] of expr.matchAll(/(mention_relay_\w+)\{([^}]*)\}/g)) {
        const labels = [...matchers.matchAll(/(\w+)=/g)].map(([, label]) => label);
        expect(shown.get(name)?.labels).toEqual(expect.arrayContaining(labels));
      }
    }
  });

  test('name only events that are logged', () => {
    const known: readonly string[] = EVENTS;
    const named = rulesText.match(/\b(?:poll|delivery|webhook|redis|relay)\.[a-z_]+\b/g) ?? [];
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((event) => !known.includes(event))).toEqual([]);
  });

  test.each(rules)('have tests in which $alert fires, and in which it does not', ({ alert }) => {
    const asked = tests.flatMap((each) => each.promql_expr_test ?? []);
    const about = asked.filter(({ expr }) => expr.includes(`alertname="${alert}"`));
    const fires = tests.some((each) =>
      each.alert_rule_test?.some(({ alertname }) => alertname === alert),
    );
    expect(fires || about.some(({ exp_samples: samples }) => samples !== undefined)).toBe(true);
    expect(about.some(({ exp_samples: samples }) => samples === undefined)).toBe(true);
  });
});
