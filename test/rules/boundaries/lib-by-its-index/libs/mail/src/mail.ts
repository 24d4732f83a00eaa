import '#clock';
import './letter.js';
import '../../clock/src/clock.js'; // refused: lib-by-its-index, lib-by-its-alias
