import { alertAtMs, type Alert, type CoverageAlert, type CoverageChange } from '../domain/alert.ts';
import { decodeEntities } from '../domain/foreign/decoded-text.ts';
import { fitted, readableLine, utcText } from './readable-text.ts';
import { TROUBLE_TITLES, troubleWords } from './trouble-words.ts';

/*
 * The words of an alert, the same in every chat: a title with a sign, so that nobody takes it for a
 * mention, the facts, and what follows from them. Each type's message file arranges and escapes
 * them. A group's name and status are foreign text. A webhook's name is the operator's own, but was
 * stored in Redis: it is treated like foreign text.
 */

/** An alert in words, one line each. `about` and `status` are foreign text and not escaped yet. */
export interface AlertWords {
  /** The title, in our words, after a sign such as ⚠️. */
  readonly title: string;
  readonly tone: 'severe' | 'warning' | 'good' | 'neutral';
  /** The group or webhook concerned; null where there is none. */
  readonly about: string | null;
  /** The times in it, in milliseconds since 1970; null for an unknown one. */
  readonly times: readonly { readonly name: string; readonly atMs: number | null }[];
  /** The consequences and what to do, in our words. */
  readonly next: string;
  readonly status: string | null;
  readonly foundAtMs: number;
}

const GAP_TITLE = '⚠️ Mentions may be missing';
const GAP_NEXT =
  'More mentions arrived than one API response can hold. The relay searches the groups and sends what it finds, marked as recovered and without text.';

const CHANGES: Readonly<Record<CoverageChange, Pick<AlertWords, 'title' | 'tone' | 'next'>>> = {
  left: {
    title: '⚠️ A group is no longer tracked',
    tone: 'warning',
    next: 'No mention comes from it until Groouply tracks it again. See its status at Groouply.',
  },
  returned: {
    title: '✅ A group is tracked now',
    tone: 'good',
    next: 'Mentions come from it from now on. Earlier posts may be missing.',
  },
  appeared: {
    title: 'ℹ️ A group is new in the account',
    tone: 'neutral',
    next: 'Mentions come from it while Groouply tracks it.',
  },
  vanished: {
    title: '⚠️ A group is gone from the account',
    tone: 'warning',
    next: 'No more mentions come from it. If nobody removed it, check the account at Groouply.',
  },
};

/** The titles of all alerts. No mention has one of them. */
export const ALERT_TITLES: readonly string[] = [
  GAP_TITLE,
  ...Object.values(CHANGES).map(({ title }) => title),
  ...TROUBLE_TITLES,
];

const GROUP_LIMIT = 150;
const STATUS_LIMIT = 80;

/** Returns the words of an alert, part by part. */
export function alertWords(alert: Alert): AlertWords {
  const foundAtMs = alertAtMs(alert);
  switch (alert.type) {
    case 'gap.detected':
      return {
        title: GAP_TITLE,
        tone: 'warning',
        about: null,
        times: [
          { name: 'Spotted after', atMs: alert.fromMs },
          { name: 'and before', atMs: alert.toMs },
        ],
        next: GAP_NEXT,
        status: null,
        foundAtMs,
      };
    case 'group.coverage_changed':
      return {
        ...CHANGES[alert.change],
        about: groupOf(alert),
        times: [],
        status: statusOf(alert),
        foundAtMs,
      };
    case 'relay.trouble':
      return {
        ...troubleWords(alert),
        about: fitted(readableLine(alert.webhook ?? ''), GROUP_LIMIT) || null,
        times: [],
        status: null,
        foundAtMs,
      };
  }
}

/** Returns an alert in two lines, times in UTC: for notifications and for messages of plain text. */
export function alertLines(alert: Alert): readonly [what: string, next: string] {
  const { title, about, times, status, next } = alertWords(alert);
  const known = times.flatMap(({ name, atMs }) =>
    atMs === null ? [] : [`${name.toLowerCase()} ${utcText(atMs)}`],
  );
  const interval =
    times.length === 0
      ? []
      : [known.join(' ').replace(/^and /, 'spotted ') || 'spotted at an unknown time'];
  const parts = [
    ...(about === null ? [] : [about]),
    ...interval,
    ...(status === null ? [] : [status]),
  ];
  return [parts.length === 0 ? title : `${title}: ${parts.join(', ')}`, next];
}

/** Returns the group's name, or else its id: one line, never empty. */
function groupOf({ groupId, groupName }: CoverageAlert): string {
  const name = fitted(readableLine(decodeEntities(groupName ?? '')), GROUP_LIMIT);
  if (name !== '') return name;
  const id = fitted(readableLine(groupId), GROUP_LIMIT);
  return id === '' ? 'a group without a name' : `group ${id}`;
}

function statusOf({ status }: CoverageAlert): string | null {
  const text = fitted(readableLine(decodeEntities(status)), STATUS_LIMIT);
  return text === '' ? null : `status: ${text}`;
}
