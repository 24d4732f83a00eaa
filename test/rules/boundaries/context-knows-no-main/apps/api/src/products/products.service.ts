import '../main.js'; // refused: context-knows-no-main
