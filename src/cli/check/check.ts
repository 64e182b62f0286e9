import { writeSync } from 'node:fs';
import { styleText } from 'node:util';
import type { Config } from '../../config/env.ts';
import { maskConfig } from '../../config/mask.ts';
import { mistakeText, type ConfigMistake } from '../../config/mistakes.ts';
import type { RedisClient } from '../../redis/redis-client.ts';
import { redisKeys } from '../../redis/redis-keys.ts';
import { checkRedis, serverTimeMs } from '../../redis/redis-checks.ts';
import { mistakeIn } from '../../redis/redis-mistakes.ts';
import { expectUsableVersion, StateVersionError } from '../../state/state-version.io.ts';
import { USER_AGENT } from '../../version.ts';
import { printableJson } from '../../domain/foreign/printable.ts';
import { createPostJson } from '../../delivering/post-json.io.ts';
import { checkApi } from './check-api.ts';
import { checkConfiguration, checkSchedule } from './check-configuration.ts';
import { allIsWell, findingsAbout, type Finding, checkClock } from './finding.ts';
import { checkMonitoring } from './check-monitoring.ts';
import { configurationText } from './configuration-text.ts';
import { checkGates, checkWebhook } from './check-webhooks.ts';
import { textWidth, wrapped } from '../terminal/table.ts';
import { configFromProcess } from '../access/config-from-process.ts';
import { explainRedisError, openRedis, type CommandRedis } from '../access/relay-redis.ts';

/**
 * Checks everything that a relay of this configuration depends on, and prints for each finding what
 * to do. Sets the exit status: 0 only if all is well.
 */
export async function check(options: {
  readonly send?: boolean;
  readonly json?: boolean;
}): Promise<void> {
  const config = await configFromProcess('command', options.json ? printMistakes : undefined);
  const masked = maskConfig(config);
  if (!options.json)
    process.stdout.write(configurationText(config, { width: textWidth(), nowMs: Date.now() }));
  const findings = [
    ...checkConfiguration(config),
    ...checkSchedule(config),
    ...(await checkMonitoring(config)),
    ...(await checkBehindRedis(config)),
    ...(await checkWebhooks(config, options.send ?? false)),
  ];
  process.exitCode = allIsWell(findings) ? 0 : 1;
  process.stdout.write(
    options.json
      ? `${printableJson({ ok: allIsWell(findings), configuration: masked, findings })}\n`
      : reportText(findings),
  );
}

/** Prints configuration errors as findings, for scripts. */
function printMistakes(mistakes: readonly ConfigMistake[]): void {
  const { problem } = findingsAbout('Configuration');
  const findings = mistakes.map((mistake) =>
    problem('mistake', mistakeText(mistake), `allowed: ${mistake.allowed}`),
  );
  // Synchronous, so that it is written before the process ends, also into a pipe.
  writeSync(1, `${printableJson({ ok: false, configuration: null, findings })}\n`);
}

/** Checks Redis, and then the API, whose request budget is kept in Redis. */
async function checkBehindRedis(config: Config): Promise<Finding[]> {
  const findings: Finding[] = [];
  let opened: CommandRedis | undefined;
  try {
    opened = await openRedis(config);
    const { redis } = opened;
    findings.push(...(await checkRelayRedis(config, redis)));
    if (config.redis.kind === 'external') {
      findings.push(...checkClock(Date.now(), await serverTimeMs(redis), 'Redis'));
    }
    if (!findings.some(({ level }) => level === 'problem')) {
      const keys = redisKeys(config.redisPrefix);
      const gates = await checkGates(config, redis);
      return [...findings, ...(await checkApi({ config, redis, keys })), ...gates];
    }
  } catch (error) {
    const explained = explainRedisError(config, error);
    if (explained === null) throw error;
    const code = (error instanceof Error ? mistakeIn(error)?.mistake : undefined) ?? 'unreachable';
    findings.push(findingsAbout('Redis').problem(code, explained.what, explained.todo));
  } finally {
    await opened?.close();
  }
  const skipped = findingsAbout('API').skipped(
    'needs_redis',
    'the API was not checked, because its request budget is kept in Redis',
    'fix Redis first',
  );
  return [...findings, skipped];
}

/** Checks a Redis that answers. Throws the Redis error if a later command fails. */
async function checkRelayRedis(config: Config, redis: RedisClient): Promise<Finding[]> {
  const { ok, warning, problem } = findingsAbout('Redis');
  const where = config.redis.kind === 'embedded' ? 'the embedded Redis' : 'the Redis of REDIS_URL';
  try {
    const { state } = redisKeys(config.redisPrefix);
    const unsafe = await checkRedis(redis, state);
    const version = expectUsableVersion(await redis.hget(state, 'version'));
    const older = 'the state in Redis is from an older release; the relay migrates it at startup';
    return [
      ok('answers', `${where} answers`),
      ...(version === 'older' ? [ok('older_state', older)] : []),
      ...unsafe.map(({ reason, what, command }) =>
        warning(reason, what, `run ${command}, and put the setting into redis.conf`),
      ),
    ];
  } catch (error) {
    if (!(error instanceof StateVersionError)) throw error;
    const { what, todo } = error.explanation;
    return [problem('state_version', what, todo)];
  }
}

async function checkWebhooks(config: Config, send: boolean): Promise<Finding[]> {
  const { post, close } = createPostJson({
    timeoutMs: config.delivery.timeoutMs,
    proxy: config.proxy,
    monotonicMs: () => performance.now(),
  });
  try {
    return await Promise.all(
      config.webhooks.map((webhook) =>
        checkWebhook(webhook, { send, post, userAgent: USER_AGENT, nowMs: Date.now() }),
      ),
    );
  } finally {
    close();
  }
}

const LEVELS = {
  ok: { word: 'ok', colour: 'green' },
  warning: { word: 'warning', colour: 'yellow' },
  problem: { word: 'PROBLEM', colour: 'red' },
  skipped: { word: 'skipped', colour: 'dim' },
} as const;

const MARGIN = ' '.repeat(11);

/** Formats the findings for people, grouped by subject. Colours only if the stream shows them. */
export function reportText(
  findings: readonly Finding[],
  stream: NodeJS.WriteStream = process.stdout,
): string {
  const width = textWidth(stream);
  const lines: string[] = [];
  for (const [about, own] of Map.groupBy(findings, (finding) => finding.about)) {
    lines.push(styleText('bold', about, { stream }));
    for (const { level, text, todo } of own) {
      const { word, colour } = LEVELS[level];
      const [first = '', ...others] = wrapped(text, width - MARGIN.length, '');
      lines.push(`  ${styleText(colour, word.padEnd(8), { stream })} ${first}`);
      lines.push(...others.map((line) => MARGIN + line));
      if (todo !== undefined) lines.push(...wrapped(`${MARGIN}-> ${todo}`, width, `${MARGIN}   `));
    }
  }
  return [...lines, '', verdict(findings), ''].join('\n');
}

function verdict(findings: readonly Finding[]): string {
  if (allIsWell(findings)) return 'All is well.';
  const counted = (level: Finding['level'], one: string, more: string): string[] => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : more}`];
  };
  return `${[
    ...counted('problem', 'problem', 'problems'),
    ...counted('warning', 'warning', 'warnings'),
    ...counted('skipped', 'check skipped', 'checks skipped'),
  ].join(', ')}.`;
}
