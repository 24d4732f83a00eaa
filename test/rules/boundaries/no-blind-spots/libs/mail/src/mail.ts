// @ts-expect-error There is no such file.
import './absent.js'; // refused: no-blind-spots
// @ts-expect-error There is no such lib.
import '#absent'; // refused: no-blind-spots
import './present.js';
