import { describe, expect, test } from 'vitest';
import {
  commentInLink,
  completeLink,
  postInLink,
  postNumber,
} from '../../../src/domain/foreign/facebook-link.ts';

const POST = 'https://facebook.com/groups/1617905175110739/permalink/3805136229720945';

test.each<[string, string, string | null]>([
  ['as the API documents it', POST, '3805136229720945'],
  ['with a slash at its end', `${POST}/`, '3805136229720945'],
  ['of a comment', `${POST}/?comment_id=99`, '3805136229720945'],
  ['with posts in its path', 'https://www.facebook.com/groups/1/posts/42/', '42'],
  ['with words before the number', 'https://www.facebook.com/page/posts/2024-houses/42', '42'],
  ['with another number behind it', 'https://facebook.com/groups/1/permalink/42/43', '42'],
  ['of the old kind', 'https://facebook.com/story.php?story_fbid=42&id=1', '42'],
  ['of the oldest kind', 'https://m.facebook.com/groups/1?view=permalink&id=42', '42'],
  ['of the oldest kind, the other way round', 'm.facebook.com/groups/1?id=42&view=permalink', '42'],
  ['with several posts named', 'https://facebook.com/groups/1?multi_permalinks=42', '42'],
  ['with two posts named', 'https://facebook.com/groups/1/?multi_permalinks=42%2C43', '42'],
  ['of a photo', 'https://facebook.com/photo.php?fbid=42&set=gm.7&type=3', '42'],
  ['of a photo in an album', 'https://facebook.com/page/photos/a.7/42/?type=3', '42'],
  ['of a video', 'https://www.facebook.com/watch/?ref=saved&v=42', '42'],
  ['of a video of a page', 'https://www.facebook.com/page/videos/a-title/42/', '42'],
  ['of a reel', 'https://www.facebook.com/reel/42', '42'],
  [
    'of a photo in a post, which is the post',
    'https://facebook.com/groups/1/posts/42/?fbid=7',
    '42',
  ],
  ['with a token that begins with digits', 'https://facebook.com/groups/1/posts/42abc', null],
  ['of a profile', 'https://facebook.com/profile.php?id=42', null],
  ['without a number', 'https://facebook.com/groups/1', null],
  ['left out', '', null],
])('the number of a link %s', (_, link, number) => {
  expect(postNumber(link)).toBe(number);
});

describe('links of one post', () => {
  test.each<[string, readonly string[]]>([
    [
      'have its number in common',
      [
        POST,
        `${POST}/?__cft__[0]=AZXq1&__tn__=%2CO%2CP-R`,
        `${POST}?__cft__%5B0%5D=AZother`,
        `http://m.facebook.com/groups/1617905175110739/posts/3805136229720945/?ref=share`,
        'https://www.facebook.com/groups/1617905175110739/?multi_permalinks=3805136229720945',
        'https://mbasic.facebook.com/story.php?id=1617905175110739&story_fbid=3805136229720945',
        'facebook.com/groups/1617905175110739/permalink/3805136229720945',
        '/groups/1617905175110739/permalink/3805136229720945',
      ],
    ],
    [
      'have its token in common',
      [
        'https://www.facebook.com/permalink.php?story_fbid=pfbid02aB&id=1',
        'https://facebook.com/permalink.php?id=1&story_fbid=pfbid02aB&__cft__[0]=AZ1',
        'https://facebook.com/page/posts/pfbid02aB/?__tn__=%2CO',
      ],
    ],
    [
      'have their path in common',
      [
        'https://www.facebook.com/share/p/1AbCdEf/',
        'https://m.facebook.com/share/p/1AbCdEf?mibextid=oFDknk&rdid=x&fbclid=y#',
        'www.facebook.com/share/p/1AbCdEf//',
        '//facebook.com/share/p/1AbCdEf/?refid=18&_rdr',
        'share/p/1AbCdEf',
      ],
    ],
    [
      'have their parameters in common, in any order',
      [
        'https://facebook.com/media/set/?set=a.5&vanity=page',
        'https://www.facebook.com/media/set?vanity=page&ref=x&set=a.5',
      ],
    ],
    [
      'have their number in common, also behind a redirector',
      [
        POST,
        `https://l.facebook.com/l.php?u=${encodeURIComponent(`${POST}?__cft__[0]=AZ1`)}&h=AT1`,
        `https://www.facebook.com/flx/warn/?h=AT2&u=${encodeURIComponent(POST)}`,
      ],
    ],
    [
      'have what a redirector leads to in common',
      [
        'https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.com%2F5%3Ffbclid%3DIwAR1&h=AT1',
        'https://lm.facebook.com/l.php?h=AT2&u=https%3A%2F%2Fexample.com%2F5%3Ffbclid%3DIwAR2',
        'https://www.facebook.com/l.php?u=http%3A%2F%2Fwww.example.com%2F5&h=AT3&s=1',
        'https://m.facebook.com/flx/warn?u=https%3A%2F%2Fexample.com%2F5%2F',
        'https://l.instagram.com/?u=https%3A%2F%2Fexample.com%2F5&e=AT4',
        'l.facebook.com/l.php?u=example.com%2F5&h=AT5',
        'https://example.com/5',
      ],
    ],
    [
      'of another site have its host in common',
      ['https://www.example.com/a/?utm_source=x', 'http://example.com/a'],
    ],
  ])('%s', (_, links) => {
    expect(new Set(links.map(postInLink)).size).toBe(1);
  });
});

