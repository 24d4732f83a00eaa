import type { Letter } from './letter.js';

/** The same letter for a reader without HTML; the link stands alone on its line. */
export function renderText(letter: Letter): string {
  const paragraphs = [
    letter.greeting,
    letter.lead,
    ...(letter.action === null ? [] : [`${letter.action.label}:\n${letter.action.link}`]),
    ...letter.notes,
    `-- \n${letter.footer.join('\n')}`,
  ];
  return `${paragraphs.join('\n\n')}\n`;
}
