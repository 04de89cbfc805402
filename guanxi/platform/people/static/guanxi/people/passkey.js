/* Passkeys: what needs them is shown where the browser has them, each form is told its parts, and a failure is said
   in words. It runs after the library, whose forms it starts. */
(() => {
  if (!window.PublicKeyCredential) return;
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    document.querySelectorAll("[data-passkey-failed]").forEach((part) => { part.hidden = false; });
  });
  document.querySelectorAll("[data-passkey-form]").forEach((part) => {
    const { passkeyForm, passkeyIds } = part.dataset;
    window.allauth.webauthn.forms[passkeyForm]({ ids: JSON.parse(passkeyIds) });
  });
  document.querySelectorAll("[data-passkey]").forEach((part) => { part.hidden = false; });
  document.querySelectorAll("[data-passkey-missing]").forEach((part) => { part.hidden = true; });
})();
