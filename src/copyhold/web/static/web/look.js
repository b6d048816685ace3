// Copyhold works without script. This file adds: search everywhere (Ctrl-K), arrow keys in grids and in the hits,
// files that can be dropped, a counter under long texts, and a focus on the list of errors. No inline handlers: strict CSP.
"use strict";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// ---- search everywhere ------------------------------------------------------------------------------------------
const box = document.getElementById("seek-box");
const form = box.querySelector("[data-seek-form]");
const hits = box.querySelector("[data-hits]");
let asked = 0;

const open = () => { if (!box.open) box.showModal(); form.q.select(); };
addEventListener("keydown", event => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); open(); }
});
all("[data-seek]").forEach(button => button.addEventListener("click", open));
box.addEventListener("click", event => { if (event.target === box) box.close(); });

const draw = found => hits.replaceChildren(...found.map(hit => {
  const [row, link, kind, title, number] = ["li", "a", "span", "b", "span"].map(tag => document.createElement(tag));
  link.href = hit.url; kind.textContent = hit.kind; title.textContent = hit.title; number.textContent = hit.number;
  link.append(kind, title, number); row.append(link);
  return row;
}));
form.q.addEventListener("input", () => {
  const turn = ++asked, words = form.q.value.trim();
  if (words.length < 2) return draw([]);
  setTimeout(async () => {
    if (turn !== asked) return;
    const answer = await fetch(`${form.dataset.source}?q=${encodeURIComponent(words)}`, { headers: { Accept: "application/json" } });
    if (answer.ok && turn === asked) draw((await answer.json()).hits);
  }, 150);
});
box.addEventListener("keydown", event => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const stops = [form.q, ...all("a", hits)];
  event.preventDefault();
  stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
});

// ---- a grid is one tab stop; arrow keys move inside it ------------------------------------------------------------
all("[data-grid]").forEach(grid => grid.addEventListener("keydown", event => {
  const move = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
  const cell = event.target.closest("td");
  if (!move || !cell) return;
  const next = grid.rows[cell.parentNode.rowIndex + move[0]]?.cells[cell.cellIndex + move[1]]?.querySelector("a");
  if (next) { event.preventDefault(); event.target.tabIndex = -1; next.tabIndex = 0; next.focus(); }
}));

// ---- files: drop them, see what was chosen, and with data-send send at once ---------------------------------------
all("[data-drop]").forEach(zone => {
  const input = zone.querySelector("input[type=file]"), said = zone.querySelector("[data-chosen]");
  const tell = () => {
    if (said && input.files.length) said.textContent = [...input.files].map(file => file.name).join(" · ");
    if (input.files.length && "send" in zone.dataset) { zone.classList.add("loading"); input.form.requestSubmit(); }
  };
  input.addEventListener("change", tell);
  for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, event => { event.preventDefault(); zone.classList.add("over"); });
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over"));
  zone.addEventListener("drop", event => { event.preventDefault(); input.files = event.dataTransfer.files; tell(); });
});

// ---- small things -------------------------------------------------------------------------------------------------
all("[data-focus]").forEach(part => part.focus());
all("[data-close]").forEach(button => button.addEventListener("click", () => button.closest(".toast").remove()));
all("[data-open]").forEach(button => button.addEventListener("click", () => document.getElementById(button.dataset.open).showModal()));
all("[data-shut]").forEach(button => button.addEventListener("click", () => button.closest("dialog").close()));
all("textarea[maxlength]").forEach(area => {
  const count = document.createElement("p");
  count.className = "small quiet";
  const tell = () => { count.textContent = `${area.value.length} / ${area.maxLength}`; };
  area.after(count); area.addEventListener("input", tell); tell();
});
all("form[method=post]").forEach(sent => sent.addEventListener("submit", () => {
  if (sent.dataset.sent) return;
  sent.dataset.sent = "1";                                           // a second click does not send a second act
  setTimeout(() => all("button:not([type=button])", sent).forEach(button => { button.disabled = true; }));
}));
addEventListener("pageshow", event => {
  if (event.persisted) all("form[data-sent]").forEach(sent => { delete sent.dataset.sent; all("button", sent).forEach(button => { button.disabled = false; }); });
});

// ---- two pictures: beside, over, difference (buttons with data-view inside .viewbar, pictures in the next .pair) ----
all("[data-views]").forEach(bar => all("[data-view]", bar).forEach(button => button.addEventListener("click", () => {
  all("[data-view]", bar).forEach(other => other.setAttribute("aria-pressed", String(other === button)));
  document.getElementById(bar.dataset.views).dataset.mode = button.dataset.view;
})));

// ---- two sounds in step: data-play="id id" -------------------------------------------------------------------------
all("[data-play]").forEach(button => button.addEventListener("click", () => {
  const sounds = button.dataset.play.split(" ").map(id => document.getElementById(id));
  const start = sounds[0].paused;
  sounds.forEach(sound => { if (start) { sound.currentTime = Number(sound.dataset.from || 0); sound.play(); } else sound.pause(); });
}));
