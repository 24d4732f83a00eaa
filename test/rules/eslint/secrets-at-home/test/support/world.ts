export { createHash } from 'node:crypto';
export { hash } from 'bcrypt';
