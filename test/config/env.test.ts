import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig, type Config } from '../../src/config/env.ts';
import { DIRECT } from '../../src/domain/proxy.ts';
import { rulesOf } from '../helpers/phrase-rules.ts';
import { valueOf } from '../helpers/value-of.ts';
import type { ConfigMistake } from '../../src/config/mistakes.ts';

type Env = Record<string, string | undefined>;

const KEY = { GROOUPLY_API_KEY: 'key-of-the-account' };
const SALES = { WEBHOOK_SALES_URL: 'https://hooks.slack.com/services/T0/B0/path' };
const CRM = { WEBHOOK_CRM_URL: 'https://crm.example.com/hook' };
const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const OTHER_SECRET = `whsec_${Buffer.alloc(64, 8).toString('base64')}`;

function read(env: Env, stdoutIsTty = false) {
  return readConfig(env, { readFile: unexpectedFile, stdoutIsTty });
}

function unexpectedFile(path: string): string {
  throw new Error(`no file is read here: ${path}`);
}

function configOf(env: Env, stdoutIsTty = false): Config {
  return valueOf(read(env, stdoutIsTty));
}

function mistakesOf(env: Env): readonly ConfigMistake[] {
  const reading = read(env);
  return reading.ok ? [] : reading.error;
}

