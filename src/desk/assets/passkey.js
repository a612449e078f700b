/* Passkeys: asks the device and puts what it says into the form, as hex; the server checks it. Without this file, or
 * on a device that knows no passkeys, the forms stay hidden and the password with a one-time code does. */
"use strict";
(function () {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  function bytes(hex) {
    return new Uint8Array((hex.match(/../g) || []).map(function (x) { return parseInt(x, 16); }));
  }
  function hex(buffer) {
    return Array.from(new Uint8Array(buffer), function (b) { return b.toString(16).padStart(2, "0"); }).join("");
  }
  function make(d) {
    return navigator.credentials.create({ publicKey: {
      rp: { id: d.rp, name: d.site }, user: { id: bytes(d.user), name: d.officer, displayName: d.officer },
      challenge: bytes(d.challenge), attestation: "none", timeout: 300000,
      pubKeyCredParams: [-7, -257, -8].map(function (alg) { return { type: "public-key", alg: alg }; }),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      excludeCredentials: (d.known || "").split(",").filter(Boolean).map(function (id) {
        return { type: "public-key", id: bytes(id) };
      })
    } });
  }
  function ask(d) {
    return navigator.credentials.get({ publicKey: {
      rpId: d.rp, challenge: bytes(d.challenge), userVerification: "required", timeout: 300000
    } });
  }
  function fill(form, c) {
    var r = c.response;
    form.elements.id.value = hex(c.rawId);
    form.elements.client.value = hex(r.clientDataJSON);
    form.elements.auth.value = hex(r.getAuthenticatorData ? r.getAuthenticatorData() : r.authenticatorData);
    if (r.signature) form.elements.sig.value = hex(r.signature);
    if (r.userHandle) form.elements.user.value = hex(r.userHandle);
  }
  document.querySelectorAll("form.passkey").forEach(function (form) {
    var told = form.querySelector(".fault"), button = form.querySelector("button");
    form.hidden = false;
    form.addEventListener("submit", function (e) {
      e.preventDefault();
      told.hidden = true;
      button.disabled = true;
      (form.dataset.what === "new" ? make : ask)(form.dataset).then(function (c) {
        fill(form, c);
        form.submit();
      }).catch(function (why) {
        button.disabled = false;
        told.hidden = false;
        if (why && why.name === "InvalidStateError" && form.dataset.again) told.textContent = form.dataset.again;
        told.focus();
      });
    });
  });
})();
