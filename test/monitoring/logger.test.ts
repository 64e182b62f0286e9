import { expect, test } from 'vitest';
import { createLogger, type Logger } from '../../src/monitoring/logger.io.ts';

async function logged(level: string, write: (logger: Logger) => void): Promise<string> {
  let text = '';
  const logger = await createLogger(
    { level, format: 'json' },
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

test('lines below the level are not written', async () => {
  const text = await logged('warn', ({ log }) => {
    log.debug('budget.waited', {}, 'no');
    log.info('relay.summary', {}, 'no');
    log.warn('poll.failed', {}, 'yes');
    log.error('delivery.failed', {}, 'yes');
  });
  expect(text.trimEnd().split('\n')).toHaveLength(2);
});
