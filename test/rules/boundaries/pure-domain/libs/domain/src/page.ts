import './scopes.js';
import 'node:fs'; // refused: pure-domain
import '@nestjs/common'; // refused: pure-domain
