// A worker that dies of some files, as their names say, and reads none.
self.onmessage = ({ data: { path } }) => {
  if (path.includes("deadly")) throw new Error("it dies, as it should");
  self.postMessage({ parsed: { uri: path, recording: { state: "parsed" } } });
};

self.postMessage({ ready: true });
