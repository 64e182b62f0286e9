import { expect, test } from 'vitest';
import { read } from '../docs/markdown.ts';

const { scripts } = JSON.parse(read('package.json')) as { scripts: { start: string } };
const words = scripts.start.split(' ');
const options = words.filter((word) => word.startsWith('--'));
const variables = words.slice(words.indexOf('env') + 1, words.indexOf('node'));

test('npm start, the image and the unit give Node the same memory options', () => {
  expect(options).toEqual([
    expect.stringMatching(/^--max-semi-space-size=\d+$/),
    expect.stringMatching(/^--max-old-space-size=\d+$/),
  ]);
  expect(variables).toEqual([expect.stringMatching(/^MALLOC_ARENA_MAX=\d+$/)]);
  expect(read('Dockerfile')).toContain(`\nENV ${variables.join(' ')}\n`);
  expect(read('Dockerfile')).toContain(`\nENV NODE_OPTIONS="${options.join(' ')}"\n`);
  const unit = read('config/mention-relay.service');
  expect(unit).toContain(`\nEnvironment=${variables.join(' ')}\n`);
  expect(unit).toContain(`\nEnvironment="NODE_OPTIONS=${options.join(' ')}"\n`);
});
