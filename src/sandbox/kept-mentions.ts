import type { JsonObject } from '../domain/mention.ts';
import type { SandboxMention } from './made-up-mentions.ts';

/** The mentions of the sandbox's account, newest first. */
export interface KeptMentions {
  /** Adds them one after the other: the last one given is the newest. */
  readonly add: (mentions: readonly SandboxMention[]) => void;
  /** Removes mentions as if their posts had been deleted: older ones slide back into the window. */
  readonly remove: (ids: readonly string[]) => void;
  readonly all: () => readonly SandboxMention[];
  /** Returns the list of `/account/mentions`. */
  readonly window: () => readonly unknown[];
  /** Makes `window` return exactly this list, whatever is in it, until it is set to null. */
  readonly setWindow: (list: readonly unknown[] | null) => void;
  /** Returns the group's mentions, also those that have left the window. */
  readonly ofGroup: (groupId: string) => readonly JsonObject[];
}

/**
 * Keeps the newest `keepAtMost` mentions. The newest `windowSize` are the window, and the newest
 * `postsPerGroup` of a group are listed by `ofGroup`.
 */
export function createKeptMentions({
  windowSize,
  postsPerGroup,
  keepAtMost = 50_000,
}: {
  readonly windowSize: number;
  readonly postsPerGroup: number;
  readonly keepAtMost?: number;
}): KeptMentions {
  let oldestFirst: SandboxMention[] = [];
  let override: readonly unknown[] | null = null;

  const newest = (count: number): readonly SandboxMention[] =>
    count < 1 ? [] : oldestFirst.slice(-count).toReversed();

  return {
    add(mentions) {
      oldestFirst = [...oldestFirst, ...mentions].slice(-keepAtMost);
    },
    remove(ids) {
      const gone = new Set(ids);
      oldestFirst = oldestFirst.filter(({ id }) => !gone.has(id));
    },
    all: () => newest(oldestFirst.length),
    window: () => override ?? newest(windowSize),
    setWindow(list) {
      override = list === null ? null : [...list];
    },
    ofGroup: (groupId) =>
      (override ?? newest(oldestFirst.length))
        .filter(isObject)
        .filter(({ group }) => isObject(group) && String(group['id']) === groupId)
        .slice(0, postsPerGroup),
  };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}