describe('a valid environment', () => {
  test('with only what is required has every default', () => {
    expect(configOf({ ...KEY, ...SALES })).toEqual({
      groouply: {
        apiKey: 'key-of-the-account',
        apiUrl: new URL('https://groups.leadhall.com/api'),
      },
      redis: { kind: 'embedded', dataDir: resolve('data') },
      redisPrefix: 'mention-relay',
      poll: { intervalMs: 10_000, backlog: { kind: 'all' }, dedupeBy: 'mention' },
      budget: { requestsPerWindow: 50, windowMs: 60_000 },
      seenGenerationSize: 10_000,
      delivery: {
        retryDelaysMs: [
          5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000, 21_600_000, 43_200_000,
        ],
        timeoutMs: 15_000,
        failedRetentionMs: 1_209_600_000,
      },
      history: null,
      shutdownTimeoutMs: 25_000,
      log: { level: 'info', format: 'json' },
      health: null,
      heartbeatUrl: null,
      proxy: DIRECT,
      webhooks: [
        {
          name: 'SALES',
          type: 'slack',
          plain: false,
          url: new URL(SALES.WEBHOOK_SALES_URL),
          signingSecrets: [],
          headers: {},
          events: 'mentions',
          filter: {},
          hours: null,
          digest: null,
          pings: [],
          template: null,
          concurrency: 1,
          ratePerSecond: 0.8,
          batchSize: 10,
        },
      ],
      warnings: [],
    } satisfies Config);
  });

  test('with everything set is read as it is written', () => {
    const config = configOf({
      ...KEY,
      GROOUPLY_API_URL: 'http://127.0.0.1:8080/api/',
      REDIS_URL: 'rediss://user:p%40ss@redis.example.com:6380/3',
      DATA_DIR: '/var/lib/mention-relay',
      REDIS_PREFIX: 'relay.test_1-a',
      POLL_INTERVAL_SECONDS: '0.25',
      RATE_BUDGET_PER_MINUTE: '60',
      BACKLOG: '24h',
      DEDUPE_BY: 'Lead',
      SEEN_GENERATION_SIZE: '200',
      RETRY_SCHEDULE_SECONDS: '0.5, 1,604800',
      DELIVERY_TIMEOUT_SECONDS: '120',
      FAILED_RETENTION_DAYS: '0.5',
      HISTORY_DAYS: '1.5',
      HISTORY_MAX_MB: '200',
      SHUTDOWN_TIMEOUT_SECONDS: '1.5',
      LOG_LEVEL: 'DEBUG',
      LOG_FORMAT: 'pretty',
      HEALTH_PORT: '9464',
      HEALTH_HOST: '::1',
      HEARTBEAT_URL: 'https://heartbeat.example.com/check?token=1#fragment',
      WEBHOOK_CRM_URL: 'https://hooks.slack.com/not/really#fragment',
      WEBHOOK_CRM_TYPE: 'HTTP',
      WEBHOOK_CRM_SECRET: `${SECRET}  ${OTHER_SECRET} ${SECRET}`,
      WEBHOOK_CRM_HEADERS: '{"X-Api-Key":"k\\u00e9y\\tone","authorization":""}',
      WEBHOOK_CRM_EVENTS: 'All',
      WEBHOOK_CRM_KEYWORDS: ' Realtor,looking for an AGENT,, realtor,"Austin, TX" ',
      WEBHOOK_CRM_GROUPS: '1617905175110739,Real Estate',
      WEBHOOK_CRM_POSITIONS: 'Post',
      WEBHOOK_CRM_INCLUDE: 'Agent*, buy + house',
      WEBHOOK_CRM_EXCLUDE: 'Hiring, looking for work,',
      WEBHOOK_CRM_EXCLUDE_AUTHORS: '100073695043540, Dana R.',
      WEBHOOK_CRM_HOURS: 'Mon-Fri 22:00-06:00',
      WEBHOOK_CRM_DIGEST: 'weekly Mon 08:00 UTC',
      TZ: 'Europe/Berlin',
      WEBHOOK_CRM_CONCURRENCY: '100',
      WEBHOOK_CRM_RATE_PER_SECOND: '2.5',
      WEBHOOK_CRM_BATCH_SIZE: '50',
    });
    expect(config).toEqual({
      groouply: {
        apiKey: 'key-of-the-account',
        apiUrl: new URL('http://127.0.0.1:8080/api'),
      },
      redis: { kind: 'external', url: 'rediss://user:p%40ss@redis.example.com:6380/3' },
      redisPrefix: 'relay.test_1-a',
      poll: {
        intervalMs: 250,
        backlog: { kind: 'recent', ageMs: 86_400_000 },
        dedupeBy: 'lead',
      },
      budget: { requestsPerWindow: 60, windowMs: 60_000 },
      seenGenerationSize: 200,
      delivery: {
        retryDelaysMs: [500, 1000, 604_800_000],
        timeoutMs: 120_000,
        failedRetentionMs: 43_200_000,
      },
      history: { maxAgeMs: 129_600_000, maxBytes: 200_000_000 },
      shutdownTimeoutMs: 1500,
      log: { level: 'debug', format: 'pretty' },
      health: { host: '::1', port: 9464 },
      heartbeatUrl: new URL('https://heartbeat.example.com/check?token=1'),
      proxy: DIRECT,
      webhooks: [
        {
          name: 'CRM',
          type: 'http',
          plain: false,
          url: new URL('https://hooks.slack.com/not/really'),
          signingSecrets: [SECRET, OTHER_SECRET],
          headers: { 'x-api-key': 'k\u00e9y\tone', authorization: '' },
          events: 'all',
          filter: {
            keywords: ['realtor', 'looking for an agent', 'austin, tx'],
            groups: ['1617905175110739', 'real estate'],
            positions: ['post'],
            include: rulesOf('Agent*', 'buy + house'),
            exclude: rulesOf('Hiring', 'looking for work'),
            excludeAuthors: ['100073695043540', 'Dana R.'],
          },
          hours: {
            text: 'Mon-Fri 22:00-06:00',
            spans: [{ days: [1, 2, 3, 4, 5], fromMinute: 1_320, toMinute: 1_800 }],
            zone: 'Europe/Berlin',
          },
          digest: { text: 'weekly Mon 08:00', days: [1], minutes: [480], zone: 'UTC' },
          pings: [],
          template: null,
          concurrency: 100,
          ratePerSecond: 2.5,
          batchSize: 50,
        },
      ],
      warnings: [],
    } satisfies Config);
  });

  test('logs for people on a terminal, unless the format is set', () => {
    expect(configOf({ ...KEY, ...SALES }, true).log.format).toBe('pretty');
    expect(configOf({ ...KEY, ...SALES, LOG_FORMAT: 'json' }, true).log.format).toBe('json');
  });

  test('serves health on this machine only by default, and only if a port is set', () => {
    expect(configOf({ ...KEY, ...SALES, HEALTH_PORT: '0' }).health).toEqual({
      host: '127.0.0.1',
      port: 0,
    });
    expect(configOf({ ...KEY, ...SALES, HEALTH_HOST: '0.0.0.0' }).health).toBeNull();
  });

  test('refuses a data folder that only a shell would find', () => {
    for (const DATA_DIR of ['~', '~/relay']) {
      expect(mistakesOf({ ...KEY, ...SALES, DATA_DIR })).toMatchObject([
        {
          variable: 'DATA_DIR',
          problem: expect.stringContaining('write the whole path') as string,
        },
      ]);
    }
    expect(configOf({ ...KEY, ...SALES, DATA_DIR: '~relay' }).redis.kind).toBe('embedded');
  });

  test('makes the data folder absolute', () => {
    const { redis } = configOf({ ...KEY, ...SALES, DATA_DIR: 'some/folder' });
    expect(redis).toEqual({ kind: 'embedded', dataDir: resolve('some/folder') });
  });

  test('gives webhooks in the order of their names, and two may share a URL', () => {
    const url = 'https://example.com/hook';
    const env = { ...KEY, WEBHOOK_B_URL: url, WEBHOOK_A_2_URL: url, WEBHOOK_A_URL: url };
    expect(configOf(env).webhooks.map(({ name }) => name)).toEqual(['A', 'A_2', 'B']);
  });

  test('finds the type from the host, and takes the defaults of the type', () => {
    expect(configOf({ ...KEY, ...SALES, ...CRM }).webhooks).toMatchObject([
      { name: 'CRM', type: 'http', concurrency: 10 },
      { name: 'SALES', type: 'slack', concurrency: 1 },
    ]);
    expect(configOf({ ...KEY, ...CRM, WEBHOOK_CRM_TYPE: 'slack' }).webhooks).toMatchObject([
      { type: 'slack', concurrency: 1 },
    ]);
  });

  test('drops white space around values', () => {
    const config = configOf({ ...CRM, GROOUPLY_API_KEY: ' key\r\n', BACKLOG: '\tnone ' });
    expect(config.groouply.apiKey).toBe('key');
    expect(config.poll.backlog).toEqual({ kind: 'none' });
  });

  test('treats an empty value as unset, whatever the name', () => {
    const env = {
      ...KEY,
      ...CRM,
      POLL_INTERVAL_SECONDS: '',
      REDIS_URL: '  ',
      GROOUPLY_API_KEY_FILE: '',
      WEBHOOK_OTHER_URL: '',
      WEBHOOK_MISSPELLED: '',
      LOG_LEVEL: undefined,
    };
    expect(configOf(env)).toEqual(configOf({ ...KEY, ...CRM }));
  });

  test('is frozen as a whole', () => {
    const config = configOf({ ...KEY, ...CRM, WEBHOOK_CRM_KEYWORDS: 'a', HEALTH_PORT: '0' });
    const partsOf = (part: unknown): unknown[] =>
      typeof part === 'object' && part !== null
        ? [part, ...Object.values(part).flatMap(partsOf)]
        : [];
    expect(partsOf(config).length).toBeGreaterThan(10);
    expect(partsOf(config).filter((part) => !Object.isFrozen(part))).toEqual([]);
  });
});

