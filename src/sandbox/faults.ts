import type { Endpoint } from './router.ts';

/** What can go wrong with one request. */
export type Fault =
  /** This status. Without a body of its own it comes in the envelope. */
  | {
      readonly kind: 'status';
      readonly status: number;
      /** The `Retry-After` header: seconds or an HTTP date. */
      readonly retryAfter?: string | number;
      readonly body?: string;
    }
  /** HTTP 200 around an envelope that tells of an error. */
  | { readonly kind: 'envelope'; readonly status: number }
  /** The usual answer, late. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** The connection is reset, before the request's body is read (the default) or after. */
  | { readonly kind: 'reset'; readonly when?: 'before' | 'after' }
  /** No answer, ever. */
  | { readonly kind: 'hang' }
  /** HTTP 200 with a web page. */
  | { readonly kind: 'html' }
  /** The usual answer's JSON, cut in the middle; complete as far as HTTP can tell. */
  | { readonly kind: 'truncated' }
  /** The usual window with these items in the middle of it. Applies to `/account/mentions` alone. */
  | { readonly kind: 'malformed'; readonly items: readonly unknown[] }
  /** Ids, timestamps and statuses as numbers, all digits kept, even beyond 2^53. */
  | { readonly kind: 'numbers' };

/** When a fault happens. */
export type FaultRule = Fault & {
  /** All endpoints by default, unknown ones too. */
  readonly endpoint?: Endpoint;
  /** How often it happens: once by default, without end where there is a probability. */
  readonly times?: number;
  /** From 0 to 1, for each request that it can apply to. 1 by default. */
  readonly probability?: number;
};

/** The faults that are still to happen. */
export interface FaultList {
  readonly add: (rule: FaultRule) => void;
  readonly clear: () => void;
  /** Takes the fault that this request meets, if any. One request meets one fault at most. */
  readonly take: (path: string) => Fault | undefined;
  /** How many rules still apply. */
  readonly count: () => number;
}

/**
 * Rules that come to an end are used up first, in the order in which they were added, so that two
 * of them hit two requests one after the other; then those without an end.
 */
export function createFaultList(random: () => number): FaultList {
  let rules: { readonly rule: FaultRule; left: number }[] = [];

  return {
    add(rule) {
      const left = rule.times ?? (rule.probability === undefined ? 1 : Infinity);
      rules.push({ rule, left });
    },
    clear() {
      rules = [];
    },
    take(path) {
      const ending = rules.filter(({ left }) => left !== Infinity);
      const lasting = rules.filter(({ left }) => left === Infinity);
      const hit = [...ending, ...lasting].find(
        ({ rule }) =>
          appliesTo(rule, path) && (rule.probability === undefined || random() < rule.probability),
      );
      if (hit === undefined) return undefined;
      hit.left -= 1;
      rules = rules.filter(({ left }) => left > 0);
      return hit.rule;
    },
    count: () => rules.length,
  };
}

function appliesTo(rule: FaultRule, path: string): boolean {
  if (rule.kind === 'malformed' && path !== '/account/mentions') return false;
  return rule.endpoint === undefined || rule.endpoint === path;
}
