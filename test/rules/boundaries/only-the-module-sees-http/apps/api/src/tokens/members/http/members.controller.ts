import '../../http/tokens.dto.js';
