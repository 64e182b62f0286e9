import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { VERSION } from '../../src/version.ts';

/** Returns the help of a command as it is printed on a terminal of 80 columns. */
function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ getOutHelpWidth: () => 80, writeOut: (text) => (help += text) });
  command.outputHelp();
  return help;
}

/** Lists all commands by the words that a user types. */
function commandsOf(parent: Command, prefix = ''): [string, Command][] {
  return parent.commands.flatMap((command): [string, Command][] => {
    const name = `${prefix}${command.name()}`;
    return [[name, command], ...commandsOf(command, `${name} `)];
  });
}

const commands = commandsOf(createProgram());

describe('the help', () => {
  test.each(commands)('of %s explains the exit statuses, in 80 columns', (_, command) => {
    const help = helpOf(command);
    expect(help).toMatch(/^Exit status:\n {2}0 {3}\w.*\n {2}1 {3}\w/m);
    expect(help).not.toContain('undefined');
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test.each(commands.filter(([name]) => !/^(?:demo|sandbox)$/.test(name)))(
    'of %s, which reads the configuration, has status 78',
    (_, command) => {
      expect(helpOf(command)).toMatch(/^ {2}78 {2}the configuration has errors$/m);
    },
  );

  test('of the program lists the commands', () => {
    const help = helpOf(createProgram());
    for (const [name] of commands.filter(([words]) => !words.includes(' '))) {
      expect(help).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
    }
  });
});

test('the program has the version of the release', () => {
  expect(createProgram().version()).toBe(VERSION);
});
