import { execFile, spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { SANDBOX_GROUPS } from '../../src/sandbox/account.ts';
import { VERSION } from '../../src/version.ts';
import { ROOT } from '../docs/markdown.ts';
import { relayBench, type RelayBench } from '../helpers/relay-bench.ts';
import { waitUntil } from '../helpers/wait-until.ts';

const run = promisify(execFile);
const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`;

/** A folder outside the project, so that nothing of the project is found from it. */
const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'relay-package-'));

describe('the package', () => {
  const folder = emptyFolder();
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeAll(async () => {
    // A copy, because packing changes package.json for a moment.
    const project = join(folder, 'project');
    for (const name of ['dist', 'config', 'docs', 'package.json', 'README.md', 'LICENSE']) {
      cpSync(join(ROOT, name), join(project, name), { recursive: true });
    }
    await run(join(ROOT, 'node_modules/.bin/clean-package'), { cwd: project });
    const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
    const { stdout } = await run('npm', pack, { cwd: project });
    // Offline: a package that needs others can't be installed.
    const install = ['install', '--offline', '--no-audit', '--no-fund', `./${stdout.trim()}`];
    await run('npm', install, { cwd: folder });
  });

  const environment = ({ sandbox, redis, a }: RelayBench) => ({
    PATH,
    GROOUPLY_API_KEY: 'sandbox-key',
    GROOUPLY_API_URL: sandbox.url.href,
    REDIS_URL: redis.url,
    WEBHOOK_A_URL: a.url,
  });

  test('is installed alone, with what its commands read and without maps or pictures', () => {
    const modules = readdirSync(join(folder, 'node_modules')).filter(
      (name) => !name.startsWith('.'),
    );
    expect(modules).toEqual(['mention-relay']);
    const installed = join(folder, 'node_modules/mention-relay');
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    expect(files).toEqual(
      expect.arrayContaining(['config/example.env', 'dist/LICENSES.txt', 'dist/page/index.html']),
    );
    expect(files.filter((file) => /\.(?:map|png|ts)$/.test(file))).toEqual([]);
  });

  test('prints its version, checks its set-up, relays a mention and stops', async () => {
    await using bench = await relayBench({
      groups: SANDBOX_GROUPS.filter(({ tracking }) => tracking),
    });
    const env = environment(bench);
    const program = join(folder, 'node_modules/.bin/mention-relay');
    expect((await run(program, ['--version'], { env })).stdout.trim()).toBe(VERSION);
    const checked = await run('npx', ['mention-relay', 'check'], { cwd: folder, env });
    expect(checked.stdout).toContain('All is well.');

    bench.sandbox.spot(1);
    const relay = spawn(program, ['run'], {
      cwd: folder,
      env,
      stdio: 'ignore',
    });
    onTestFinished(() => void relay.kill('SIGKILL'));
    const ended = new Promise((resolve) => relay.once('close', resolve));
    await waitUntil('the mention to arrive', () =>
      bench.a.received.some(({ text }) => text.includes('mention.created')),
    );
    relay.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});

test('an older Node reads the program alone, and says which Node it needs', async () => {
  const folder = emptyFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // Without the rest of dist/, which an older Node can't read.
  copyFileSync(join(ROOT, 'dist/main.js'), join(folder, 'main.js'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const older = `Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.19.5'}})`;
  const ended = run(
    process.execPath,
    [`--import=data:text/javascript,${older}`, 'main.js', 'run'],
    {
      cwd: folder,
    },
  );
  await expect(ended).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr:
      'mention-relay needs Node 24.5 or newer; this is 20.19.5. Install Node 24: https://nodejs.org\n',
  });
  // What the oldest Node with modules can't parse.
  expect(readFileSync(join(ROOT, 'dist/main.js'), 'utf8')).not.toMatch(/^import|\?\?=|using /m);
});
