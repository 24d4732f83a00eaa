import './stray/index.js'; // refused: context-on-the-map
import './products/index.js';
