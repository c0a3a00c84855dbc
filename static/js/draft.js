"use strict";
/* 草稿: what was typed and not yet saved survives a crash, a timeout and another tab. It stays on this device, under the
   key of its author and pupil, and goes once the server has said that it is saved (#saved-… in the address). */
const DAYS = 7;

function kept(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(key));
    return draft && Date.now() - draft.at < DAYS * 86400000 ? draft.fields : null;
  } catch {
    return null;
  }
}

function fieldsOf(form) {
  return [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
}

function fill(form, fields) {
  for (const element of form.elements) {
    if (!element.name || element.name === "csrfmiddlewaretoken") continue;
    const values = fields.filter(([name]) => name === element.name).map(([, value]) => value);
    if (element.type === "radio" || element.type === "checkbox") element.checked = values.includes(element.value);
    else if (values.length) element.value = values[0];
  }
}

for (const form of document.querySelectorAll("form[data-draft]")) {
  const key = "draft-" + form.dataset.draft;
  const fields = kept(key);
  /* A form that came back with errors already holds what was typed. */
  if (fields && !document.querySelector(".alert-danger")) fill(form, fields);
  const note = document.querySelector("[data-draft-note]");
  if (note) note.hidden = false;
  form.addEventListener("input", () => {
    try {
      localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields: fieldsOf(form) }));
    } catch {
      /* a full or forbidden store: the form works all the same */
    }
  });
}

const saved = location.hash.match(/^#saved-(\d+)$/);
if (saved) {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("draft-contact-") && key.endsWith("-" + saved[1])) localStorage.removeItem(key);
  }
  history.replaceState(null, "", location.pathname + location.search);
}
