import type { RequestContext } from './webhook-type.ts';

/**
 * The headers of every JSON request: the user agent, the webhook's extra headers, and the content
 * type. Extra headers can replace the user agent, but neither `content-type` nor any `webhook-*`:
 * the configuration refuses those, and here they are left out.
 */
export function jsonHeaders(context: RequestContext): Record<string, string> {
  const extra = Object.entries(context.webhook.headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !name.startsWith('webhook-'));
  return {
    'user-agent': context.userAgent,
    ...Object.fromEntries(extra),
    'content-type': 'application/json',
  };
}
