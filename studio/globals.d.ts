/** Some runtimes that the model's code runs in have it; browsers do not. */
declare const setImmediate: ((callback: () => void) => void) | undefined;
