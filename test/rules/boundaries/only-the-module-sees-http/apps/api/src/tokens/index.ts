import './http/tokens.dto.js'; // refused: only-the-module-sees-http
