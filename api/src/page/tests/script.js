// Stands in for `frontend/build/ssr.js`.
let renders = 0;
const html = (body, status = 200, headers = []) => ({
  status,
  headers: [["content-type", "text/html; charset=utf-8"], ["x-sveltekit-page", "true"], ...headers],
  body,
});
const ask = (id, variables = null) => {
  const url = `https://fete.example/api?id=${id}&variables=${encodeURIComponent(JSON.stringify(variables))}`;
  return JSON.parse(__fetch(JSON.stringify({ url, method: "GET", headers: [], body: null })));
};
const forever = () => { Promise.resolve().then(forever); };
const again = () => Promise.resolve().then(again);
const policy = (style, script = "") =>
  `default-src 'none'; script-src 'self'${script}; style-src 'self' ${style}; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'`;

const pages = {
  // hostile
  loop() { for (;;); },
  stubborn() { for (;;) try { for (;;); } catch { continue; } },
  recursion() { const f = () => f() + 1; return html(f()); },
  allocation() { const all = []; for (;;) all.push(new Array(1000).fill(`x${Math.random()}`)); },
  regexp() { return html(/^(a+)+$/.test("a".repeat(60) + "b")); },
  throwing() { throw new Error("thrown"); },
  throwing_nothing() { throw undefined; },
  never() { return new Promise(() => {}); },
  jobs() { return again(); },
  native() { return html(`${new Array(6e7)}`); },
  no_json() { return { toJSON() { return undefined; } }; },
  wrong() { return { status: "no", headers: 1, body: {} }; },
  huge() { return html("x".repeat(60 << 20)); },
  broken_later() { globalThis.handle = undefined; return html("bad", 500); },
  leftover() {
    Promise.resolve().then(() => Promise.resolve()).then(() => { globalThis.left = ask("left").status; });
    return html("left");
  },
  left() { return html(String(globalThis.left)); },
  endless_leftover() { forever(); return html("fine"); },
  // fetches
  slow() { return html(String(ask("slow").status), ask("slow").status); },
  panic() { return html(ask("panic").body); },
  whoami() { return html(ask("whoami").body); },
  status503() { return html("kit's own page", ask("status", 503).status); },
  gone() { return html("gone", ask("status", 410).status); },
  outside() { return html(__fetch(JSON.stringify({ url: "https://elsewhere.example/x", method: "GET" }))); },
  // headers
  cookie() { return html(`cookie ${renders}`, 200, [["set-cookie", "a=b"]]); },
  hashed() { return html("styled", 200, [["content-security-policy", policy("'sha256-abc='")]]); },
  loose() { return html("loose", 200, [["content-security-policy", policy("'unsafe-inline'")]]); },
  half() { return html(`half ${"😀".slice(0, 1)}`); },
  once() { return renders === 1 ? html("good once") : html("bad", 500); },
};

globalThis.handle = async (json) => {
  renders += 1;
  const request = JSON.parse(json);
  const { pathname, search, host } = JSON.parse(__url(request.url, ""));
  const name = /^\?q=(\w+)/.exec(search)?.[1];
  const { locale, prefix, clock, siteName } = request.platform;
  const usual = () => {
    const status = pathname === "/not-found" ? 404 : 200;
    return html(
      `${pathname}${search} ${host} ${locale} [${prefix}] ${clock.local} ${siteName} ${JSON.stringify(request.headers)} render ${renders}`,
      status,
    );
  };
  return JSON.stringify(await (pages[name] ?? usual)());
};
