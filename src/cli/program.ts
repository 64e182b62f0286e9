import { Command, Option } from 'commander';
import { VERSION } from '../version.ts';
import { addControlCommands } from './control/control-commands.ts';
import type { FailedOptions } from './failed.ts';
import { addMentionCommands } from './mention-commands.ts';
import type { SandboxCommandOptions } from './sandbox-command.ts';
import { ownCommand } from './terminal/own-command.ts';
import {
  count,
  exitStatuses,
  JSON_OPTION,
  perMinute,
  port,
  since,
  statusLines,
} from './terminal/usage.ts';

/**
 * Builds the command line: every command with its description, options and exit statuses. Nothing
 * runs before the program parses arguments. Each command's module loads when the command runs, so
 * that the daemon does not pay for the sandbox.
 */
export function createProgram(): Command {
  const program = new Command('mention-relay')
    .description(
      'Forwards the Facebook group mentions that Groouply finds to Slack, Discord, Teams, Telegram, Google Chat, ntfy or any webhook.',
    )
    .version(VERSION)
    .showHelpAfterError(`(${ownCommand('--help')} lists commands and options)`);
  addRelayCommands(program);
  addApiCommands(program);
  addMentionCommands(program);
  addFailedCommands(program);
  addControlCommands(program);
  addServedCommands(program);
  return program;
}

function addRelayCommands(program: Command): void {
  program
    .command('run', { isDefault: true })
    .description('run the daemon: poll Groouply and deliver new mentions (the default command)')
    .addOption(
      new Option(
        '--health-file <path>',
        'write this file every few seconds; one older than a minute means that the relay hangs',
      ).env('MENTION_RELAY_HEALTH_FILE'),
    )
    .action(async (options: { healthFile?: string }) => {
      const { run } = await import('./run.ts');
      await run(options);
    })
    .addHelpText(
      'after',
      exitStatuses([
        ['0', 'stopped by a signal'],
        ['1', 'could not start, did not stop in time, or crashed'],
      ]),
    );

  program
    .command('check')
    .description(
      'check configuration, Redis, API key, groups and webhooks, and print how to fix each problem',
    )
    .option('--send', 'also send a test.ping to each webhook')
    .option(...JSON_OPTION)
    .action(async (options: { send?: boolean; json?: boolean }) => {
      const { check } = await import('./check/check.ts');
      await check(options);
    })
    .addHelpText(
      'after',
      exitStatuses([
        ['0', 'all is well'],
        ['1', 'there are warnings, problems or skipped checks'],
      ]),
    );

  program
    .command('status')
    .description('show the last poll and the deliveries of each webhook')
    .option(...JSON_OPTION)
    .option('--healthcheck', 'for health checks: print nothing if healthy')
    .action(async (options: { json?: boolean; healthcheck?: boolean }) => {
      if (options.json && options.healthcheck) {
        program.error('error: --healthcheck prints nothing, so it cannot be used with --json');
      }
      const { status } = await import('./status.ts');
      await status(options);
    })
    .addHelpText(
      'after',
      exitStatuses([
        ['0', 'healthy: the last successful poll is recent, and not every URL is gone'],
        ['1', 'not healthy, or Redis does not answer'],
      ]),
    );
}

function addApiCommands(program: Command): void {
  const statuses = exitStatuses([
    ['0', 'done'],
    ['1', 'Redis or the API refuses or does not answer'],
  ]);

  program
    .command('preview')
    .description('show where each current mention would go, and why')
    .option('--webhook <name>', 'only this webhook')
    .option('--new', 'only mentions that are new to the next poll')
    .option(...JSON_OPTION)
    .action(async (options: { webhook?: string; new?: boolean; json?: boolean }) => {
      const { preview } = await import('./preview/preview.ts');
      await preview(options);
    })
    .addHelpText(
      'after',
      `\nSends nothing and marks nothing as seen. Uses one request of the budget.\n${statuses}`,
    );

  program
    .command('groups')
    .description("list the account's groups and which of them are tracked")
    .option(...JSON_OPTION)
    .action(async (options: { json?: boolean }) => {
      const { groups } = await import('./groups.ts');
      await groups(options);
    })
    .addHelpText('after', statuses);

  program
    .command('group')
    .description("show one group's keywords and latest mentions")
    .argument('<id>', 'group id, as shown by `groups`')
    .option(...JSON_OPTION)
    .action(async (id: string, options: { json?: boolean }) => {
      const { group } = await import('./groups.ts');
      await group(id, options);
    })
    .addHelpText('after', statuses);
}

