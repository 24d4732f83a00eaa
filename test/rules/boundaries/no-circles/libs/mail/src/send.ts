import './queue.js'; // refused: no-circles
