#!/usr/bin/env node
import { createProgram } from './cli/program.ts';
import { refuseUnknownCommand } from './cli/terminal/usage.ts';

// The first whose agents use a proxy (nodejs.org/api/http.html#built-in-proxy-support).
const OLDEST_NODE = '24.5';
if (process.versions.node.localeCompare(OLDEST_NODE, 'en', { numeric: true }) < 0) {
  process.stderr.write(
    `mention-relay needs Node ${OLDEST_NODE} or newer; this is ${process.versions.node}. Use npm start or npm run cli -- <command>.\n`,
  );
  process.exit(1);
}

const program = createProgram();
refuseUnknownCommand(program, process.argv.slice(2));
await program.parseAsync();