test('links of different posts have nothing in common', () => {
  const links = [
    'https://facebook.com/permalink.php?story_fbid=pfbid02a&id=1',
    'https://facebook.com/permalink.php?story_fbid=pfbid02b&id=1',
    'https://facebook.com/story.php?story_fbid=11&id=1',
    'https://facebook.com/story.php?story_fbid=12&id=1',
    'https://facebook.com/story.php?story_fbid=UzpfSTE&id=1',
    'https://facebook.com/story.php?story_fbid=UzpfSTI&id=1',
    'https://facebook.com/photo.php?fbid=1',
    'https://facebook.com/photo.php?fbid=2',
    'https://facebook.com/photo/?fbid=3&set=gm.1',
    'https://facebook.com/photo/?fbid=4&set=gm.1',
    'https://facebook.com/watch/?v=5',
    'https://facebook.com/watch/?v=6',
    'https://facebook.com/groups/1/?multi_permalinks=7',
    'https://facebook.com/groups/1/?multi_permalinks=8',
    'https://facebook.com/media/set/?set=a.1',
    'https://facebook.com/media/set/?set=a.2',
    'https://facebook.com/profile.php?id=1',
    'https://facebook.com/profile.php?id=2',
    'https://facebook.com/share/p/Aa',
    'https://facebook.com/share/p/aa',
    'https://facebook.com/share/v/Aa',
    'https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.com%2F1&h=AT1',
    'https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.com%2F2&h=AT1',
    'https://facebook.com/groups/1?u=https%3A%2F%2Fexample.com%2F3',
    'https://facebook.com/groups/1?u=https%3A%2F%2Fexample.com%2F4',
    'https://l.facebook.com/l.php?h=AT1',
    'https://fb.watch/Aa',
    'https://fb.watch/Ab',
    'https://example.com/a?page=1',
    'https://example.org/a?page=1',
    'no link',
    'no link either',
  ];
  expect(new Set(links.map(postInLink)).size).toBe(links.length);
});

test.each(['', ' ', 'https://facebook.com', 'http://www.facebook.com/?ref=x'])(
  'the link %j names nothing',
  (link) => {
    expect(postInLink(link)).toBe('');
  },
);

test('the post in a link of a million characters is found in time', () => {
  for (const unit of ['/', '/posts/', '?view=permalink&', 'a.', '&v=1', '/posts/1', '%', 'pfbid']) {
    const link = `https://facebook.com/${unit.repeat(1_000_000 / unit.length)}x`;
    expect(typeof postInLink(link)).toBe('string');
    expect(completeLink(link)).toBe(link);
    expect(commentInLink(link)).toEqual(['', '']);
  }
});

test.each<[string, readonly [string, string]]>([
  [POST, ['', '']],
  [`${POST}/?comment_id=5`, ['5', '']],
  [`${POST}/?__cft__[0]=A&comment_id=5&reply_comment_id=6&__tn__=R`, ['5', '6']],
  [`${POST}/?reply_comment_id=6&comment_id=5#x`, ['5', '6']],
  [`${POST}/?comment_id=Y29t%3D%3D`, ['Y29t==', '']],
  [`${POST}/?reply_comment_id=6`, ['', '6']],
  [`${POST}/#?comment_id=5`, ['', '']],
  [`${POST}/comment_id=5`, ['', '']],
])('the comment in %s is %j', (link, comment) => {
  expect(commentInLink(link)).toEqual(comment);
});

describe('a link without a scheme', () => {
  test.each([
    ['facebook.com/groups/1/permalink/2', 'https://facebook.com/groups/1/permalink/2'],
    ['www.facebook.com/groups/1', 'https://www.facebook.com/groups/1'],
    ['m.facebook.com/story.php?id=1', 'https://m.facebook.com/story.php?id=1'],
    ['//www.facebook.com/groups/1', 'https://www.facebook.com/groups/1'],
    [' Facebook.com/jane.doe\n', 'https://Facebook.com/jane.doe'],
    ['facebook.com', 'https://facebook.com'],
    ['fb.com/groups/1', 'https://fb.com/groups/1'],
    ['fb.watch/abc', 'https://fb.watch/abc'],
    ['facebook.com?@evil.example/', 'https://facebook.com?@evil.example/'],
    ['/groups/1/posts/2', 'https://www.facebook.com/groups/1/posts/2'],
    ['/profile.php?id=1', 'https://www.facebook.com/profile.php?id=1'],
    ['/jane.doe', 'https://www.facebook.com/jane.doe'],
    ['groups/1/permalink/2', 'https://www.facebook.com/groups/1/permalink/2'],
    ['permalink.php?story_fbid=1&id=2', 'https://www.facebook.com/permalink.php?story_fbid=1&id=2'],
  ])('%j can only mean %s', (link, completed) => {
    expect(completeLink(link)).toBe(completed);
    const { hostname } = new URL(completed);
    expect(hostname).toMatch(/^(?:(?:www|m)\.)?(?:facebook\.com|fb\.com|fb\.watch)$/);
  });

  test.each([
    'https://facebook.com/a',
    'javascript:alert(1)',
    'JavaScript:alert(1)//facebook.com/a',
    'data:text/html,facebook.com/a',
    'facebook.com@evil.example/',
    'facebook.com:pass@evil.example/',
    'facebook.com:8080/a',
    'facebook.com\\@evil.example',
    'facebook.com.evil.example/a',
    'facebook.comx/a',
    'notfacebook.com/a',
    'evil.example/facebook.com/a',
    '//evil.example/facebook.com',
    '///facebook.com/a',
    '/\\evil.example',
    '\\\\evil.example',
    'fаcebook.com/a',
    'example.com/a',
    'jane.doe',
    'groups',
    '/',
    '?id=1',
    '',
  ])('%j stays as it is', (link) => {
    expect(completeLink(link)).toBe(link);
  });
});
