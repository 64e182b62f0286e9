import { parseTimestamp, type JsonObject } from '../../src/domain/mention.ts';
import type { Gap } from '../../src/pipeline/gap.ts';
import { SANDBOX_GROUPS } from '../../src/sandbox/account.ts';
import type { Arrival } from './patterns.ts';
import type { GroupPost, Recover } from './recovery.ts';

export interface SweepPorts {
  /** Without it gaps are left as they are. */
  readonly recover: Recover | undefined;
  /** The answer to `POST /account/group`. */
  readonly askGroup: (groupId: string) => Promise<JsonObject>;
  readonly arrivals: readonly Arrival[];
  readonly isDelivered: (mentionId: string) => boolean;
  readonly deliver: (mentionId: string) => void;
}

const TRACKED = SANDBOX_GROUPS.filter(({ tracking }) => tracking).map(({ id }) => id);

/** Searches gaps, one sweep at a time. Those that come during a sweep wait for the next. */
export function createSweeps(ports: SweepPorts): { readonly search: (gap: Gap) => void } {
  const { recover } = ports;
  const idOfPost = new Map(ports.arrivals.map(({ mention }) => [joined(mention), mention.id]));
  let unsearched: Gap[] = [];
  let underWay = false;

  async function sweep(): Promise<void> {
    if (recover === undefined || underWay) return;
    underWay = true;
    while (unsearched.length > 0) {
      const gaps = unsearched;
      unsearched = [];
      await recover(
        {
          groupIds: TRACKED,
          groupPosts: async (groupId) => readPosts(groupId, await ports.askGroup(groupId)),
          known(post) {
            const id = idOfPost.get(joined(post));
            // What was there before the beginning was delivered by the first poll.
            return id === undefined || ports.isDelivered(id);
          },
          deliver(post) {
            const id = idOfPost.get(joined(post));
            if (id !== undefined) ports.deliver(id);
          },
        },
        gaps,
      );
    }
    underWay = false;
  }

  return {
    search(gap) {
      unsearched.push(gap);
      void sweep();
    },
  };
}

function readPosts(groupId: string, payload: JsonObject): GroupPost[] {
  const { posts } = payload['group'] as {
    posts: { keyword: string; link: string; timestamps: { spotted: string } }[];
  };
  return posts.map(({ keyword, link, timestamps }) => ({
    groupId,
    keyword,
    link,
    spottedAtMs: parseTimestamp(timestamps.spotted) ?? 0,
  }));
}

/** What a mention and its post in a group have in common: a permalink holds the group. */
function joined({ link, keyword }: { readonly link: string; readonly keyword: string }): string {
  return `${link} ${keyword}`;
}
