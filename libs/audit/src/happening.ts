import type { CredentialKind } from '#domain';

/** What happens in a workspace and others may want to hear of; it stands in no chain, and is forgotten after a few days. */
export type HappeningKind = 'issue.assigned' | 'issue.transitioned' | 'issue.due_soon' | 'comment.added' | 'project.deleted';

export interface Happening {
  readonly organizationId: number;
  /** Null: nobody did, time did. */
  readonly actor: { readonly type: CredentialKind; readonly id: number } | null;
  readonly kind: HappeningKind;
  readonly target: { readonly type: 'issue' | 'project'; readonly id: number };
  readonly metadata: Readonly<Record<string, unknown>>;
}
