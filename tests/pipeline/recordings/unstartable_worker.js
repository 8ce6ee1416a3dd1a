// A worker that never comes to be ready.
throw new Error("it can't be loaded, as it should");
