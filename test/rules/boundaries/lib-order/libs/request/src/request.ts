import '#domain';
import '#config';
import '#clock';
import '#secrets';
import '#locale';
import '#errors'; // refused: lib-order
import '#database'; // refused: lib-order
import '#redis'; // refused: lib-order
import '#jobs'; // refused: lib-order
import '#mail'; // refused: lib-order
import '#jwt'; // refused: lib-order
import '#access'; // refused: lib-order
import '#audit'; // refused: lib-order
