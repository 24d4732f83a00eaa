import { type FaultCode, invalid } from '#domain';
import { type JsonObject, mergePatch } from './merge-patch.js';
import { INITIAL_STATE, leads, type State } from './workflow.js';

export const ISSUE_TYPES = ['Epic', 'UserStory', 'Task', 'Bug'] as const;
export const PRIORITIES = ['lowest', 'low', 'medium', 'high', 'highest', 'critical'] as const;

export type IssueType = (typeof ISSUE_TYPES)[number];
export type Priority = (typeof PRIORITIES)[number];

const MOST_CUSTOM_FIELDS = 50;
/** Of all custom fields together, as JSON, in characters: many small changes make nothing that one request could not bring. */
const LONGEST_CUSTOM_FIELDS = 100_000;

/** What its people may say of an issue, without consequence elsewhere. */
export interface IssueFacts {
  readonly title: string;
  readonly description: string | null;
  readonly priority: Priority | null;
  readonly labels: readonly string[];
  readonly issueType: IssueType | null;
  readonly dueAt: Date | null;
}

/** Where an issue stands for good. */
export interface IssuePlace {
  readonly organizationId: number;
  readonly projectId: number;
  /** Within its project, from 1. */
  readonly number: number;
  readonly createdById: number;
}

/** An issue that others may hang on, with all that it hangs on itself. */
export interface Ancestry {
  readonly id: number;
  readonly ancestorIds: readonly number[];
}

const UNSAID: Omit<IssueFacts, 'title'> = { description: null, priority: null, labels: [], issueType: null, dueAt: null };

/** A piece of work in a project: it moves by the workflow, and keeps its number whatever happens to the others. */
export class Issue implements IssueFacts, IssuePlace {
  readonly id!: number;
  readonly organizationId!: number;
  readonly projectId!: number;
  readonly number!: number;
  title!: string;
  description!: string | null;
  status!: State;
  assigneeId!: number | null;
  priority!: Priority | null;
  labels!: readonly string[];
  issueType!: IssueType | null;
  parentId!: number | null;
  milestoneId!: number | null;
  dueAt!: Date | null;
  customFields!: JsonObject;
  readonly createdById!: number;
  readonly createdAt!: Date;
  updatedAt!: Date;

  /** Work that is taken over from elsewhere may begin in any state. */
  static open(place: IssuePlace, facts: Pick<IssueFacts, 'title'> & Partial<IssueFacts>, status: State | undefined, now: Date): Issue {
    return Object.assign(new Issue(), {
      ...UNSAID,
      ...facts,
      ...place,
      status: status ?? INITIAL_STATE,
      assigneeId: null,
      parentId: null,
      milestoneId: null,
      customFields: {},
      createdAt: now,
      updatedAt: now,
    });
  }

  /** Changes what is given and leaves the rest. */
  update(changes: Partial<IssueFacts>, now: Date): void {
    if (Object.keys(changes).length > 0) Object.assign(this, changes, { updatedAt: now });
  }

  /** Merges them key by key; null removes one (RFC 7396). @throws validation_error where it would hold too many or too much */
  customize(patch: JsonObject, now: Date): void {
    const merged = mergePatch(this.customFields, patch);
    if (Object.keys(merged).length > MOST_CUSTOM_FIELDS) throw invalid({ field: 'custom_fields', code: 'too_many', params: { most: MOST_CUSTOM_FIELDS } });
    if (JSON.stringify(merged).length > LONGEST_CUSTOM_FIELDS) throw invalid({ field: 'custom_fields', code: 'too_long', params: { max: LONGEST_CUSTOM_FIELDS } });
    this.customFields = merged;
    this.updatedAt = now;
  }

  /** Null: nobody's. */
  assignTo(userId: number | null, now: Date): void {
    this.assigneeId = userId;
    this.updatedAt = now;
  }

  /** @throws validation_error of the field that asked for it, where the workflow does not lead there in one step */
  moveTo(state: State, now: Date, field: 'status' | 'state'): void {
    if (!leads(this.status, state)) throw refusal(field, 'unreachable');
    this.status = state;
    this.updatedAt = now;
  }

  /** @throws validation_error where it would come to hang on itself */
  hangOn(parent: Ancestry | null, now: Date): void {
    if (parent !== null && (parent.id === this.id || parent.ancestorIds.includes(this.id))) throw refusal('parent_id', 'circular');
    this.parentId = parent?.id ?? null;
    this.updatedAt = now;
  }

  /** A milestone of its project, or none. */
  aimAt(milestoneId: number | null, now: Date): void {
    this.milestoneId = milestoneId;
    this.updatedAt = now;
  }
}

function refusal(field: string, code: FaultCode) {
  return invalid({ field, code });
}
