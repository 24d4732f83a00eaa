import './send.js'; // refused: no-circles
import './address.js';

export const letter = 'letter';
