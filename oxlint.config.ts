import { defineConfig } from 'oxlint';

/**
 * The folders of src/, from the ground up: each may import those named before it, and none after.
 * In a `pure` folder no file imports I/O; in a `mixed` one only those named *.io.ts do. Both may
 * import the types of I/O. docs/architecture.md describes each folder.
 */
const FOLDERS = {
  domain: 'pure',
  config: 'pure',
  redis: 'io',
  network: 'mixed',
  routing: 'pure',
  state: 'mixed',
  history: 'mixed',
  groouply: 'mixed',
  webhooks: 'pure',
  queues: 'io',
  delivering: 'mixed',
  polling: 'mixed',
  recovery: 'mixed',
  monitoring: 'mixed',
  app: 'io',
  sandbox: 'io',
  demo: 'io',
  cli: 'io',
};

/** The packages that do I/O, each with the files that may use it. */
const PACKAGES = {
  bullmq: ['src/queues/**'],
  ioredis: ['src/redis/**'],
  got: [
    'src/delivering/post-json.io.ts',
    'src/groouply/groouply-api.io.ts',
    'src/monitoring/heartbeat-url.io.ts',
  ],
  'p-retry': ['src/groouply/groouply-api.io.ts'],
  pino: ['src/monitoring/logger.io.ts'],
  'prom-client': ['src/monitoring/metrics.io.ts'],
  dotenv: ['src/config/env-file.ts'],
};

const NODE_IO = ['child_process', 'dgram', 'fs', 'fs/promises', 'http', 'timers/promises'];

function importRules(folder: string, pure: boolean, allowed: readonly string[] = []) {
  const names = Object.keys(FOLDERS);
  const above = names.slice(names.indexOf(folder) + 1).map((name) => `../**/${name}/**`);
  const packages = Object.entries(PACKAGES).filter(([name]) => !allowed.includes(name));
  const message = 'I/O belongs in a file named *.io.ts; only its types may be imported here.';
  return {
    'eslint/no-restricted-imports': [
      'error',
      {
        paths: [
          ...packages.map(([name, files]) => ({ name, message: `Only for ${files.join(', ')}.` })),
          ...(pure ? NODE_IO.map((name) => ({ name: `node:${name}`, message })) : []),
        ],
        patterns: [
          { group: [...above, '**/main.ts'], message: `src/${folder}/ stands below it.` },
          ...(pure
            ? [
                {
                  group: ['**/*.io.ts', '**/redis/**', '**/queues/**'],
                  allowTypeImports: true,
                  message,
                },
              ]
            : []),
        ],
      },
    ] satisfies ['error', object],
  };
}

function overridesOf([folder, kind]: [string, string]) {
  const packagesOf = Map.groupBy(
    Object.entries(PACKAGES).flatMap(([name, files]) => files.map((file) => ({ name, file }))),
    ({ file }) => file,
  );
  const owners = [...packagesOf].filter(([file]) => file.startsWith(`src/${folder}/`));
  return [
    { files: [`src/${folder}/**`], rules: importRules(folder, kind !== 'io') },
    { files: [`src/${folder}/**/*.io.ts`], rules: importRules(folder, kind === 'pure') },
    ...owners.map(([file, owned]) => ({
      files: [file],
      rules: importRules(
        folder,
        kind === 'pure',
        owned.map(({ name }) => name),
      ),
    })),
  ];
}

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'oxc', 'promise', 'node'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  options: { typeAware: true },
  rules: {
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'typescript/only-throw-error': 'error',
    'typescript/consistent-type-imports': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-non-null-assertion': 'error',
    'typescript/no-unsafe-type-assertion': 'off',
    'import/no-cycle': 'error',
    'import/no-default-export': 'off',
    'eslint/eqeqeq': ['error', 'always'],
    'eslint/no-console': 'error',
    'eslint/no-await-in-loop': 'off',
    'eslint/no-underscore-dangle': 'off',
    'typescript/consistent-return': 'off',
    'unicorn/no-array-sort': 'off',
    'unicorn/consistent-function-scoping': 'off',
  },
  ignorePatterns: ['dist', 'node_modules', 'scripts/*.mjs'],
  overrides: [
    ...Object.entries(FOLDERS).flatMap(overridesOf),
    { files: ['scripts/**'], rules: { 'oxc/no-map-spread': 'off' } },
  ],
});
