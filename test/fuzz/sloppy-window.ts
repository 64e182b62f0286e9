/** What a mention says, whatever the form in which the API gives it. Empty texts say nothing. */
export interface Said {
  readonly id: string;
  readonly keyword: string;
  readonly position: string;
  readonly content: string;
  readonly link: string;
  readonly owner: { readonly id: string; readonly name: string; readonly link: string };
  readonly group: { readonly id: string; readonly name: string };
  readonly spottedS: number;
}

/** An answer of the API, as bytes. */
export interface SloppyAnswer {
  readonly status: number;
  readonly body: Buffer;
}

const ABSENT = Symbol('a field that is left out');
const NOTHING: readonly unknown[] = [ABSENT, null, false, '', [], {}];
const NOISE = [
  '\ufeff',
  '\n ',
  '<br />\n<b>Warning</b>:  Undefined index: {owner} in <b>/srv/a.php</b> on line <b>41</b><br />\n',
  'PHP Notice:  Trying to access array offset on value of type null in /srv/a.php on line 7\n',
];
const HOSTS = [
  'https://facebook.com',
  'https://www.facebook.com',
  'http://m.facebook.com',
  'facebook.com',
  'www.facebook.com',
  '//m.facebook.com',
  '',
];
const TRACKING = [
  '__cft__[0]=AZ1',
  '__cft__%5B0%5D=AZ2',
  '__tn__=%2CO%2CP-R',
  'fbclid=IwAR1',
  'mibextid=x',
];
const ENTITIES: Readonly<Record<string, readonly string[]>> = {
  '&': ['&amp;', '&#38;', '&#x26;'],
  '<': ['&lt;', '&#60;'],
  '>': ['&gt;', '&#62;'],
  '"': ['&quot;', '&#34;'],
  "'": ['&#039;', '&#x27;', '&apos;'],
};
/** The name of a field that nobody knows. Its value gets more levels than JSON.stringify can write. */
export const NESTED = 'nested';
const PAGE = '<!doctype html><title>Just a moment...</title><script>var a = {"b":1}</script>';

/** Returns a window in a form that `random` draws. It means the same in each of them. */
export function sloppyWindow(
  said: readonly Said[],
  unreadable: readonly unknown[],
  random: () => number,
): SloppyAnswer {
  const pick = <T>(...choices: readonly T[]): T =>
    choices[Math.floor(random() * choices.length)] as T;
  const nothing = (): unknown => pick(...NOTHING);
  const withEntities = (value: string): string =>
    value.replaceAll(/[&<>"']/g, (character) => pick(...(ENTITIES[character] ?? [])));
  const text = (value: string): unknown => {
    if (value === '') return nothing();
    const written = pick(value, withEntities(value));
    return pick<unknown>(written, written, [written]);
  };
  const link = (value: string): string => (value === '' ? '' : linkForm(value, random));
  const id = (value: string): unknown => {
    if (value === '') return pick(nothing(), 0, '0');
    const number = Number(value);
    return pick<unknown>(
      value,
      ` ${value}`,
      [value],
      Number.isSafeInteger(number) ? number : value,
    );
  };
  const object = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ABSENT));
  const part = (parts: Readonly<Record<string, string>>): unknown => {
    if (Object.values(parts).every((value) => value === '')) return nothing();
    const read = Object.entries(parts).map(([name, value]) => [
      name,
      name === 'id' ? id(value) : text(name === 'link' ? link(value) : value),
    ]);
    const whole = object(Object.fromEntries(read) as Record<string, unknown>);
    return pick<unknown>(whole, whole, [whole]);
  };
  const time = (seconds: number): unknown => {
    const iso = new Date(seconds * 1_000).toISOString();
    const east = new Date((seconds + 7_200) * 1_000).toISOString().replace('Z', '+02:00');
    return pick<unknown>(
      seconds,
      `${seconds}`,
      `${seconds}.0`,
      seconds * 1_000,
      `${seconds}000000`,
      iso,
      east,
      iso.slice(0, 19),
      iso.slice(0, 19).replace('T', ' '),
      iso.slice(0, -1).replace('T', ' '),
    );
  };
  const item = (mention: Said): unknown => {
    const { keyword, position, content, owner, group, spottedS } = mention;
    const whole = object({
      id: id(mention.id),
      keyword: text(keyword),
      position: text(position),
      content: text(content),
      link: text(link(mention.id === '' ? mention.link : withOtherToken(mention.link, random))),
      owner: part(owner),
      group: part(group),
      spotted: time(spottedS),
      [NESTED]: random() < 0.05 ? NESTED : ABSENT,
    });
    return random() < 0.1 ? [whole] : whole;
  };

  const items = [...said.map(item), ...unreadable];
  for (let index = items.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [items[index], items[other]] = [items[other], items[index]];
  }
  const holes = Object.fromEntries(items.map((each, index) => [String(3 * index + 1), each]));
  const [only] = items;
  const list = pick<unknown>(
    items,
    holes,
    items.length === 1 && !Array.isArray(only) ? only : items,
  );
  const envelope = {
    code: pick<unknown>(1, '1'),
    status: pick<unknown>(200, '200', null, []),
    data: 'Success',
    request: pick<unknown>({ user: { name: 'A', id: '1' } }, []),
    mentions: items.length === 0 ? nothing() : list,
  };
  const json = JSON.stringify(object(envelope)).replaceAll(
    `"${NESTED}":"${NESTED}"`,
    () => `"${NESTED}":${nestedJson(random)}`,
  );
  return {
    status: pick(200, 200, 201),
    body: Buffer.from(
      `${pick('', '', ...NOISE)}${json}${pick('', '', '\n', '\0', ...NOISE.slice(1))}`,
    ),
  };
}

function nestedJson(random: () => number): string {
  const pairs = 2_500 + Math.floor(random() * 7_500);
  return `${'[{"a":'.repeat(pairs)}7${'}]'.repeat(pairs)}`;
}

/** Returns the link with another of the opaque tokens that Facebook makes for the same post. */
function withOtherToken(link: string, random: () => number): string {
  return link.replace(/pfbid\w+/, (token) => `${token}${Math.floor(random() * 1e6)}`);
}

/** Returns another of Facebook's links to the same post or comment. */
function linkForm(link: string, random: () => number): string {
  const { pathname, searchParams } = new URL(link);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  const own = [...searchParams].map((parameter) => parameter.join('='));
  const parameters = [...own, ...TRACKING.filter(() => random() < 0.3)]
    .map((parameter) => ({ parameter, place: random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ parameter }) => parameter);
  const path = /\.php$|\/$/.test(pathname) ? pathname : `${pathname}${pick(['', '/'])}`;
  const query = parameters.length === 0 ? '' : `?${parameters.join('&')}`;
  return `${pick(HOSTS)}${path}${query}${pick(['', '', '#'])}`;
}

/** Returns an answer that is not the API's, or says that there is nothing. None of it is news. */
export function foreignAnswer(random: () => number): SloppyAnswer {
  const answers = [
    { status: 403, body: PAGE },
    { status: 401, body: '' },
    { status: 200, body: PAGE },
    { status: 200, body: '{"ok":true}' },
    { status: 403, body: '{"status":403,"error":"Forbidden"}' },
    { status: 404, body: '<html><h1>Not found</h1></html>' },
  ];
  const { status, body } = answers[Math.floor(random() * answers.length)] ?? {
    status: 200,
    body: '',
  };
  return { status, body: Buffer.from(body) };
}
