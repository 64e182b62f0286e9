import type { Command } from 'commander';
import { exitStatuses, lengthOfTime } from '../terminal/usage.ts';

/** Adds the commands that control the deliveries of a webhook. */
export function addControlCommands(program: Command): void {
  const statuses = exitStatuses([
    ['0', 'done'],
    ['1', 'no webhook has this name, or Redis does not answer'],
  ]);

  program
    .command('pause')
    .description('stop the deliveries of a webhook: they wait, without using attempts')
    .argument('<name>')
    .option('--for <time>', 'end the pause after this time (90m, 2h, 7d)', lengthOfTime)
    .action(async (name: string, { for: durationMs }: { for?: number }) => {
      const { pause } = await import('./pause.ts');
      await pause(name, durationMs ?? null);
    })
    .addHelpText('after', statuses);

  program
    .command('resume')
    .description('end the pause and the hold of a webhook: its deliveries continue')
    .argument('<name>')
    .action(async (name: string) => {
      const { resume } = await import('./resume.ts');
      await resume(name);
    })
    .addHelpText('after', statuses);

  program
    .command('drop')
    .description('remove for good what waits for a webhook that is no longer configured')
    .argument('<name>')
    .option('--yes', 'remove it; otherwise only show how much it is')
    .action(async (name: string, options: { yes?: boolean }) => {
      const { drop } = await import('./drop.ts');
      await drop(name, options);
    })
    .addHelpText(
      'after',
      exitStatuses([
        ['0', 'removed'],
        ['1', 'nothing was removed, or not all, or Redis does not answer'],
      ]),
    );

  program
    .command('digest')
    .description('send the digest of a webhook now: all that waits for it')
    .argument('<name>')
    .action(async (name: string) => {
      const { digest } = await import('./digest.ts');
      await digest(name);
    })
    .addHelpText(
      'after',
      exitStatuses([
        ['0', 'asked for: a running relay sends it within seconds'],
        ['1', 'no webhook with _DIGEST has this name, or Redis does not answer'],
      ]),
    );
}
