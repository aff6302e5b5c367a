// How the connection is, in bars, in a sentence, and in figures.
import { h } from "./dom.js";
import { t } from "./text.js";

const percent = (rate) => (rate * 100).toLocaleString(document.documentElement.lang, { maximumFractionDigits: rate < 0.1 ? 1 : 0 });
const kilobits = (rate) => Math.round(rate / 1000).toLocaleString(document.documentElement.lang);

/** 0 to 4 bars. */
export function bars(mos) {
  if (mos === null || mos === undefined) return 4;
  return mos >= 4 ? 4 : mos >= 3.5 ? 3 : mos >= 2.8 ? 2 : 1;
}

/** What is not as it should be, a sentence each; the first is the worst. */
export function explain(figures) {
  const found = [];
  if (figures.up >= 0.02) found.push([figures.up * 10, t("quality.up", { n: percent(figures.up) })]);
  if (figures.down >= 0.02) found.push([figures.down * 10, t("quality.down", { n: percent(figures.down) })]);
  if (figures.roundTrip >= 0.3) found.push([figures.roundTrip, t("quality.delay", { n: Math.round(figures.roundTrip * 1000) })]);
  if (figures.jitter >= 0.05) found.push([figures.jitter * 5, t("quality.jitter", { n: Math.round(figures.jitter * 1000) })]);
  const cpu = figures.streams.some((stream) => stream.way === "out" && stream.limit === "cpu");
  if (cpu) found.push([0.2, t("quality.cpu")]);
  if (figures.path?.protocol === "tcp") found.push([0.1, t("quality.tcp")]);
  return found.sort((a, b) => b[0] - a[0]).map(([, sentence]) => sentence);
}

export function describe(figures) {
  if (!figures) return h("p", {}, t("quality.wait"));
  const sentences = explain(figures);
  return h("div", { class: "stack" },
    h("p", { class: "strong" }, t(`quality.${bars(figures.mos)}`)),
    sentences.length > 0 ? h("ul", {}, sentences.map((sentence) => h("li", {}, sentence))) : h("p", {}, t("quality.fine")),
    sentences.length > 0 && h("p", { class: "soft" }, t("quality.advice")));
}

/** Rows for the overlay: what a person who mends networks wants to see. */
export function table(figures, nameOf) {
  if (!figures) return h("p", {}, t("quality.wait"));
  const { path } = figures;
  const row = (key, value) => h("tr", {}, h("th", { scope: "row" }, t(key)), h("td", {}, value));
  const round = figures.roundTrip === null ? "–" : `${Math.round(figures.roundTrip * 1000)} ms`;
  return h("div", { class: "stack" },
    h("table", {}, h("tbody", {},
      row("stats.path", path ? `${(path.protocol ?? "").toUpperCase()} ${path.local} → ${path.address}:${path.port}` : "–"),
      row("stats.roundTrip", round),
      row("stats.jitter", `${Math.round(figures.jitter * 1000)} ms`),
      row("stats.loss", `↑ ${percent(figures.up)} %  ↓ ${percent(figures.down)} %`),
      row("stats.rate", `↑ ${kilobits(figures.upRate)}  ↓ ${kilobits(figures.downRate)} kbit/s`),
      row("stats.mos", figures.mos.toFixed(1)))),
    h("table", { class: "streams" },
      h("thead", {}, h("tr", {}, ["stats.stream", "stats.codec", "stats.rateShort", "stats.lossShort", "stats.picture"].map((key) => h("th", { scope: "col" }, t(key))))),
      h("tbody", {}, figures.streams.map((stream) => h("tr", {},
        h("td", { dir: "auto" }, `${stream.way === "out" ? "↑" : "↓"} ${stream.owner ? `${nameOf(stream.owner.sender_id)} · ${t(`stream.${stream.owner.type}`)}` : t(`stream.${stream.kind}`)}`),
        h("td", {}, stream.codec),
        h("td", {}, `${kilobits(stream.rate)} kbit/s`),
        h("td", {}, stream.way === "in" ? `${percent(stream.loss)} %` : stream.limit && stream.limit !== "none" ? stream.limit : "–"),
        h("td", {}, stream.width ? `${stream.width}×${stream.height} · ${Math.round(stream.fps ?? 0)}` : "–"))))));
}

/** Why media can't flow: what was tried, and what an administrator should open. tried: [{protocol, address, port, state}] */
export function diagnosis({ tried, hasTURN }) {
  const ways = tried.length > 0 ? tried : [];
  const line = ({ protocol, address, port, state }) => h("tr", {}, h("td", {}, protocol.toUpperCase()), h("td", {}, `${address}:${port}`), h("td", {}, t(`way.${state}`)));
  const udp = ways.find((way) => way.protocol === "udp");
  const tcp = ways.find((way) => way.protocol === "tcp");
  return h("div", { class: "stack" },
    h("p", {}, t("diagnosis.what")),
    ways.length > 0 && h("table", {}, h("thead", {}, h("tr", {}, ["diagnosis.way", "diagnosis.address", "diagnosis.outcome"].map((key) => h("th", { scope: "col" }, t(key))))), h("tbody", {}, ways.map(line))),
    h("p", {}, t(hasTURN ? "diagnosis.turn" : "diagnosis.noTurn")),
    h("p", { class: "strong" }, t("diagnosis.ask")),
    h("ul", {},
      udp && h("li", {}, t("diagnosis.open", { what: `UDP ${udp.port}`, where: udp.address })),
      tcp && h("li", {}, t("diagnosis.open", { what: `TCP ${tcp.port}`, where: tcp.address })),
      !hasTURN && h("li", {}, t("diagnosis.addTurn"))));
}
