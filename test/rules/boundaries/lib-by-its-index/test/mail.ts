import '#mail';
import '../libs/mail/src/letter.js'; // refused: lib-by-its-index, lib-by-its-alias
