import './http/tokens.controller.js';
import './members/http/members.controller.js';
