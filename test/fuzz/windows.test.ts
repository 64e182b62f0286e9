import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../src/config/env.ts';
import { parseExactJson } from '../../src/groouply/envelope.ts';
import { createApp, type App } from '../../src/app/app.ts';
import { startPrivateRedis, type PrivateRedis } from '../helpers/private-redis.ts';
import { startReceiver, type Receiver } from '../helpers/receiver.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { expectSlackMessage } from '../webhooks/slack/slack-limits.ts';
import { envelope, malformedItem, validItem } from './foreign-json.ts';
import { capturedLog, expectLogLines } from './log-lines.ts';

const MARKER = /#\d+-\d+(?= )/;
const TIME_LIMIT_MS = 6_000;

let body = '{"mentions":[]}';
const api = createServer((request, response) => {
  request.resume();
  response.end(body);
});
const { log, written } = await capturedLog();
let redis: PrivateRedis;
let http: Receiver;
let slack: Receiver;
let app: App;

beforeAll(async () => {
  api.listen(0, '127.0.0.1');
  [redis, http, slack] = await Promise.all([startPrivateRedis(), startReceiver(), startReceiver()]);
  const reading = readConfig(
    {
      GROOUPLY_API_KEY: 'the-api-key',
      GROOUPLY_API_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}/api`,
      REDIS_URL: redis.url,
      POLL_INTERVAL_SECONDS: '0.1',
      RATE_BUDGET_PER_MINUTE: '60',
      WEBHOOK_HTTP_URL: http.url,
      WEBHOOK_HTTP_EXCLUDE: 'no stranger says this, 没有人这么说, ???!!!',
      WEBHOOK_HTTP_EXCLUDE_AUTHORS: 'nobody is called like this',
      WEBHOOK_SLACK_URL: slack.url,
      WEBHOOK_SLACK_TYPE: 'slack',
      WEBHOOK_SLACK_RATE_PER_SECOND: '1000',
    },
    { readFile: () => '', stdoutIsTty: false },
  );
  if (!reading.ok) throw new Error(JSON.stringify(reading.error));
  const { value: config } = reading;
  app = createApp({ ...config, budget: { ...config.budget, windowMs: 1_000 } }, log, {
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: Math.random,
  });
  await app.start();
});

afterAll(async () => {
  await app.stop();
  await Promise.all([redis.stop(), http.stop(), slack.stop()]);
  api.closeAllConnections();
  api.close();
});

/** Returns the mentions at the http receiver, repeats too, as JSON with their markers. */
function mentionsAtHttp(): [string, string][] {
  return http.received.map(({ json }) => {
    const data = json()['data'] as { keyword: string };
    return [MARKER.exec(data.keyword)?.[0] ?? '', JSON.stringify(data)];
  });
}

/** Returns an item as the relay sends it: as the API gave it, in the types of its schema. */
function passedOn(text: string): string {
  // Levels count from the whole answer.
  const [[item]] = parseExactJson(`[[${text}]]`) as [[Record<string, unknown>]];
  if (typeof item['id'] === 'number') item['id'] = String(item['id']);
  change(item, ['keyword', 'position', 'content', 'link', 'spotted'], textIn);
  change(item, ['owner', 'group'], (part) => {
    if (typeof part === 'string') return nameIn(part);
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return null;
    const own = part as Record<string, unknown>;
    if (typeof own['id'] === 'number') own['id'] = String(own['id']);
    change(own, ['id', 'name'], textIn);
    return own;
  });
  if (isObject(item['owner'])) change(item['owner'], ['link'], textIn);
  return JSON.stringify(wellFormed(item));
}

/** With U+FFFD for NUL and for half a character. Of names that become equal the last one stays. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\ufffd');
  if (Array.isArray(value)) return value.map(wellFormed);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map((entry) => entry.map(wellFormed) as [string, unknown]),
  );
}

function change(
  fields: Record<string, unknown>,
  names: readonly string[],
  to: (value: unknown) => unknown,
): void {
  for (const name of names) if (Object.hasOwn(fields, name)) fields[name] = to(fields[name]);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameIn(text: string): object | null {
  const word = text.trim();
  if (word === '' || word === '0') return null;
  return /^\d+$/.test(word) ? { id: word } : { name: text };
}

function textIn(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'number') {
    return typeof value === 'string' || Number.isFinite(value) ? value : null;
  }
  if (Array.isArray(value) && value.length === 1) {
    const only = textIn(value[0]);
    return typeof only === 'number' ? String(only) : (only ?? '');
  }
  const nothing = value === null || value === false || Object.keys(value as object).length === 0;
  return nothing && value !== true ? null : JSON.stringify(value);
}

/** Returns the markers of the mentions at the Slack receiver, repeats too. */
function markersAtSlack(): string[] {
  return slack.received.flatMap(({ text }) =>
    (expectSlackMessage(text).blocks ?? []).flatMap((block) =>
      block.type === 'header' ? (MARKER.exec(block.text.text)?.[0] ?? '') : [],
    ),
  );
}

test('whatever stands in a window, its valid mentions arrive, once, whole and harmless', async () => {
  const window = fc.record({
    items: fc.array(
      fc.oneof(
        { weight: 2, arbitrary: validItem },
        { weight: 1, arbitrary: malformedItem.map((item) => () => item) },
      ),
      { maxLength: 15 },
    ),
    last: validItem,
    around: envelope,
  });
  const expected = new Map<string, string>();
  const arrived = (receiver: Receiver, all: () => unknown[]): Promise<unknown> => {
    let seen = -1;
    return waitUntil(
      'all valid mentions of the window',
      () => {
        if (receiver.received.length === seen) return false;
        seen = receiver.received.length;
        return all().length >= expected.size;
      },
      4_000,
    );
  };
  let run = 0;
  await fc.assert(
    fc.asyncProperty(window, async ({ items, last, around }) => {
      run += 1;
      const texts = [...items, last].map((item, index) => item(`#${run}-${index}`));
      for (const text of texts) {
        const [marker] = MARKER.exec(text) ?? [];
        if (marker !== undefined) expected.set(marker, passedOn(text));
      }
      body = around(texts);
      try {
        await Promise.all([arrived(http, mentionsAtHttp), arrived(slack, markersAtSlack)]);
        expect(mentionsAtHttp()).toHaveLength(expected.size);
        expect(new Map(mentionsAtHttp())).toEqual(expected);
        expect(markersAtSlack().toSorted()).toEqual([...expected.keys()].toSorted());
      } catch (error) {
        throw new Error(`after the window ${body}`, { cause: error });
      }
    }),
    { numRuns: 100, interruptAfterTimeLimit: TIME_LIMIT_MS, endOnFailure: true },
  );
  expect(run).toBeGreaterThan(5);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expectLogLines(written);
  const events = new Set(written.map((line) => (JSON.parse(line) as { event: string }).event));
  expect(events).toContain('poll.item_malformed');
  expect(events).not.toContain('poll.failed');
  expect(events).not.toContain('delivery.retrying');
  expect(events).not.toContain('delivery.failed');
});
