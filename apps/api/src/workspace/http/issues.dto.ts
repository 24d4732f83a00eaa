import { ValidateIf } from 'class-validator';
import { type FieldFault, invalid } from '#domain';
import { Id, Line, Moment, OneOf, Prose } from '#request';
import { type IssueFacts, type IssueType, PRIORITIES, type Priority } from '../domain/issue.js';
import { parseIssueKey } from '../domain/issue-key.js';
import type { JsonObject } from '../domain/merge-patch.js';
import { STATES, type State } from '../domain/workflow.js';
import type { IssueChange, IssueFilter, NewIssue } from '../issues.service.js';
import { CustomFields, KeyOfIssue, Labels, LONGEST_LABEL, ProjectName, TypeOfIssue } from './issue.fields.js';
import { ProjectKey } from './project.fields.js';
import { sent } from './sent.js';

const OPTIONAL = { optional: true } as const;
const OPEN = { optional: true, nullable: true } as const;
const TITLE = { max: 255, example: 'Access request of Jan Novak' } as const;

/** Which of two names of a field counts where both were sent. */
type Choice = <Value>(first: Value | undefined, second: Value | undefined) => Value | undefined;

abstract class IssueBody {
  @Prose({ max: 50_000, ...OPEN }) description?: string | null;
  @OneOf(STATES, OPTIONAL) status?: State;
  @OneOf(PRIORITIES, OPEN) priority?: Priority | null;
  @Labels() labels?: string[];
  @TypeOfIssue() issue_type?: IssueType | null;
  @Id(OPEN) parent_id?: number | null;
  @KeyOfIssue() parent_key?: string | null;
  @Id(OPEN) milestone_id?: number | null;
  @Id(OPEN) assignee_id?: number | null;
  @Id(OPEN) assigned_to?: number | null;
  @Moment(OPEN) due_at?: Date | null;
  @Moment(OPEN) due_date?: Date | null;
  @CustomFields() custom_fields?: JsonObject;

  protected changes(chosen: Choice): IssueChange {
    const parentKey = typeof this.parent_key === 'string' ? parseIssueKey(this.parent_key) : this.parent_key;
    return {
      facts: sent<Omit<IssueFacts, 'title'>>({
        description: this.description,
        priority: this.priority,
        labels: this.labels,
        issueType: this.issue_type,
        dueAt: chosen(this.due_at, this.due_date),
      }),
      links: sent<Required<IssueChange['links']>>({
        parent: chosen<number | typeof parentKey>(this.parent_id, parentKey),
        milestoneId: this.milestone_id,
        assigneeId: chosen(this.assignee_id, this.assigned_to),
      }),
      ...sent<Required<Pick<IssueChange, 'status' | 'customFields'>>>({ status: this.status, customFields: this.custom_fields }),
    };
  }
}

export class OpenIssueBody extends IssueBody {
  @Line(TITLE) title!: string;

  /** May be missing where the key is there. */
  @ValidateIf(({ project_id, project_key }: OpenIssueBody) => (project_id ?? null) !== null || (project_key ?? null) === null)
  @ProjectName()
  project_id?: number | string;

  @ProjectKey() project_key?: string | null;

  toDomain(): NewIssue {
    // Null is as good as nothing where there is nothing yet that it could clear.
    const { facts, ...changes } = this.changes((first, second) => first ?? second);
    return { ...changes, facts: { ...facts, title: this.title }, project: (this.project_id ?? this.project_key) as number | string };
  }
}

export class ChangeIssueBody extends IssueBody {
  @Line({ ...TITLE, ...OPTIONAL }) title?: string;

  toDomain(): IssueChange {
    // Who reads an issue, changes one of two names of a field and sends all of it back means the more exact one.
    const { facts, ...changes } = this.changes((first, second) => (first === undefined ? second : first));
    return { ...changes, facts: { ...facts, ...(this.title !== undefined && { title: this.title }) } };
  }
}

export class TransitionBody {
  @OneOf(STATES) state!: State;
}

export class IssueFilters {
  @ProjectName(OPTIONAL) project_id?: number | string;
  @ProjectKey() project_key?: string;
  @OneOf(STATES, OPTIONAL) status?: State;
  @Id(OPTIONAL) assignee_id?: number;
  @Id(OPTIONAL) assigned_to?: number;
  @Line({ max: LONGEST_LABEL, ...OPTIONAL }) label?: string;
  @Line({ max: TITLE.max, ...OPTIONAL }) search?: string;
  @TypeOfIssue() issue_type?: IssueType;
  @OneOf(PRIORITIES, OPTIONAL) priority?: Priority;
  @Id(OPTIONAL) parent_id?: number;
  @Id(OPTIONAL) milestone_id?: number;

  /** @throws validation_error where two names of one filter contradict each other */
  toDomain(): IssueFilter {
    const keyById = typeof this.project_id === 'string' ? this.project_id : undefined;
    return sent<Required<IssueFilter>>({
      projectId: typeof this.project_id === 'number' ? this.project_id : undefined,
      projectKey: agreed('project_key', keyById, this.project_key),
      status: this.status,
      assigneeId: agreed('assigned_to', this.assignee_id, this.assigned_to),
      label: this.label,
      search: this.search,
      issueType: this.issue_type,
      priority: this.priority,
      parentId: this.parent_id,
      milestoneId: this.milestone_id,
    });
  }
}

function agreed<Value>(alias: FieldFault['field'], first: Value | undefined, second: Value | undefined): Value | undefined {
  if (first !== undefined && second !== undefined && first !== second) throw invalid({ field: alias, code: 'mismatch' });
  return first ?? second;
}

export class IssueSchemaFilters {
  @ProjectName(OPTIONAL) project_id?: number | string;
}
