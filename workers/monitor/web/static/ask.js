// Asks the monitor. The token stays in this tab; it goes out in a header, and nowhere else.

import { kept } from "./kept.js";

const token = kept("sessionStorage", "pagemill-token");
const PATIENCE = 20_000;

export class Failed extends Error {
  constructor(status, why) {
    super(why);
    this.status = status;
  }
}

/** What the monitor answers, from JSON. Throws Failed; status 0 is a monitor that cannot be reached. */
export async function ask(path, posted = undefined) {
  const headers = { Accept: "application/json" };
  if (hasToken()) headers.Authorization = `Bearer ${token.get()}`;
  if (posted !== undefined) headers["Content-Type"] = "application/json";
  const request = { headers, cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(PATIENCE) };
  if (posted !== undefined) Object.assign(request, { method: "POST", body: JSON.stringify(posted) });
  let answer, told;
  try {
    answer = await fetch(path, request);
    told = await answer.json();
  } catch {
    throw new Failed(answer?.status ?? 0, "The monitor does not answer");
  }
  if (!answer.ok) throw new Failed(answer.status, told.error ?? `The monitor answered ${answer.status}`);
  return told;
}

export const hasToken = () => Boolean(token.get());
export const keepToken = (told) => token.set(told);
export const forgetToken = () => token.forget();

/** A token that came as `#token=...`: what is behind # is never sent, and does not stay in the address. */
export function takeTokenFromAddress() {
  const found = /^#token=([\x21-\x7e]+)$/.exec(location.hash);
  if (!found) return;
  keepToken(found[1]);
  history.replaceState(null, "", "#flow");
}
