import { Option, type Command } from 'commander';
import type { ExportOptions } from './export.ts';
import type { ResendOptions } from './resend/resend.ts';
import { collected, exitStatuses, JSON_OPTION, pastTime, since } from './terminal/usage.ts';

/** Adds the commands about single mentions and the history. */
export function addMentionCommands(program: Command): void {
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
