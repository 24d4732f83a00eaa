export { Operator } from './operator/operator.service.js';
