import '../../clock/src/index.js'; // refused: lib-by-its-alias
