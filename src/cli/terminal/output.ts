/** Prints a text and a line break to stdout. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints to stderr why a command does not do what was asked, and sets its exit status to 1. */
export function refuse(text: string): void {
  process.exitCode = 1;
  process.stderr.write(`${text}\n`);
}
