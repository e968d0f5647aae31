// A list that is read from the monitor in pieces, the newest first, and read again while it is looked at.

import { ask } from "./ask.js";

const AGAIN = 5000;

/** `path` and `name` of what it answers; `changed` is called when there is something new to show. */
export function listing(path, name, changed) {
  const state = { items: [], next: null, problem: "", query: {}, asked: -Infinity, known: false, whole: null };
  let turn = 0;

  async function read(before) {
    const mine = ++turn;
    state.asked = performance.now();
    const query = new URLSearchParams({ ...state.query, ...(before ? { before } : {}) });
    try {
      const told = await ask(`${path}?${query}`);
      if (mine !== turn) return; // another question was asked since
      state.items = before ? [...state.items, ...told[name]] : told[name];
      state.next = told.next;
      state.whole = told;
      state.problem = "";
      state.known = true;
    } catch (error) {
      if (mine !== turn) return;
      state.problem = error.message;
    }
    changed();
  }

  return {
    state,
    /** Read it again, unless it was just read, or continued further down than the first piece. */
    refresh(first) {
      if (performance.now() - state.asked > AGAIN && state.items.length <= first) read("");
    },
    reload: () => read(""),
    more: () => read(state.next),
    ask(query) {
      state.query = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ""));
      return read("");
    },
  };
}

/** One thing below `path` at a time: what the monitor answers, or why not. */
export function single(path, changed) {
  const state = { id: null, found: null, problem: "" };
  return {
    state,
    async want(id) {
      if (state.id === id) return;
      Object.assign(state, { id, found: null, problem: "" });
      if (id === null) return;
      try {
        const found = await ask(`${path}/${encodeURIComponent(id)}`);
        if (state.id === id) state.found = found;
      } catch (error) {
        if (state.id === id) state.problem = error.message;
      }
      changed();
    },
  };
}
