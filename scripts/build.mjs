// `npm run build`: dist/, one program with its packages in it. What nothing uses is left out, and Node
// loads about 50 files where there were 840: that is a sixth of an idle relay's memory.
import { cpSync } from 'node:fs';
import { build } from 'rolldown';

const PACKAGE = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/;

await build({
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
cpSync('src/demo/page', 'dist/page', { recursive: true });
