import { isoTime } from '../domain/event-log.ts';
import { messageIdOfJob, type DeliveryKind, type FailedDelivery } from '../domain/delivery.ts';
import type { JsonObject } from '../domain/mention.ts';
import { printable, printableJson } from '../domain/foreign/printable.ts';
import { ownCommand } from './terminal/own-command.ts';
import { duration, table, type Column } from './terminal/table.ts';

const MAX_NAME = 16;
const GAP = '  ';

/** Returns a table of at most `width` (80 or more) columns, and the next steps. Shows no content. */
export function failedTable(
  found: readonly FailedDelivery[],
  { nowMs, width }: { readonly nowMs: number; readonly width: number },
): string {
  const columns: readonly Column[] = [
    { head: 'failed' },
    { head: 'webhook' },
    { head: 'id' },
    { head: 'attempts', align: 'right' },
    { head: 'reason', fill: true },
  ];
  const rows = found.map(({ failedAtMs, webhook, jobId, kind, attempts, reason }) => [
    `${duration(nowMs - failedAtMs)} ago`,
    printable(webhook, MAX_NAME - 3),
    messageIdOfJob(jobId),
    String(attempts),
    `${kind === 'mention' ? '' : `(${kind ?? 'unknown'}) `}${printable(reason, Infinity)}`,
  ]);
  const [first] = found;
  return [
    ...table(columns, rows, width),
    '',
    `${counted(found.length)} failed. Next steps:`,
    `  show one:         ${ownCommand(`failed show ${messageIdOfJob(first?.jobId ?? '')}`)}`,
    `  send them again:  ${ownCommand('failed retry --webhook NAME')}`,
    `  discard them:     ${ownCommand('failed discard --webhook NAME')}`,
    '',
  ].join('\n');
}

/** Returns everything known about a failed delivery. Nothing in it can harm a terminal or forge a field. */
export function failedDetails(delivery: FailedDelivery, configured: boolean): string {
  const { webhook, jobId, kind, attempts, reason, failedAtMs } = delivery;
  const { spottedAtMs, polledAtMs } = delivery;
  return [
    `${messageIdOfJob(jobId)} for webhook ${printable(webhook)}${configured ? '' : ' (not configured)'}`,
    ...fields([
      ...(kind === 'alert'
        ? [['found', isoTime(spottedAtMs) ?? 'unknown'] as const]
        : [
            ['spotted', isoTime(spottedAtMs) ?? 'unknown'] as const,
            ['polled', isoTime(polledAtMs) ?? 'unknown'] as const,
          ]),
      ['failed', isoTime(failedAtMs) ?? 'unknown'],
      ['attempts', String(attempts)],
      ['reason', reason],
    ]),
    HEADINGS[kind ?? 'unknown'],
    ...fields(flattened(kind === 'alert' ? withTimes(delivery.content) : delivery.content)),
    '',
  ].join('\n');
}

const HEADINGS: Readonly<Record<DeliveryKind | 'unknown', string>> = {
  mention: 'The mention, as the API gave it:',
  recovered: 'The recovered mention, as the API gave it:',
  alert: 'The alert:',
  unknown: 'The content, as it is stored:',
};

/** Returns a failed delivery for scripts, without its content. */
export function failedJson(delivery: FailedDelivery, configured: boolean): JsonObject {
  const { webhook, jobId, kind, mentionId, attempts, reason } = delivery;
  const { spottedAtMs, polledAtMs, failedAtMs } = delivery;
  return {
    id: messageIdOfJob(jobId),
    jobId,
    webhook,
    configured,
    kind,
    mentionId,
    attempts,
    reason,
    spottedAt: isoTime(spottedAtMs),
    polledAt: isoTime(polledAtMs),
    failedAt: isoTime(failedAtMs),
  };
}

/** Returns the content of a delivery, under the name of its kind. */
export function failedContent({ kind, content }: FailedDelivery): JsonObject {
  if (kind === 'alert') return { alert: content };
  return kind === null ? { content } : { mention: content };
}

/** Formats a count: `1 delivery`, `2 deliveries`. */
export function counted(deliveries: number): string {
  return `${deliveries} ${deliveries === 1 ? 'delivery' : 'deliveries'}`;
}

type Field = readonly [name: string, value: string];

const NAME_WIDTH = 12;

/** Formats fields: one line per line of a value. Further lines start to the right of all names. */
function fields(list: readonly Field[]): string[] {
  return list.flatMap(([name, value]) =>
    value.split(/\r\n|\n/).map((line, index) => {
      const label = index === 0 ? printable(name) : '';
      return `${GAP}${label.padEnd(NAME_WIDTH)}${GAP}${printable(line, Infinity)}`.trimEnd();
    }),
  );
}

/** Names fields such as `owner.name`. Deeper values, and values that are not text, become JSON. */
function flattened(content: unknown): Field[] {
  if (!isObject(content)) return [['content', printableJson(content ?? null)]];
  return Object.entries(content).flatMap(([name, value]): Field[] =>
    isObject(value)
      ? Object.entries(value).map(([inner, each]) => [`${name}.${inner}`, asText(each)])
      : [[name, asText(value)]],
  );
}

/** Makes an alert's times readable: `detectedAtMs` becomes `detectedAt`. */
function withTimes(alert: unknown): unknown {
  if (!isObject(alert)) return alert;
  const entries = Object.entries(alert).map(([name, value]) => {
    const isTime =
      value === null || (typeof value === 'number' && !Number.isNaN(new Date(value).getTime()));
    if (!name.endsWith('Ms') || !isTime) return [name, value];
    return [name.slice(0, -2), isoTime(value) ?? 'unknown'];
  });
  return Object.fromEntries(entries) as JsonObject;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : printableJson(value);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
