#!/usr/bin/env node
import { Command } from 'commander';
import {
  exitStatuses,
  statusLines,
  ownCommand,
  unknownCommand,
} from './cli/terminal/own-command.ts';
import type { FailedOptions } from './cli/failed.ts';
import { count, perMinute, port, since } from './cli/terminal/option-values.ts';
import { VERSION } from './version.ts';

const OLDEST_NODE = 24;
if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(
    `mention-relay needs Node ${OLDEST_NODE} or newer; this is ${process.versions.node}. The npm scripts bring it: npm start, npm run cli -- <command>.\n`,
  );
  process.exit(1);
}

const program = new Command('mention-relay')
  .description(
    'Relays the mentions that Groouply spots to Slack, Discord, Teams and HTTP webhooks.',
  )
  .version(VERSION)
  .showHelpAfterError(`(${ownCommand('--help')} shows what there is)`);

const ASKED_API = exitStatuses([
  ['0', 'done'],
  ['1', 'Redis or the API does not answer, or refuses'],
]);

// Each command is loaded when it is asked for: the daemon need not pay for the sandbox.
program
  .command('run', { isDefault: true })
  .description('the daemon: polls, and delivers what is new (configured by environment variables)')
  .action(async () => {
    const { run } = await import('./cli/run.ts');
    await run();
  })
  .addHelpText(
    'after',
    exitStatuses([
      ['0', 'stopped by a signal, in order'],
      ['1', 'could not start, did not stop in time, or an error that should not happen'],
    ]),
  );

program
  .command('check')
  .description('looks at configuration, Redis, API key, groups and webhooks, and says what to do')
  .option('--send', 'also send each webhook a test.ping')
  .option('--json', 'as one line of JSON')
  .action(async (options: { send?: boolean; json?: boolean }) => {
    const { check } = await import('./cli/check/check.ts');
    await check(options);
  })
  .addHelpText(
    'after',
    exitStatuses([
      ['0', 'all is well'],
      ['1', 'there is a warning or a problem, each with what to do'],
    ]),
  );

program
  .command('preview')
  .description('which webhook would get which mention of the present window, and why not')
  .option('--webhook <name>', 'only for this webhook')
  .option('--new', 'only the mentions that the next poll would find new')
  .option('--json', 'as one line of JSON')
  .action(async (options: { webhook?: string; new?: boolean; json?: boolean }) => {
    const { preview } = await import('./cli/preview.ts');
    await preview(options);
  })
  .addHelpText(
    'after',
    `\nSends nothing and marks nothing as seen. It takes one request of the budget.\n${ASKED_API}`,
  );

program
  .command('groups')
  .description("the account's groups, and which of them are tracked")
  .option('--json', 'as one line of JSON')
  .action(async (options: { json?: boolean }) => {
    const { groups } = await import('./cli/groups.ts');
    await groups(options);
  })
  .addHelpText('after', ASKED_API);

program
  .command('group')
  .description("one group's keywords and latest mentions")
  .argument('<id>', "the group's id, as groups shows it")
  .option('--json', 'as one line of JSON')
  .action(async (id: string, options: { json?: boolean }) => {
    const { group } = await import('./cli/groups.ts');
    await group(id, options);
  })
  .addHelpText('after', ASKED_API);

program
  .command('status')
  .description('how the relay stands: its last poll, and the deliveries of each webhook')
  .option('--json', 'as one line of JSON')
  .option('--healthcheck', 'say nothing if its polls succeed in time (exit status 0, otherwise 1)')
  .action(async (options: { json?: boolean; healthcheck?: boolean }) => {
    if (options.json && options.healthcheck) {
      program.error('error: --healthcheck says nothing, so it can not go with --json');
    }
    const { status } = await import('./cli/status.ts');
    await status(options);
  })
  .addHelpText(
    'after',
    exitStatuses([
      ['0', 'the last successful poll is recent'],
      ['1', 'it is not, or Redis does not answer'],
    ]),
  );

