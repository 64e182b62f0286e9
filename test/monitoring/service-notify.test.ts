import { expect, test } from 'vitest';
import { createServiceNotify } from '../../src/monitoring/service-notify.io.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { systemdNotifyStub } from '../helpers/systemd-notify-stub.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const PID = 4711;
// One WATCHDOG immediately, and the next one long after the test.
const TWO_HOURS_US = '7200000000';
const OFTEN_US = '100000';

function notifier(
  watchdog: Readonly<Record<string, string>> = {},
  { script, env }: { readonly script?: string; readonly env?: object } = {},
) {
  const stub = systemdNotifyStub(script);
  const { log, lines } = recordingLog();
  const notify = createServiceNotify({ ...stub.env, ...watchdog, ...env }, PID, log);
  if (notify === undefined) throw new Error('there is no notifier');
  const runs = async (count: number) => {
    await waitUntil(`${count} messages`, () => stub.runs().length >= count);
    return stub.runs();
  };
  return { ...notify, runs, lines, stub };
}

test.each<[string, Record<string, string>, boolean]>([
  ['for this process', { WATCHDOG_USEC: TWO_HOURS_US, WATCHDOG_PID: String(PID) }, true],
  ['for no named process', { WATCHDOG_USEC: TWO_HOURS_US }, true],
  ['for another process', { WATCHDOG_USEC: TWO_HOURS_US, WATCHDOG_PID: '1' }, false],
  ['that is missing', {}, false],
  ...['', '0', '-1', 'soon'].map((time): [string, Record<string, string>, boolean] => [
    `of "${time}"`,
    { WATCHDOG_USEC: time },
    false,
  ]),
])('a watchdog %s is served or not: %j, %s', async (_case, watchdog, isServed) => {
  const { ready, stopping, runs } = notifier(watchdog);
  ready();
  ready();
  await runs(1);
  stopping('the end');
  expect(await runs(2)).toEqual([
    isServed ? 'READY=1 WATCHDOG=1' : 'READY=1',
    'STOPPING=1 STATUS=the end',
  ]);
});

test('a new kind of state is shown at once, other changes with the next WATCHDOG', async () => {
  const { ready, status, stopping, runs, stub } = notifier({ WATCHDOG_USEC: OFTEN_US });
  status('redis', 'waiting for Redis');
  expect(await runs(1)).toEqual(['STATUS=waiting for Redis']);
  ready();
  await runs(3);
  status('ready', 'last poll 10:00');
  await waitUntil('the state', () => stub.runs().includes('STATUS=last poll 10:00'));
  status('ready', 'last poll 10:10');
  await waitUntil('the change', () => stub.runs().includes('WATCHDOG=1 STATUS=last poll 10:10'));
  stopping('stopping');
  status('ready', 'last poll 10:20');
  await waitUntil('the end', () => stub.runs().includes('STOPPING=1 STATUS=stopping'));
  const assignments = stub.runs().join(' ');
  expect(assignments.match(/READY=1/g)).toHaveLength(1);
  expect(assignments).not.toContain('10:20');

  // The senders see no secret of the relay's environment.
  const names = new Set([...stub.environments().matchAll(/^(\w+)=/gm)].map(([, name]) => name));
  // Variables that sh itself adds.
  for (const ofShell of ['PWD', 'OLDPWD', 'SHLVL', '_']) names.delete(ofShell);
  expect(names).toEqual(new Set(['NOTIFY_SOCKET', 'PATH']));
});

test('a relay that was stopped during its start is never reported as ready', async () => {
  const { ready, stopping, runs } = notifier();
  stopping('stopping');
  ready();
  stopping('still stopping');
  expect((await runs(2)).join()).not.toContain('READY');
});

test('a failed READY is sent again, and the watchdog is served after it', async () => {
  const { ready, runs, lines } = notifier(
    { WATCHDOG_USEC: OFTEN_US },
    { script: '[ -e "$0.again" ] || { touch "$0.again"; exit 1; }' },
  );
  ready();
  const first = 'READY=1 WATCHDOG=1';
  expect((await runs(3)).slice(0, 3)).toEqual([first, first, 'WATCHDOG=1']);
  expect(lines).toMatchObject([{ event: 'relay.notify_failed', fields: { reason: 'exit 1' } }]);
});

test('without NOTIFY_SOCKET there is nothing to notify', () => {
  const { PATH } = systemdNotifyStub().env;
  expect(
    createServiceNotify({ PATH, WATCHDOG_USEC: TWO_HOURS_US }, PID, recordingLog().log),
  ).toBeUndefined();
});

test.each([
  ['there is no systemd-notify', { env: { PATH: '/none' } }, 'ENOENT'],
  ['systemd-notify fails', { script: 'exit 3' }, 'exit 3'],
  ['systemd-notify is killed', { script: 'kill -9 $$' }, 'exit SIGKILL'],
])('if %s, it is logged once and nothing is thrown', async (_case, options, reason) => {
  const { ready, stopping, lines } = notifier({ WATCHDOG_USEC: TWO_HOURS_US }, options);
  ready();
  stopping('stopping');
  await waitUntil('a warning', () => lines.length > 0);
  expect(lines).toMatchObject([
    { level: 'warn', event: 'relay.notify_failed', fields: { reason } },
  ]);
});
