import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config/env.ts';
import { valueOf } from '../../helpers/value-of.ts';

const REAL = {
  GROOUPLY_API_KEY: 'key',
  REDIS_URL: 'redis://127.0.0.1:6379',
  WEBHOOK_SALES_URL: 'https://sales.example/hook',
};

function read(real: Record<string, string>, file = '') {
  const env = { ...REAL, ...real };
  return readConfig(env, { readFile: () => file, stdoutIsTty: false, envFile: '.env' });
}

function hintsOf(reading: ReturnType<typeof read>): (string | undefined)[] {
  const mistakes = reading.ok ? [] : reading.error;
  return mistakes.map(({ problem }) => /: did you mean (.*)\?$/.exec(problem)?.[1]);
}

describe('a name close to a known one is a mistake wherever it stands:', () => {
  test.each([
    ['POLL_INTERVAL', 'POLL_INTERVAL_SECONDS'],
    ['POLL_INTERVAL_SECOND', 'POLL_INTERVAL_SECONDS'],
    ['POLL_INTERVAL_MS', 'POLL_INTERVAL_SECONDS'],
    ['POLL_INTERVALL_SECONDS', 'POLL_INTERVAL_SECONDS'],
    ['POLLING_INTERVAL_SECONDS', 'POLL_INTERVAL_SECONDS'],
    ['RATE_BUDGET', 'RATE_BUDGET_PER_MINUTE'],
    ['FAILED_RETENTION_HOURS', 'FAILED_RETENTION_DAYS'],
    ['DELIVERY_TIMEOUT', 'DELIVERY_TIMEOUT_SECONDS'],
    ['BACKLOGS', 'BACKLOG'],
    ['BACKOLG', 'BACKLOG'],
    ['backlog', 'BACKLOG'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['LOG_LEVELS', 'LOG_LEVEL'],
    ['DATADIR', 'DATA_DIR'],
    ['DATA_DIR_FILE', 'DATA_DIR'],
    ['REDISURL', 'REDIS_URL'],
    ['REDIS_URI', 'REDIS_URL'],
    ['REDIS_URL_FIEL', 'REDIS_URL_FILE'],
    ['HEALTHPORT', 'HEALTH_PORT'],
    ['HEARTBEAT_URI', 'HEARTBEAT_URL'],
    ['GROUPLY_API_KEY', 'GROOUPLY_API_KEY'],
    ['GROOUPLY_APIKEY', 'GROOUPLY_API_KEY'],
    ['GROOUPLY_TOKEN', 'GROOUPLY_API_KEY'],
    ['WEBHOOKS_CRM_URL', 'WEBHOOK_CRM_URL'],
    ['WEB_HOOK_CRM_URL', 'WEBHOOK_CRM_URL'],
    ['WEBHOK_CRM_URL', 'WEBHOOK_CRM_URL'],
    ['WEBHOOK_SALES_KEYWORD', 'WEBHOOK_SALES_KEYWORDS'],
    ['WEBHOOK_OTHER_KEYWORD', 'WEBHOOK_OTHER_KEYWORDS'],
    ['WEBHOOK_OTHER_ULR', 'WEBHOOK_OTHER_URL'],
    ['WEBHOOK_OTHER_URI', 'WEBHOOK_OTHER_URL'],
    ['WEBHOOK_OTHER_BATCHSIZE', 'WEBHOOK_OTHER_BATCH_SIZE'],
    ['WEBHOOK_OTHER_RATE_PER_MINUTE', 'WEBHOOK_OTHER_RATE_PER_SECOND'],
    ['WEBHOOK_SALES_HEADLINES', 'WEBHOOK_SALES_HEADERS'],
    ['WEBHOOK_SALES_TEMPLATE', 'WEBHOOK_SALES_TEMPLATE_FILE'],
  ])('%s', (name, hint) => {
    expect(hintsOf(read({ [name]: 'x' }))).toEqual([hint]);
    expect(hintsOf(read({}, `${name}=x`))).toEqual([hint]);
  });
});

test('a mistake lists the names of the same kind, not all', () => {
  const allowedFor = (name: string) => {
    const reading = read({ [name]: 'x' });
    return reading.ok ? undefined : reading.error[0]?.allowed;
  };
  expect(allowedFor('BACKLOGS')).toBe('BACKLOG');
  expect(allowedFor('LOG_LEVELS')).toBe('LOG_LEVEL, LOG_FORMAT');
});

/** Variables that platforms, shells and other programs put into the environment of a process. */
const OF_OTHERS = {
  shells:
    'HOME HOST HOSTNAME LANG LC_ALL LOGNAME OLDPWD PATH PWD SHELL SHLVL TERM TMPDIR TZ USER _',
  programs:
    'DATA DATA_PATH DATABASE_URL DEBUG HEALTH HEALTH_CHECK HEALTH_PATH HISTORY LOG LOG_DIR LOG_FILE LOG_FILES LOGGING PORT POLL RATE_LIMIT SENTRY_DSN TIMEOUT URL',
  Node: 'NODE_ENV NODE_EXTRA_CA_CERTS NODE_OPTIONS NODE_VERSION YARN_VERSION npm_config_user_agent npm_lifecycle_event npm_package_json',
  proxies: 'ALL_PROXY FTP_PROXY SOCKS_PROXY all_proxy ftp_proxy',
  Redis:
    'REDIS_DB REDIS_HOST REDIS_PASSWORD REDIS_PORT REDIS_PRIVATE_URL REDIS_PUBLIC_URL REDIS_TLS_URL REDISCLOUD_URL REDISHOST REDISPASSWORD REDISPORT REDISUSER REDISTOGO_URL FLY_REDIS_CACHE_URL UPSTASH_REDIS_REST_URL',
  'receivers of webhooks':
    'WEBHOOK WEBHOOK_ENABLED WEBHOOK_HOST WEBHOOK_PATH WEBHOOK_PORT WEBHOOK_SECRET WEBHOOK_SECRET_FILE WEBHOOK_SECRET_KEY WEBHOOK_TIMEOUT WEBHOOK_TYPE WEBHOOK_URL WEBHOOKS_URL WEBHOOKS_ENABLED WEBHOOKS_SECRET DISCORD_WEBHOOK_URL SLACK_WEBHOOK_URL TEAMS_WEBHOOK',
  Heroku: 'DYNO HEROKU_APP_NAME HEROKU_RELEASE_VERSION HEROKU_SLUG_COMMIT WEB_CONCURRENCY',
  Railway:
    'RAILWAY_ENVIRONMENT RAILWAY_PRIVATE_DOMAIN RAILWAY_PUBLIC_DOMAIN RAILWAY_SERVICE_NAME RAILWAY_VOLUME_MOUNT_PATH',
  Render: 'IS_PULL_REQUEST RENDER RENDER_DISCOVERY_SERVICE RENDER_EXTERNAL_URL RENDER_INSTANCE_ID',
  Fly: 'FLY_ALLOC_ID FLY_APP_NAME FLY_IMAGE_REF FLY_MACHINE_ID FLY_PRIVATE_IP FLY_REGION PRIMARY_REGION',
  Kubernetes:
    'KUBERNETES_PORT KUBERNETES_PORT_443_TCP KUBERNETES_PORT_443_TCP_ADDR KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT_HTTPS NODE_NAME POD_IP POD_NAME POD_NAMESPACE',
  'GitHub Actions':
    'CI GITHUB_ACTIONS GITHUB_EVENT_NAME GITHUB_REF GITHUB_TOKEN GITHUB_WORKSPACE RUNNER_OS RUNNER_TEMP',
  systemd:
    'CACHE_DIRECTORY CONFIGURATION_DIRECTORY CREDENTIALS_DIRECTORY INVOCATION_ID JOURNAL_STREAM LISTEN_FDS LISTEN_PID LOGS_DIRECTORY MAINPID NOTIFY_SOCKET RUNTIME_DIRECTORY STATE_DIRECTORY SYSTEMD_EXEC_PID WATCHDOG_PID WATCHDOG_USEC',
  Docker: 'COMPOSE_FILE COMPOSE_PROJECT_NAME DOCKER_HOST MALLOC_ARENA_MAX container',
  clouds:
    'AWS_REGION AWS_SECRET_ACCESS_KEY CLOUD_RUN_JOB DIGITALOCEAN_TOKEN GOOGLE_CLOUD_PROJECT K_REVISION K_SERVICE KEY_VAULT_URL WEBSITE_HOSTNAME WEBSITES_PORT XDG_DATA_DIRS XDG_RUNTIME_DIR',
};

describe('the names of others', () => {
  test.each(Object.entries(OF_OTHERS))('of %s never stop the start', (_, list) => {
    const names = list.split(' ');
    const others = Object.fromEntries(names.map((name) => [name, '1']));
    expect(valueOf(read(others)).warnings).toEqual([]);
    const [warning] = valueOf(read({}, names.map((name) => `${name}=1`).join('\n'))).warnings;
    expect(warning?.code).toBe('unknown_variables');
  });

  test('that describe a service called like a webhook are ignored', () => {
    const links = {
      WEBHOOK_SALES_SERVICE_HOST: '10.0.0.11',
      WEBHOOK_SALES_SERVICE_PORT: '80',
      WEBHOOK_SALES_SERVICE_PORT_HTTP: '80',
      WEBHOOK_SALES_PORT: 'tcp://10.0.0.11:80',
      WEBHOOK_SALES_PORT_80_TCP: 'tcp://[fd00::b]:80',
      WEBHOOK_SALES_PORT_80_TCP_PROTO: 'tcp',
      WEBHOOK_SALES_PORT_80_TCP_PORT: '80',
      WEBHOOK_SALES_PORT_80_TCP_ADDR: 'fd00::b',
      GROOUPLY_PROXY_PORT: 'udp://10.0.0.12:53',
    };
    expect(valueOf(read(links)).warnings).toEqual([]);
    const lines = Object.entries(links).map(([name, value]) => `${name}=${value}`);
    expect(valueOf(read({}, lines.join('\n'))).warnings).toMatchObject([
      { code: 'unknown_variables', variables: Object.keys(links).toSorted() },
    ]);
    expect(hintsOf(read({ WEBHOOK_SALES_PORT: '80' }))).toHaveLength(1);
  });
});
