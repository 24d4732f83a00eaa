import './products/index.js';
import './products/products.module.js';
import './products/products.service.js'; // refused: context-by-its-index
