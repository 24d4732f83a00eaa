/** Whether a text is Unicode that UTF-8 and PostgreSQL can hold: no lone surrogate, no NUL. */
export function isWellFormedText(text: string): boolean {
  return !/[\0\p{Surrogate}]/u.test(text);
}
