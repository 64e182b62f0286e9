import { expect, test } from 'vitest';
import { explainListenError } from '../../src/domain/explanation.ts';

const PLACE = { host: '127.0.0.1', port: 80, hostSetting: '--host', portSetting: '--port' };
const NO_ADDRESS = {
  what: '"127.0.0.1" is not an address of this machine',
  todo: 'set --host to 127.0.0.1, ::1 or 0.0.0.0, for example',
};

test.each([
  [
    'EADDRINUSE',
    {
      what: 'port 80 is taken on 127.0.0.1',
      todo: 'choose another one with --port, or stop the program that uses it',
    },
  ],
  ['EACCES', { what: 'this user may not use port 80', todo: 'choose one above 1023 with --port' }],
  ['EADDRNOTAVAIL', NO_ADDRESS],
  ['ENOTFOUND', NO_ADDRESS],
  ['EMFILE', { what: 'port 80 cannot be used on 127.0.0.1 (EMFILE)' }],
])('%s is explained with what to do', (code, explained) => {
  const error = Object.assign(new Error('listen'), { code });
  expect(explainListenError(error, PLACE)).toEqual(explained);
});

test('an error without a code is explained by its name, without its message', () => {
  expect(explainListenError(new RangeError('hidden'), PLACE)).toEqual({
    what: 'port 80 cannot be used on 127.0.0.1 (RangeError)',
  });
});
