/* For those who live here: keys (? shows them), a choice of rows that outlives a live update, the count of what is new in
 * the title, and a sound for who switched it on. Everything works without this file. */
"use strict";
(function () {
  var bulk = document.getElementById("bulk"), keys = document.getElementById("keys");

  function rows() { return Array.from(document.querySelectorAll(".row, .pick-row")); }
  function ticks() { return Array.from(document.querySelectorAll('input[name="id"][form="bulk"]')); }
  function step(by) {
    var all = rows(), here = document.activeElement && document.activeElement.closest(".row, .pick-row"), at = all.indexOf(here);
    if (all.length === 0) return;
    all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))].focus();
  }

  /* ---- choosing ---- */
  function tally() {
    if (!bulk) return;
    var n = ticks().filter(function (t) { return t.checked; }).length;
    document.getElementById("chosen").textContent = String(n);
    bulk.hidden = n === 0;
  }
  function choose(row) {
    var t = row && row.querySelector('input[name="id"]');
    if (t) { t.checked = !t.checked; tally(); }
  }
  function chooseAll() {
    var all = ticks(), every = all.length > 0 && all.every(function (t) { return t.checked; });
    all.forEach(function (t) { t.checked = !every; });
    tally();
  }
  document.addEventListener("change", function (e) { if (e.target.name === "id") tally(); });
  tally();

  /* ---- keys ---- */
  function reveal(id) {
    var box = document.getElementById(id);
    if (!box) return false;
    for (var d = box.closest("details"); d; d = d.parentElement.closest("details")) d.open = true;
    box.focus();
    return true;
  }
  var ways = {
    j: function () { step(1); },
    k: function () { step(-1); },
    x: function () { choose(document.activeElement.closest(".row, .pick-row")); },
    X: chooseAll,
    a: function () { if (bulk && !bulk.hidden) bulk.querySelector("button").focus(); },
    f: function () { reveal("f-show"); },
    g: function () { location.href = "/"; },
    c: function () { location.href = "/compose"; },
    "/": function () { if (!reveal("words")) location.href = "/search"; },
    "?": function () { if (keys && keys.showModal) keys.showModal(); },
    Escape: function () { ticks().forEach(function (t) { t.checked = false; }); tally(); }
  };
  document.addEventListener("keydown", function (e) {
    if (e.ctrlKey || e.metaKey || e.altKey || (keys && keys.open)) return;
    if (e.target.closest("textarea, select") || (e.target.closest("input") && e.target.type !== "checkbox")) {
      if (e.key === "Escape") e.target.blur();
      return;
    }
    if (e.key === "Enter" && e.target.matches(".row, .pick-row")) {
      var a = e.target.querySelector("a.go");
      if (a) a.click();
    } else if (Object.prototype.hasOwnProperty.call(ways, e.key)) ways[e.key]();
    else return;
    e.preventDefault();
  });

  /* ---- what is new ---- */
  function news() { return document.getElementById("news"); }
  function title() {
    var n = news();
    if (n) document.title = (n.dataset.badge ? "(" + n.dataset.badge + ") " : "") + document.title.replace(/^\([0-9+]+\) /, "");
  }
  /* A browser lets a page sound only after a key or a click on it: until then it stays silent. */
  var audio = null;
  function wake() {
    var Context = window.AudioContext || window.webkitAudioContext;
    if (!audio && Context && document.getElementById("rings")) audio = new Context();
    if (audio && audio.state === "suspended") audio.resume();
  }
  document.addEventListener("keydown", wake);
  document.addEventListener("pointerdown", wake);
  function ring() {
    if (!audio || audio.state !== "running") return;
    [660, 880].forEach(function (hz, i) {
      var o = audio.createOscillator(), g = audio.createGain(), at = audio.currentTime + i * 0.16;
      o.frequency.value = hz;
      g.gain.setValueAtTime(0.0001, at);
      g.gain.exponentialRampToValueAtTime(0.2, at + 0.02);
      g.gain.exponentialRampToValueAtTime(0.0001, at + 0.15);
      o.connect(g).connect(audio.destination);
      o.start(at);
      o.stop(at + 0.16);
    });
    document.documentElement.dataset.rang = String(Number(document.documentElement.dataset.rang || 0) + 1);
  }

  /* ---- a live list is replaced under the reader: focus and choice stay ---- */
  var kept = null;
  function link(row) { var a = row && row.querySelector("a.go"); return a ? a.getAttribute("href") : null; }
  document.addEventListener("htmx:beforeSwap", function (e) {
    if (e.target.id !== "list") return;
    kept = { row: link(document.activeElement && document.activeElement.closest(".row, .pick-row")),
      tick: document.activeElement && document.activeElement.name === "id",
      ids: ticks().filter(function (t) { return t.checked; }).map(function (t) { return t.value; }),
      links: rows().map(link), count: news() ? Number(news().dataset.count) : 0 };
  });
  document.addEventListener("htmx:afterSwap", function (e) {
    if (e.target.id !== "list" || !kept) return;
    var was = kept;
    kept = null;
    ticks().forEach(function (t) { t.checked = was.ids.indexOf(t.value) >= 0; });
    rows().forEach(function (r) {
      if (was.row !== null && link(r) === was.row) (was.tick && r.querySelector('input[name="id"]') || r).focus();
      if (was.links.indexOf(link(r)) < 0) r.classList.add("arrived");
    });
    tally();
    title();
    if (news() && Number(news().dataset.count) > was.count) {
      document.getElementById("said").textContent = news().dataset.said;
      ring();
    }
  });
})();
