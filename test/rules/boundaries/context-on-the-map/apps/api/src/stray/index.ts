import '../products/index.js';
