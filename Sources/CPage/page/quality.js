// How the connection is, in bars, in a sentence, and in figures.
import { h } from "./dom.js";
import { locale, t } from "./text.js";

const percent = (rate) => (rate * 100).toLocaleString(locale(), { maximumFractionDigits: rate < 0.1 ? 1 : 0 });
const kilobits = (rate) => Math.round(rate / 1000).toLocaleString(locale());

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
  const row = (key, value) => h("tr", {}, h("th", { scope: "row" }, t(key)), h("td", {}, h("bdi", { dir: "ltr" }, value)));
  const round = figures.roundTrip === null ? "–" : `${Math.round(figures.roundTrip * 1000)} ms`;
  const nameOfStream = ({ owner, kind }) => (owner ? `${nameOf(owner.sender_id)} · ${t(`stream.${owner.type}`)}` : t(`stream.${kind}`));
  const picture = ({ width, height, fps, limit }) => [
    width ? `${width}×${height}, ${Math.round(fps ?? 0)}/s` : "–", limit && limit !== "none" ? ` (${t("stats.limit", { what: limit })})` : "",
  ].join("");
  return h("div", { class: "stack" },
    h("table", {}, h("tbody", {},
      row("stats.path", path ? `${(path.protocol ?? "").toUpperCase()} ${path.local} → ${path.address}:${path.port}` : "–"),
      row("stats.roundTrip", round),
      row("stats.jitter", `${Math.round(figures.jitter * 1000)} ms`),
      row("stats.loss", `↑ ${percent(figures.up)} %   ↓ ${percent(figures.down)} %`),
      row("stats.rate", `↑ ${kilobits(figures.upRate)}   ↓ ${kilobits(figures.downRate)} kbit/s`),
      row("stats.mos", figures.mos.toFixed(1)))),
    h("div", { class: "streams" }, h("table", {},
      h("thead", {}, h("tr", {}, ["stats.stream", "stats.codec", "stats.kilobits", "stats.lossShort", "stats.picture"].map((key) => h("th", { scope: "col" }, t(key))))),
      h("tbody", {}, figures.streams.map((stream) => h("tr", {},
        h("td", { class: "stream" }, stream.way === "out" ? "↑ " : "↓ ", h("bdi", {}, nameOfStream(stream))),
        h("td", {}, stream.codec || "–"),
        h("td", {}, kilobits(stream.rate)),
        h("td", {}, stream.way === "in" ? `${percent(stream.loss)} %` : "–"),
        h("td", {}, h("bdi", {}, picture(stream)))))))));
}

/** Why media can't flow: what was tried, and what an administrator should open. tried: what MediaLink.ways answers */
export function diagnosis({ tried, hasTURN }) {
  const name = ({ scheme, protocol }) => (scheme ? `TURN (${scheme === "turns" ? "TLS, " : ""}${protocol.toUpperCase()})` : protocol.toUpperCase());
  const line = (way) => h("tr", { class: way.state }, h("td", {}, name(way)), h("td", {}, h("bdi", { dir: "ltr" }, `${way.address}:${way.port}`)), h("td", {}, t(`way.${way.state}`)));
  const advice = (way) => {
    const values = { what: `${way.protocol.toUpperCase()} ${way.port}`, where: way.address };
    if (!way.scheme) return t("diagnosis.open", values);
    return t(way.state === "refused" ? "diagnosis.credentials" : "diagnosis.openTurn", values);
  };
  const closed = tried.filter((way) => way.state !== "open");
  return h("div", { class: "stack" },
    h("p", {}, t("diagnosis.what")),
    tried.length > 0 && h("table", { class: "ways" }, h("thead", {}, h("tr", {}, ["diagnosis.way", "diagnosis.address", "diagnosis.outcome"].map((key) => h("th", { scope: "col" }, t(key))))), h("tbody", {}, tried.map(line))),
    h("p", {}, t(hasTURN ? "diagnosis.turn" : "diagnosis.noTurn")),
    h("h3", {}, t("diagnosis.ask")),
    h("ul", {}, [...new Set(closed.map(advice))].map((words) => h("li", {}, words)), !hasTURN && h("li", {}, t("diagnosis.addTurn"))));
}
