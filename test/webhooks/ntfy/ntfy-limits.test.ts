import { formatNtfy } from '../../../src/webhooks/ntfy/ntfy-message.ts';
import { deliveryOf } from '../delivery-samples.ts';
import { describeChecker } from '../describe-checker.ts';
import { expectNtfyMessage } from './ntfy-limits.ts';

const good = JSON.parse(formatNtfy([deliveryOf()], 'topic')) as object;
const action = (changes: object) => ({
  ...good,
  actions: [{ action: 'view', label: 'Open post', url: 'https://a.example/', ...changes }],
});

describeChecker(
  expectNtfyMessage,
  {
    'a good message': good,
    '4,096 bytes': { ...good, message: 'x'.repeat(4_096) },
    'a web link': action({}),
  },
  {
    '4,097 bytes': { ...good, message: 'x'.repeat(4_097) },
    'over 4,096 bytes in UTF-8': { ...good, message: '日'.repeat(1_366) },
    'JSON of over 8,192 bytes': { ...good, message: '"'.repeat(4_096) },
    'no topic': { ...good, topic: '' },
    'several topics': { ...good, topic: 'a,b' },
    'no message': { ...good, message: '' },
    'a title of two lines': { ...good, title: 'a\nb' },
    'an encoded word in the title': { ...good, title: '=?UTF-8?B?YQ==?=' },
    'an encoded word in a link': { ...good, click: 'https://a.example/=?UTF-8?B?YQ==?=' },
    'an unknown priority': { ...good, priority: 6 },
    'a tag of a stranger': { ...good, tags: ['a,b'] },
    'a link to a script': { ...good, click: 'javascript:x' },
    'an action that sends a request': action({ action: 'http' }),
    'an unknown field': { ...good, attach: 'https://a.example/' },
    'control characters': { ...good, message: 'a\u0007' },
  },
);