function addFailedCommands(program: Command): void {
  const statuses = exitStatuses([
    ['0', 'done'],
    ['1', 'nothing matches, an id is unknown, or Redis does not answer'],
  ]);
  const failed = program
    .command('failed')
    .description('list, show, retry or discard failed deliveries');

  failed
    .command('list')
    .description('list failed deliveries: when and why they failed')
    .action(async (options: FailedOptions) => {
      const { listFailed } = await import('./failed.ts');
      await listFailed(options);
    });
  failed
    .command('show')
    .description('show a failed delivery with its whole mention')
    .argument('<id>')
    .action(async (id: string, options: FailedOptions) => {
      const { showFailed } = await import('./failed.ts');
      await showFailed(id, options);
    });
  failed
    .command('retry')
    .description('put deliveries back into their queue, oldest first; release a held webhook')
    .argument('[id...]', 'default: all that match the options')
    .action(async (ids: string[], options: FailedOptions) => {
      const { retryFailed } = await import('./failed.ts');
      await retryFailed(ids, options);
    });
  failed
    .command('discard')
    .description('remove failed deliveries for good')
    .argument('[id...]', 'default: all that match the options')
    .option('--all', 'discard every failed delivery; required if no id or other option is given')
    .action(async (ids: string[], options: FailedOptions) => {
      const { discardFailed } = await import('./failed.ts');
      await discardFailed(ids, options);
    });

  failed.addHelpText('after', statuses);
  for (const command of failed.commands) {
    command
      .option('--webhook <name>', 'only this webhook (it may be unconfigured)')
      .option(
        '--since <age>',
        'only deliveries that failed within this age (90m, 24h, 7d) or since this date',
        (text) => since(text, Date.now()),
      )
      .option(...JSON_OPTION)
      .addHelpText(
        'after',
        `
An id is a mention id as shown by \`list\` (msg_...) or a job id (m-...).
A date may include a time: 2026-11-23T08:00. Without a zone it is UTC.
${statuses}`,
      );
  }
}

/** Adds the commands that serve something until they are stopped and read no configuration. */
function addServedCommands(program: Command): void {
  const statuses = statusLines([
    ['0', 'ended by Ctrl-C or SIGTERM'],
    ['1', 'could not start'],
  ]);

  program
    .command('demo')
    .description('show the relay at work without configuration: sandbox and inbox included')
    .option('--port <port>', 'port of the inbox; if taken, the next free one', port, 8787)
    .option('--host <address>', 'address that the inbox listens on', '127.0.0.1')
    .option('--rate <mentions>', 'made-up mentions per minute', perMinute, 15)
    .action(async (options: { port: number; host: string; rate: number }) => {
      const { demo } = await import('./demo.ts');
      await demo(options);
    })
    .addHelpText('after', statuses);

  program
    .command('sandbox')
    .description("serve Groouply's documented API locally, with made-up mentions")
    .option('--port <port>', 'port to listen on; 0 picks a free one', port, 4010)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--rate <mentions>', 'made-up mentions per minute', perMinute, 15)
    .option('--backlog <mentions>', 'mentions that exist at the start', count, 20)
    .option('--api-key <key>', 'API key to accept', 'sandbox-key')
    .action(async (options: SandboxCommandOptions) => {
      const { sandbox } = await import('./sandbox-command.ts');
      await sandbox(options);
    })
    .addHelpText('after', statuses);
}
