import '../products/index.js';
import '../health/index.js'; // refused: call-map
import '../headless-auth/index.js'; // refused: call-map
import '../billing-subscription/index.js'; // refused: call-map
import '../tokens/index.js'; // refused: call-map
import '../oauth/index.js'; // refused: call-map
import '../extensions/index.js'; // refused: call-map
import '../notifications/index.js'; // refused: call-map
import '../security-alerts/index.js'; // refused: call-map
import '../migrations/index.js'; // refused: call-map
