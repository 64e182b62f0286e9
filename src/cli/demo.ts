import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { banner, demoRedis, relayEnvironment, REQUEST_BUDGET } from '../demo/relay-environment.ts';
import {
  endLeftRedis,
  startRelayProcess,
  type RelayEnd,
  type RelayProcess,
} from '../demo/relay-process.ts';
import { startInbox, type Inbox, type InboxOptions } from '../demo/inbox.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { listenErrorText } from '../domain/explanation.ts';
import { onStopSignals } from './terminal/stop-signals.ts';

const BACKLOG = 6;
const PORTS_TRIED = 20;
const MINUTE_MS = 60_000;

/**
 * Shows the main job with nothing configured: sandbox, inbox, and the real daemon between them,
 * until Ctrl-C or SIGTERM. Leaves no process and no file behind, whatever ends it. Ends the process
 * with 0, or with 1 if the daemon or the inbox failed.
 */
export async function demo(options: {
  readonly port: number;
  readonly host: string;
  readonly rate: number;
}): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mention-relay-demo-'));
  const dataDir = join(folder, 'data');
  let relay: RelayProcess | undefined;

  async function cleanUp(): Promise<void> {
    await endLeftRedis(dataDir);
    rmSync(folder, { recursive: true, force: true });
  }
  async function stopAtOnce(): Promise<never> {
    relay?.kill();
    await relay?.ended;
    await cleanUp();
    process.exit(1);
  }

  const stopped = new Promise<'stopped'>((resolve) => {
    onStopSignals(
      () => resolve('stopped'),
      () => void stopAtOnce(),
    );
    // Nobody reads the output any longer: the pipe or the terminal is closed.
    process.stdout.on('error', () => resolve('stopped'));
  });
  process.once('uncaughtException', (error) => {
    process.stderr.write(`${error.stack}\n`);
    void stopAtOnce();
  });

  const apiKey = `demo-${randomBytes(8).toString('hex')}`;
  const signingSecret = `whsec_${randomBytes(32).toString('base64')}`;
  const sandbox = await startSandbox({
    apiKey,
    mentionsPerMinute: options.rate,
    // People are watching, so there must be no long silence.
    spacing: 'steady',
    backlog: BACKLOG,
  });
  const inbox = await startOnFreePort({
    host: options.host,
    port: options.port,
    signingSecret,
    stats: () => {
      const sinceMs = Date.now() - MINUTE_MS;
      return {
        spotted: sandbox.mentions().length,
        requestsLastMinute: sandbox.requests().filter(({ atMs }) => atMs > sinceMs).length,
        requestBudget: REQUEST_BUDGET,
      };
    },
  });

  if (inbox instanceof Error) {
    process.stderr.write(listenErrorText(inbox, options));
    process.exitCode = 1;
  } else {
    const redis = demoRedis(process.env, dataDir);
    const usedPort = Number(inbox.url.port);
    process.stdout.write(
      banner({
        inboxUrl: inbox.url,
        apiUrl: sandbox.url,
        mentionsPerMinute: options.rate,
        redis,
        takenPort: options.port === 0 || options.port === usedPort ? null : options.port,
      }),
    );
    relay = startRelayProcess({
      program: process.argv[1] ?? '',
      env: relayEnvironment(process.env, {
        apiUrl: sandbox.url,
        apiKey,
        chatUrls: inbox.chatUrls,
        httpUrl: inbox.httpUrl,
        signingSecret,
        redis,
        colors: process.stdout.isTTY && process.stdout.hasColors(),
      }),
      cwd: folder,
      write: (text) => process.stdout.write(text),
    });
    const end = await Promise.race([relay.ended, stopped]);
    if (end === 'stopped') {
      relay.stop();
      await relay.ended;
      process.stdout.write('\nThe demo has ended.\n');
    } else {
      process.stderr.write(describeEnd(end));
      process.exitCode = 1;
    }
    await inbox.stop();
  }
  await sandbox.stop();
  await cleanUp();
}

/** Starts the inbox on its port or, if that is taken, on the next free one. */
async function startOnFreePort(options: InboxOptions): Promise<Inbox | Error> {
  for (let port = options.port; ; port += 1) {
    try {
      return await startInbox({ ...options, port });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const isLast = port === options.port + PORTS_TRIED || port === 65_535;
      if (code !== 'EADDRINUSE' || isLast) return error as Error;
    }
  }
}

function describeEnd({ how, lastWords }: RelayEnd): string {
  return `\nThe demo ends because the relay ended by itself (${how}). Its last output:\n${lastWords}\n`;
}
