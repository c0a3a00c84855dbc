// A page whose work is still going on ([data-unfinished]) looks every two seconds how far it is.
// Without this script its link does the same by hand.
const look = async () => {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer && answer.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = document.querySelector("[data-unfinished]");
    const then = page.querySelector("[data-unfinished]");
    if (!then) { document.querySelector("main").replaceWith(page.querySelector("main")); return; }
    now.replaceWith(then);
  }
  setTimeout(look, 2000);
};
if (document.querySelector("[data-unfinished]")) setTimeout(look, 2000);
