/* Files are given as soon as they are chosen, each with its progress; without this file they come with the form. */
"use strict";
(function () {
  function row(box, file) {
    var li = document.createElement("li"), name = document.createElement("bdi"), bar = document.createElement("progress"),
      stop = document.createElement("button");
    name.textContent = file.name;
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    stop.type = "button";
    stop.textContent = box.dataset.cancel;
    li.append(name, " ", bar, " ", stop);
    box.querySelector(".files").append(li);
    return { li: li, bar: bar, stop: stop };
  }
  function fail(r, file, text) {
    r.li.className = "fault";
    r.li.textContent = file.name + ": " + text;
  }
  function busy(form, by) {
    form.dataset.uploads = String(Number(form.dataset.uploads || 0) + by);
    form.querySelectorAll("button:not([type=button]):not([name=drop])").forEach(function (b) {
      b.disabled = form.dataset.uploads !== "0";
    });
  }
  function send(box, file) {
    var r = row(box, file), form = box.closest("form"), xhr = new XMLHttpRequest(), data = new FormData();
    if (file.size > Number(box.dataset.most)) { fail(r, file, box.dataset.big); return; }
    data.append("csrf", form.elements.csrf.value);
    data.append("attach", file);
    xhr.open("POST", "/attachment");
    xhr.upload.onprogress = function (e) {
      if (e.lengthComputable) r.bar.value = Math.round(e.loaded / e.total * 100);
    };
    xhr.onload = function () {
      var page = new DOMParser().parseFromString("<ul>" + xhr.responseText + "</ul>", "text/html"), li = page.querySelectorAll("li");
      if (li.length === 0) { fail(r, file, box.dataset.failed); return; }
      r.li.replaceWith.apply(r.li, Array.from(li));
    };
    xhr.onerror = function () { fail(r, file, box.dataset.failed); };
    xhr.onabort = function () { r.li.remove(); };
    xhr.onloadend = function () { busy(form, -1); };
    r.stop.addEventListener("click", function () { xhr.abort(); box.querySelector("input[type=file]").focus(); });
    busy(form, 1);
    xhr.send(data);
  }
  document.addEventListener("change", function (e) {
    var box = e.target.type === "file" && e.target.closest(".attach");
    if (!box) return;
    Array.from(e.target.files).forEach(function (f) { send(box, f); });
    e.target.value = "";
  });
  document.addEventListener("click", function (e) {
    var drop = e.target.closest(".attach .files button[name=drop]");
    if (!drop) return;
    var box = drop.closest(".attach"), data = new URLSearchParams({ csrf: drop.form.elements.csrf.value });
    e.preventDefault();
    fetch("/attachment/" + drop.value + "/drop", { method: "POST", body: data }).finally(function () {
      drop.closest("li").remove();
      box.querySelector("input[type=file]").focus();
    });
  });
})();
