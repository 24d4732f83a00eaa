import '#clock';
import 'node:fs';
