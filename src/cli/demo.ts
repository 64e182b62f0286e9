import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createCopiedPostMaker, COPIES } from '../demo/copied-post.ts';
import {
  banner,
  closedHours,
  demoRedis,
  DIGEST_WEBHOOK,
  relayEnvironment,
  REQUEST_BUDGET,
} from '../demo/relay-environment.ts';
import {
  endLeftRedis,
  startRelayProcess,
  startRestartableRelay,
  type RelayEnd,
  type RestartableRelay,
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
  let relay: RestartableRelay | undefined;

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
  const program = process.argv[1] ?? '';
  let environment = (): Record<string, string> => ({});
  async function runCommand(args: readonly string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
      cwd: folder,
      env: environment(),
    });
    return stdout.trim();
  }
  const copiedPost = createCopiedPostMaker(Math.random);
  let copies = 0;
  let teamsClosed = false;
  const inbox = await startOnFreePort({
    host: options.host,
    port: options.port,
    signingSecret,
    stats: () => {
      const sinceMs = Date.now() - MINUTE_MS;
      return {
        spotted: sandbox.mentions().length,
        copies,
        teamsClosed,
        requestsLastMinute: sandbox.requests().filter(({ atMs }) => atMs > sinceMs).length,
        requestBudget: REQUEST_BUDGET,
      };
    },
    actions: {
      async lead() {
        sandbox.addMentions(...copiedPost(Date.now()));
        copies += COPIES - 1;
        return `One person posts the same text in ${COPIES} groups: one message lists them.`;
      },
      digest: async () => runCommand(['digest', DIGEST_WEBHOOK]),
      async hours() {
        teamsClosed = !teamsClosed;
        await relay?.restart();
        return teamsClosed
          ? 'The relay runs again with WEBHOOK_OFFICE_HOURS: Teams is closed.'
          : 'Teams is open: what waited arrives, oldest first.';
      },
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
    environment = () =>
      relayEnvironment(process.env, {
        apiUrl: sandbox.url,
        apiKey,
        chatUrls: inbox.chatUrls,
        digestUrl: inbox.digestUrl,
        httpUrl: inbox.httpUrl,
        teamsHours: teamsClosed ? closedHours(Date.now()) : null,
        signingSecret,
        redis,
        colors: process.stdout.isTTY && process.stdout.hasColors(),
      });
    relay = startRestartableRelay(() =>
      startRelayProcess({
        program,
        env: environment(),
        cwd: folder,
        write: (text) => process.stdout.write(text),
      }),
    );
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
