// `npm run build`: dist/, one program with its packages in it, and their licences. What nothing uses is
// left out, and Node loads about 50 files where there were 840: it starts sooner, and in less memory.
import { cpSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');
const PACKAGE = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/;

const { output } = await build({
  cwd: ROOT,
  input: 'src/main.ts',
  platform: 'node',
  output: {
    dir: 'dist',
    cleanDir: true,
    // Each command's own part is loaded when it is asked for.
    chunkFileNames: '[name].js',
    // A package is a file of its own, so that a stack trace names it.
    codeSplitting: {
      groups: [
        {
          test: PACKAGE,
          debugName: 'a package each',
          name: (id) => `packages/${PACKAGE.exec(id)?.[1]}`,
        },
      ],
    },
    sourcemap: true,
    // What no command comes to goes; names and lines stay, for stack traces.
    minify: { compress: true, mangle: false, codegen: false },
    // A file with a single character beyond Latin-1 would take twice the memory.
    charset: 'ascii',
    comments: { annotation: false, jsdoc: false },
  },
});

// Beside what serves them, as they are beside its source.
cpSync(join(ROOT, 'src/demo/page'), join(ROOT, 'dist/page'), { recursive: true });

// Lua scripts, beside the program that reads them.
for (const file of globSync('src/**/*.lua', { cwd: ROOT })) {
  cpSync(join(ROOT, file), join(ROOT, 'dist', basename(file)));
}

const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
const folders = new Set(modules.flatMap((id) => PACKAGE.exec(id)?.[0] ?? []));
writeFileSync(join(ROOT, 'dist/LICENSES.txt'), [...folders].sort().map(licence).join('\n\n'));

/** The licence of a package, which whoever passes on the program passes on with it. */
function licence(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^licen[cs]e/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return [`${name} ${version} (${license})`, ...texts].join('\n\n');
}
