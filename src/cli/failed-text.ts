import { isoTime } from '../domain/event-log.ts';
import { messageIdOfJob, type DeliveryKind, type FailedDelivery } from '../domain/delivery.ts';
import type { JsonObject } from '../domain/mention.ts';
import { printable, printableJson } from '../domain/printable.ts';
import { ownCommand } from './terminal/own-command.ts';
import { table, type Column } from './terminal/table.ts';

const MAX_NAME = 16;
const GAP = '  ';

/** A table no wider than `width`, which is 80 at least, and what to do next. It holds no content. */
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
    `${counted(found.length)} failed. What next:`,
    `  see one whole:    ${ownCommand(`failed show ${messageIdOfJob(first?.jobId ?? '')}`)}`,
    `  send them again:  ${ownCommand('failed retry --webhook NAME')}`,
    `  drop them:        ${ownCommand('failed discard --webhook NAME')}`,
    '',
  ].join('\n');
}

/** All that is known of a failed delivery, safe for a terminal: nothing in it can forge a field. */
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
  unknown: 'What another release kept of it:',
};

/** What scripts get of a failed delivery, without its content. */
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

/** What is kept of what it delivers, under the name of what it is. */
export function failedContent({ kind, content }: FailedDelivery): JsonObject {
  if (kind === 'alert') return { alert: content };
  return kind === null ? { content } : { mention: content };
}

/** A duration in its largest unit: `40s`, `5m`, `3h`, `13d`. */
export function duration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** `1 delivery`, `2 deliveries`. */
export function counted(deliveries: number): string {
  return `${deliveries} ${deliveries === 1 ? 'delivery' : 'deliveries'}`;
}

type Field = readonly [name: string, value: string];

const NAME_WIDTH = 12;

/** One line for each line of a value, those after the first further to the right than any name. */
function fields(list: readonly Field[]): string[] {
  return list.flatMap(([name, value]) =>
    value.split(/\r\n|\n/).map((line, index) => {
      const label = index === 0 ? printable(name) : '';
      return `${GAP}${label.padEnd(NAME_WIDTH)}${GAP}${printable(line, Infinity)}`.trimEnd();
    }),
  );
}

/** `owner.name` and the like; what is deeper, and what is no text, as JSON. */
function flattened(content: unknown): Field[] {
  if (!isObject(content)) return [['content', printableJson(content ?? null)]];
  return Object.entries(content).flatMap(([name, value]): Field[] =>
    isObject(value)
      ? Object.entries(value).map(([inner, each]) => [`${name}.${inner}`, asText(each)])
      : [[name, asText(value)]],
  );
}

/** An alert's times as people read them: `detectedAtMs` is shown as `detectedAt`. */
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
