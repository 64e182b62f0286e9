import type { MentionText } from '../account.ts';

/** Texts of people in a group of agency owners. */
export const AGENCY_TEXTS: readonly MentionText[] = [
  {
    keyword: 'SEO agency',
    position: 'post',
    text: 'Can anyone recommend an SEO agency that works with {niche}? We are in {city} and our budget is around {budget} a month.',
  },
  {
    keyword: 'SEO agency',
    position: 'post',
    text: `We just parted ways with our SEO agency after 14 months and I want to choose better this time.

What we need:
• technical audit + fixing what it finds
• {count} good articles a month, written by people
• a monthly call where somebody explains the numbers in plain English

What we do NOT need: 60-page reports nobody reads, or "guaranteed page one".

We serve {niche} in {city} and two neighbouring counties, the site has about 240 pages, and most of our leads come from the map results and from a handful of blog posts written years ago. Since the last update we lost about a third of that traffic and nobody could tell us why, only that we should "wait and see".

Budget is {budget} a month to start, more once we see that it works. If you run an agency yourself, please send one case study from a business like ours rather than a pitch deck. If you are a client of one you love, I would be even happier to hear from you!

Thank you all, this group has never let me down 💙`,
  },
  {
    keyword: 'SEO agency',
    position: 'comment',
    text: 'Following! Also looking for an SEO agency, ours stopped answering in March 😅',
  },
  {
    keyword: 'SEO agency',
    position: 'link',
    text: 'Solid checklist before you sign anything: https://blog.example.com/how-to-choose-an-seo-agency',
  },
  {
    keyword: 'white label',
    position: 'post',
    text: 'Looking for a white label partner for Google Ads, {count} accounts to start with. Must be fine with joining client calls under our name.',
  },
  {
    keyword: 'white label',
    position: 'post',
    text: `Agency owners: who does your white label web builds?

Our developer is leaving & we have {count} sites in the pipeline. *Please no recruiters.*`,
  },
  {
    keyword: 'white label',
    position: 'comment',
    text: 'We moved all our content to a white label team last year, margins went from 20% to 45%. Happy to share how, just ask.',
  },
  {
    keyword: 'Facebook ads',
    position: 'post',
    text: 'Is anybody taking on new Facebook ads clients? Small chain of {niche}, spend is {budget}/month, nobody is looking after it right now.',
  },
  {
    keyword: 'Facebook ads',
    position: 'post',
    text: 'Cost per lead on our Facebook ads went from $11 to $38 in three weeks and I changed nothing 😩 Who can audit an account this week? Paid, of course.',
  },
  {
    keyword: 'Facebook ads',
    position: 'post',
    text: 'السلام عليكم، أبحث عن شخص خبير في Facebook ads لمتجر إلكتروني. الميزانية {budget} شهريًا. من لديه تجربة جيدة؟',
    names: ['ليلى م.', 'عمر ح.', 'سارة ع.'],
  },
  {
    keyword: 'Facebook ads',
    position: 'comment',
    text: 'If your Facebook ads budget is <{budget} I would start with retargeting only, then test 2-3 creatives a week.',
  },
  {
    keyword: 'web designer',
    position: 'post',
    text: 'Need a web designer for a 6-page site, {niche} in {city}. We have copy & photos, launch should be before the end of next month. Who is free?',
  },
  {
    keyword: 'web designer',
    position: 'post',
    text: 'My web designer left me with a home page that has four <h1> tags and a contact form that goes nowhere. Looking for someone patient to take over 🙏',
  },
  {
    keyword: 'web designer',
    position: 'post',
    text: '请问有推荐的 web designer 吗？餐厅网站，中英双语，预算 {budget}。谢谢！',
    names: ['小雨 L.', '子涵 W.', '佳 Z.'],
  },
  {
    keyword: 'web designer',
    position: 'comment',
    text: 'Our web designer is *fantastic*, 5* service, always on time. Sending you a message!',
  },
  {
    keyword: 'web designer',
    position: 'link',
    text: 'This is what we were asked to quote for, have a look: https://jobs.example.org/web-designer-wanted?budget=4000&city=remote',
  },
];
