import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { copyFile, open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { EmbeddedRedisError } from './data-folder.ts';
import { serverEnvironment } from './embedded-server.ts';

/** The repair of an append-only file, for the log. */
export interface LogRepair {
  readonly file: string;
  readonly cutBytes: number;
  /** The path of the file as it was. */
  readonly copy: string;
}

/** The folder and the manifest of the append-only files of Redis 7; 6.2 has one file and neither. */
const FOLDER = 'appendonlydir';
const MANIFEST = 'appendonly.aof.manifest';
const OLD_FILE = 'appendonly.aof';

// A loss of power costs the writes of a few seconds: a longer end is another damage.
const MAX_CUT_BYTES = 64 * 1024 * 1024;

/**
 * Throws EmbeddedRedisError if the append-only files lack their manifest, or the first of them its
 * content. Redis would start without their data, and write over them.
 */
export function expectWholeFiles(dataDir: string): void {
  const folder = join(dataDir, FOLDER);
  if (!existsSync(folder)) return;
  const manifest = readManifest(folder);
  if (manifest === null && !holdsData(folder)) return;
  const [, base] = /^file (\S+) seq \d+ type b/m.exec(manifest ?? '') ?? [];
  const lacking = !manifest?.startsWith('file ')
    ? `${MANIFEST} is missing or unreadable`
    : base?.endsWith('.rdb') && statSync(join(folder, base), { throwIfNoEntry: false })?.size === 0
      ? `${base} is empty`
      : null;
  if (lacking === null) return;
  throw new EmbeddedRedisError({
    what: `${lacking} in ${folder}, so the embedded Redis can't read its data`,
    todo: 'restore DATA_DIR from a backup, or move that folder away to start without data',
  });
}

function readManifest(folder: string): string | null {
  const path = join(folder, MANIFEST);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

/** Returns false for the files of a first start that was cut off: an empty one, and a base without data. */
function holdsData(folder: string): boolean {
  return readdirSync(folder).some((name) =>
    name.endsWith('.incr.aof')
      ? statSync(join(folder, name)).size > 0
      : /\.base\.(rdb|aof)$/.test(name) && !name.includes('.1.base.'),
  );
}

/**
 * Repairs the append-only file after a loss of power: what is unreadable at its end is cut off by
 * `redis-check-aof`, and a copy of the file stays in DATA_DIR. Returns null if the files are not
 * damaged. Throws EmbeddedRedisError, and changes nothing, if the damage is elsewhere: if a readable
 * command stands behind it, for example.
 */
export async function repairLog(dataDir: string, nowMs: number): Promise<LogRepair | null> {
  const folder = join(dataDir, FOLDER);
  const manifest = readManifest(folder);
  const [place, checked] =
    manifest === null ? [dataDir, join(dataDir, OLD_FILE)] : [folder, join(folder, MANIFEST)];
  if (!existsSync(checked)) return null;
  const report = await checkAof(checked);
  if (report.valid) return null;
  const damage = damageIn(report.output);
  const command = `redis-check-aof --fix '${checked}'`;
  // Redis-check-aof can cut the last file alone.
  const last = manifest
    ?.match(/^file \S+/gm)
    ?.at(-1)
    ?.slice('file '.length);
  if (damage === null || damage.file !== (last ?? OLD_FILE)) {
    throw new EmbeddedRedisError({
      what: `the data of the embedded Redis is damaged beyond repair, as \`redis-check-aof '${checked}'\` shows`,
      todo: 'restore DATA_DIR from a backup, or move its files away to start without data',
    });
  }
  const { file, okBytes, sizeBytes } = damage;
  const path = join(place, file);
  const cutBytes = sizeBytes - okBytes;
  if (cutBytes > MAX_CUT_BYTES || holdsCommand(await readFrom(path, okBytes))) {
    throw new EmbeddedRedisError({
      what: `${path} is damaged at byte ${okBytes}, and readable data may follow`,
      todo: `copy DATA_DIR, then run ${command}: it cuts off ${cutBytes} bytes`,
    });
  }
  const copy = join(
    dataDir,
    `${file}.damaged-${new Date(nowMs).toISOString().replaceAll(':', '')}`,
  );
  await keepCopy(path, copy);
  if (!(await checkAof(checked, '--fix')).valid) {
    throw new EmbeddedRedisError({
      what: `redis-check-aof could not repair ${path}`,
      todo: `run ${command} and see what it prints; a copy is ${copy}`,
    });
  }
  return { file, cutBytes, copy };
}

/** Runs redis-check-aof, and agrees to what `--fix` asks. */
async function checkAof(
  file: string,
  ...options: readonly string[]
): Promise<{ readonly valid: boolean; readonly output: string }> {
  const child = spawn('redis-check-aof', [...options, file], {
    env: serverEnvironment(),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // It ends without reading the answer if it does not ask.
  child.stdin.on('error', () => undefined).end('y\n');
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('exit', resolve);
  });
  try {
    const [code, output] = await Promise.all([ended, text(child.stdout)]);
    return { valid: code === 0, output };
  } catch (error) {
    throw new EmbeddedRedisError({
      what: `redis-server ended, and redis-check-aof, which could repair its data, can't run (${(error as NodeJS.ErrnoException).code})`,
      todo: 'install it (Debian: the package redis-tools), or check redis.log in DATA_DIR',
    });
  }
}

/** Finds the damaged file in the report of redis-check-aof; null if it found none that it can cut. */
export function damageIn(
  report: string,
): { readonly file: string; readonly okBytes: number; readonly sizeBytes: number } | null {
  const [, file = OLD_FILE, size, ok] =
    /AOF analyzed: (?:filename=(.+), )?size=(\d+), ok_up_to=(\d+),.* diff=[1-9]\d*$/m.exec(
      report,
    ) ?? [];
  if (size === undefined) return null;
  return { file: basename(file), okBytes: Number(ok), sizeBytes: Number(size) };
}

async function readFrom(path: string, position: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(Math.max(0, size - position)),
      position,
    });
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function keepCopy(path: string, copy: string): Promise<void> {
  try {
    await copyFile(path, copy);
    // On the disk before anything is cut off: the power can fail again.
    const file = await open(copy, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(copy, { force: true }).catch(() => undefined);
    throw new EmbeddedRedisError({
      what: `the end of ${path} is damaged, and no copy of it can be made: ${(error as NodeJS.ErrnoException).code}`,
      todo: `make room for ${statSync(path).size} bytes in DATA_DIR, then start again`,
    });
  }
}

// --- Commands in an append-only file ---

/**
 * Returns true if the end of an append-only file, from the first byte that redis-check-aof refuses,
 * holds a command that can still be read: then cutting it off would lose more than a broken write.
 */
export function holdsCommand(end: Buffer): boolean {
  // What is refused can begin with a transaction that never ended. Redis never applies it.
  let at = 0;
  for (let first = true; ; first = false) {
    const command = commandAt(end, at);
    if (command === null) break;
    if (first ? command.name !== 'multi' : /^(multi|exec)$/.test(command.name)) return true;
    at = command.end;
  }
  for (let star = end.indexOf('*', at + 1); star !== -1; star = end.indexOf('*', star + 1)) {
    if (commandAt(end, star) !== null) return true;
  }
  return false;
}

/** Reads the command that begins at `start`; null if none does, or if it is not complete. */
function commandAt(bytes: Buffer, start: number): { name: string; end: number } | null {
  const count = numberAt(bytes, start, '*');
  if (count === null || count.value === 0) return null;
  let { end } = count;
  let name = '';
  for (let index = 0; index < count.value; index++) {
    const length = numberAt(bytes, end, '$');
    if (length === null) return null;
    const next = length.end + length.value;
    if (bytes.toString('latin1', next, next + 2) !== '\r\n') return null;
    if (index === 0) name = bytes.toString('latin1', length.end, next).toLowerCase();
    end = next + 2;
  }
  return { name, end };
}

/** Reads a line such as `*3` or `$12`. */
function numberAt(
  bytes: Buffer,
  start: number,
  sign: string,
): { value: number; end: number } | null {
  if (bytes[start] !== sign.codePointAt(0)) return null;
  const line = /^.(\d{1,10})\r\n/.exec(bytes.toString('latin1', start, start + 13));
  return line === null ? null : { value: Number(line[1]), end: start + line[0].length };
}
