import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/env.ts';
import { maskConfig } from '../../src/config/mask.ts';
import { configurationText } from '../../src/cli/check/configuration-text.ts';
import { DIRECT } from '../../src/domain/proxy.ts';
import { configOf } from '../helpers/config-of.ts';

const PROXY = 'http://user:p%40ss-SECRET@proxy.example:3128';

test.each<[string, Record<string, string>, object]>([
  ['nothing is direct', {}, DIRECT],
  ['empty values are direct', { HTTP_PROXY: '', https_proxy: ' ' }, DIRECT],
  ['upper case', { HTTPS_PROXY: PROXY }, { https: new URL(PROXY), http: null }],
  ['lower case', { http_proxy: PROXY }, { http: new URL(PROXY), https: null }],
  [
    'lower case wins',
    { https_proxy: PROXY, HTTPS_PROXY: 'http://other.example' },
    { https: new URL(PROXY) },
  ],
  [
    'no scheme is http',
    { HTTP_PROXY: 'proxy.example:3128' },
    { http: new URL('http://proxy.example:3128') },
  ],
  [
    'TLS to the proxy',
    { HTTPS_PROXY: 'https://proxy.example' },
    { https: new URL('https://proxy.example') },
  ],
  [
    'a list',
    { NO_PROXY: 'localhost, 127.0.0.1 .Internal,,10.0.0.0/8' },
    { noProxy: ['localhost', '127.0.0.1', '.internal', '10.0.0.0/8'] },
  ],
  ['a list in lower case', { no_proxy: '*' }, { noProxy: ['*'] }],
])('the proxies of the environment: %s', (_, env, expected) => {
  expect(configOf(env).proxy).toMatchObject(expected);
});

describe('a mistaken proxy', () => {
  const mistakesOf = (env: Record<string, string>) => {
    const reading = readConfig(
      { GROOUPLY_API_KEY: 'k', WEBHOOK_A_URL: 'https://a.example/x', ...env },
      { readFile: () => 'http://u:p%ss@file.example', stdoutIsTty: false },
    );
    return reading.ok ? [] : reading.error.map(({ variable, problem }) => `${variable} ${problem}`);
  };

  test.each([
    [
      { HTTPS_PROXY: 'socks5://h.example:1' },
      'HTTPS_PROXY is neither an http:// nor an https:// proxy',
    ],
    [{ http_proxy: 'http://u:p@:80' }, 'http_proxy is not a valid URL'],
    [
      { HTTPS_PROXY: 'http://u:p%ss@h.example' },
      'HTTPS_PROXY has a stray % in its user name or password: write %25',
    ],
    [
      { HTTPS_PROXY_FILE: '/run/proxy' },
      'HTTPS_PROXY_FILE has a stray % in its user name or password: write %25',
    ],
  ])('%o is reported with its variable, and not repeated', (env, mistake) => {
    expect(mistakesOf(env)).toEqual([mistake]);
  });
});

test('no password of a proxy is shown', () => {
  const config = configOf({ HTTP_PROXY: PROXY, HTTPS_PROXY: PROXY, NO_PROXY: 'localhost' });
  expect(maskConfig(config)).toMatchObject({
    httpProxy: 'proxy.example:3128',
    httpsProxy: 'proxy.example:3128',
    noProxy: ['localhost'],
  });
  const shown =
    JSON.stringify(maskConfig(config)) + configurationText(config, { width: Infinity, nowMs: 0 });
  expect(shown).toMatch(/HTTPS_PROXY +proxy\.example:3128/);
  expect(shown).not.toContain('SECRET');
  expect(shown).not.toContain('user');
});
