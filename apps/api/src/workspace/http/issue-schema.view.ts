import { ISSUE_TYPES, PRIORITIES } from '../domain/issue.js';
import { CATEGORIES, STATES } from '../domain/workflow.js';
import type { Say } from './say.js';

/** What an issue may say: labels in the reader's language, names in English. */
export function issueSchemaView(say: Say, sayInEnglish: Say) {
  return {
    issue_types: ISSUE_TYPES.map((key) => ({
      key,
      label: say(`workspace.issue_types.${key}`),
      name: sayInEnglish(`workspace.issue_types.${key}`),
      description: null,
      allow_children: true,
    })),
    // No endpoint defines any: an issue's custom fields are of its client's own making.
    custom_fields: [],
    priorities: PRIORITIES,
    statuses: STATES.map((key) => ({
      key,
      label: say(`workspace.states.${key}`),
      name: sayInEnglish(`workspace.states.${key}`),
      category: CATEGORIES[key],
    })),
  };
}
