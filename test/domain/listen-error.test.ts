import { expect, test } from 'vitest';
import { explainListenError } from '../../src/domain/explanation.ts';

const PLACE = { host: '127.0.0.1', port: 80, hostSetting: '--host', portSetting: '--port' };

test.each([
  [
    'EADDRINUSE',
    'port 80 is taken on 127.0.0.1: choose another one with --port, or stop what uses it',
  ],
  ['EACCES', 'port 80 is not allowed to this user: choose one above 1023 with --port'],
  [
    'EADDRNOTAVAIL',
    '"127.0.0.1" is no address of this machine: --host takes 127.0.0.1, ::1 or 0.0.0.0, for example',
  ],
  [
    'ENOTFOUND',
    '"127.0.0.1" is no address of this machine: --host takes 127.0.0.1, ::1 or 0.0.0.0, for example',
  ],
  ['EMFILE', "port 80 can't be listened on at 127.0.0.1 (EMFILE)"],
])('%s is told with what to do', (code, told) => {
  const error = Object.assign(new Error('listen'), { code });
  expect(explainListenError(error, PLACE)).toBe(told);
});

test('an error without a code is told by its name, without its message', () => {
  expect(explainListenError(new RangeError('hidden'), PLACE)).toBe(
    "port 80 can't be listened on at 127.0.0.1 (RangeError)",
  );
});
