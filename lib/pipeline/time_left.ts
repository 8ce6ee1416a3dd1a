/**
 * How long something will still take, from how far it has come since now: `, about 12 s left`;
 * nothing where it is done.
 */
export function timeLeft(now: () => Date, total: number): (done: number) => string {
  const beganMs = now().getTime();
  return (done) => {
    if (done >= total || done === 0) return "";
    const leftMs = (now().getTime() - beganMs) / done * (total - done);
    return `, about ${Math.ceil(leftMs / 1000)} s left`;
  };
}
