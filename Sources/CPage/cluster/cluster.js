// A cluster as one of its nodes sees it, asked for anew each second. Whatever is text comes in as text.

import { h, icon, say, set } from "/dom.js";

const app = document.getElementById("app");
const pulse = document.getElementById("pulse");
const key = "roost-admin-token";

// MARK: - The door

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function ask(path, body) {
  const headers = { "x-roost-admin": "1" };
  const token = sessionStorage.getItem(key);
  if (token) headers.authorization = `Bearer ${token}`;
  if (body) headers["content-type"] = "application/json";
  const answer = await fetch(path, {
    method: body ? "POST" : "GET", headers, cache: "no-store",
    body: body && JSON.stringify(body), signal: AbortSignal.timeout(15_000),
  });
  const value = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, value.message ?? `status ${answer.status}`);
  return value;
}

// MARK: - Words

const count = (number, one, many = one + "s") => `${number} ${number === 1 ? one : many}`;
const clock = (time) => new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const called = (call) => call.name ?? call.channel;

function lasting(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** The node's state as a word and a colour. */
function standing(node) {
  if (!node.answers) return node.record.state === "dead" ? ["dead", "bad"] : ["silent", "bad"];
  if (node.state === "draining") return [node.call_count ? "draining" : "drained", "warm"];
  if (node.state !== "up") return [node.state, "warm"];
  return node.holds_for_ms === null && !picture.alone ? ["not hosting", "bad"] : ["up", "good"];
}

/** What somebody should see to. */
function troubles(picture) {
  const all = [];
  for (const node of picture.nodes) {
    if (!node.answers) all.push(`${node.name}: ${node.why}.`);
    else if (node.obstacle && node.state !== "leaving") all.push(`${node.name}: ${node.obstacle}.`);
    for (const link of node.links ?? []) {
      const why = link.trouble ? `: ${link.trouble}` : "";
      if (link.through) all.push(`${node.name} reaches ${link.node} only through ${link.through}${why}.`);
      else if (!link.linked) all.push(`${node.name} has no link to ${link.node}${why}.`);
    }
  }
  return all;
}

// MARK: - Lists that stay what they are while what they show changes

/** Shows one element an item, made once a key and told of each news. */
function show(parent, items, keyOf, make) {
  const known = parent.known ??= new Map();
  const wanted = items.map((item) => {
    const name = keyOf(item);
    if (!known.has(name)) known.set(name, make(item));
    const part = known.get(name);
    part.update(item);
    return [name, part.element];
  });
  const names = new Set(wanted.map(([name]) => name));
  for (const [name, part] of known) {
    if (names.has(name)) continue;
    part.element.remove();
    known.delete(name);
  }
  wanted.forEach(([, element], place) => {
    if (parent.children[place] !== element) parent.insertBefore(element, parent.children[place] ?? null);
  });
}

// MARK: - Nodes

function nodeCard() {
  const name = h("strong");
  const pill = h("span", { class: "pill" });
  const calls = h("b");
  const people = h("b");
  const limits = h("span");
  const facts = h("dl", { class: "facts" });
  const alarm = h("p", { class: "alarm" }, icon("warn"), h("span"));
  const button = h("button", { class: "quiet small", onclick: () => wishDrain(node) });
  let node;
  const element = h("article", { class: "card node" },
    h("header", {}, name, pill),
    h("div", { class: "numbers" }, h("div", {}, calls, h("span", {}, "calls")), h("div", {}, people, h("span", {}, "people")), limits),
    alarm, facts, h("footer", {}, button));
  const fact = new Map();

  function state(word, text) {
    if (!fact.has(word)) {
      const pair = [h("dt", {}, word), h("dd")];
      facts.append(...pair);
      fact.set(word, pair);
    }
    const [term, value] = fact.get(word);
    term.hidden = value.hidden = text === null;
    say(value, text ?? "");
  }

  return {
    element,
    update(news) {
      node = news;
      const [word, colour] = standing(node);
      say(name, node.name);
      set(name, "title", node.member);
      say(pill, word);
      set(pill, "class", `pill ${colour}`);
      set(element, "class", node.answers ? "card node" : "card node silent");
      const isDead = word === "dead";
      say(calls, String(isDead ? 0 : node.call_count ?? node.load.calls));
      say(people, String(isDead ? 0 : node.answers ? node.calls.reduce((sum, call) => sum + call.people, 0) : node.load.people));
      const bounds = [node.load.max_calls && `${node.load.max_calls} calls`, node.load.max_people && `${node.load.max_people} people`].filter(Boolean);
      say(limits, bounds.length ? `at most ${bounds.join(", ")}` : "");
      const trouble = node.answers ? node.obstacle && `New calls can't begin: ${node.obstacle}.` : `${node.why}.`;
      alarm.hidden = !trouble;
      say(alarm.lastChild, trouble ?? "");
      if (node.answers) {
        state("May host", picture.alone ? null : node.holds_for_ms === null ? "no" : node.holds_for_ms < 86400000 ? `for ${node.holds_for_ms} ms, and on` : "for as long as it is alone");
        state("Redis", picture.alone ? null : node.redis.connected_since === null ? "not connected" : `connected for ${lasting(picture.at - node.redis.connected_since)}`);
        state("Links", node.links.length === 0 ? null : node.links.map((link) =>
          `${link.node} ${!link.linked ? "broken" : link.round_trip_ms === null ? "up" : link.round_trip_ms.toFixed(1) + "\u00a0ms"}${link.through ? ` through ${link.through}` : ""}`).join(", "));
        state("Elsewhere", node.relays.length === 0 ? null : `people here are in ${count(node.relays.length, "call")} of other nodes`);
        state("Rebalancer", !node.rebalance || node.rebalance === "off" ? null : node.rebalance);
        state("Runs", `${node.version}, for ${lasting(picture.at - node.since)}${node.life > 1 ? `, in its life ${node.life}` : ""}`);
      } else {
        state("Redis says", `${node.record.state}; its record has not moved for ${lasting(node.record.still_ms)}`);
        state("Left behind", node.record.calls_to_take_over ? count(node.record.calls_to_take_over, "call") + " to take over" : null);
      }
      button.hidden = picture.alone || !node.answers || !["up", "draining"].includes(node.state);
      say(button, node.state === "draining" ? "Take calls again" : "Drain…");
    },
  };
}

// MARK: - Calls

function callRow() {
  let call;
  const name = h("strong");
  const id = h("small");
  const node = h("div", { class: "where" });
  const token = h("small");
  const how = h("div", { class: "how" });
  const move = h("button", { class: "quiet small", onclick: () => wishMove(call) }, "Move…");
  const element = h("div", { class: "call", role: "listitem" },
    h("div", {}, name, id), node, how,
    h("div", { class: "does" }, h("button", { class: "plain small", onclick: () => explain(call) }, "Why here?"), move));
  return {
    element,
    update(news) {
      call = news;
      say(name, called(call));
      say(id, `since ${clock(call.since)}, ${count(call.people, "person", "people")}`);
      node.firstChild ? say(node.firstChild, call.node) : node.append(h("span", {}, call.node), token);
      say(token, call.token ? `token ${call.token}` : "");
      say(how, call.how ? `${call.how}, ${clock(call.came)}` : "");
      move.hidden = picture.alone;
    },
  };
}

function turnRow() {
  const [time, node, what] = [h("time", { class: "soft" }), h("span", { class: "node-name" }), h("span")];
  return {
    element: h("li", {}, time, node, what),
    update(turn) {
      say(time, clock(turn.at));
      say(node, turn.node);
      say(what, turn.short ? turn.what : `${called(turn)}: ${turn.what}`);
    },
  };
}

const everyCall = () => picture.nodes.flatMap((node) => (node.calls ?? []).map((call) => ({ ...call, node: node.name })));
const everyTurn = () => picture.nodes
  .flatMap((node) => (node.moves ?? []).map((move, place) => ({ ...move, node: node.name, place: node.moves.length - place })))
  .sort((a, b) => b.at - a.at || b.place - a.place);
const keyOfTurn = (turn) => `${turn.node} ${turn.at} ${turn.channel} ${turn.what}`;

/** What is known of why the call is where it is. */
function explain(call) {
  const turns = everyTurn().filter((turn) => turn.channel === call.channel).map((turn) => ({ ...turn, short: true }));
  const relays = picture.nodes.flatMap((node) => (node.relays ?? []).filter((relay) => relay.channel === call.channel)
    .map((relay) => `${count(relay.connections, "websocket")} at ${node.name}`));
  const list = h("ul", { class: "turns" });
  show(list, turns, keyOfTurn, turnRow);
  dialog(`Why ${called(call)} is at ${call.node}`, [
    h("p", {}, `${call.how ? call.how[0].toUpperCase() + call.how.slice(1) : "How it came here is forgotten"}. ${call.node} holds it under token ${call.token ?? "none"}; nobody with a lower one is believed.`),
    h("p", { class: "soft" }, relays.length ? `Relayed there from elsewhere: ${relays.join(", ")}.` : "Everybody in it has their websocket there, too."),
    turns.length ? list : null,
    h("p", { class: "soft" }, h("code", {}, `channel ${call.channel}, call ${call.call}`)),
  ], [["Close", "quiet", null]]);
}

// MARK: - Wishes

/** Asks before anything is done. Each choice: its words, its look, what it does. */
function dialog(title, body, choices) {
  const element = h("dialog", { "aria-label": title, onclose: () => element.remove() },
    h("header", {}, h("h2", {}, title)), h("div", { class: "dialog-body" }, body),
    h("footer", {}, choices.map(([words, look, act]) => h("button", {
      class: look, onclick: () => {
        act?.();
        element.close();
      },
    }, words))));
  document.body.append(element);
  element.showModal();
}

function notice(text, isBad = false) {
  const element = h("div", { class: isBad ? "notice bad" : "notice" }, icon(isBad ? "warn" : "check"), h("span", {}, text));
  document.getElementById("notices").append(element);
  setTimeout(() => element.remove(), isBad ? 12_000 : 6_000);
}

async function wish(path, body) {
  try {
    notice((await ask(path, body)).message);
  } catch (fault) {
    notice(fault.message, true);
  }
  look();
}

function wishDrain(node) {
  if (node.state === "draining") return void wish("/cluster/undrain", { node: node.name });
  dialog(`Drain ${node.name}?`, [
    h("p", {}, `Its ${count(node.call_count, "call")} will go to other nodes, and no new ones come to it. People stay in their calls.`),
  ], [["Leave it", "quiet", null], ["Drain", "main", () => wish("/cluster/drain", { node: node.name })]]);
}

function wishMove(call) {
  const others = picture.nodes.filter((node) => node.answers && node.state === "up" && node.name !== call.node);
  if (others.length === 0) return notice("There is no other node that takes calls just now.", true);
  const choice = h("select", { id: "target" }, others.map((node) => h("option", { value: node.name }, `${node.name}, with ${count(node.call_count, "call")}`)));
  dialog(`Move ${called(call)}?`, [
    h("p", {}, `It goes on at another node than ${call.node}, with everybody in it. Clients that can't follow come in anew.`),
    h("div", { class: "field" }, h("label", { for: "target" }, "To"), choice),
  ], [["Leave it", "quiet", null], ["Move", "main", () => wish("/cluster/move", { channel: call.channel, node: choice.value })]]);
}

// MARK: - The page

let picture = { alone: true, nodes: [], at: 0 };
let wanted = "";
const rowLimit = 200;
const title = h("h1");
const lead = h("p", { class: "lead" });
const alarms = h("div", { class: "stack" });
const nodes = h("div", { class: "nodes" });
const calls = h("div", { class: "card calls", role: "list" });
const callWords = h("span", { class: "soft" });
const find = h("input", { type: "search", placeholder: "Find a call", "aria-label": "Find a call", oninput: () => {
  wanted = find.value.trim().toLowerCase();
  draw();
} });
const turns = h("ul", { class: "card calls turns" });
const turnSection = h("section", {}, h("h2", {}, "What has happened"), turns);
const body = [
  title, lead, h("section", {}, nodes),
  h("section", {}, h("h2", {}, h("span", {}, "Calls ", callWords), h("span", { class: "find" }, find)), calls), turnSection,
];
const nothing = h("p", { class: "empty" });

function draw() {
  const all = everyCall();
  const people = all.reduce((sum, call) => sum + call.people, 0);
  const wrong = troubles(picture);
  say(title, picture.alone ? "A node alone" : wrong.length ? (wrong.length === 1 ? "Something is wrong" : `${wrong.length} things are wrong`) : "All is well");
  say(lead, picture.alone ? `${picture.asked} is no node of a cluster; redis.url in its settings makes it one.`
    : wrong.length ? wrong.slice(0, 3).join(" ") : `${count(picture.nodes.length, "node")} of ${picture.cluster}, ${count(all.length, "call")}, ${count(people, "person", "people")} in them.`);
  show(nodes, picture.nodes, (node) => `${node.member} ${node.answers}`, nodeCard);
  const found = all.filter((call) => !wanted || [call.name, call.channel, call.call, call.node].some((text) => text?.toLowerCase().includes(wanted)));
  say(callWords, all.length > rowLimit ? `the first ${Math.min(found.length, rowLimit)} of ${found.length}` : "");
  find.parentElement.hidden = all.length < 8;
  show(calls, found.slice(0, rowLimit), (call) => `${call.channel} ${call.call}`, callRow);
  say(nothing, all.length ? "No call is called so." : "No call runs.");
  if (found.length === 0) calls.append(nothing); else nothing.remove();
  const past = everyTurn().slice(0, 60);
  turnSection.hidden = past.length === 0;
  show(turns, past, keyOfTurn, turnRow);
}

function knock(message) {
  const field = h("input", { id: "token", type: "password", autocomplete: "off", spellcheck: "false" });
  app.replaceChildren(h("form", { class: "card door", onsubmit: (event) => {
    event.preventDefault();
    sessionStorage.setItem(key, field.value.trim());
    look();
  } }, h("h1", {}, "Who is there?"), h("p", { class: "soft" }, message),
  h("div", { class: "field" }, h("label", { for: "token" }, "Token"), field), h("button", { class: "main" }, "Come in")));
  field.focus();
}

let isLooking = false;
let isInside = false;

async function look() {
  if (isLooking) return;
  isLooking = true;
  try {
    picture = await ask("/cluster.json");
    if (!isInside) app.replaceChildren(...body);
    isInside = true;
    draw();
    say(pulse, `as ${picture.asked} sees it, ${clock(picture.at)}`);
    set(pulse, "class", "soft");
  } catch (fault) {
    if (fault.status === 401) {
      if (isInside || !app.querySelector("form") || sessionStorage.getItem(key)) knock(fault.message);
      sessionStorage.removeItem(key);
      isInside = false;
    }
    say(pulse, fault.status ? "" : "this node does not answer");
    set(pulse, "class", "bad");
  }
  isLooking = false;
}

look();
setInterval(() => { if (!document.hidden) look(); }, 1000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
