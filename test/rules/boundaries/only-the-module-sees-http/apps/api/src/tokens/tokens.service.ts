import './http/tokens.dto.js'; // refused: only-the-module-sees-http
import './members/http/members.controller.js'; // refused: only-the-module-sees-http
