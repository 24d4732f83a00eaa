export { createHash } from 'node:crypto'; // refused: kiket/secrets-at-home
