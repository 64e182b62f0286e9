import { GroouplyError } from '../adapters/groouply-error.ts';
import { printable, printableJson } from '../domain/printable.ts';
import { groupDetailsText, groupsTable } from './groups-text.ts';
import { ownCommand } from './own-command.ts';
import { askRelayApi } from './relay-api.ts';
import { terminalWidth } from './table.ts';

/** Prints the account's groups, and which of them are tracked. */
export async function groups(options: { readonly json?: boolean }): Promise<void> {
  await askRelayApi(async ({ api, signal }) => {
    const found = await api.groups(signal);
    process.stdout.write(
      options.json
        ? `${printableJson({ groups: found })}\n`
        : groupsTable(found, { width: terminalWidth() }),
    );
  });
}

/** Prints one group: what is known of it, its keywords, and its latest mentions. */
export async function group(id: string, options: { readonly json?: boolean }): Promise<void> {
  await askRelayApi(async ({ api, signal }) => {
    const found = await api.group(id, signal).catch((error: unknown) => {
      if (!(error instanceof GroouplyError) || error.kind !== 'refused') throw error;
      process.exitCode = 1;
      process.stderr.write(
        `The API shows no group ${printable(id)} in this account. Its groups: ${ownCommand('groups')}\n`,
      );
      return null;
    });
    if (found === null) return;
    process.stdout.write(
      options.json
        ? `${printableJson({ group: found })}\n`
        : groupDetailsText(found, { nowMs: Date.now(), width: terminalWidth() }),
    );
  });
}
