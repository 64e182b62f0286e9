import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitUntil } from '../helpers/wait-until.ts';
import { bootSystemd, whyNoSystemd, type SystemdMachine } from './systemd-machine.ts';

const MAX_EXPOSURE = 2;
const ENV_FILE = '/etc/mention-relay/mention-relay.env';
const SETTINGS = {
  GROOUPLY_API_URL: 'http://127.0.0.1:4010/api',
  GROOUPLY_API_KEY: 'sandbox-key',
  REDIS_URL: 'redis://:not-shown@127.0.0.1:6399',
  WEBHOOK_SALES_URL: 'http://127.0.0.1:9099/sales',
};
// Shorter than in the unit, so that the test need not wait.
const SOONER = '[Service]\nWatchdogSec=5\nRestartSec=100ms\n';
const RECEIVER = `require("node:http").createServer((request, response) => {
  require("node:fs").appendFileSync("/run/received", request.url);
  response.end("ok");
}).listen(9099, "127.0.0.1")`;

const reason = whyNoSystemd();
if (reason !== null) process.stderr.write(`The systemd tests are skipped: ${reason}\n`);

describe.skipIf(reason !== null)('config/mention-relay.service under a real systemd', () => {
  let machine: SystemdMachine;

  const sh = (script: string): string => machine.sh(script).output;
  const show = (property: string): string =>
    sh(`systemctl show mention-relay -p ${property} --value`).trim();
  const errors = (): string[] => sh('journalctl -p err -o cat').split('\n').slice(0, -1);
  const received = (path: string): boolean => sh('cat /run/received').includes(path);
  const configure = (changed: Readonly<Record<string, string>> = {}): void => {
    const lines = Object.entries({ ...SETTINGS, ...changed }).map(
      ([key, value]) => `${key}=${value}`,
    );
    sh(`install -m 600 /dev/stdin ${ENV_FILE} <<'END'\n${lines.join('\n')}\nEND`);
  };
  const serve = (...args: string[]): void => {
    const quoted = args.map((each) => `'${each}'`).join(' ');
    expect(machine.sh(`systemd-run -q ${quoted}`)).toEqual({ status: 0, output: '' });
  };
  const node = '/opt/mention-relay/node_modules/.bin/node';

  beforeAll(async () => {
    machine = await bootSystemd();
    sh('cp /opt/mention-relay/config/mention-relay.service /etc/systemd/system/');
    sh('mkdir -m 700 /etc/mention-relay; mkdir /etc/systemd/system/mention-relay.service.d');
    sh(`printf '${SOONER}' > /etc/systemd/system/mention-relay.service.d/sooner.conf`);
    configure();
    sh('systemctl daemon-reload');
  });
  afterAll(() => machine[Symbol.asyncDispose]());

  test('it has no error, and a low exposure by the measure of systemd', () => {
    expect(machine.sh('systemd-analyze verify --man=no mention-relay.service')).toEqual({
      status: 0,
      output: '',
    });
    const [, exposure] =
      /level for \S+: ([\d.]+)/.exec(sh('systemd-analyze security mention-relay')) ?? [];
    expect(Number(exposure)).toBeLessThanOrEqual(MAX_EXPOSURE);
  });

  test('it starts without Redis, and its status names what it waits for', async () => {
    expect(machine.sh('systemctl start mention-relay').status).toBe(0);
    await waitUntil('the status', () => show('StatusText') === 'waiting for Redis 127.0.0.1:6399');
    expect([show('ActiveState'), show('WatchdogUSec')]).toEqual(['active', '5s']);
    expect(sh(`cat /proc/${show('MainPID')}/cmdline`).replaceAll('\0', '')).toBe('mention-relay');
    expect(errors().map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'redis.lost',
    ]);
  });

  test('a reload with mistakes fails, and leaves them in the journal as the only new error', () => {
    const before = errors().length;
    configure({ WEBHOOK_SALES_URL: 'nonsense' });
    expect(machine.sh('systemctl reload mention-relay').status).not.toBe(0);
    const [mistake = '', ...others] = errors().slice(before);
    expect(JSON.parse(mistake)).toMatchObject({
      event: 'relay.reload_refused',
      mistakes: [{ variable: 'WEBHOOK_SALES_URL' }],
    });
    // systemd's own.
    expect(others.filter((line) => !line.startsWith('Reload failed'))).toEqual([]);
    expect(show('ActiveState')).toBe('active');
  });

  test('it works once Redis is there, and a reload switches its webhooks', async () => {
    const pid = show('MainPID');
    configure();
    serve(node, '-e', RECEIVER);
    serve(node, '/opt/mention-relay/dist/main.js', 'sandbox', '--rate', '600');
    serve('redis-server', '--port', '6399', '--requirepass', 'not-shown');
    await waitUntil('a delivery', () => received('/sales'));
    configure({ WEBHOOK_SALES_URL: 'http://127.0.0.1:9099/changed' });
    expect(machine.sh('systemctl reload mention-relay')).toEqual({ status: 0, output: '' });
    await waitUntil('a delivery', () => received('/changed'));
    await waitUntil('the status', () =>
      /^last poll \d\d:\d\d:\d\d UTC; 1 webhook, \d+ deliveries waiting$/.test(show('StatusText')),
    );
    expect([show('MainPID'), show('NRestarts')]).toEqual([pid, '0']);
  });

  test('its status says that the API rejects the key, and that a password is wrong', async () => {
    configure({ GROOUPLY_API_KEY: 'rejected-key' });
    sh('systemctl reload mention-relay');
    await waitUntil('the status', () =>
      show('StatusText').startsWith('the API rejected GROOUPLY_API_KEY'),
    );
    configure({ REDIS_URL: 'redis://:wrong@127.0.0.1:6399' });
    sh('systemctl reload mention-relay');
    await waitUntil('the status', () =>
      /^waiting for Redis 127.0.0.1:6399: Redis refuses the user or the password/.test(
        show('StatusText'),
      ),
    );
  });

  test('it is started again after SIGKILL, and if it hangs', async () => {
    configure();
    for (const signal of ['KILL', 'STOP']) {
      const pid = show('MainPID');
      sh(`kill -${signal} ${pid}`);
      await waitUntil(
        `the start after SIG${signal}`,
        () => show('MainPID') !== pid && show('SubState') === 'running',
      );
    }
    expect([show('NRestarts'), sh('journalctl -o cat | grep -c "Watchdog timeout"')]).toEqual([
      '2',
      '1\n',
    ]);
  });

  test('it stops cleanly, and a start with mistakes fails and is not repeated', () => {
    expect(machine.sh('systemctl stop mention-relay').status).toBe(0);
    expect([show('Result'), show('ExecMainStatus')]).toEqual(['success', '0']);
    const before = errors().length;
    configure({ WEBHOOK_SALES_URL: 'nonsense' });
    expect(machine.sh('systemctl start mention-relay').status).not.toBe(0);
    expect([show('ActiveState'), show('ExecMainStatus'), show('NRestarts')]).toEqual([
      'failed',
      '78',
      '0',
    ]);
    expect(errors()[before]).toContain('there is a mistake in its configuration');
  });
});
