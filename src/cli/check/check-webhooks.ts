import type { Config } from '../../config/env.ts';
import { webhookVariable } from '../../config/webhook-variables.ts';
import { NAME_AUTHORITY, UNKNOWN_AUTHORITY } from '../../domain/authority.ts';
import type { AttemptResult } from '../../domain/delivery.ts';
import { PROXY_CODE } from '../../domain/proxy.ts';
import { pingsText, type Webhook } from '../../domain/webhook.ts';
import { gateStatus } from '../../delivering/gate/webhook-gate.io.ts';
import { isUnreadable, judge } from '../../delivering/verdict.ts';
import type { PostJson } from '../../delivering/post-json.io.ts';
import { pauseTimes } from '../../monitoring/summary.ts';
import { redisKeys } from '../../redis/redis-keys.ts';
import type { RedisClient } from '../../redis/redis-client.ts';
import { webhookTypes } from '../../webhooks/registry.ts';
import type { RequestContext, WebhookProbe } from '../../webhooks/webhook-type.ts';
import { ownCommand } from '../terminal/own-command.ts';
import { duration } from '../terminal/table.ts';
import { operatorPauseText } from '../control/pause-text.ts';
import { findingsAbout, type Finding } from './finding.ts';

/**
 * Reports each webhook that the relay holds, or keeps paused because its URL is gone, or that an operator
 * has paused, which is no mistake.
 */
export async function checkGates(
  { webhooks, redisPrefix }: Config,
  redis: RedisClient,
): Promise<Finding[]> {
  const urls = new Map(webhooks.map(({ name, url }) => [name, url]));
  const status = gateStatus(redis, redisKeys(redisPrefix), (name) => urls.get(name));
  const findings: Finding[] = [];
  for (const { name } of webhooks) {
    const { ok, problem, warning } = findingsAbout(`Webhook ${name}`);
    const resume = `run ${ownCommand(`resume ${name}`)}`;
    const { gone, heldForMs, operatorPause } = await status(name);
    if (operatorPause !== null) {
      const text = `${operatorPauseText(pauseTimes(operatorPause), Date.now())}; its deliveries wait`;
      findings.push(ok('paused', `${text}. To end the pause, ${resume}`));
    }
    if (gone) {
      findings.push(
        problem(
          'gone',
          'the relay keeps it paused, because its URL answered 410; its deliveries wait',
          `set WEBHOOK_${name}_URL to its new URL and restart the relay; if this one works again, ${resume}`,
        ),
      );
    } else if (heldForMs !== null && operatorPause === null) {
      findings.push(
        warning(
          'held',
          `the relay holds it after failed attempts, for ${duration(heldForMs)} so far; its deliveries wait`,
          `wait a minute for its next probe, or ${resume}`,
        ),
      );
    }
  }
  return findings;
}

/**
 * Checks that a webhook accepts deliveries. Without `send` it probes the webhook without leaving a
 * message; with `send` it posts a `test.ping`.
 */
export async function checkWebhook(
  webhook: Webhook,
  options: {
    readonly send: boolean;
    readonly post: PostJson;
    readonly userAgent: string;
    readonly nowMs: number;
  },
): Promise<Finding> {
  const context: RequestContext = { ...options, webhook };
  const type = webhookTypes[webhook.type];
  const signal = new AbortController().signal;
  if (options.send) {
    const url = type.endpoint?.(webhook.url) ?? webhook.url;
    return judgePing(webhook, await options.post(url, type.ping(context), signal), options);
  }
  const { method, endpoint, request } = type.probe;
  const url = endpoint?.(webhook.url) ?? webhook.url;
  const result = await options.post(url, { ...request(context), method }, signal);
  return judgeProbe(webhook, result);
}

/** Judges the answer to a probe. */
export function judgeProbe(webhook: Webhook, result: AttemptResult): Finding {
  const { ok, warning, problem } = findingsAbout(`Webhook ${webhook.name}`);
  const host = webhook.url.host;
  if (result.kind === 'unanswered') return unanswered(webhook, result.code);
  const { method, read } = webhookTypes[webhook.type].probe;
  const reading = read(result.status, result.body, webhook.url);
  switch (reading.kind) {
    case 'there':
      return ok('answers', `${host} answers`);
    case 'unclear':
      if (method !== 'HEAD' || suggestsFailure(webhook, result.status)) {
        return warning(
          'doubtful',
          `${host} answers the ${method} probe with ${reading.reason}`,
          doubt(webhook, method, result.status),
        );
      }
      return ok(
        'answers',
        `${host} answers (${reading.reason}); ${ownCommand('check --send')} shows if it accepts messages`,
      );
    case 'gone':
      return problem('refuses', `${host} answers: ${reading.reason}`, fix(webhook));
  }
}

