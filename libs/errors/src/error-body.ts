import type { DomainError, FieldFault } from '#domain';
import type { SentenceKey } from '#locale';

type Sentence = (key: SentenceKey, params?: Readonly<Record<string, string | number>>) => string;

/** The error envelope of the API: a code for programs, a sentence for people, the fields where there are any. */
export function errorBody(refusal: DomainError, requestId: string, sentence: Sentence): object {
  const { faults, retryAfter, requiredScopes } = refusal.details;
  return {
    error: refusal.code,
    message: sentence(`errors.${refusal.code}`),
    ...(faults === undefined ? {} : byField(faults, sentence)),
    ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
    ...(requiredScopes === undefined ? {} : { required_scopes: requiredScopes }),
    request_id: requestId,
  };
}

function byField(faults: readonly FieldFault[], sentence: Sentence) {
  const details = faults.map(({ field, code, params }) => ({ field, code, message: sentence(`faults.${code}`, params) }));
  const byName = new Map<string, typeof details>();
  for (const detail of details) byName.set(detail.field, [...(byName.get(detail.field) ?? []), detail]);
  // From entries, since a caller may call a field `__proto__`.
  const errors = Object.fromEntries([...byName].map(([field, ofField]) => [field, ofField.map(({ message }) => message)]));
  return { details, errors };
}
