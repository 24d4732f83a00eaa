export type { Plan, Product } from './domain/product.js';
export { Products } from './products.service.js';