const FAILED_STATUSES = exitStatuses([
  ['0', 'done'],
  ['1', 'nothing matched, one of the ids did not, or Redis does not answer'],
]);

const failed = program
  .command('failed')
  .description('failed deliveries: those that will not be tried again by themselves');

failed
  .command('list')
  .description('what failed, when and why')
  .action(async (options: FailedOptions) => {
    const { listFailed } = await import('./cli/failed.ts');
    await listFailed(options);
  });

failed
  .command('show')
  .description('the whole of a mention whose delivery failed, and what came of it')
  .argument('<id>')
  .action(async (id: string, options: FailedOptions) => {
    const { showFailed } = await import('./cli/failed.ts');
    await showFailed(id, options);
  });

failed
  .command('retry')
  .description('puts them back into their queue, oldest first, and releases a held webhook')
  .argument('[id...]', 'without any: all that the options leave')
  .action(async (ids: string[], options: FailedOptions) => {
    const { retryFailed } = await import('./cli/failed.ts');
    await retryFailed(ids, options);
  });

failed
  .command('discard')
  .description('removes them for good')
  .argument('[id...]', 'without any: all that the options leave')
  .option('--all', 'all there are: needed where neither an id nor another option is given')
  .action(async (ids: string[], options: FailedOptions) => {
    const { discardFailed } = await import('./cli/failed.ts');
    await discardFailed(ids, options);
  });

failed.addHelpText('after', FAILED_STATUSES);

for (const command of failed.commands) {
  command
    .option('--webhook <name>', 'only those of this webhook, which may be configured no more')
    .option('--since <age>', 'only those that failed since: 90m, 24h, 7d, or a date', (text) =>
      since(text, Date.now()),
    )
    .option('--json', 'as one line of JSON')
    .addHelpText(
      'after',
      `
An id is that of the mention, as list shows it (msg_...), or of the job (m-...).
A date may have a time: 2026-11-23T08:00. It is in UTC unless it names its zone.
${FAILED_STATUSES}`,
    );
}

// These two read no configuration.
const SERVED_STATUSES = statusLines([
  ['0', 'ended by Ctrl-C or SIGTERM'],
  ['1', 'could not start'],
]);

program
  .command('demo')
  .description('the main job with nothing configured: sandbox, relay, and an inbox in the browser')
  .option('--port <port>', "the inbox's port, or the next one that is free", port, 8787)
  .option('--host <address>', 'the address the inbox listens on', '127.0.0.1')
  .option('--rate <mentions>', 'mentions made up a minute', perMinute, 15)
  .action(async (options: { port: number; host: string; rate: number }) => {
    const { demo } = await import('./cli/demo.ts');
    await demo(options);
  })
  .addHelpText('after', SERVED_STATUSES);

program
  .command('sandbox')
  .description("Groouply's documented API, served locally with made-up mentions")
  .option('--port <port>', 'its port; 0 takes a free one', port, 4010)
  .option('--host <address>', 'the address it listens on', '127.0.0.1')
  .option('--rate <mentions>', 'mentions made up a minute', perMinute, 15)
  .option('--backlog <mentions>', 'mentions that are there at the start', count, 20)
  .option('--api-key <key>', 'the key it asks for', 'sandbox-key')
  .action(
    async (options: {
      port: number;
      host: string;
      rate: number;
      backlog: number;
      apiKey: string;
    }) => {
      const { sandbox } = await import('./cli/sandbox-command.ts');
      await sandbox(options);
    },
  )
  .addHelpText('after', SERVED_STATUSES);

const [word] = process.argv.slice(2);
const names = program.commands.map((command) => command.name());
if (word !== undefined && !word.startsWith('-') && ![...names, 'help'].includes(word)) {
  // The default command would only say that it takes no argument.
  program.error(unknownCommand(word, names));
}
await program.parseAsync();
