import '../tokens.service.js';
import '../domain/token.js';
import '../storage/token.repository.js'; // refused: http-never-storage
import '../members/storage/token.repository.js'; // refused: http-never-storage
