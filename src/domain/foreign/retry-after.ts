const MIN_MS = 1_000;
const MAX_MS = 3_600_000;
// Slack and Discord always say how long; where a receiver does not, this is polite enough.
const UNSAID_MS = 5_000;

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * Returns the pause that a receiver asks for by 'too many requests', in milliseconds: at least 1 s, at
 * most 1 h. Understands the Retry-After header as seconds or as an HTTP date
 * (RFC 9110, 10.2.3) and Discord's `retry_after` in a JSON body, in seconds.
 *
 * @param typeMs - the pause that the webhook's type read in the body
 */
export function pauseMs(headers: Headers, body: string, nowMs: number, typeMs?: number): number {
  // A date counts from the clock of the receiver, which may not be ours.
  const theirNowMs = Date.parse(headers['date'] ?? '');
  const header = headers['retry-after'];
  const waitMs =
    inMilliseconds(headers) ??
    fromHeader(header, Number.isNaN(theirNowMs) ? nowMs : theirNowMs) ??
    typeMs ??
    fromBody(body) ??
    UNSAID_MS;
  return Math.min(Math.max(Math.ceil(waitMs), MIN_MS), MAX_MS);
}

const PLAIN_NUMBER = /^\d+(\.\d+)?$/;

/**
 * Recognizes a Retry-After in milliseconds, which older versions of Discord's API give, by the header
 * that is always in seconds (github.com/discord/discord-api-docs/issues/2360).
 */
function inMilliseconds(headers: Headers): number | undefined {
  const retryAfter = headers['retry-after']?.trim() ?? '';
  const resetAfter = headers['x-ratelimit-reset-after']?.trim() ?? '';
  if (!PLAIN_NUMBER.test(retryAfter) || !PLAIN_NUMBER.test(resetAfter)) return undefined;
  const isMilliseconds = Number(resetAfter) > 0 && Number(retryAfter) >= 500 * Number(resetAfter);
  return isMilliseconds ? Number(retryAfter) : undefined;
}

/**
 * Returns the pause after a successful message that used up the receiver's quota, in milliseconds, at
 * most 1 h; 0 if quota is left or unknown.
 *
 * Source: docs.discord.com/developers/topics/rate-limits, "Header Format".
 */
export function quotaRestMs(headers: Headers): number {
  if (headers['x-ratelimit-remaining']?.trim() !== '0') return 0;
  const resetAfter = headers['x-ratelimit-reset-after']?.trim() ?? '';
  if (!PLAIN_NUMBER.test(resetAfter)) return 0;
  return Math.min(Math.ceil(Number(resetAfter) * 1000), MAX_MS);
}

function fromHeader(header: string | undefined, nowMs: number): number | undefined {
  const value = header?.trim();
  if (!value) return undefined;
  if (PLAIN_NUMBER.test(value)) return Number(value) * 1000;
  // Date.parse reads much that is no HTTP date ('-5' is a year): all its forms hold a weekday.
  const at = /^(mon|tue|wed|thu|fri|sat|sun)/i.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at - nowMs;
}

function fromBody(body: string): number | undefined {
  if (!body.includes('retry_after')) return undefined;
  try {
    const { retry_after: seconds } = JSON.parse(body) as { retry_after?: unknown };
    return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds * 1000 : undefined;
  } catch {
    return undefined;
  }
}
