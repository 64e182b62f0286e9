/*
 * Facebook's links: the post and the comment that a link names. Everything else in it changes from one
 * fetch to the next: host, tracking parameters, their order, a slash at the end.
 */

const FACEBOOK_HOST = /^(?:[a-z\d-]+\.)*(?:facebook|fb)\.com$/;
const BEGINS_WITH_HOST =
  /^(?:\/\/)?((?:(?:[a-z\d-]+\.)*(?:facebook|fb)\.com|fb\.watch|fb\.me)(?:[/?#].*)?)$/is;
const BEGINS_WITH_PATH = /^\/(?![/\\])./s;
// Without a slash only the beginnings that Facebook's own links have.
const BEGINS_IN_PATH =
  /^(?:groups|share|watch|reel|photo)\/|^(?:permalink|story|photo|video|profile)\.php\?/i;

/**
 * Completes a link of Facebook that lacks its scheme, or its scheme and host: the API documents links to
 * conversations and profiles there. Returns every other text as it is.
 */
export function completeLink(link: string): string {
  const text = link.trim();
  const [, fromHost] = BEGINS_WITH_HOST.exec(text) ?? [];
  if (fromHost !== undefined) return `https://${fromHost}`;
  if (BEGINS_WITH_PATH.test(text)) return `https://www.facebook.com${text}`;
  if (BEGINS_IN_PATH.test(text)) return `https://www.facebook.com/${text}`;
  return link;
}

// In this order: a photo or video in a post has a number of its own.
const POST_NUMBERS = [
  /^[^?#]*?\/(?:permalink|posts|videos|photos|reel)\/(?:[^/?#]+\/)??(\d+)(?![\w-])/,
  /[?&](?:story_fbid|multi_permalinks)=(\d+)(?![\w-])/,
  // The oldest form of a post in a group: `?view=permalink&id=N`.
  /^(?=[^#]*[?&]view=permalink(?![^&#]))[^#]*?[?&]id=(\d+)(?![\w-])/,
  /[?&](?:fbid|v)=(\d+)(?![\w-])/,
];

/**
 * Returns the number of a Facebook post, photo or video from its link; null if the link has none. A link
 * to a comment has the number of its post.
 */
export function postNumber(link: string): string | null {
  for (const pattern of POST_NUMBERS) {
    const [, number] = pattern.exec(link) ?? [];
    if (number !== undefined) return number;
  }
  return null;
}

// Parameters that never name a post. All others may: two posts with one key would lose one of them,
// and an unknown tracking parameter only repeats one.
const TRACKING =
  /^(?:__|_rd|_f[bt]|utm|ref|fref$|hc_|fbclid$|gclid$|mibextid$|rdid$|share_url$|sfnsn$|paipv$|eav$|notif_|acontext$|locale$|extid$|wtsid$|(?:reply_)?comment_id$)/;

/** Returns the post that a link names: its number, or its opaque token (`pfbid...`). */
export function postName(link: string): string | null {
  return postNumber(link) ?? /\bpfbid\w+/.exec(link)?.[0] ?? null;
}

// They warn, or count, before they lead to the link in their parameter `u`; the others change.
const REDIRECTORS =
  /^(?:lm?\.(?:facebook|instagram)\.com\/|(?:[a-z\d-]+\.)*facebook\.com\/(?:l\.php|flx\/warn\/?)$)/;

/**
 * Returns what all links of one post have in common: its name, or else the link without redirector,
 * host and tracking. Empty if the link names nothing.
 */
export function postInLink(link: string): string {
  const name = postName(link);
  if (name !== null) return name;
  const url = URL.parse(completeLink(link));
  if (url === null) return link.trim();
  const target = url.searchParams.get('u');
  if (target && REDIRECTORS.test(url.hostname + url.pathname)) return postInLink(target);
  const host = FACEBOOK_HOST.test(url.hostname) ? '' : url.hostname.replace(/^www\./, '');
  const path = url.pathname.replace(/(?<!\/)\/+$/, '');
  const parameters = [...url.searchParams]
    .filter(([parameter]) => !TRACKING.test(parameter))
    .map((parameter) => parameter.join('='))
    .toSorted();
  return `${host}${path}${parameters.length === 0 ? '' : `?${parameters.join('&')}`}`;
}

const NO_COMMENT: readonly [string, string] = ['', ''];

/** Returns the comment that a link names, and the reply to it; each empty if there is none. */
export function commentInLink(link: string): readonly [comment: string, reply: string] {
  if (!link.includes('comment_id=')) return NO_COMMENT;
  const [, query] = /^[^?#]*\?([^#]*)/.exec(link) ?? [];
  const parameters = new URLSearchParams(query);
  const valueOf = (name: string): string => (parameters.get(name) ?? '').trim();
  return [valueOf('comment_id'), valueOf('reply_comment_id')];
}
