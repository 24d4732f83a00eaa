// @ts-expect-error The project has no such lib.
import '#stray'; // refused: lib-on-the-map
import '#mail';
