import { messageId } from '../../domain/delivery.ts';
import { isoTime } from '../../domain/event-log.ts';
import { printable } from '../../domain/foreign/printable.ts';
import { loggedId, type JsonObject } from '../../domain/mention.ts';
import { decision, why } from '../preview/route-words.ts';
import { timeLeft, wrapped } from '../terminal/table.ts';
import type { SeenPost } from './seen-posts.ts';
import type { Mark, Step, TracedMention, Wait } from './journey.ts';

/** The places where a trace looked besides the queues, the ledger and the seen set. */
export interface Searched {
  /** HISTORY_DAYS. */
  readonly historyDays: number;
  /** The present window of the API; null if it was not asked, or did not answer. */
  readonly window: {
    readonly mentions: number;
    readonly oldestSpottedAtMs: number | null;
  } | null;
  /** If nothing else was found: the keys of its post that the seen set has. */
  readonly seen: readonly Pick<SeenPost, 'groupId' | 'keyword'>[];
}

/** Formats the journeys of mentions for people. Safe for a terminal. */
export function traceText(
  traced: readonly TracedMention[],
  searched: Searched,
  { nowMs, width }: { readonly nowMs: number; readonly width: number },
): string {
  return traced
    .flatMap((each) => [...mentionLines(each, searched, nowMs), ''])
    .flatMap((line) => wrapped(line, width, '    '))
    .join('\n');
}

/** Explains that no mention was found, and what that means. */
export function notFoundText(
  { historyDays, window, seen }: Searched,
  problem: string | null,
): string {
  const { mentions = 0, oldestSpottedAtMs = null } = window ?? {};
  const reach =
    oldestSpottedAtMs === null ? '' : `, spotted since ${isoTime(oldestSpottedAtMs) ?? ''}`;
  return [
    seen.length === 0 ? 'Not found.' : 'The relay got it, but kept nothing else of it.',
    ...seen.map(
      ({ groupId, keyword }) =>
        `- The seen set has this post, in group ${printable(groupId)} with keyword ${printable(keyword, Infinity)}: a poll or a sweep handled it.`,
    ),
    '- No delivery of it waits or has failed.',
    window === null
      ? `- The present window is unknown. ${problem ?? ''}`.trimEnd()
      : `- The present window (${mentions} mentions${reach}) does not have it.`,
    historyDays > 0
      ? `- The history (HISTORY_DAYS is ${historyDays}) does not have it: no poll brought it in this time, unless HISTORY_DAYS is newer or HISTORY_MAX_MB was reached.`
      : `- Without HISTORY_DAYS nothing is kept of what is delivered${seen.length === 0 ? ': no poll brought it, or it was delivered and has left the window' : ''}.`,
  ].join('\n');
}

function mentionLines(traced: TracedMention, searched: Searched, nowMs: number): string[] {
  const { mention, recovered, polledAtMs, key, mergedInto, status } = traced;
  const { keyword, group, position, link, spottedAtMs } = mention;
  const place = position === '' ? '' : ` (${printable(position)})`;
  const notKept = searched.historyDays > 0 ? 'not kept' : 'not kept without HISTORY_DAYS';
  const polled = {
    new: 'not yet: it is new to the next poll',
    backlog: 'not yet: the first poll skips it because of BACKLOG',
    seen: isoTime(polledAtMs) ?? `yes, time ${notKept}`,
  }[status];
  const webhooks = Object.entries(traced.webhooks).flatMap(([name, steps]) =>
    steps.map((step) => `  ${printable(name)}: ${words(step, notKept, nowMs)}`),
  );
  return [
    `${loggedId(mention) || messageId(key)}  ${printable(keyword, Infinity)} in ${printable(group.name, Infinity)}${place}`,
    `  link     ${printable(link, Infinity)}`,
    `  message  ${messageId(key)}`,
    `  spotted  ${isoTime(spottedAtMs) ?? 'unknown'}`,
    `  ${recovered ? 'swept  ' : 'polled '}  ${polled}${recovered ? ' (recovered: found by a sweep, after the polls had missed it)' : ''}`,
    ...(mergedInto === null ? [] : [`  merged   into ${messageId(mergedInto)}`]),
    ...(webhooks.length === 0 ? ['  no webhook is configured'] : webhooks),
  ];
}

