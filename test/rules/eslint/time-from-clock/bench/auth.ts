export const now = new Date();
export const then = Date.now();
