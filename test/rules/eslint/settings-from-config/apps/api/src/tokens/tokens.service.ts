import { env, pid } from 'node:process'; // refused: kiket/settings-from-config

export const first = process.env.PORT; // refused: kiket/settings-from-config
export const second = process['env']['PORT']; // refused: kiket/settings-from-config
export const { env: third } = process; // refused: kiket/settings-from-config
export const fourth = env.PORT;
export const good = [process.pid, process.uptime(), pid];
