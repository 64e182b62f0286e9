import { expect, test } from 'vitest';
import { generate, GENERATED_FILES } from '../../scripts/generate-docs.ts';

test.each(GENERATED_FILES)('%s is what `npm run docs` makes of the code', async (file) => {
  const { present, generated } = await generate(file);
  expect(present).toBe(generated);
});
