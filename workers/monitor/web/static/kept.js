// What the browser keeps for this page; one that keeps nothing is no reason to show nothing.

const inMemory = new Map();

const attempt = (act, otherwise) => {
  try {
    return act();
  } catch {
    return otherwise();
  }
};

/** Kept under a name in one of the browser's stores: `localStorage`, or `sessionStorage` for this tab alone. */
export const kept = (store, name) => ({
  get: () =>
    attempt(
      () => window[store].getItem(name),
      () => inMemory.get(name) ?? null,
    ),
  set: (value) =>
    attempt(
      () => window[store].setItem(name, value),
      () => inMemory.set(name, value),
    ),
  forget: () =>
    attempt(
      () => window[store].removeItem(name),
      () => inMemory.delete(name),
    ),
});
