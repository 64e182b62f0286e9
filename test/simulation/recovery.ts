import type { Gap } from '../../src/pipeline/gap.ts';

/** A mention as `POST /account/group` shows it. */
export interface GroupPost {
  readonly groupId: string;
  readonly link: string;
  readonly keyword: string;
  readonly spottedAtMs: number;
}

export interface RecoveryPorts {
  /** The tracked groups. */
  readonly groupIds: readonly string[];
  /** `POST /account/group`, one request; it waits for the budget behind polls. */
  readonly groupPosts: (groupId: string) => Promise<readonly GroupPost[]>;
  /** Whether it was delivered, by a poll or by a recovery before. */
  readonly known: (post: GroupPost) => boolean;
  readonly deliver: (post: GroupPost) => void;
}

/** Looks for what was missed in gaps, and delivers it. */
export type Recover = (ports: RecoveryPorts, gaps: readonly Gap[]) => Promise<void>;

/** Stands in for the relay's own recovery: asks for every group once, and delivers what is new. */
export const recoverStandIn: Recover = async (ports, gaps) => {
  for (const groupId of ports.groupIds) {
    for (const post of await ports.groupPosts(groupId)) {
      const within = gaps.some(
        ({ fromMs, toMs }) =>
          post.spottedAtMs >= (fromMs ?? -Infinity) && post.spottedAtMs <= (toMs ?? Infinity),
      );
      if (within && !ports.known(post)) ports.deliver(post);
    }
  }
};
