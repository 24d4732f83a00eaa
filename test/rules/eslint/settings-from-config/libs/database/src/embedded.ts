export const home = process.env.HOME; // refused: kiket/settings-from-config
