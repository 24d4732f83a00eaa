/** Shared machines are slow at times; a promise is about what happens, not about how fast. */
jest.setTimeout(60_000);
