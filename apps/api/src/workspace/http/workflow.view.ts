import { CATEGORIES, INITIAL_STATE, isFinal, STATES, TRANSITIONS, type Workflow } from '../domain/workflow.js';
import type { Say } from './say.js';

export function workflowView({ id, createdAt }: Workflow, say: Say) {
  return {
    id,
    name: say('workspace.workflow.name'),
    description: say('workspace.workflow.description'),
    default: true,
    states: STATES.map((key) => ({
      key,
      label: say(`workspace.states.${key}`),
      category: CATEGORIES[key],
      initial: key === INITIAL_STATE,
      final: isFinal(key),
    })),
    transitions: TRANSITIONS,
    created_at: createdAt,
    updated_at: createdAt,
  };
}
