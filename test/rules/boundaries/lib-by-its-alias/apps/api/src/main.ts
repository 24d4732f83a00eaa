import '../../../libs/mail/src/index.js'; // refused: lib-by-its-alias
