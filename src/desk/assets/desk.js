/* Keys for those who live here: j and k along the rows, Enter opens, c composes, ? says so. Everything works
 * without this file. */
"use strict";
(function () {
  function rows() { return Array.from(document.querySelectorAll(".row")); }
  function step(by) {
    var all = rows(), at = all.indexOf(document.activeElement);
    if (all.length === 0) return;
    all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))].focus();
  }
  document.addEventListener("keydown", function (e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, textarea, select")) return;
    if (e.key === "j") step(1);
    else if (e.key === "k") step(-1);
    else if (e.key === "Enter" && e.target.classList.contains("row")) {
      var a = e.target.querySelector("a.go");
      if (a) a.click();
    } else if (e.key === "c") { location.href = "/compose"; }
    else if (e.key === "g") { location.href = "/"; }
    else if (e.key === "/") {
      var box = document.getElementById("words");
      if (box) box.focus(); else location.href = "/search";
    }
    else return;
    e.preventDefault();
  });
  /* A live list is replaced under the reader: the row that had the focus keeps it. */
  var kept = null;
  document.addEventListener("htmx:beforeSwap", function () {
    var row = document.activeElement && document.activeElement.closest(".row");
    var link = row && row.querySelector("a.go");
    kept = link ? link.getAttribute("href") : null;
  });
  document.addEventListener("htmx:afterSwap", function () {
    if (kept === null) return;
    var link = document.querySelector('.row a.go[href="' + CSS.escape(kept) + '"]') ||
      rows().map(function (r) { return r.querySelector("a.go"); }).find(function (a) { return a && a.getAttribute("href") === kept; });
    if (link) link.closest(".row").focus();
  });
})();
