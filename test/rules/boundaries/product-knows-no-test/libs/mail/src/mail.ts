import '../../../test/support/world.js'; // refused: product-knows-no-test