function words(step: Step, notKept: string, nowMs: number): string {
  switch (step.state) {
    case 'delivered':
    case 'discarded': {
      if (step.atMs === null) return `${step.state}${notes(step)}; time ${notKept}`;
      return `${step.state} ${ending(step)}${notes(step)}`;
    }
    case 'failed':
      return `failed ${ending(step)}${step.reason === null ? '' : `: ${printable(step.reason, Infinity)}`}${notes(step)}`;
    case 'sending':
      return `being sent now, attempt ${step.attempts + 1}${notes(step)}`;
    case 'waiting': {
      const turn =
        step.before === 0 ? '' : `; ${step.before} ${step.before === 1 ? 'goes' : 'go'} first`;
      return `waiting${since(step.queuedAtMs)}${notes(step)}${waitsText(step.waitsFor)}${turn}`;
    }
    case 'retrying': {
      const reason = step.reason === null ? '' : ` (${printable(step.reason, Infinity)})`;
      const due = step.dueAtMs <= nowMs ? 'now' : `in ${timeLeft(step.dueAtMs - nowMs)}`;
      return `${attempted(step.attempts)} failed${reason}; the next one is due ${due}${waitsText(step.waitsFor)}${notes(step)}`;
    }
    case 'not-sent':
      return `not sent: ${why(step.routing)}`;
    case 'new':
      return 'the next poll queues it';
    case 'backlog':
      return 'not sent: skipped because of BACKLOG';
    case 'unknown':
      return `its rules accept it, but no delivery is known: delivered too long ago, discarded, left out by BACKLOG, or its rules or the webhook are newer`;
  }
}

function ending({
  atMs,
  attempts,
  status,
}: {
  readonly atMs: number | null;
  readonly attempts: number | null;
  readonly status: number | null;
}): string {
  const facts = [
    ...(attempts === null ? [] : [attempted(attempts)]),
    ...(status === null ? [] : [`status ${status}`]),
  ];
  return `${isoTime(atMs) ?? ''}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`.trim();
}

function attempted(attempts: number): string {
  return `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;
}

function since(queuedAtMs: number | null): string {
  const at = isoTime(queuedAtMs);
  return at === null ? '' : ` since ${at}`;
}

function notes({ within, resent }: Mark): string {
  return [
    ...(within === undefined ? [] : [', in the message of its post or lead']),
    ...(resent === undefined ? [] : [', by resend']),
  ].join('');
}

const WAITS: Readonly<Record<Wait['reason'], string>> = {
  gone: 'its URL is gone (410), until it is resumed',
  held: 'it is held because it keeps failing',
  paused: 'it is paused',
  operator: 'an operator paused it',
  closed: 'it is closed',
  digest: 'the next digest comes',
  unconfigured: 'it is not configured, until it is again',
};

/** Explains why deliveries wait: `: it is paused for 5m more`. Empty if nothing keeps them. */
export function waitsText(list: readonly Wait[]): string {
  if (list.length === 0) return '';
  const texts = list.map(({ reason, forMs }) => {
    if (forMs === null) {
      return reason === 'operator' ? `${WAITS.operator}, until it is resumed` : WAITS[reason];
    }
    return `${WAITS[reason]} ${reason === 'digest' ? 'in' : 'for'} ${timeLeft(forMs)}${reason === 'digest' ? '' : ' more'}`;
  });
  return `: ${texts.join('; ')}`;
}

/** Returns the same for scripts, without content. docs/find-out.md has its shape. */
export function traceJson(
  reference: string,
  traced: readonly TracedMention[],
  { historyDays, window, seen }: Searched,
): JsonObject {
  return {
    reference,
    historyDays,
    windowMentions: window?.mentions ?? null,
    seen: seen.map(({ groupId, keyword }) => ({ groupId, keyword })),
    mentions: traced.map(
      ({ mention, status, recovered, key, polledAtMs, mergedInto, webhooks }) => ({
        id: mention.id,
        messageId: messageId(key),
        keyword: mention.keyword,
        position: mention.position,
        group: mention.group,
        link: mention.link,
        spottedAt: isoTime(mention.spottedAtMs),
        status,
        polledAt: isoTime(polledAtMs),
        recovered,
        mergedInto: mergedInto && messageId(mergedInto),
        webhooks: Object.fromEntries(
          Object.entries(webhooks).map(([name, steps]) => [name, steps.map(stepJson)]),
        ),
      }),
    ),
  };
}

function stepJson(step: Step): JsonObject {
  if (step.state === 'not-sent') return { state: step.state, ...decision(step.routing) };
  if (!('attempts' in step)) return { state: step.state };
  const { within, ...facts } = step;
  const named = Object.entries(facts).map(([name, value]) =>
    name === 'atMs' || name.endsWith('AtMs')
      ? [name.slice(0, -2), isoTime(value as number | null)]
      : [name, value],
  );
  return {
    ...(Object.fromEntries(named) as JsonObject),
    ...(within !== undefined && { within: messageId(within) }),
  };
}
