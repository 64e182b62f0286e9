import { expect, test } from 'vitest';
import { mentionKey } from '../../src/domain/mention.ts';
import { fanOut } from '../../src/routing/fan-out.ts';
import { mention } from '../helpers/mentions.ts';

const FIRST = mention(1, { id: 'post', keyword: 'crm' });
const AGAIN = mention(2, { id: 'post', keyword: 'erp' });
const OTHER = mention(3, { id: 'other', keyword: 'crm', position: 'link' });

test('each mention that the filter lets through has its own key', () => {
  expect(
    fanOut({ events: 'mentions', filter: { keywords: ['crm'] } }, [FIRST, AGAIN, OTHER], 'mention'),
  ).toEqual([
    { wanted: true, key: mentionKey(FIRST, 'mention') },
    { wanted: false, because: 'keyword' },
    { wanted: true, key: mentionKey(OTHER, 'mention') },
  ]);
});

test('with DEDUPE_BY=post a webhook gets the first of a post that it wants', () => {
  expect(fanOut({ events: 'all', filter: {} }, [FIRST, AGAIN, OTHER], 'post')).toEqual([
    { wanted: true, key: mentionKey(FIRST, 'post') },
    { wanted: false, because: 'post' },
    { wanted: true, key: mentionKey(OTHER, 'post') },
  ]);
  expect(
    fanOut({ events: 'mentions', filter: { keywords: ['erp'] } }, [FIRST, AGAIN], 'post'),
  ).toEqual([
    { wanted: false, because: 'keyword' },
    { wanted: true, key: mentionKey(AGAIN, 'post') },
  ]);
});

test('with DEDUPE_BY=post an excluded mention takes the post from no other', () => {
  const spam = mention(1, { id: 'post', content: 'Hiring now' });
  expect(fanOut({ events: 'all', filter: { exclude: ['hiring'] } }, [spam, AGAIN], 'post')).toEqual(
    [
      { wanted: false, because: 'exclude', rule: 'hiring' },
      { wanted: true, key: mentionKey(AGAIN, 'post') },
    ],
  );
});

test('a webhook that gets alerts only gets no mention, whatever its filter', () => {
  expect(fanOut({ events: 'alerts', filter: {} }, [FIRST, OTHER], 'mention')).toEqual([
    { wanted: false, because: 'events' },
    { wanted: false, because: 'events' },
  ]);
});
