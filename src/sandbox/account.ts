/** A group of the sandbox's account, as `/account/groups` and `/account/group` describe it. */
export interface SandboxGroup {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly owner: string;
  readonly privacy: 'public' | 'private' | 'secret';
  readonly tracking: boolean;
  readonly keywords: readonly { readonly name: string; readonly type: 'broad' | 'exact' }[];
}

/**
 * The text of a made-up mention. `{city}`, `{budget}`, `{count}` and `{niche}` are filled in. The
 * keyword stands in the text; in a link its words are joined by hyphens.
 */
export interface MentionText {
  readonly keyword: string;
  readonly position: 'post' | 'comment' | 'link';
  readonly text: string;
  /** Possible authors, if they depend on the language. */
  readonly names?: readonly string[];
}

/** The account's user, as in every envelope. */
export const SANDBOX_USER = { name: 'Harbour Street Agency', id: '1' } as const;

/** The day the account was registered. */
export const REGISTERED = '2019-02-03';

/** Ids of the tracked groups, from the examples in Groouply's API documentation. */
export const AGENCY_GROUP_ID = '965673390154514';
export const SAAS_GROUP_ID = '1613874192275516';
export const REAL_ESTATE_GROUP_ID = '1617905175110739';

/** Three tracked groups and one that waits for access, as in the documented example. */
export const SANDBOX_GROUPS: readonly SandboxGroup[] = [
  {
    id: AGENCY_GROUP_ID,
    name: 'Agency Owners Round Table',
    description: 'Clients, pricing, hiring: owners of small agencies help each other.',
    owner: 'Hannah W.',
    privacy: 'private',
    tracking: true,
    keywords: [
      { name: 'SEO agency', type: 'broad' },
      { name: 'white label', type: 'exact' },
      { name: 'Facebook ads', type: 'broad' },
      { name: 'web designer', type: 'broad' },
    ],
  },
  {
    id: SAAS_GROUP_ID,
    name: 'SaaS Growth & Marketing Lounge',
    description: 'What works, what does not, with numbers. No pitches.',
    owner: 'Daniel O.',
    privacy: 'public',
    tracking: true,
    keywords: [
      { name: 'CRM', type: 'exact' },
      { name: 'lead generation', type: 'broad' },
      { name: 'cold email', type: 'exact' },
      { name: 'marketing automation', type: 'broad' },
    ],
  },
  {
    id: REAL_ESTATE_GROUP_ID,
    name: 'Real Estate Referral Network',
    description: 'Referrals between agents, lenders, managers and investors.',
    owner: 'Teresa M.',
    privacy: 'private',
    tracking: true,
    keywords: [
      { name: 'looking for an agent', type: 'broad' },
      { name: 'property manager', type: 'broad' },
      { name: 'mortgage broker', type: 'broad' },
      { name: 'investment property', type: 'exact' },
    ],
  },
  {
    id: '2044902829088090',
    name: 'Local Business Owners Help Desk',
    description: 'Ask anything about running a shop, a practice or a workshop.',
    owner: 'Omar F.',
    privacy: 'private',
    tracking: false,
    keywords: [{ name: 'marketing agency', type: 'broad' }],
  },
];
