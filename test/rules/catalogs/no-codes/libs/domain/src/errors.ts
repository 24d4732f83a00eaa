export const OTHER = {};
