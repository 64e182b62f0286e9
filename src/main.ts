#!/usr/bin/env node
import { createProgram } from './cli/program.ts';
import { refuseUnknownCommand } from './cli/terminal/usage.ts';

const OLDEST_NODE = 24;
if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  process.stderr.write(
    `mention-relay needs Node ${OLDEST_NODE} or newer; this is ${process.versions.node}. Use npm start or npm run cli -- <command>.\n`,
  );
  process.exit(1);
}

const program = createProgram();
refuseUnknownCommand(program, process.argv.slice(2));
await program.parseAsync();
