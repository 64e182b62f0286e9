#!/usr/bin/env node
import { Command } from 'commander';
import { VERSION } from './version.ts';

const program = new Command('mention-relay')
  .description('Relays the mentions that Groouply spots to Slack and HTTP webhooks.')
  .version(VERSION)
  .showHelpAfterError('(mention-relay --help shows what there is)');

// Each command is loaded when it is asked for: the daemon need not pay for the sandbox.
program
  .command('run', { isDefault: true })
  .description('the daemon: polls, and delivers what is new (configured by environment variables)')
  .action(async () => {
    const { run } = await import('./cli/run.ts');
    await run();
  });

program
  .command('status')
  .description('how the relay stands: its last poll, and the deliveries of each webhook')
  .option('--json', 'as one line of JSON')
  .option('--healthcheck', 'say nothing if its polls succeed in time (exit status 0, otherwise 1)')
  .action(async (options: { json?: boolean; healthcheck?: boolean }) => {
    const { status } = await import('./cli/status.ts');
    await status(options);
  });

await program.parseAsync();
