import type { MentionText } from '../account.ts';

/** Texts of people in a group of software founders and marketers. */
export const SAAS_TEXTS: readonly MentionText[] = [
  {
    keyword: 'CRM',
    position: 'post',
    text: 'Which CRM do you use with a team of {count}? We live in spreadsheets and lost two deals last month because nobody followed up.',
  },
  {
    keyword: 'CRM',
    position: 'post',
    text: '小さなチーム向けのCRMを探しています。{count}人で使っていて、請求書と連携できるものが理想です。おすすめがあれば教えてください🙏',
    names: ['ゆき T.', 'はると S.', 'あおい N.'],
  },
  {
    keyword: 'CRM',
    position: 'comment',
    text: 'Same here. Every CRM demo so far was 45 minutes of slides & 5 minutes of product 🙃',
  },
  {
    keyword: 'CRM',
    position: 'link',
    text: 'Compared eleven of them so that you do not have to: https://notes.example.org/best-crm-for-small-teams',
  },
  {
    keyword: 'lead generation',
    position: 'post',
    text: 'Looking for somebody to take over lead generation for our B2B product ({niche}). {budget} a month plus commission. Who has done this before?',
  },
  {
    keyword: 'lead generation',
    position: 'post',
    text: 'नमस्ते, क्या कोई B2B lead generation में मदद कर सकता है? हमारी टीम छोटी है और बजट {budget} प्रति माह है।',
    names: ['प्रिया S.', 'अर्जुन M.', 'नेहा K.'],
  },
  {
    keyword: 'lead generation',
    position: 'post',
    text: `Honest question about lead generation.

We are {count} people, bootstrapped, $31k MRR, churn under 2%. Everyone who tries the product stays. The trouble is that nobody knows us.

What we tried so far:
- search ads: $142 per trial, stopped after six weeks
- a podcast: fun, 60 listeners, 0 trials
- partnerships with three agencies: best channel by far, but slow & hard to scale
- answering questions in groups like this one: works every single time, but I can only be in so many places

So I wonder whether the answer is simply to be faster and more present where people already ask, rather than one more campaign. If you sell to {niche} and went from $30k to $100k, what was the ONE thing that moved the needle? And would you hire a person for it, work with a freelancer, or use a tool that tells you when your keywords come up?

I read every answer, and I will write up the results for the group.`,
  },
  {
    keyword: 'lead generation',
    position: 'comment',
    text: 'For lead generation in {niche}, groups beat ads for us. Answer within ten minutes and you win half of them 🚀',
  },
  {
    keyword: 'lead generation',
    position: 'link',
    text: 'Our write-up with all the numbers, no sign-up wall: https://blog.example.com/lead-generation-without-ads',
  },
  {
    keyword: 'cold email',
    position: 'post',
    text: 'Is cold email still working for anyone selling to {niche}? Open rates fine, replies <1%. Would pay for a good teardown.',
  },
  {
    keyword: 'cold email',
    position: 'post',
    text: `Hiring: freelancer for cold email, {count} hours a week.
Domains are warmed up & the list is clean.
Please answer with a sequence you wrote yourself ✍️`,
  },
  {
    keyword: 'cold email',
    position: 'comment',
    text: 'We stopped cold email and never looked back, but *only* because referrals took off.',
  },
  {
    keyword: 'marketing automation',
    position: 'post',
    text: 'Need a recommendation: marketing automation for a 9k contact list, has to talk to our billing. Everything I find is either a toy or {budget} a month.',
  },
  {
    keyword: 'marketing automation',
    position: 'post',
    text: 'Hallo zusammen, wer kann uns bei Marketing Automation unterstützen? Wir sind {count} Leute in München, suchen jemanden für den Aufbau und möchten es danach selbst weiterführen. Grüße!',
    names: ['Jürgen H.', 'Käthe B.', 'Sören L.'],
  },
  {
    keyword: 'marketing automation',
    position: 'comment',
    text: 'Whoever you pick for marketing automation, ask how you get your data out again if {contact.first_name} ever breaks 😉',
  },
  {
    keyword: 'marketing automation',
    position: 'link',
    text: 'Template we use with clients, free to copy: https://docs.example.net/marketing-automation-plan?from=group&v=2',
  },
];
