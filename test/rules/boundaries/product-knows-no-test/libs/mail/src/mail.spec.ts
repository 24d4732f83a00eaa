import '../../../test/support/world.js';
