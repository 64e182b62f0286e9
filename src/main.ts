#!/usr/bin/env node
// Nothing is imported before the check: an older Node can read this file, but not the others.
// 24.5 is the first whose agents use a proxy (nodejs.org/api/http.html#built-in-proxy-support).
const OLDEST_NODE = '24.5';
// Not by localeCompare, whose tables stay in memory.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 5)) {
  process.stderr.write(
    `mention-relay needs Node ${OLDEST_NODE} or newer; this is ${process.versions.node}. Install Node 24: https://nodejs.org\n`,
  );
  process.exit(1);
}

// The reader of the output may leave before its end, as `head` does; the command still ends its work.
for (const output of [process.stdout, process.stderr]) {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    // The relay and the demo handle it, and stop in order.
    if (process.listenerCount('uncaughtException') > 0) throw error;
    process.stderr.write(`The output is incomplete: it cannot be written (${error.code}).\n`);
    process.exit(1);
  });
}

const [{ createProgram }, { refuseUnknownCommand }] = await Promise.all([
  import('./cli/program.ts'),
  import('./cli/terminal/usage.ts'),
]);
const program = createProgram();
refuseUnknownCommand(program, process.argv.slice(2));
await program.parseAsync();
