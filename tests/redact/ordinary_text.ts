import { drawer } from "./generated_secrets.ts";
import { seeded } from "../seeded.ts";

const draw = drawer(seeded(21));
const random = seeded(22);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;

const SERVICES = ["api", "billing", "checkout", "ingress-nginx", "auth-proxy", "mail_relay"];
const PATHS = [
  "/usr/lib/python3/dist-packages/apt",
  "/var/log/nginx/access.log",
  "/etc/systemd/system/multi-user.target.wants/ssh.service",
  "./node_modules/.bin/eslint",
  "src/components/NavigationDrawer.tsx",
];
const SENTENCES = [
  "Reading state information... Done, 12 packages can be upgraded.",
  "The migration finished without errors and all replicas caught up within seconds.",
  "warning: LF will be replaced by CRLF the next time Git touches this file",
  "If the password is forgotten, ask an administrator for a new token.",
  "Compiling serde_derive v1.0.197 and tokio-macros v2.2.0 in release mode",
  "drwxr-xr-x  12 root root 4096 Nov 25 20:31 site-packages",
];

/** Lines as logs and people write them, the same at every run: no secret among them. */
export const PROSE: readonly string[] = Array.from({ length: 260 }, (_, i) => {
  switch (i % 8) {
    case 0:
      return `2026-11-25T20:${10 + i % 50}:07.123Z INFO ${pick(SERVICES)} request ${
        draw("hex", 8)
      }-${draw("hex", 4)}-4${draw("hex", 3)}-a${draw("hex", 3)}-${draw("hex", 12)} took ${i} ms`;
    case 1:
      return `commit ${draw("hex", 40)} (HEAD -> main) Fix the order of ${pick(SERVICES)} steps`;
    case 2:
      return `pod/${pick(SERVICES)}-${draw("hex", 9)}-x${i} 1/1 Running 0 ${i}h`;
    case 3:
      return `digest: sha256:${draw("hex", 64)} size: ${1000 + i}`;
    case 4:
      return `${pick(PATHS)}:${i}: note: previous definition of 'process_records' was here`;
    case 5:
      return `10.0.${i % 255}.${i % 13} - - "GET /v1/users/${i}/orders?page=2 HTTP/1.1" 200 ${i}`;
    case 6:
      return `arn:aws:iam::123456789012:role/${pick(SERVICES)} assumed at 2026-11-25 20:31:53`;
    default:
      return pick(SENTENCES);
  }
});
