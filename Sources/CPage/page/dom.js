// Elements without a framework. Whatever comes from people goes in as text, never as markup.

const drawing = "http://www.w3.org/2000/svg";

/**
 * An element: h("button", {class: "main", onclick: act, "aria-label": "Join"}, icon("mic"), "Join").
 * Members that begin with "on" are listeners; true is an attribute without a value; false, null and undefined are none.
 */
export function h(tag, members = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(members)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else set(element, name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Sets or takes away an attribute. */
export function set(element, name, value) {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else {
    const text = value === true ? "" : String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

/** Sets text, if it is another. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const shapes = {
  mic: "M12 15a3.5 3.5 0 0 0 3.5-3.5v-5a3.5 3.5 0 0 0-7 0v5A3.5 3.5 0 0 0 12 15zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3.5",
  "mic-off": "M8.5 8.5v3a3.5 3.5 0 0 0 5.6 2.8M15.5 10V6.5a3.5 3.5 0 0 0-6.6-1.6M5.5 11.5a6.5 6.5 0 0 0 10.6 5M18.4 12.5l.1-1M12 18v3.5M3.5 3.5l17 17",
  camera: "M3 7.5A1.5 1.5 0 0 1 4.500 6h9A1.5 1.5 0 0 1 15 7.500v9a1.5 1.5 0 0 1-1.500 1.500h-9A1.5 1.5 0 0 1 3 16.500zM15 10.500l6-3v9l-6-3",
  "camera-off": "M7.500 6h6A1.5 1.5 0 0 1 15 7.500v6M15 16.500a1.5 1.5 0 0 1-1.500 1.500h-9A1.5 1.5 0 0 1 3 16.500v-9A1.5 1.5 0 0 1 4 6.100M15 10.500l6-3v9l-3-1.500M3.500 3.500l17 17",
  screen: "M4.500 4.500h15A1.5 1.5 0 0 1 21 6v9a1.5 1.5 0 0 1-1.500 1.500h-15A1.5 1.5 0 0 1 3 15V6a1.5 1.5 0 0 1 1.500-1.500zM8.500 20h7M12 13.500v-6M9.300 10l2.700-2.700L14.700 10",
  hand: "M8 12.500V5.750a1.25 1.25 0 0 1 2.500 0V11M10.500 11V4.250a1.25 1.25 0 0 1 2.500 0V11M13 11V5.250a1.25 1.25 0 0 1 2.500 0V12M15.500 12V8.250a1.25 1.25 0 0 1 2.500 0V15a6.5 6.5 0 0 1-6.500 6.500c-2.600 0-4-1-5.300-3L3.700 14.400a1.300 1.300 0 0 1 2.100-1.500L8 15",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.500 14a4.500 4.500 0 0 0 7 0M9 9.500v.5M15 9.500v.5",
  people: "M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 19.500a6.500 6.500 0 0 1 13 0M15.500 5a3.300 3.300 0 0 1 0 6.300M17.500 14a6 6 0 0 1 4 5.500",
  more: "M4.5 12a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0M11.2 12a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0M17.900 12a.8.8 0 1 0 1.6 0a.8.8 0 1 0-1.6 0",
  leave: "M3.200 15.200c-.8-.8-.8-2.200.2-3.300C8 8 16 8 20.600 11.900c1 1.100 1 2.500.2 3.300l-.7.700c-.5.5-1.300.6-1.900.2l-2.500-1.600a1.500 1.500 0 0 1-.7-1.500l.2-1.300a11 11 0 0 0-6.400 0l.2 1.300a1.500 1.500 0 0 1-.7 1.500l-2.500 1.600c-.6.4-1.400.3-1.900-.2z",
  down: "M7 10l5 5 5-5",
  link: "M10 14a4 4 0 0 0 5.700 0l3.600-3.600a4 4 0 0 0-5.700-5.700L12.400 6M14 10a4 4 0 0 0-5.700 0l-3.600 3.600a4 4 0 0 0 5.700 5.700l1.200-1.300",
  full: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  grid: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  speaker: "M4 4h16v11H4zM4 18h4v2H4zM10 18h4v2h-4zM16 18h4v2h-4z",
  pop: "M13 4h7v7M20 4l-8 8M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5",
  close: "M6 6l12 12M18 6L6 18",
  pin: "M9 3.500h6l-.8 6 3.300 3.500v1.500h-11V13l3.300-3.500zM12 14.500V21",
  host: "M3.500 8l4.500 4 4-7 4 7 4.500-4-1.500 10h-14z",
  sound: "M4 9.500v5h3.500l5 4v-13l-5 4zM16 9a4.200 4.200 0 0 1 0 6M18.500 6.500a8 8 0 0 1 0 11",
  gear: "M12 15.200a3.200 3.200 0 1 0 0-6.400 3.200 3.200 0 0 0 0 6.400zM19.400 13.500a7.700 7.700 0 0 0 0-3l2-1.500-2-3.400-2.300.9a7.600 7.600 0 0 0-2.600-1.500L14.100 2.500h-4.200l-.4 2.500a7.600 7.600 0 0 0-2.600 1.500l-2.300-.9-2 3.400 2 1.500a7.700 7.700 0 0 0 0 3l-2 1.500 2 3.400 2.300-.9a7.600 7.600 0 0 0 2.600 1.500l.4 2.500h4.200l.4-2.500a7.600 7.600 0 0 0 2.600-1.500l2.300.9 2-3.400z",
  chart: "M4 20h16M6.500 16v-4M11 16V7M15.500 16v-6M19 16V4",
  keys: "M3.500 6h17A1.500 1.500 0 0 1 22 7.500v9a1.500 1.500 0 0 1-1.500 1.500h-17A1.500 1.500 0 0 1 2 16.500v-9A1.500 1.500 0 0 1 3.500 6zM6 10h.01M10 10h.01M14 10h.01M18 10h.01M8 14h8",
  captions: "M3.500 5h17A1.500 1.500 0 0 1 22 6.500v11a1.500 1.500 0 0 1-1.500 1.500h-17A1.500 1.500 0 0 1 2 17.500v-11A1.500 1.500 0 0 1 3.500 5zM10 10.500a2 2 0 1 0 0 3M17 10.500a2 2 0 1 0 0 3",
  record: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 14.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  check: "M5 12.500l4.500 4.500L19 7.500",
  add: "M12 5v14M5 12h14",
  bell: "M12 3.500a5.500 5.500 0 0 0-5.500 5.500v4L4.500 16.500h15L17.500 13V9A5.500 5.500 0 0 0 12 3.500zM10 19.500a2.200 2.200 0 0 0 4 0",
  blur: "M12 4a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM6 20a6 6 0 0 1 12 0M3 8h2M3 13h2M19 8h2M19 13h2",
  warn: "M12 4l9 16H3zM12 10v4.500M12 17.200v.1",
};

/** A picture of our own, drawn in the colour of the text around it. It says nothing to screen readers. */
export function icon(name) {
  const svg = document.createElementNS(drawing, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(drawing, "path");
  path.setAttribute("d", shapes[name]);
  svg.append(path);
  return svg;
}

/** Draws another picture into an icon. */
export function redraw(svg, name) {
  const path = svg.firstChild;
  if (path.getAttribute("d") !== shapes[name]) path.setAttribute("d", shapes[name]);
}

/** The initials of a name, on a colour that is always the same for the same person. */
export function avatar(name, id) {
  const element = h("span", { class: "avatar", "aria-hidden": "true" });
  paintAvatar(element, name, id);
  return element;
}

export function paintAvatar(element, name, id) {
  const letters = [...new Intl.Segmenter().segment(name.trim())].map((part) => part.segment);
  const words = name.trim().split(/\s+/);
  const last = words.length > 1 ? [...new Intl.Segmenter().segment(words.at(-1))][0].segment : "";
  say(element, ((letters[0] ?? "?") + last).toLocaleUpperCase());
  let hue = 0;
  for (const letter of id) hue = (hue * 31 + letter.codePointAt(0)) % 360;
  element.style.setProperty("--hue", hue);
}
