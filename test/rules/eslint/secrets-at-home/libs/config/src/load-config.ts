export { randomBytes } from 'node:crypto'; // refused: kiket/secrets-at-home
