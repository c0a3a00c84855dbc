"use strict";
/* Small helps. Every page works without them. */

/* <button data-copy="#id">复制文字</button>: copies the text of that element; shown only where it can work. */
function copy(button) {
  const text = document.querySelector(button.dataset.copy).innerText.trim();
  const done = () => {
    const label = button.textContent;
    button.textContent = "已复制";
    setTimeout(() => (button.textContent = label), 2000);
  };
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(done);
  /* Plain HTTP on a school's network has no clipboard; the old way still works there. */
  const area = document.body.appendChild(document.createElement("textarea"));
  area.value = text;
  area.select();
  if (document.execCommand("copy")) done();
  area.remove();
}

/* <form data-confirm="今天已有 60% 未到，确认提交？">: asks once more, in our own words, before it sends. */
function confirmFirst(event) {
  const form = event.target;
  if (!form.dataset.confirm || form.dataset.confirmed || !window.HTMLDialogElement) return;
  event.preventDefault();
  const dialog = document.body.appendChild(document.createElement("dialog"));
  const question = dialog.appendChild(document.createElement("p"));
  const buttons = dialog.appendChild(document.createElement("p"));
  const yes = buttons.appendChild(document.createElement("button"));
  const no = buttons.appendChild(document.createElement("button"));
  question.textContent = form.dataset.confirm;
  buttons.className = "buttons";
  yes.className = "btn btn-primary";
  yes.textContent = "确定";
  no.className = "btn";
  no.textContent = "再看看";
  yes.onclick = () => {
    form.dataset.confirmed = "1";
    dialog.close();
    form.requestSubmit(event.submitter);
  };
  no.onclick = () => dialog.close();
  dialog.onclose = () => dialog.remove();
  dialog.showModal();
}

/* A second tap on a slow line would send the form again. A download leaves the page standing: free again after 3 s. */
function once(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 3000);
}

document.addEventListener("submit", confirmFirst);
document.addEventListener("submit", once);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});
document.querySelectorAll("[data-copy]").forEach((button) => (button.hidden = false));
document.querySelector("[data-focus]")?.focus();
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.onclick = () => print();
});
