import '../apps/api/src/products/index.js';
import '../apps/api/src/products/products.service.js'; // refused: context-by-its-index
