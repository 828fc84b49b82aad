// Loaded before the command (`node --import`): at SIGUSR2 a promise is rejected that nobody owns, as a bug would do it.
process.on('SIGUSR2', () => {
  void Promise.reject(new Error('nobody waits for this'));
});
