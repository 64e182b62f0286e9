import { expect, test } from 'vitest';
import { createKeptPosts, type InboxPost } from '../../src/demo/kept-posts.ts';

const slack = (mentions = 1): InboxPost => ({
  kind: 'slack',
  atMs: 0,
  status: 200,
  mentions,
  message: { text: 'x' },
});
const http = (status = 200, text = '{}'): InboxPost => ({
  kind: 'http',
  atMs: 0,
  status,
  mentions: 1,
  verification: status === 200 ? 'verified' : 'wrong',
  headers: [],
  text,
});

const NONE = { slack: 0, discord: 0, teams: 0, http: 0, repeats: 0 };

test('each kind counts its mentions', () => {
  const posts = createKeptPosts();
  posts.keep(slack(), 'a', 1);
  posts.keep(slack(10), 'b', 1);
  posts.keep(http(), 'a', 1);
  expect(posts.counts()).toEqual({ ...NONE, slack: 11, http: 1 });
});

test('the same message twice to one webhook is a repeat, and both are shown', () => {
  const posts = createKeptPosts();
  posts.keep(http(), 'a', 1);
  posts.keep(http(), 'a', 1);
  expect(posts.counts()).toEqual({ ...NONE, http: 1, repeats: 1 });
  expect(posts.all().map(({ number }) => number)).toEqual([1, 2]);
});

test('a refused message counts neither as delivered nor, after a retry, as a repeat', () => {
  const posts = createKeptPosts();
  posts.keep(http(401), 'a', 1);
  posts.keep(http(), 'a', 1);
  expect(posts.counts()).toEqual({ ...NONE, http: 1 });
});

test('the newest 200 are kept, and all are counted', () => {
  const posts = createKeptPosts();
  for (let number = 1; number <= 450; number += 1) posts.keep(slack(), `${number}`, 1);
  expect(posts.all().map(({ number }) => number)).toEqual(
    Array.from({ length: 200 }, (_, index) => 251 + index),
  );
  expect(posts.counts().slack).toBe(450);
});

test('long bodies displace older ones: 4 million characters at most', () => {
  const posts = createKeptPosts();
  for (let number = 1; number <= 9; number += 1) posts.keep(http(), `${number}`, 1_000_000);
  expect(posts.all()).toHaveLength(4);
  posts.keep(http(), 'last', 4_000_000);
  expect(posts.all().map(({ number }) => number)).toEqual([10]);
});

test('a repeat is recognized among the last 10,000 messages', () => {
  const posts = createKeptPosts();
  for (let number = 1; number <= 10_001; number += 1) posts.keep(slack(), `${number}`, 1);
  posts.keep(slack(), '2', 1);
  expect(posts.counts().repeats).toBe(1);
  posts.keep(slack(), '1', 1);
  expect(posts.counts()).toEqual({ ...NONE, slack: 10_002, repeats: 1 });
});
