// Keeps the page fresh: asks for it again, and puts in only what has changed. Without it everything can still be read.
"use strict";
(() => {
  const PERIOD_MS = 10000;
  const PATIENCE_MS = 15000;
  const fresh = () => document.getElementById("fresh");
  let tag = null;
  let asking = false;

  // What the reader has unfolded stays unfolded: by its id, or its place among the others.
  const folds = (part) => [...part.querySelectorAll("details")];
  const keepFolds = (old, next) => {
    const open = folds(old).map((fold) => fold.open);
    folds(next).forEach((fold, i) => {
      const same = fold.id && old.querySelector("#" + CSS.escape(fold.id));
      if (same) fold.open = same.open;
      else if (i < open.length) fold.open = open[i];
    });
  };

  // Where the reader is: the same link, or the same place.
  const place = (part, element) => {
    if (element === part) return () => part;
    if (element.id) return (next) => next.querySelector("#" + CSS.escape(element.id));
    const href = element.getAttribute("href");
    if (href !== null) {
      return (next) => [...next.querySelectorAll("a[href]")].find((a) => a.getAttribute("href") === href);
    }
    const all = [...part.querySelectorAll("summary")];
    const index = all.indexOf(element);
    return (next) => [...next.querySelectorAll("summary")][index];
  };

  const replace = (old, next) => {
    keepFolds(old, next);
    if (old.innerHTML === next.innerHTML) return;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const find = focused && place(old, focused);
    old.replaceChildren(...next.childNodes);
    const again = find && find(old);
    if (again && again !== document.activeElement) again.focus({ preventScroll: true });
  };

  const isReading = () => {
    const selection = document.getSelection();
    return selection !== null && !selection.isCollapsed;
  };

  const put = (text) => {
    const next = new DOMParser().parseFromString(text, "text/html");
    const parts = (of) => [...of.querySelectorAll("[data-live]")].map((part) => part.id).join();
    // Another set of parts is another page: a first finding, a resource that has ended.
    if (parts(document) !== parts(next)) {
      location.reload();
      return;
    }
    const x = scrollX;
    const y = scrollY;
    for (const part of next.querySelectorAll("[data-live]")) replace(document.getElementById(part.id), part);
    document.title = next.title;
    scrollTo({ left: x, top: y, behavior: "instant" });
  };

  const ask = async () => {
    if (asking || document.hidden || isReading()) return;
    asking = true;
    try {
      const headers = tag ? { "If-None-Match": tag } : {};
      const answer = await fetch(location.href, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.redirected) location.reload();
      else if (answer.ok) {
        tag = answer.headers.get("ETag");
        put(await answer.text());
      }
      fresh().classList.remove("lost");
    } catch {
      fresh().classList.add("lost");
    } finally {
      asking = false;
    }
  };

  document.documentElement.dataset.script = "on";
  setInterval(ask, PERIOD_MS);
  document.addEventListener("visibilitychange", ask);
})();