/**
 * Mistaken values: a variable and its allowed values, then the values, each with the problem. Values
 * with unusual characters are JSON.
 */
const MISTAKES = String.raw`
GROOUPLY_API_KEY: the key from the account's settings, in one piece, up to 500 characters
  "" | is not set
  hidden key | has white space or an invisible character in it (U+0020)
  "hidden\u202ekey" | has white space or an invisible character in it (U+202E)
  "hidden\u200b" | has white space or an invisible character in it (U+200B)
  "hidden\u3164" | has white space or an invisible character in it (U+3164)
  <hidden> | has "<" or ">" in it: write the key alone
  "\"hidden\"" | has quotation marks around it, and they arrive as part of the value: remove them
  “hidden” | has quotation marks around it, and they arrive as part of the value: remove them
GROOUPLY_API_URL: an http:// or https:// URL without user name, password, query and fragment
  hidden | begins with neither http:// nor https://
  123456:hidden-hidden-hidden-hidden-hidden | is the token of a Telegram bot: put https://api.telegram.org/bot in front of it, and /sendMessage?chat_id= with the chat behind it
  ftp://hidden/ | begins with neither http:// nor https://
  https://hid den | has white space or an invisible character in it (U+0020)
  https://a:99999/ | is not a valid URL
  https://a:hidden@b/ | has a user name or a password in it
  https://a/?apiKey=hidden | has a query or a fragment
  https://a/# | has a query or a fragment
REDIS_URL: redis://[user:password@]host[:port][/database number], redis+sentinel://[user:password@]host[:port],.../name of the master[/database number] or redis+cluster://[user:password@]host[:port],..., each with rediss for TLS, special characters of the password percent-encoded
  hidden:6379 | begins with no scheme of a Redis
  http://hidden | begins with no scheme of a Redis
  redis://:hidden@host:99999 | is not a valid URL: its host, port or password is malformed
  redis://:hid/den@host:6379 | is not a valid URL: its host, port or password is malformed
  redis:///0 | has no valid host
  redis://:hidden@h%20st | has no valid host
  redis://:hidden@host:0 | has the port 0
  redis://host?password=hidden | has a query or a fragment
  redis://host/0#hidden | has a query or a fragment
  redis://host/hidden | has something else than a database number after the host
  redis://host/65536 | has something else than a database number after the host
  redis+sentinel://:hidden@one,two | has something else than the master's name and a database number after the hosts
  redis+sentinel://one/main?password=hidden | has a fragment, or something else than sentinelPassword in its query
  redis+cluster://:hidden@one/3 | has a database: a Redis Cluster has only number 0
  redis+cluster://:hidden@one,,two | has no valid host
  redis+ring://:hidden@one | begins with no scheme of a Redis
  "redis://:hid\u200bden@host" | has white space or an invisible character in it (U+200B)
  redis://:hid%den@host | has a "%" in its user name or password that is not percent-encoding
DATA_DIR: the path of a folder, without control characters
  "a\nb" | has a control character in its path
  "\"./data\"" | has quotation marks around it, and they arrive as part of the value: remove them
REDIS_PREFIX: 1 to 60 of the characters A-Z, a-z, 0-9, "_", "." and "-", without braces
  {relay} | is "{relay}", which has other characters
  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx | has 61 characters
POLL_INTERVAL_SECONDS: a number from 0.1 to 3600 seconds, decimals allowed
  10s | is "10s", which is not a plain number
  1e9 | is "1e9", which is not a plain number
  NaN | is "NaN", which is not a plain number
  0,5 | is "0,5", which is not a plain number
  0.09 | is "0.09", which is less than 0.1
  -1 | is "-1", which is less than 0.1
  3600.5 | is "3600.5", which is more than 3600
RATE_BUDGET_PER_MINUTE: a whole number from 1 to 60 requests
  2.5 | is "2.5", which is not a whole number
  0 | is "0", which is less than 1
  61 | is "61", which is more than 60
WEBHOOK_SALES_BATCH_SIZE: a whole number from 1 to 10 for webhooks of type slack
  11 | is 11, more than fit into one message
WEBHOOK_SALES_RATE_PER_SECOND: a number from 0.01 to 1000 requests a second, decimals allowed
  0 | is "0", which is less than 0.01
BACKLOG: all, none, or an age such as 90m, 24h or 7d, up to 3650d
  some | is "some", which is neither all, none nor an age
  0h | is "0h", which is neither all, none nor an age
  3651d | is "3651d", which is neither all, none nor an age
  "\u001b[31m\u202e\nred" | is "\u{1b}[31m\u{202e}\u{a}red", which is neither all, none nor an age
  https://hooks.slack.com/services/hidden | is a value that looks like a secret, which is neither all, none nor an age
DEDUPE_BY: one of mention, post, lead
  posts | is "posts", which is none of the allowed values
SEEN_GENERATION_SIZE: a whole number from 200 to 1000000 mentions
  199 | is "199", which is less than 200
  1e9 | is "1e9", which is not a whole number
RETRY_SCHEDULE_SECONDS: 1 to 50 delays from 0 to 604800 seconds (7 days), separated by commas
  5,,7 | has a delay (number 2) that is "", which is not a plain number
  5,7m | has a delay (number 2) that is "7m", which is not a plain number
  x,5,7m | has a delay (number 1) that is "x", which is not a plain number; has a delay (number 3) that is "7m", which is not a plain number
  604801 | is "604801", which is more than 604800
  1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1 | has 51 delays
DELIVERY_TIMEOUT_SECONDS: a number from 0.1 to 120 seconds, decimals allowed
  121 | is "121", which is more than 120
FAILED_RETENTION_DAYS: a number from 0.1 to 3650 days, decimals allowed
  0 | is "0", which is less than 0.1
SHUTDOWN_TIMEOUT_SECONDS: a number from 0.1 to 3600 seconds, decimals allowed
  Infinity | is "Infinity", which is not a plain number
LOG_LEVEL: one of trace, debug, info, warn, error, silent
  verbose | is "verbose", which is none of the allowed values
LOG_FORMAT: one of json, pretty
  text | is "text", which is none of the allowed values
HEALTH_PORT: a whole number from 0 to 65535
  65536 | is "65536", which is more than 65535
  :9464 | is ":9464", which is not a whole number
HEALTH_HOST: an IP address without brackets, or a host name, of this machine
  [::1] | is "[::1]", which is neither an address nor a host name
  http://hidden | is a value that looks like a secret, which is neither an address nor a host name
HEARTBEAT_URL: an http:// or https:// URL
  https://h/hidden%2 | has a "%" that begins no percent-encoding: write %25 for a "%"
  "https://h/hid\u200bden" | has white space or an invisible character in it (U+200B)
  hidden | begins with neither http:// nor https://
  https://host:99999/hidden | is not a valid URL
WEBHOOK_CRM_URL: an http:// or https:// URL
  https://u:hidden%ss@host/ | has a "%" that begins no percent-encoding: write %25 for a "%"
  https://h/?q=hidden% | has a "%" that begins no percent-encoding: write %25 for a "%"
  https://u:hidden%ff@host/ | has a user name or a password that is not percent-encoded UTF-8
  "https://h/hid\u2060den" | has white space or an invisible character in it (U+2060)
  "https://h/hid\u00a0den" | has white space or an invisible character in it (U+00A0)
  "https://h/hid\nden" | has white space or an invisible character in it (U+000A)
  <https://h/hidden> | has the character < in it, which no URL has
  https://h/{TOKEN} | has the character { in it, which no URL has
  https:\/\/h\/hidden | has the character \ in it, which no URL has
  https://h/hidden, | ends with a comma, a semicolon or an apostrophe
  'https://h/hidden' | has quotation marks around it, and they arrive as part of the value: remove them
  hidden | begins with neither http:// nor https://
  ftp://hidden | begins with neither http:// nor https://
  https://host:99999/hidden | is not a valid URL
WEBHOOK_CRM_TYPE: one of http, slack, discord, teams, telegram, googlechat, ntfy
  irc | is "irc", which is none of the allowed values
WEBHOOK_CRM_EVENTS: one of mentions, alerts, all
  alert | is "alert", which is none of the allowed values
WEBHOOK_CRM_SECRET: whsec_ and the base64 of 24 to 64 bytes; several separated by a space
  hidden | does not begin with whsec_
  whsec_hidden! | has something else than base64 after whsec_
  whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= | has 23 bytes after whsec_
  whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= | has 65 bytes after whsec_
  ${SECRET} hidden | has a secret (number 2) that does not begin with whsec_
WEBHOOK_SALES_SECRET: a secret for webhooks of type http only
  ${SECRET} | is set, but Slack checks no signatures
WEBHOOK_SALES_PLAIN: true or false
  yes | is "yes", which is neither
WEBHOOK_CRM_PLAIN: true for webhooks of type slack only
  true | is true, but webhooks of type http have no plain form
WEBHOOK_CRM_HEADERS: a JSON object such as {"x-api-key":"..."} of valid header names and one-line values; not webhook-*, content-type, host, content-length, transfer-encoding, connection
  x-key: hidden | is not a JSON object
  ["hidden"] | is not a JSON object
  null | is not a JSON object
  {"hidden name":"x"} | has a header (number 1) whose name is not valid
  {"a":"b","X-Count":1} | has a header (number 2) whose value is not a string: x-count
  {"x-key":"hidden\r\nx-other: 1"} | has a header (number 1) whose value has a line break or another character that headers can't hold: x-key
  "{\"x-key\":\"hidden \u20ac\"}" | has a header (number 1) whose value has a line break or another character that headers can't hold: x-key
  {"x-key":"a","X-Key":"hidden"} | has the header x-key more than once
  {"Webhook-Id":"hidden"} | has a header (number 1) that can't be set: webhook-id
  {"webhook-anything":"hidden"} | has a header (number 1) that can't be set: webhook-anything
  {"Content-Type":"hidden"} | has a header (number 1) that can't be set: content-type
  {"host":"hidden"} | has a header (number 1) that can't be set: host
  {"content-length":"hidden"} | has a header (number 1) that can't be set: content-length
  {"transfer-encoding":"hidden"} | has a header (number 1) that can't be set: transfer-encoding
  {"connection":"hidden"} | has a header (number 1) that can't be set: connection
  {"host":"hidden","a":"b","A":1,"X-A":2} | has a header (number 1) that can't be set: host; has a header (number 3) whose value is not a string: a; has a header (number 4) whose value is not a string: x-a
  {\"x-key\":\"hidden\"} | has backslashes before its quotation marks: leave them out, and put the whole in single quotes
  "{\"x-key\":\"hidden\u00a0\"}" | has a header (number 1) whose value has an invisible character: x-key
WEBHOOK_CRM_KEYWORDS: a list such as: a, "b, c"
  , | has no entry
  "\"\" ,," | has no entry
  "crm, \u200b" | has an entry (number 2) that holds nothing that can be seen
  'crm, erp' | has quotation marks around it, and they arrive as part of the value: remove them
WEBHOOK_CRM_HOURS: spans such as 08:00-24:00 or Mon-Fri 08:00-18:00, separated by commas; at the end a time zone such as Europe/Berlin, or none
  Mon-Fri 8-18 | has "Mon-Fri 8-18", which is no span such as Mon-Fri 08:00-18:00
  Mon-Fri 8-18, Sat 25:00-26:00, 08:00-18:00 Europe/Berln | has "Mon-Fri 8-18", which is no span such as Mon-Fri 08:00-18:00; has "25:00", which is no time of day; names the time zone "Europe/Berln", which is not known: did you mean Europe/Berlin?
  08:00-18:00 Europe/Berln | names the time zone "Europe/Berln", which is not known: did you mean Europe/Berlin?
WEBHOOK_CRM_CONCURRENCY: a whole number from 1 to 100 requests
  101 | is "101", which is more than 100
`;

