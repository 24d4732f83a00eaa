console.log('here');
export {};
