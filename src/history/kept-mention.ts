import type { FailedDelivery } from '../domain/delivery.ts';
import { postName } from '../domain/foreign/facebook-link.ts';
import {
  digest,
  listedMention,
  mentionKey,
  parseMention,
  type JsonObject,
  type Mention,
  type MentionKey,
} from '../domain/mention.ts';
import { recoveredDeliveryKey } from '../domain/permalink.ts';
import { parseRecoveredMention, type RecoveredMention } from '../domain/recovered-mention.ts';

/** A mention in the history, with what became of it. */
export interface KeptMention {
  /**
   * A recovered one has no id, position and content; its `raw` is the post as the API gave it, so
   * `parseRecoveredMention(raw, group)` reads it.
   */
  readonly mention: Mention;
  readonly keptAtMs: number;
  /** Found by a sweep. */
  readonly recovered: boolean;
  /**
   * The identity of the mention whose message lists it or was queued before; null if it is no copy
   * of another one.
   */
  readonly mergedInto: string | null;
  /** Oldest first. A webhook has several after a retry by hand. */
  readonly ends: readonly KeptEnd[];
}

/** The end of a delivery of a kept mention. */
export interface KeptEnd {
  readonly webhook: string;
  readonly outcome: 'delivered' | 'failed' | 'discarded';
  readonly atMs: number;
  readonly attempts: number;
  /** The HTTP status of the last attempt; null without an answer. */
  readonly status: number | null;
}

/** A mention as it is kept at first, without ends. */
export interface KeptRecord {
  readonly identity: string;
  /** The digests of the names of its post: one or two, each of POST_DIGITS characters; '' if it has none. */
  readonly posts: string;
  readonly text: string;
}

/** The number of characters of a post's digest. */
export const POST_DIGITS = 12;
// Facebook's longest post takes 253 KB. Anything else would push out hundreds of mentions.
const MAX_RECORD_BYTES = 262_144;

/**
 * Returns the identity of a mention in the history, whatever DEDUPE_BY is. One that a sweep found has
 * another than the same one in a window: see {@link recoveredIdentity}.
 */
export function identityOf(found: Mention | RecoveredMention): MentionKey {
  return 'rawGroup' in found ? recoveredIdentity(found) : mentionKey(found, 'mention');
}

/** Returns the identity under which a sweep would have found a mention. */
export function recoveredIdentity(found: Mention | RecoveredMention): MentionKey {
  return recoveredDeliveryKey(found, 'mention');
}

/** Returns the identity of the mention of a failed delivery; null if it is of none, or is damaged. */
export function identityOfFailed({
  kind,
  content,
}: Pick<FailedDelivery, 'kind' | 'content'>): string | null {
  if (kind === 'mention') {
    const mention = readMention(content);
    return mention && identityOf(mention);
  }
  if (kind !== 'recovered') return null;
  const mention = readPost(content, (Object(content) as JsonObject)['group']);
  return mention && recoveredIdentity(mention);
}

/** Returns the digest of a post's id, or of the number or token in its link. */
export function postDigest(name: string): string {
  return digest(name.trim(), POST_DIGITS);
}

/**
 * Writes a mention as one line of JSON. If it is huge, its content and unknown fields are left out; null
 * if it still is.
 */
export function keptRecord(
  found: Mention | RecoveredMention,
  about: { readonly keptAtMs: number; readonly mergedInto?: string | null },
): KeptRecord | null {
  const id = 'rawGroup' in found ? '' : found.id.trim();
  const names = new Set([id, postName(found.link) ?? ''].filter((name) => name !== ''));
  const text = [found, 'rawGroup' in found ? null : listedMention(found)]
    .flatMap((each) => (each === null ? [] : writtenMention(each, about)))
    .find((line) => Buffer.byteLength(line) <= MAX_RECORD_BYTES);
  if (text === undefined) return null;
  return { identity: identityOf(found), posts: [...names].map(postDigest).join(''), text };
}

function writtenMention(
  found: Mention | RecoveredMention,
  { keptAtMs: at, mergedInto: into }: Parameters<typeof keptRecord>[1],
): string {
  return JSON.stringify({
    at,
    ...(into && { into }),
    ...('rawGroup' in found ? { post: found.raw, group: found.rawGroup } : { mention: found.raw }),
  });
}

const OUTCOMES = ['delivered', 'failed', 'discarded'] as const;

/** Writes the end of a delivery as one short line. */
export function keptEndLine({ webhook, outcome, atMs, attempts, status }: KeptEnd): string {
  return [outcome, webhook, atMs, attempts, status ?? '-'].join(' ');
}

/** Reads a record and the lines behind it. Null if it is damaged; damaged ends are left out. */
export function readKeptMention(text: string): KeptMention | null {
  const [line = '', ...ends] = text.split('\n');
  const kept = parsedObject(line);
  const keptAtMs = kept?.['at'];
  if (kept === null || !isTime(keptAtMs)) return null;
  const recovered = 'post' in kept;
  const mention = recovered ? readPost(kept['post'], kept['group']) : readMention(kept['mention']);
  if (mention === null) return null;
  const into = kept['into'];
  return {
    mention,
    keptAtMs,
    recovered,
    mergedInto: typeof into === 'string' ? into : null,
    ends: ends.flatMap((each) => readEnd(each) ?? []),
  };
}

function readMention(item: unknown): Mention | null {
  const parsed = parseMention(item);
  return parsed.ok ? parsed.value : null;
}

function readPost(post: unknown, group: unknown): Mention | null {
  const { id, name } = Object(group) as JsonObject;
  const rawGroup = {
    id: typeof id === 'string' ? id : '',
    name: typeof name === 'string' ? name : '',
  };
  const parsed = parseRecoveredMention(post, rawGroup);
  if (!parsed.ok) return null;
  const { keyword, link, owner, group: readable, spottedAtMs, raw } = parsed.value;
  return {
    id: '',
    keyword,
    position: '',
    content: '',
    link,
    owner: { ...owner, link: '' },
    group: readable,
    spottedAtMs,
    raw,
  };
}

const END = /^([a-z]+) (\w+) (\d{1,15}) (\d{1,9}) (\d{3}|-)$/;

function readEnd(line: string): KeptEnd | null {
  const [, word, webhook, atMs, attempts, status] = END.exec(line) ?? [];
  const outcome = OUTCOMES.find((each) => each === word);
  if (outcome === undefined || webhook === undefined) return null;
  return {
    webhook,
    outcome,
    atMs: Number(atMs),
    attempts: Number(attempts),
    status: status === '-' ? null : Number(status),
  };
}

function parsedObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 8.64e15;
}