/** Unknown names: those that are allowed, then each name with a value and the problem. */
const UNKNOWN_NAMES = String.raw`
GROOUPLY_API_KEY, GROOUPLY_API_KEY_FILE, GROOUPLY_API_URL
  GROOUPLY_URL=x | is not a known variable: did you mean GROOUPLY_API_URL?
  GROOUPLY_APIKEY=hidden | is not a known variable: did you mean GROOUPLY_API_KEY?
  GROOUPLY_api_key=hidden | has other characters than A-Z, 0-9 and _: did you mean GROOUPLY_API_KEY?
REDIS_URL, REDIS_URL_FILE, REDIS_PREFIX
  REDIS_PREFIX_FILE=/some/file | has a _FILE form, which only secrets have: did you mean REDIS_PREFIX?
WEBHOOK_<NAME> with _URL, _TYPE, _PLAIN, _SECRET, _HEADERS, _TEMPLATE_FILE, _EVENTS, _KEYWORDS, _GROUPS, _POSITIONS, _INCLUDE, _EXCLUDE, _EXCLUDE_AUTHORS, _HOURS, _DIGEST, _PING, _CONCURRENCY, _RATE_PER_SECOND, _BATCH_SIZE; NAME of A-Z, 0-9 and _
  WEBHOOK_SALES_KEYWORD=x | is not a known variable: did you mean WEBHOOK_SALES_KEYWORDS?
  WEBHOOK_OTHER_KEYWORD=x | is not a known variable: did you mean WEBHOOK_OTHER_KEYWORDS?
  WEBHOOK_SALE_KEYWORDSS=x | is not a known variable: did you mean WEBHOOK_SALE_KEYWORDS?
  WEBHOOK_CRM_SECRET_FIL=hidden | is not a known variable: did you mean WEBHOOK_CRM_SECRET_FILE?
  WEBHOOK_CRM_TYPE_FILE=/some/file | has a _FILE form, which only secrets have: did you mean WEBHOOK_CRM_TYPE?
  WEBHOOK__URL=https://hidden | is without a webhook's name: did you mean WEBHOOK_<NAME>_URL?
  WEBHOOK___URL=https://hidden | is without a webhook's name: did you mean WEBHOOK_<NAME>_URL?
  WEBHOOK_sales_URL=https://hidden | has other characters than A-Z, 0-9 and _: did you mean WEBHOOK_SALES_URL?
  WEBHOOK_SALES_url=https://hidden | has other characters than A-Z, 0-9 and _: did you mean WEBHOOK_SALES_URL?
  WEBHOOK_MY-TEAM_URL=https://hidden | has other characters than A-Z, 0-9 and _: did you mean WEBHOOK_MY_TEAM_URL?
  WEBHOOK_MY_URL_TYPE=http | has two attributes, URL and TYPE, and a webhook's name can't end in one: did you mean WEBHOOK_MY_TYPE?
  WEBHOOK_A_URL_URL=https://hidden | has two attributes, URL and URL, and a webhook's name can't end in one: did you mean WEBHOOK_A_URL?
  WEBHOOK_A_URL_TYPE_SECRET_FILE=/some/file | has two attributes, TYPE and SECRET_FILE, and a webhook's name can't end in one: did you mean WEBHOOK_A_SECRET_FILE?
  WEBHOOK_TYPE_URL=https://hidden | has two attributes, TYPE and URL, and a webhook's name can't end in one: did you mean WEBHOOK_<NAME>_URL?
  WEBHOOK_PROD_ENV_TYP=http | is not a known variable: did you mean WEBHOOK_PROD_ENV_TYPE?
`;

