const LONGEST_NAME = 100;
const LONGEST_TEXT = 500;

/** Control characters, line ends and the marks that turn the direction of what follows them. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu;

/** Where a mail program would see an address of the web: `example.com`, `https://`. "Acme s.r.o." is none. */
const LINK_LIKE = /(?<=[\p{L}\p{N}-])\.(?=[\p{L}\p{N}-]{2})|(?<=:)\/\/|(?<=\w)@/gu;

const WORD_JOINER = '\u2060';

/** A name that somebody else chose, as our mail may repeat it: one line, not too long, and nothing in it becomes a link. */
export function shownName(name: string): string {
  return shown(name, LONGEST_NAME);
}

/** The same for a sentence or two. */
export function shownText(text: string): string {
  return shown(text, LONGEST_TEXT);
}

/** A text of somebody else's as one line, which reads in one direction. */
export function oneLine(text: string): string {
  return text.replace(UNSEEN, ' ').replace(/\s+/gu, ' ').trim();
}

function shown(name: string, longest: number): string {
  const line = oneLine(name);
  const symbols = [...line];
  const short = symbols.length > longest ? `${symbols.slice(0, longest - 1).join('')}…` : line;
  return short.replace(LINK_LIKE, (mark) => mark + WORD_JOINER);
}
