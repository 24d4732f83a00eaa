import changesOnlyItself from './changes-only-itself.js';
import domainErrorOnly from './domain-error-only.js';
import secretsAtHome from './secrets-at-home.js';
import settingsFromConfig from './settings-from-config.js';
import timeFromClock from './time-from-clock.js';

/** The rules of the house that look at one file; where each applies stands in eslint.config.js. */
export default {
  rules: {
    'changes-only-itself': changesOnlyItself,
    'domain-error-only': domainErrorOnly,
    'secrets-at-home': secretsAtHome,
    'settings-from-config': settingsFromConfig,
    'time-from-clock': timeFromClock,
  },
};
