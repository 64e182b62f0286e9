import type { Lane } from './plan.ts';

/** The API requests a minute that the relays may make and that the API allows. */
export const REQUEST_BUDGET = 50;

const WEBHOOKS = {
  SINGLE: { TYPE: 'http', CONCURRENCY: '10' },
  BATCHES: { TYPE: 'http', CONCURRENCY: '2', BATCH_SIZE: '10' },
  SLACK: { TYPE: 'slack' },
} as const;
/** The names of the webhooks and of their receivers. */
export const WEBHOOK_NAMES: readonly string[] = Object.keys(WEBHOOKS);

const RELAY = {
  GROOUPLY_API_KEY: 'sandbox-key',
  POLL_INTERVAL_SECONDS: '1',
  RATE_BUDGET_PER_MINUTE: String(REQUEST_BUDGET),
  // So many retries that no delivery fails for good: it would count as lost.
  RETRY_SCHEDULE_SECONDS: ['1', '2', '4', ...Array.from({ length: 20 }, () => '8')].join(','),
  DELIVERY_TIMEOUT_SECONDS: '5',
  SHUTDOWN_TIMEOUT_SECONDS: '3',
  LOG_LEVEL: 'debug',
};

/** Returns the lanes of a run with this many replicas. */
export function lanesOf(replicas: number): Lane[] {
  return [
    ...Array.from({ length: replicas }, (_, index) => ({
      name: `replica ${index + 1}`,
      subject: 'replica' as const,
    })),
    { name: 'Redis', subject: 'redis' },
    ...WEBHOOK_NAMES.map((name) => ({ name, subject: 'receiver' as const })),
    { name: 'API', subject: 'api' },
  ];
}

/** Returns the environment of every replica. `urlOf` returns the URL of a webhook's receiver. */
export function relayEnvironment(
  { api, redis }: { readonly api: string; readonly redis: string },
  urlOf: (webhook: string) => string,
): Record<string, string> {
  const env: Record<string, string> = { ...RELAY, GROOUPLY_API_URL: api, REDIS_URL: redis };
  for (const [name, attributes] of Object.entries(WEBHOOKS)) {
    env[`WEBHOOK_${name}_URL`] = urlOf(name);
    for (const [attribute, value] of Object.entries(attributes)) {
      env[`WEBHOOK_${name}_${attribute}`] = value;
    }
  }
  return env;
}
