"use strict";
/* Photos are made small on the phone (120 KB do for a proof) and sent one by one; what failed can be sent again.
   Without this script the plain form sends one photo as it is. */
const EDGE = 1600;
const ENOUGH = 120 * 1024;

async function shrunk(file) {
  if (!file.type.startsWith("image/")) return file;
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return file; /* the server says what is wrong with it */
  }
  for (const [edge, quality] of [[EDGE, 0.8], [EDGE, 0.6], [1280, 0.6], [1024, 0.55], [800, 0.5]]) {
    const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (blob && blob.size <= ENOUGH) return new File([blob], "photo.jpg", { type: "image/jpeg" });
  }
  return file;
}

for (const form of document.querySelectorAll("[data-photos] form")) {
  const input = form.querySelector("input[type=file]");
  const status = form.appendChild(document.createElement("p"));
  status.setAttribute("role", "status");
  input.multiple = true;
  form.addEventListener("submit", async (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    const waiting = [...input.files];
    let sent = 0;
    for (const file of waiting) {
      status.textContent = `正在传第${sent + 1}张，共${waiting.length}张…`;
      const data = new FormData(form);
      data.delete("file");
      data.append("file", await shrunk(file));
      let answer;
      try {
        answer = await fetch(form.action, { method: "POST", body: data, credentials: "same-origin" });
      } catch {
        answer = null;
      }
      if (!answer || !answer.ok) {
        const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
        const why = page && page.querySelector(".invalid-feedback");
        const reason = why ? why.textContent.trim() : "线路不通，请再点一次。";
        status.textContent = `已传${sent}张；第${sent + 1}张没有传上：${reason}`;
        return;
      }
      sent += 1;
    }
    location.reload();
  });
}
