import { expect, test } from 'vitest';
import { createServiceNotify } from '../../src/monitoring/service-notify.io.ts';
import { recordingLog } from '../helpers/recording-log.ts';
import { systemdNotifyStub } from '../helpers/systemd-notify-stub.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const PID = 4711;
// One WATCHDOG immediately, and the next one long after the test.
const TWO_HOURS_US = '7200000000';

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
  const stub = systemdNotifyStub();
  const notify = createServiceNotify({ ...stub.env, ...watchdog }, PID, recordingLog().log);
  notify.ready('at work');
  const expected = ['READY=1 STATUS=at work', ...(isServed ? ['WATCHDOG=1'] : [])];
  await waitUntil('the messages', () => stub.runs().length === expected.length);
  notify.stopping('stopping');
  await waitUntil('STOPPING', () => stub.runs().length > expected.length);
  expect(stub.runs()).toEqual([...expected, 'STOPPING=1 STATUS=stopping']);
});

test('a relay that was stopped during its start is never reported as ready', async () => {
  const stub = systemdNotifyStub();
  const notify = createServiceNotify(stub.env, PID, recordingLog().log);
  notify.stopping('stopping');
  notify.ready('at work');
  notify.stopping('still stopping');
  await waitUntil('both messages', () => stub.runs().length === 2);
  expect(stub.runs().filter((run) => run.startsWith('READY'))).toEqual([]);
});

test('a failed READY is sent again, and the watchdog is served after it', async () => {
  const stub = systemdNotifyStub('[ -e "$0.again" ] || { touch "$0.again"; exit 1; }');
  const watchdog = { WATCHDOG_USEC: '100000' };
  const { log, lines } = recordingLog();
  const notify = createServiceNotify({ ...stub.env, ...watchdog }, PID, log);
  notify.ready('at work');
  await waitUntil('a WATCHDOG', () => stub.runs().length > 2);
  notify.stopping('stopping');
  const ready = 'READY=1 STATUS=at work';
  expect(stub.runs().slice(0, 3)).toEqual([ready, ready, 'WATCHDOG=1']);
  expect(lines).toMatchObject([{ event: 'relay.notify_failed', fields: { reason: 'exit 1' } }]);
});

test('without NOTIFY_SOCKET systemd-notify does not run', async () => {
  const stub = systemdNotifyStub();
  const { PATH } = stub.env;
  const silent = createServiceNotify(
    { PATH, WATCHDOG_USEC: TWO_HOURS_US },
    PID,
    recordingLog().log,
  );
  silent.ready('at work');
  silent.stopping('stopping');
  createServiceNotify(stub.env, PID, recordingLog().log).ready('the only one');
  await waitUntil('a message', () => stub.runs().length > 0);
  expect(stub.runs()).toEqual(['READY=1 STATUS=the only one']);
});

test.each([
  ['there is no systemd-notify', () => ({ ...systemdNotifyStub().env, PATH: '/none' }), 'ENOENT'],
  ['systemd-notify fails', () => systemdNotifyStub('exit 3').env, 'exit 3'],
  ['systemd-notify is killed', () => systemdNotifyStub('kill -9 $$').env, 'exit SIGKILL'],
])('if %s, it is logged once and nothing is thrown', async (_case, env, reason) => {
  const { log, lines } = recordingLog();
  const notify = createServiceNotify({ ...env(), WATCHDOG_USEC: TWO_HOURS_US }, PID, log);
  notify.ready('at work');
  notify.stopping('stopping');
  await waitUntil('a warning', () => lines.length > 0);
  expect(lines).toMatchObject([
    { level: 'warn', event: 'relay.notify_failed', fields: { reason } },
  ]);
});
