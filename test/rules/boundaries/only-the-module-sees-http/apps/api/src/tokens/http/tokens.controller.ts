import './tokens.dto.js';
