import '../tokens.service.js';
import '../storage/token.repository.js'; // refused: http-never-storage
