import { parser } from '@grafana/lezer-logql';
import { describe, expect, test } from 'vitest';
import { EVENTS } from '../../src/domain/event-log.ts';
import { questions } from './log-recipes.ts';
import { read, sections } from './markdown.ts';

const all = questions();

/** The fields of each event, as the catalogue has them; `Fields: as above` are those of its chapter. */
const fieldsOf = new Map<string, ReadonlySet<string>>();
let ofChapter: readonly string[] = [];
for (const { heading, level, body } of sections(read('docs/logs.md'))) {
  if (level === 2) ofChapter = named(body);
  if (level !== 3) continue;
  const [, told = ''] = /^Fields: ([\s\S]+?)\n\n/m.exec(body) ?? [];
  const above = told.startsWith('as above') ? ofChapter : [];
  fieldsOf.set(heading.replaceAll('`', ''), new Set([...above, ...named(told)]));
}
const OF_EVERY_LINE = ['level', 'time', 'event', 'msg'];

function named(text: string): readonly string[] {
  return [...text.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
}

/** The fields that some event has of those that a query names; all events where it names none. */
function fieldsFor(query: string): ReadonlySet<string> {
  const events = EVENTS.filter((event) => query.includes(event));
  const asked = events.length === 0 ? EVENTS : events;
  const known = new Set(OF_EVERY_LINE);
  for (const event of asked) fieldsOf.get(event)?.forEach((field) => known.add(field));
  return known;
}

interface LogqlReading {
  readonly mistakes: readonly string[];
  readonly labels: readonly string[];
}

/** Reads a query with the grammar that Grafana's editor has. */
function readLogql(query: string): LogqlReading {
  const mistakes: string[] = [];
  const labels: string[] = [];
  parser.parse(query).iterate({
    enter(node) {
      if (node.type.isError) mistakes.push(query.slice(node.from));
      if (node.name === 'Identifier') labels.push(query.slice(node.from, node.to));
      return node.name !== 'Selector';
    },
  });
  const own = [...query.matchAll(/\| label_format (\w+)=/g)].map(([, name]) => name);
  return { mistakes, labels: labels.filter((label) => !['__error__', ...own].includes(label)) };
}

const COMMANDS = ['fields', 'filter', 'stats', 'sort'];
const WORDS = ['and', 'or', 'in', 'like', 'by', 'as', 'asc', 'desc'];
const FUNCTIONS = 'bin count ispresent latest max min pct strcontains sum'.split(' ');

/** What a query for CloudWatch Logs Insights names, by the documented syntax. */
function readInsights(query: string) {
  const bare = query.replace(/\/(?:\\.|[^/\\\n])+\//g, '//').replace(/"[^"\n]*"/g, '""');
  const words = [...bare.matchAll(/(?<![\w@])@?[A-Za-z]\w*(\()?/g)];
  const aliases = new Set([...bare.matchAll(/\bas (\w+)/g)].map(([, alias = '']) => alias));
  return {
    commands: bare.split('|').map((stage) => stage.trim().split(' ')[0]),
    functions: words.filter(([, call]) => call).map(([word]) => word.slice(0, -1)),
    fields: words
      .filter(([, call]) => !call)
      .map(([word]) => word)
      .filter((word) => ![...COMMANDS, ...WORDS].includes(word) && !aliases.has(word)),
  };
}

describe('docs/log-recipes.md', () => {
  test('has ten questions', () => {
    expect(all).toHaveLength(10);
  });

  test.each(all)('answers with jq, Loki, Insights and a sample: $question', ({ languages }) => {
    expect(languages).toEqual(['sh', 'logql', 'insights', 'text']);
  });

  describe.each(all)('$question', ({ logql, insights }) => {
    test.each(logql)('is LogQL, and names fields that its events have: %s', (query) => {
      const { mistakes, labels } = readLogql(query);
      expect(mistakes).toEqual([]);
      const known = fieldsFor(query);
      expect(labels.filter((label) => !known.has(label))).toEqual([]);
    });

    test.each(logql.filter((query) => query.includes('_over_time(')))(
      'is not stopped by a line that is no JSON: %s',
      (query) => {
        // https://grafana.com/docs/loki/latest/query/#pipeline-errors
        const ranges = query.match(/\[\d+[hd]\]/g) ?? [];
        expect(ranges.length).toBeGreaterThan(0);
        expect(query.match(/\| __error__=""/g)).toHaveLength(ranges.length);
      },
    );

    test.each(insights)('is Insights QL, and names fields that its events have: %s', (query) => {
      const { commands, functions, fields } = readInsights(query);
      expect(commands.filter((command = '') => !COMMANDS.includes(command))).toEqual([]);
      expect(functions.filter((name) => !FUNCTIONS.includes(name))).toEqual([]);
      const known = new Set([...fieldsFor(query), '@timestamp', '@message']);
      expect(fields.filter((field) => !known.has(field))).toEqual([]);
    });

    test('is asked of the same events everywhere', () => {
      const asked = (queries: readonly string[]) =>
        EVENTS.filter((event) => queries.some((query) => query.includes(event)));
      expect(asked(insights)).toEqual(asked(logql));
    });
  });
});

describe('these checks notice', () => {
  test.each([
    ['a parser that is none', '{app="mention-relay"} | jsn [1h]'],
    ['a bracket that is missing', 'sum by (webhook) (count_over_time({app="mention-relay"} [1h])'],
  ])('%s', (_, query) => {
    expect(readLogql(query).mistakes).not.toEqual([]);
  });

  test('a label and a field that are none', () => {
    const logql = '{app="mention-relay"} | json | event="poll.failed" | durationMs > 1';
    expect(readLogql(logql).labels).toEqual(['event', 'durationMs']);
    const insights = 'filter event = "poll.failed" | stats max(durationMs) as longest by bin(1h)';
    expect(readInsights(insights)).toEqual({
      commands: ['filter', 'stats'],
      functions: ['max', 'bin'],
      fields: ['event', 'durationMs'],
    });
    expect(fieldsFor(logql)).not.toContain('durationMs');
  });
});
