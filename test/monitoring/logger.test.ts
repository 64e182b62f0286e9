import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { asJournalErrors, isJournal } from '../../src/monitoring/journal.io.ts';
import { createLogger, type Logger } from '../../src/monitoring/logger.io.ts';

async function logged(
  level: string,
  write: (logger: Logger) => void,
  priorities = false,
): Promise<string> {
  let text = '';
  const logger = await createLogger(
    { level, format: 'json', priorities },
    {
      write: (line: string) => {
        text += line;
      },
    },
  );
  write(logger);
  return text;
}

test('a line is a JSON object: level as a word, ISO time, event, fields and message', async () => {
  const text = await logged('info', ({ log }) =>
    log.info('delivery.succeeded', { webhook: 'A', attempt: 1 }, 'mention delivered'),
  );
  expect(text.endsWith('\n')).toBe(true);
  expect(JSON.parse(text)).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown,
    event: 'delivery.succeeded',
    webhook: 'A',
    attempt: 1,
    msg: 'mention delivered',
  });
});

test('the text of a field can neither break the line nor reach a terminal', async () => {
  const text = await logged('info', ({ log }) =>
    log.info('mention.queued', { mentionId: 'a\nb\u001b[2J"}' }, 'queued'),
  );
  expect(text.trimEnd()).not.toContain('\n');
  expect(text).not.toContain('\u001b');
  expect((JSON.parse(text) as { mentionId: string }).mentionId).toBe('a\nb\u001b[2J"}');
});

test.each([
  ['error', '<3>'],
  ['warn', '<4>'],
  ['info', '<6>'],
  ['debug', '<7>'],
  ['trace', '<7>'],
] as const)('a line of level %s begins with %s for the journal', async (level, prefix) => {
  const text = await logged('trace', ({ log }) => log[level]('relay.summary', {}, 'x'), true);
  expect(text.slice(0, 3)).toBe(prefix);
  expect(JSON.parse(text.slice(3))).toMatchObject({ level, event: 'relay.summary' });
});

test('plain text for the journal is an error in each of its lines', () => {
  expect(asJournalErrors('two mistakes:\n  A is not set\n\n')).toBe(
    '<3>two mistakes:\n<3>  A is not set\n\n',
  );
});

test('a changed level counts from the next line on', async () => {
  let text = '';
  const logger = await createLogger(
    { level: 'warn', format: 'json', priorities: true },
    { write: (line: string) => void (text += line) },
  );
  logger.log.info('relay.summary', {}, 'before');
  await logger.configure({ level: 'info', format: 'json' });
  logger.log.info('relay.summary', {}, 'after');
  expect(text).toMatch(/^<6>\{[^\n]*"msg":"after"\}\n$/);
});

test('stdout is the journal only if JOURNAL_STREAM names that very stream', () => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-journal-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const descriptor = openSync(join(folder, 'stream'), 'w');
  onTestFinished(() => closeSync(descriptor));
  const { dev, ino } = fstatSync(descriptor);
  expect(isJournal(descriptor, { JOURNAL_STREAM: `${dev}:${ino}` })).toBe(true);
  expect(isJournal(descriptor, { JOURNAL_STREAM: `${dev}:${ino + 1}` })).toBe(false);
  expect(isJournal(descriptor, {})).toBe(false);
  expect(isJournal(9_999, { JOURNAL_STREAM: '1:1' })).toBe(false);
});

test('lines below the level are not written', async () => {
  const text = await logged('warn', ({ log }) => {
    log.debug('budget.waited', {}, 'no');
    log.info('relay.summary', {}, 'no');
    log.warn('poll.failed', {}, 'yes');
    log.error('delivery.failed', {}, 'yes');
  });
  expect(text.trimEnd().split('\n')).toHaveLength(2);
});
