type StatusRow = readonly [status: string, meaning: string];

/** The end of a command's help: what each of its exit statuses means. */
export function statusLines(rows: readonly StatusRow[]): string {
  const lines = rows.map(([status, meaning]) => `  ${status.padEnd(4)}${meaning}`);
  return `\nExit status:\n${lines.join('\n')}`;
}

/** The same for a command that reads the configuration, whose mistakes have a status of their own. */
export function exitStatuses(rows: readonly StatusRow[]): string {
  return statusLines([...rows, ['78', 'the configuration has mistakes']]);
}
