import '../../../apps/api/src/app.module.js'; // refused: libs-know-no-app
import '../../../apps/api/src/products/index.js'; // refused: libs-know-no-app
