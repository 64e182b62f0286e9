import { Command, Option } from 'commander';
import { VERSION } from '../version.ts';
import type { ExportOptions } from './export.ts';
import { addControlCommands } from './control/control-commands.ts';
import type { FailedOptions } from './failed.ts';
import type { SandboxCommandOptions } from './sandbox-command.ts';
import { ownCommand } from './terminal/own-command.ts';
import type { ResendOptions } from './resend/resend.ts';
import {
  collected,
  count,
  exitStatuses,
  pastTime,
  perMinute,
  port,
  since,
  statusLines,
} from './terminal/usage.ts';

const JSON_OPTION = ['--json', 'print one line of JSON'] as const;

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
  addHistoryCommands(program);
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

function addMentionCommands(program: Command): void {
  program
    .command('trace')
    .description('show what became of a mention: which webhook got it, when, and why not')
    .argument('<mention>', 'id, link in any form, or message id (msg_...)')
    .option(...JSON_OPTION)
    .action(async (mention: string, options: { json?: boolean }) => {
      const { trace } = await import('./trace/trace.ts');
      await trace(mention, options);
    })
    .addHelpText(
      'after',
      `
Changes nothing. Asks the API for the present window, within the budget, unless
the history (HISTORY_DAYS) has the mention.
${exitStatuses([
  ['0', 'found'],
  ['1', 'not found, or Redis does not answer'],
])}`,
    );

  program
    .command('resend')
    .description('send mentions to a webhook again, or for the first time to a new one')
    .requiredOption('--webhook <name>', 'the webhook that gets them; its rules apply')
    .option(
      '--since <time>',
      'only mentions polled within this age (90m, 24h, 7d) or since this date',
      (text) => pastTime(text, Date.now()),
    )
    .option('--until <time>', 'only mentions polled before this', (text) =>
      pastTime(text, Date.now()),
    )
    .option(
      '--id <mention>',
      'only this mention: id, link or message id; repeatable',
      collected,
      [],
    )
    .option('--keyword <keyword>', 'only this keyword; repeatable', collected, [])
    .option('--group <group>', 'only this group, by id or name; repeatable', collected, [])
    .option('--window', 'from the present window instead of the history')
    .option('--dry-run', 'only count')
    .option('--yes', 'send also more than 100')
    .action(async (options: ResendOptions) => {
      const { resend } = await import('./resend/resend.ts');
      await resend(options);
    })
    .addHelpText(
      'after',
      `
Needs HISTORY_DAYS or --window. With --window the times are those of spotting.
If the command was interrupted, repeat it: it continues, and repeats nothing.
${exitStatuses([
  ['0', 'queued: a running relay sends them'],
  ['1', 'nothing matches, --yes is missing, or Redis or the API does not answer'],
])}`,
    );
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

function addHistoryCommands(program: Command): void {
  const time = (text: string): number => since(text, Date.now());
  program
    .command('export')
    .description('write the kept mentions and what became of them, for a spreadsheet or a program')
    .addOption(
      new Option('--format <format>', 'csv or jsonl (JSON lines)')
        .choices(['csv', 'jsonl'])
        .default('csv'),
    )
    .option(
      '--since <time>',
      'only mentions kept within this age (90m, 24h, 7d) or since this date',
      time,
    )
    .option('--until <time>', 'only mentions kept before this time', time)
    .option('--bom', 'csv: begin with the mark by which Excel knows UTF-8')
    .action(async (options: ExportOptions) => {
      if (options.bom && options.format !== 'csv') {
        program.error('error: --bom is for --format csv alone');
      }
      const { exportMentions } = await import('./export.ts');
      await exportMentions(options);
    })
    .addHelpText(
      'after',
      `
A date may include a time: 2026-11-23T08:00. Without a zone it is UTC.
${exitStatuses([
  ['0', 'done, also if nothing was kept in that time'],
  ['1', 'HISTORY_DAYS is 0, kept mentions are damaged, or Redis does not answer'],
])}`,
    );
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
