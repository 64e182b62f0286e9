import { readRelayState } from '../adapters/relay-state.ts';
import { readBudgetUsed } from '../adapters/request-budget.ts';
import { webhookStanding } from '../adapters/webhook-gate.ts';
import { readStanding, type Standing } from '../pipeline/standing.ts';
import type { Parts } from './parts.ts';

/** How the relay of a configuration stands, asked anew at each call: over all replicas. */
export function standingOf({
  config,
  queues,
  redis,
  keys,
}: Pick<Parts, 'config' | 'queues' | 'redis' | 'keys'>): () => Promise<Standing> {
  const budgetKeys = keys.budget(config.groouply.apiKey);
  const ports = {
    counts: (webhook: string) => queues.counts(webhook),
    oldestWaitingAtMs: (webhook: string) => queues.oldestWaitingAtMs(webhook),
    gateStanding: webhookStanding(redis, keys),
    budgetUsed: () => readBudgetUsed(redis, budgetKeys),
    polls: () => readRelayState(redis, keys),
  };
  const names = config.webhooks.map(({ name }) => name);
  return () => readStanding(ports, names);
}