/** Returns true if the status of a HEAD makes it likely that a POST fails too. */
function suggestsFailure({ type }: Webhook, status: number): boolean {
  // A flow of Teams refuses every HEAD.
  const refuses = (type === 'teams' ? [410, 429] : [401, 403, 404, 410, 429]).includes(status);
  return refuses || (status >= 300 && status < 400) || status >= 500;
}

function doubt(webhook: Webhook, method: WebhookProbe['method'], status: number): string {
  const variable = webhookVariable(webhook.name, 'URL');
  if (status >= 300 && status < 400) {
    return `set ${variable} to the URL that it redirects to: redirects are not followed`;
  }
  if (status === 429 || status >= 500) return 'check the receiver, and try again later';
  return method !== 'HEAD'
    ? `check ${variable}; ${ownCommand('check --send')} shows if it accepts messages`
    : `check ${variable}; ${ownCommand('check --send')} shows if it accepts messages (some receivers accept only POST)`;
}

/** Judges the answer to a `test.ping`. */
export function judgePing(
  webhook: Webhook,
  result: AttemptResult,
  { nowMs }: { readonly nowMs: number },
): Finding {
  const { ok, warning, problem } = findingsAbout(`Webhook ${webhook.name}`);
  const host = webhook.url.host;
  if (result.kind === 'unanswered') return unanswered(webhook, result.code);
  const { accepted } = webhookTypes[webhook.type];
  const verdict = judge(result, (status, body) => accepted(status, body, webhook.url), nowMs);
  switch (verdict.kind) {
    case 'delivered':
      return ok(
        'took_ping',
        `${host} accepted the test.ping in ${result.durationMs} ms${whomMentionsPing(webhook)}`,
      );
    case 'pause':
      return warning('busy', `${host} asks for a pause: ${verdict.reason}`, 'try again later');
    case 'retry':
      return warning(
        'fails',
        `${host} fails: ${verdict.reason}`,
        'check the receiver; deliveries would be retried',
      );
    case 'content-refused':
      return problem(
        'refuses',
        `${host} refuses the test.ping: ${verdict.reason}`,
        webhook.template === null
          ? 'let the receiver answer 2xx to types that it does not know'
          : `compare WEBHOOK_${webhook.name}_TEMPLATE_FILE with what the receiver requires`,
      );
    case 'fail':
      return problem('refuses', `${host} answers: ${verdict.reason}`, fix(webhook));
  }
}

function whomMentionsPing({ pings }: Webhook): string {
  return pings.length === 0 ? '' : `; it pinged nobody, and mentions will ping ${pingsText(pings)}`;
}

function unanswered(webhook: Webhook, code: string): Finding {
  const { problem } = findingsAbout(`Webhook ${webhook.name}`);
  if (code.startsWith(PROXY_CODE)) {
    return problem(
      'proxy',
      `no connection to ${webhook.url.host} through the proxy (${code})`,
      webhook.url.protocol === 'https:'
        ? 'check HTTPS_PROXY and the proxy, or name the host in NO_PROXY'
        : 'check HTTP_PROXY and the proxy, or name the host in NO_PROXY',
    );
  }
  if (isUnreadable(code)) {
    return problem(
      'unreadable',
      `the answer of ${webhook.url.host} is not valid HTTP (${code})`,
      `check WEBHOOK_${webhook.name}_URL and the receiver`,
    );
  }
  return problem(
    'unanswered',
    `no answer from ${webhook.url.host} (${code})`,
    UNKNOWN_AUTHORITY.test(code)
      ? NAME_AUTHORITY
      : `check WEBHOOK_${webhook.name}_URL, the network and the receiver`,
  );
}

function fix({ name, type }: Webhook): string {
  const { renewal } = webhookTypes[type];
  return renewal !== undefined
    ? `${renewal}, and set WEBHOOK_${name}_URL to its URL`
    : `check WEBHOOK_${name}_URL, and the headers that the receiver requires (WEBHOOK_${name}_HEADERS)`;
}
