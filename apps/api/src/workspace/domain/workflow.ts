export const STATES = ['backlog', 'in_progress', 'in_review', 'done', 'cancelled'] as const;

export type State = (typeof STATES)[number];

/** Where an issue begins, unless whoever opens it says otherwise. */
export const INITIAL_STATE: State = 'backlog';

/** What a state means, whatever it is called. */
export type StateCategory = 'todo' | 'doing' | 'done' | 'cancelled';

export const CATEGORIES: Readonly<Record<State, StateCategory>> = {
  backlog: 'todo',
  in_progress: 'doing',
  in_review: 'doing',
  done: 'done',
  cancelled: 'cancelled',
};

interface Transition {
  readonly from: State;
  readonly to: State;
}

/** Forward and back one step at a time; given up from wherever the work is still open, and for good. */
export const TRANSITIONS: readonly Transition[] = [
  { from: 'backlog', to: 'in_progress' },
  { from: 'backlog', to: 'cancelled' },
  { from: 'in_progress', to: 'in_review' },
  { from: 'in_progress', to: 'backlog' },
  { from: 'in_progress', to: 'cancelled' },
  { from: 'in_review', to: 'done' },
  { from: 'in_review', to: 'in_progress' },
  { from: 'in_review', to: 'cancelled' },
  { from: 'done', to: 'in_review' },
];

/** Whether the workflow leads from one state to another in a single step. */
export function leads(from: State, to: State): boolean {
  return TRANSITIONS.some((transition) => transition.from === from && transition.to === to);
}

/** Whether the work is over there, one way or the other. */
export function isFinal(state: State): boolean {
  return CATEGORIES[state] === 'done' || CATEGORIES[state] === 'cancelled';
}

/** An organization's workflow: the default one, which everybody moves by. */
export interface Workflow {
  readonly id: number;
  readonly createdAt: Date;
}
