import {
  AGENCY_GROUP_ID,
  REAL_ESTATE_GROUP_ID,
  SAAS_GROUP_ID,
  SANDBOX_GROUPS,
  type MentionText,
} from './account.ts';
import { AGENCY_TEXTS } from './texts/agencies.ts';
import { REAL_ESTATE_TEXTS } from './texts/real-estate.ts';
import { SAAS_TEXTS } from './texts/saas.ts';

/** An item of `POST /account/mentions`, with the fields and types of Groouply's API documentation. */
export interface SandboxMention {
  readonly id: string;
  readonly keyword: string;
  readonly position: string;
  readonly content: string;
  readonly link: string;
  readonly owner: { readonly name: string; readonly id: string; readonly link: string };
  readonly group: { readonly id: string; readonly name: string };
  /** Seconds since 1970. */
  readonly spotted: string;
}

interface Subject {
  readonly groupId: string;
  readonly text: MentionText;
}

const SUBJECTS: readonly Subject[] = [
  ...AGENCY_TEXTS.map((text) => ({ groupId: AGENCY_GROUP_ID, text })),
  ...SAAS_TEXTS.map((text) => ({ groupId: SAAS_GROUP_ID, text })),
  ...REAL_ESTATE_TEXTS.map((text) => ({ groupId: REAL_ESTATE_GROUP_ID, text })),
];

// Given names with an initial: enough to look alive, too little to be anybody.
const GIVEN_NAMES =
  'Anna Ben Carla Dinesh Emma Farid Grace Hugo Ines Jonas Kate Leo Mina Noah Olga Paul Rosa Sam Tina Umar Vera Will Yara Zoe'.split(
    ' ',
  );
const INITIALS = 'ABCDEFGHJKLMNPRSTVWZ'.split('');

const FILLINGS = {
  city: ['Austin', 'Denver', 'Leeds', 'Toronto', 'Tampa', 'Phoenix', 'Dublin', 'Melbourne'],
  budget: ['$800', '$1,200', '$1,500', '$2,000', '$3k', '$5k'],
  count: ['3', '4', '5', '6', '8', '12'],
  niche: ['dental clinics', 'roofers', 'law firms', 'fitness studios', 'online shops', 'plumbers'],
} as const;

/**
 * Returns a function that makes up a mention, spotted at the given time (milliseconds since 1970).
 * It looks like a real one, but is not by or about a real person. The same `random` gives the same
 * mentions. No text is repeated before all others were used, and no two mentions of one maker share
 * an id. Some owners' ids are above 2^53, as Facebook's older ones are.
 */
export function createMentionMaker(random: () => number): (spottedAtMs: number) => SandboxMention {
  let unused: Subject[] = [];
  let postId = 2e15 + whole(random, 5e15);

  const pick = <T>(list: readonly T[]): T => list[whole(random, list.length)] as T;
  const digits = (count: number): string =>
    Array.from({ length: count }, () => whole(random, 10)).join('');

  const nextSubject = (): Subject => {
    if (unused.length === 0) unused = [...SUBJECTS];
    return unused.splice(whole(random, unused.length), 1)[0] as Subject;
  };

  return (spottedAtMs) => {
    const { groupId, text } = nextSubject();
    const group = SANDBOX_GROUPS.find(({ id }) => id === groupId);
    postId += 1 + whole(random, 1e7);
    const permalink = `https://facebook.com/groups/${groupId}/permalink/${postId}`;
    const ownerId = whole(random, 12) === 0 ? `1015${digits(13)}` : `1000${digits(11)}`;
    return {
      id: String(postId),
      keyword: text.keyword,
      position: text.position,
      content: fill(text.text, pick),
      link:
        text.position === 'comment'
          ? `${permalink}/?comment_id=${postId + 1 + whole(random, 1e6)}`
          : permalink,
      owner: {
        name: text.names ? pick(text.names) : `${pick(GIVEN_NAMES)} ${pick(INITIALS)}.`,
        id: ownerId,
        link: `https://facebook.com/profile.php?id=${ownerId}`,
      },
      group: { id: groupId, name: group?.name ?? '' },
      spotted: String(Math.floor(spottedAtMs / 1000)),
    };
  };
}

function fill(text: string, pick: (list: readonly string[]) => string): string {
  return text.replaceAll(/\{(city|budget|count|niche)\}/g, (_, name: keyof typeof FILLINGS) =>
    pick(FILLINGS[name]),
  );
}

function whole(random: () => number, below: number): number {
  return Math.floor(random() * below);
}
