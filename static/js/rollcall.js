"use strict";
/* The roll call: counts on the button, one-tap reasons, search, keyboard, questions. It is sent without it as well. */
(() => {
  const form = document.getElementById("roll");
  const rows = [...form.querySelectorAll(".roll li")];
  /* Initials of all rows in one attribute: half as many bytes as one each. */
  const keys = form.querySelector(".roll").dataset.keys.split(" ");
  const send = form.querySelector(".go");
  const find = document.getElementById("find");
  const live = document.getElementById("live");
  const facts = form.dataset;
  const one = (row, what) => row.querySelector(what);
  const box = (row) => one(row, "[type=checkbox]");
  const name = (row) => one(row, "label span").firstChild.data.trim();
  /* Somebody pre-marked is away until his box is ticked; everybody else is here until it is. */
  const isMarked = (row) => box(row).checked !== row.classList.contains("w");
  const code = (row) => (isMarked(row) ? one(row, "select").value : "");

  function count() {
    const sums = { here: 0, away: 0, leave: 0 };
    for (const row of rows) {
      const said = code(row);
      sums[!said || said === "L" ? "here" : said === "S" || said === "A" ? "leave" : "away"] += 1;
    }
    send.textContent =
      `提交：${sums.here}到` + (sums.away ? ` · 缺${sums.away}` : "") + (sums.leave ? ` · 请假${sums.leave}` : "");
    return sums;
  }

  function note(select) {
    const field = document.createElement("input");
    field.name = select.replace("c", "n");
    field.maxLength = 120;
    field.placeholder = "说明（可不填）";
    return field;
  }

  /* One tap a reason: buttons in place of the list of choices, made when a row opens. */
  function open(row) {
    const select = one(row, "select");
    row.classList.toggle("o", isMarked(row));
    if (!isMarked(row) || select.hidden) return;
    const group = document.createElement("span");
    group.className = "why";
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", `${name(row)}的原因`);
    if (!one(row, "p input")) select.after(note(select.name));
    one(row, "p input").setAttribute("aria-label", `${name(row)}的说明`);
    const press = () => [...group.children].forEach((b) => b.setAttribute("aria-pressed", b.value === select.value));
    for (const option of select.options) {
      const button = group.appendChild(document.createElement("button"));
      button.type = "button";
      button.value = option.value;
      button.textContent = option.text;
      button.onclick = () => {
        select.value = option.value;
        press();
        count();
        if (option.value === "X") one(row, "p input").focus();
      };
    }
    select.hidden = true;
    select.before(group);
    press();
  }

  function changed(row) {
    open(row);
    count();
    const next = isMarked(row) && one(row, "em");
    live.textContent = `${name(row)} ${isMarked(row) ? "未到" : "到"}。${next ? next.textContent + "。" : ""}${send.textContent}`;
  }

  form.addEventListener("change", (event) => {
    if (event.target.type === "checkbox") changed(event.target.closest("li"));
  });

  /* --- Search: the seat, the initials or the name; Enter ticks the one that is left ------------------------------ */
  const seat = (row) => +one(row, "b").textContent;
  const fits = (row, text) =>
    /^\d+$/.test(text)
      ? seat(row) === +text
      : keys[rows.indexOf(row)].startsWith(text.toLowerCase()) || name(row).includes(text);

  function search() {
    const text = find.value.trim();
    rows.forEach((row) => (row.hidden = text && !fits(row, text)));
  }

  function tick() {
    const left = rows.filter((row) => !row.hidden);
    if (!find.value.trim()) return;
    if (left.length !== 1) {
      live.textContent = left.length ? `有${left.length}人，请再多打一个字` : "没有这名学生";
      return;
    }
    box(left[0]).click();
    find.value = "";
    search();
    left[0].scrollIntoView({ block: "center" });
  }

  form.querySelector(".roll").classList.add("js");
  find.hidden = false;
  find.addEventListener("input", search);
  if (matchMedia("(pointer: fine)").matches) find.focus({ preventScroll: true });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    if (event.ctrlKey || event.metaKey) send.click();
    else if (event.target === find) tick();
    else if (event.target.tagName !== "INPUT" || event.target.type === "checkbox") return;
    event.preventDefault();
  });

  /* --- Sending ------------------------------------------------------------------------------------------------------ */
  function questions() {
    const { away, leave } = count();
    const share = Math.round(((away + leave) * 100) / rows.length);
    const undone = rows.filter((row) => !row.classList.contains("w") && box(row).defaultChecked && !box(row).checked);
    const asked = [];
    if ((away + leave) * 100 > facts.percent * rows.length) {
      asked.push(`全班${rows.length}人，未到${away + leave}人（${share}%），对吗？`);
    }
    if (facts.away && !away && !leave) asked.push(`${facts.away}连日没有到校，今天全班都到了吗？`);
    if (facts.past) asked.push(`报的是${facts.past}，不是今天，对吗？`);
    if (facts.by && undone.length) asked.push(`${undone.map(name).join("、")}由${facts.by}报过，要改成您这一份吗？`);
    return asked;
  }

  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    const asked = questions();
    if (asked.length && !confirm(asked.join("\n"))) return event.preventDefault();
    if (asked.length) form.insertAdjacentHTML("beforeend", '<input type="hidden" name="confirmed" value="1">');
    /* Exceptions only: what belongs to the others stays here. */
    rows.filter((row) => !isMarked(row)).forEach((row) => {
      row.querySelectorAll("select, p input").forEach((field) => (field.disabled = true));
    });
    form.dataset.sent = "1";
    send.textContent = "发送中…";
  });

  /* Back from the receipt, or stopped on the way: the page can be used again. */
  addEventListener("pageshow", () => {
    delete form.dataset.sent;
    form.querySelectorAll("[name=confirmed]").forEach((field) => field.remove());
    form.querySelectorAll(":disabled").forEach((field) => (field.disabled = false));
    rows.forEach(open);
    count();
  });
})();