type Mistake = readonly [variable: string, value: string, problem: string, allowed: string];

function mistakesIn(text: string): Mistake[] {
  let heading = '';
  return text.split('\n').flatMap((line): Mistake[] => {
    if (!line.startsWith('  ')) heading = line;
    const [, given = '', problem = ''] = /^ {2}(.*?) \| (.*)$/.exec(line) ?? [];
    if (problem === '') return [];
    const [, variable, allowed = ''] = /^([A-Z_]+): (.*)$/.exec(heading) ?? [];
    if (variable === undefined) {
      const [name = '', value = ''] = given.split('=');
      return [[name, value, problem, heading]];
    }
    const value = given.startsWith('"') ? (JSON.parse(given) as string) : given;
    return [[variable, value, problem, allowed]];
  });
}

describe('a placeholder that was not filled in', () => {
  test.each([
    ['GROOUPLY_API_KEY', 'your-api-key'],
    ['GROOUPLY_API_KEY', 'put-your-api-key-here'],
    ['HEARTBEAT_URL', 'https://heartbeat.example.com/your-check'],
    ['WEBHOOK_CRM_URL', 'https://hooks.slack.com/services/your/webhook/url'],
    ['WEBHOOK_CRM_SECRET', `${SECRET} whsec_cmVwbGFjZS10aGlzLXNlY3JldC13aXRoLXlvdXJz`],
    ['WEBHOOK_CRM_HEADERS', '{"authorization":"Bearer your-token","x-tenant":"seven"}'],
  ])('is a mistake in %s and in its file: %s', (name, value) => {
    const problem = 'still has the placeholder of the example in it: write your own value there';
    const others = { ...KEY, ...CRM, [name]: undefined };
    expect(mistakesOf({ ...others, [name]: value })).toMatchObject([{ variable: name, problem }]);

    const reading = readConfig(
      { ...others, [`${name}_FILE`]: '/secrets/it' },
      { readFile: () => `${value}\n`, stdoutIsTty: false },
    );
    expect(reading).toMatchObject({ ok: false, error: [{ variable: `${name}_FILE`, problem }] });
  });
});

