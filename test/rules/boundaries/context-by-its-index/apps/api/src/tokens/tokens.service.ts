import '../products/index.js';
import '../products/products.service.js'; // refused: context-by-its-index
import '../products/products.module.js'; // refused: context-by-its-index
import '../products/domain/product.js'; // refused: context-by-its-index
