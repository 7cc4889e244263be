// Keeps the page fresh: asks for it again, and puts in only what has changed. Drags services onto days.
// Without it everything can still be read, and done by the forms.
"use strict";
(() => {
  const PERIOD_MS = 10000;
  const PATIENCE_MS = 15000;
  const fresh = () => document.getElementById("fresh");
  let tag = null;
  let asking = false;
  let dragged = null;

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
    const typing = document.activeElement?.matches("[data-live] input");
    return typing || dragged !== null || (selection !== null && !selection.isCollapsed);
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

  // A service that is dropped on a day fills the form in and sends it: one way to act, and the same checks.
  const day = (event) => (dragged === null ? null : event.target.closest?.("td[data-date]"));
  const mark = (cell) => {
    for (const old of document.querySelectorAll("td.over")) if (old !== cell) old.classList.remove("over");
    cell?.classList.add("over");
  };
  document.addEventListener("dragstart", (event) => {
    const service = event.target.closest?.("[data-node][draggable]");
    if (!service) return;
    dragged = service.dataset.node;
    event.dataTransfer.effectAllowed = "copy";
    event.dataTransfer.setData("text/plain", dragged);
  });
  document.addEventListener("dragover", (event) => {
    const cell = day(event);
    mark(cell);
    if (!cell) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    mark(null);
  });
  document.addEventListener("drop", (event) => {
    const cell = day(event);
    const form = document.getElementById("place");
    if (!cell || !form) return;
    event.preventDefault();
    form.elements.node.value = dragged;
    form.elements.date.value = cell.dataset.date;
    form.requestSubmit();
  });

  document.documentElement.dataset.script = "on";
  setInterval(ask, PERIOD_MS);
  document.addEventListener("visibilitychange", ask);
})();
