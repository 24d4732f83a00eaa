console.log('here'); // refused: no-console
export {};
