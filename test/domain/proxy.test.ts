import { describe, expect, test } from 'vitest';
import { DIRECT, proxyFor, type ProxySettings } from '../../src/domain/proxy.ts';

const HTTP = new URL('http://http.proxy:3128');
const HTTPS = new URL('http://https.proxy:3128');
const settings = (noProxy: readonly string[] = []): ProxySettings => ({
  http: HTTP,
  https: HTTPS,
  noProxy,
});

test.each([
  ['http://a.example/', settings(), HTTP],
  ['https://a.example/', settings(), HTTPS],
  ['https://a.example/', DIRECT, null],
  ['https://a.example/', { ...settings(), https: null }, null],
  ['http://localhost:8080/', settings(), HTTP],
])('%s with %o goes by %s', (url, given, expected) => {
  expect(proxyFor(given, new URL(url))).toBe(expected);
});

describe.each<[entry: string, direct: readonly string[], proxied: readonly string[]]>([
  ['*', ['http://a.example/', 'https://[::1]/'], []],
  [
    'a.example',
    ['http://a.example/', 'https://A.example./', 'http://b.a.example:8080/'],
    ['http://ba.example/', 'http://example/'],
  ],
  ['.a.example', ['http://a.example/', 'http://b.a.example/'], ['http://ba.example/']],
  ['*.a.example', ['http://b.a.example/'], ['http://ba.example/']],
  [
    'a.example:8080',
    ['http://a.example:8080/', 'http://b.a.example:8080/'],
    ['http://a.example/', 'http://a.example:80/'],
  ],
  ['a.example:443', ['https://a.example/'], ['http://a.example/']],
  ['10.0.0.7', ['http://10.0.0.7/'], ['http://10.0.0.70/', 'http://10.0.0.7.example/']],
  ['10.0.0.7:80', ['http://10.0.0.7/'], ['https://10.0.0.7/']],
  ['10.0.0.0/8', ['http://10.255.1.2/'], ['http://11.0.0.1/', 'http://10.example/']],
  ['10.0.0.0/99', [], ['http://10.0.0.0/']],
  ['::1', ['http://[::1]:8080/'], ['http://[::2]/', 'http://127.0.0.1/']],
  ['[::1]', ['http://[::1]/'], ['http://[::2]/']],
  ['[::1]:8080', ['http://[::1]:8080/'], ['http://[::1]/']],
  ['fd00::/8', ['http://[fd12::1]/'], ['http://[fe80::1]/', 'http://253.0.0.1/']],
  ['', [], ['http://a.example/']],
  ['.', [], ['http://a.example/']],
])('the entry %j of NO_PROXY', (entry, direct, proxied) => {
  test.each([...direct.map((url) => [url, true]), ...proxied.map((url) => [url, false])])(
    '%s: direct is %s',
    (url, expected) => {
      const given = settings(['other.example', entry]);
      expect(proxyFor(given, new URL(String(url))) === null).toBe(expected);
    },
  );
});