describe('a mistake', () => {
  test.each(mistakesIn(MISTAKES + UNKNOWN_NAMES))(
    'at %s=%j %s',
    (variable, value, problem, allowed) => {
      const mistakes = mistakesOf({ ...KEY, ...SALES, ...CRM, [variable]: value });
      expect(mistakes).toEqual([{ variable, problem, allowed }]);
      expect(JSON.stringify(mistakes)).not.toContain('hidden');
    },
  );

  test('at a long value repeats little of it', () => {
    const problems = mistakesOf({
      ...SALES,
      GROOUPLY_API_KEY: 'hidden'.repeat(84),
      BACKLOG: 'x'.repeat(1000),
    }).map(({ problem }) => problem);
    expect(problems).toEqual([
      'has more than 500 characters',
      `is "${'x'.repeat(40)}...", which is neither all, none nor an age`,
    ]);
  });

  test('is that a webhook has no URL', () => {
    expect(mistakesOf({ ...KEY, WEBHOOK_X_TYPE: 'http', WEBHOOK_X_SECRET: SECRET })).toEqual([
      {
        variable: 'WEBHOOK_X_URL',
        problem: 'is not set, but other variables of the webhook X are',
        allowed: 'an http:// or https:// URL',
      },
    ]);
  });

  test('is that there is no webhook at all, not even with a service called webhook', () => {
    expect(mistakesOf({ ...KEY, WEBHOOK_SERVICE_HOST: '10.0.0.1' })).toEqual([
      {
        variable: 'WEBHOOK_<NAME>_URL',
        problem: 'is not set: there is no webhook to send mentions to',
        allowed: 'an http:// or https:// URL, for one webhook at least, such as WEBHOOK_SALES_URL',
      },
    ]);
  });

  test('at the only webhook, misspelled, is reported once', () => {
    expect(mistakesOf({ ...KEY, WEBHOOK_sales_URL: 'https://hidden' })).toHaveLength(1);
  });

  test.each([
    ['https://discord.com/api/webhooks/1/x', 'Discord'],
    ['https://prod-00.westeurope.logic.azure.com/workflows/x', 'Teams'],
  ])('at a secret or a batch of %s is found by its type', (url, label) => {
    const chat = {
      WEBHOOK_CHAT_URL: url,
      WEBHOOK_CHAT_SECRET: SECRET,
      WEBHOOK_CHAT_BATCH_SIZE: '6',
    };
    expect(mistakesOf({ ...KEY, ...chat }).map(({ problem }) => problem)).toEqual([
      'is 6, more than fit into one message',
      `is set, but ${label} checks no signatures`,
    ]);
  });

  test('at an unknown type is reported, whatever the host', () => {
    expect(mistakesOf({ ...KEY, ...SALES, WEBHOOK_SALES_TYPE: 'irc' })).toMatchObject([
      {
        variable: 'WEBHOOK_SALES_TYPE',
        allowed: expect.stringMatching(/^one of http, slack, .*, ntfy$/),
      },
    ]);
  });

  test('in a name from outside is made safe for a terminal', () => {
    const name = `WEBHOOK_CRM_\u001b]0;title\u0007${'x'.repeat(2000)}`;
    const [mistake] = mistakesOf({ ...KEY, ...CRM, [name]: 'x' });
    expect(mistake?.variable).toMatch(/^WEBHOOK_CRM_\\u\{1b\}\]0;title\\u\{7\}x+\.\.\.$/);
    expect(JSON.stringify(mistake).length).toBeLessThan(600);
  });

  test('does not hide the others: all are reported at once, in a fixed order', () => {
    const mistakes = mistakesOf({
      WEBHOOK_Z_TYPE: 'x',
      WEBHOOK_B_URL: 'x',
      WEBHOOK_B_CONCURRENCY: '0',
      WEBHOOK_B_HEADERS: 'x',
      REDIS_URI: 'x',
      GROOUPLY_KEY: 'x',
      LOG_LEVEL: 'x',
      POLL_INTERVAL_SECONDS: 'x',
      REDIS_URL: 'x',
    });
    expect(mistakes.map(({ variable }) => variable)).toEqual([
      'GROOUPLY_API_KEY',
      'REDIS_URL',
      'POLL_INTERVAL_SECONDS',
      'LOG_LEVEL',
      'WEBHOOK_B_URL',
      'WEBHOOK_B_HEADERS',
      'WEBHOOK_B_CONCURRENCY',
      'WEBHOOK_Z_URL',
      'WEBHOOK_Z_TYPE',
      'GROOUPLY_KEY',
      'REDIS_URI',
    ]);
  });
});
