import { expect, test } from 'vitest';
import { slackAsText } from '../../../src/webhooks/slack/slack.ts';
import { deliveryOf } from '../delivery-samples.ts';

test('the message as text has what its blocks have, links and times written out', () => {
  const delivery = deliveryOf({ content: 'a <b> & c\nsecond line', keyword: 'crm' });
  expect(slackAsText(delivery)).toEqual([
    'crm in Real Estate Referral Network',
    '“a <b> & c',
    'second line”',
    'Post owner name · in the post · spotted 2023-11-08 16:04 UTC · Open post: https://facebook.com/groups/1617905175110739/permalink/3805136229720945',
  ]);
});

test('what looks like an entity in the mention stays as it was written', () => {
  const delivery = deliveryOf({ content: '&lt;b&gt; &amp;lt;' });
  expect(slackAsText(delivery)).toContain('“&lt;b&gt; &amp;lt;”');
});
