import '#domain';
import '#config';
import '#clock';
import '#secrets';
import '#locale';
import '#request';
import '#errors';
import '#database';
import '#redis';
import '#jobs';
import '#mail';
import '#access'; // refused: lib-order
import '#audit'; // refused: lib-order
