const LONGEST = 100;

/** Control characters, line ends and the marks that turn the direction of what follows them. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu;

/** Where a mail program would see an address of the web: `example.com`, `https://`. "Acme s.r.o." is none. */
const LINK_LIKE = /(?<=[\p{L}\p{N}-])\.(?=[\p{L}\p{N}-]{2})|(?<=:)\/\/|(?<=\w)@/gu;

const WORD_JOINER = '\u2060';

/** A name that somebody else chose, as our mail may repeat it: one line, not too long, and nothing in it becomes a link. */
export function shownName(name: string): string {
  const line = name.replace(UNSEEN, ' ').replace(/\s+/gu, ' ').trim();
  const symbols = [...line];
  const short = symbols.length > LONGEST ? `${symbols.slice(0, LONGEST - 1).join('')}…` : line;
  return short.replace(LINK_LIKE, (mark) => mark + WORD_JOINER);
}
